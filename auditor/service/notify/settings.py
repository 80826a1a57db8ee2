"""Builds channels from the configuration; secrets are read once, when the service starts."""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec

from auditor.framework.operator_problems import OperatorError, OperatorProblem, problem
from auditor.service.config.issuer import issuer
from auditor.service.config.model import Config, MailSection
from auditor.service.notify.model import Chat, MailRecipient, MailRelay, NotifySettings, NotifyWhen, Webhook
from auditor.service.notify.sending import is_in_the_clear, is_this_machine
from auditor.service.pipeline.credentials.secret_sources import read_secret
from inventory.model import AgencyId

_PORTS = {"starttls": 587, "tls": 465, "none": 25}
_SHORTEST = 16
"""The least characters of a secret that signs."""


def setting(config: Config, environment: Mapping[str, str]) -> NotifySettings:
    """Build the settings from the configuration. Raises OperatorError with all problems."""
    problems: list[OperatorProblem] = []
    wanted = config.notify
    channels = [*_mails(config), *_webhooks(config, environment, problems), *_chats(config, environment, problems)]
    if wanted.chats and find_spec("apprise") is None:
        problems.append(problem("chats take the extra chat (apprise), which is not installed", at="notify.chats"))
    if wanted.recipients and wanted.mail is None:
        problems.append(problem("is missing", at="notify.mail.server"))
    problems += [
        problem("a letter is written to one agency; name it by agency", at=f"notify.recipients.{name}.reports")
        for name, recipient in wanted.recipients.items()
        if "letter" in recipient.reports and not recipient.agency
    ]
    relay = None if wanted.mail is None else _relay(wanted.mail, environment, problems)
    if problems:
        raise OperatorError(problems)
    pages = wanted.pages.rstrip("/")
    return NotifySettings(channels=tuple(channels), relay=relay, pages=pages, issuer=issuer(config))


def _mails(config: Config) -> Iterator[MailRecipient]:
    for name, recipient in config.notify.recipients.items():
        yield MailRecipient(
            key=f"mail:{name}",
            agency=_unit(recipient.agency),
            lang=recipient.lang or config.lang,
            when=NotifyWhen(recipient.when),
            address=recipient.address,
            reports=tuple(dict.fromkeys(recipient.reports)),
        )


def _webhooks(config: Config, environment: Mapping[str, str], problems: list[OperatorProblem]) -> Iterator[Webhook]:
    for name, webhook in config.notify.webhooks.items():
        at = f"notify.webhooks.{name}.secret"
        secret = read_secret(webhook.secret, environment, problems, at=at)
        if secret is not None and len(secret) < _SHORTEST:
            problems.append(
                problem(
                    "{reference}: must be at least {least:n} characters long",
                    at=at,
                    reference=webhook.secret,
                    least=_SHORTEST,
                )
            )
        yield Webhook(
            key=f"webhook:{name}",
            agency=_unit(webhook.agency),
            lang=config.lang,
            when=NotifyWhen(webhook.when),
            url=webhook.url,
            problems=webhook.events == "problems",
            secret=(secret or "").encode(),
        )


def _chats(config: Config, environment: Mapping[str, str], problems: list[OperatorProblem]) -> Iterator[Chat]:
    for name, chat in config.notify.chats.items():
        at = f"notify.chats.{name}.url"
        url = read_secret(chat.url, environment, problems, at=at)
        if url is not None and is_in_the_clear(url):
            problems.append(problem("{reference}: this kind of URL sends without TLS", at=at, reference=chat.url))
        yield Chat(
            key=f"chat:{name}",
            agency=_unit(chat.agency),
            lang=chat.lang or config.lang,
            when=NotifyWhen(chat.when),
            url=url or "",
        )


def _relay(section: MailSection, environment: Mapping[str, str], problems: list[OperatorProblem]) -> MailRelay:
    host, port = _host_and_port(section.server)
    password = None
    if section.tls == "none" and not is_this_machine(host):
        problems.append(problem("without TLS mail goes only to a relay on this machine", at="notify.mail.tls"))
    if section.password is not None:
        password = read_secret(section.password, environment, problems, at="notify.mail.password")
        if section.tls == "none" and is_this_machine(host):
            problems.append(problem("a password is never sent without TLS", at="notify.mail.tls"))
    if (section.user is None) is not (section.password is None):
        missing = "user" if section.user is None else "password"
        problems.append(problem("is missing", at=f"notify.mail.{missing}"))
    return MailRelay(
        host=host,
        port=port or _PORTS[section.tls],
        tls=section.tls,
        sender=section.sender,
        ca_file=None if section.ca_file is None else str(section.ca_file),
        user=section.user or "",
        password=password or "",
    )


def _host_and_port(server: str) -> tuple[str, int]:
    """Split ``mail.example.vn:587`` or ``[2001:db8::25]`` into host and port; 0 without a port."""
    if server.startswith("["):
        host, _, rest = server[1:].partition("]")
        return host, int(rest[1:] or 0)
    host, _, port = server.partition(":")
    return host, int(port or 0)


def _unit(code: str | None) -> AgencyId | None:
    return None if code is None else AgencyId(code)
