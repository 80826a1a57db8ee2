"""Sends a notice by mail, to a webhook or to a chat. Raises Undelivered if it does not arrive."""

import asyncio
import hashlib
import hmac
import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from importlib.util import find_spec
from ipaddress import ip_address

import aiohttp

from auditor.service.notify import problem_events
from auditor.service.notify.mailing import deliver
from auditor.service.notify.model import Channel, Chat, MailRecipient, Notice, NotifySettings, Undelivered, Webhook
from auditor.service.notify.wording import letter, paragraphs, subject
from auditor.texts.translate import Texts

_PATIENCE = 30.0
_ANSWER = 2_000
"""Octets that are read of a program's answer."""
SIGNATURE = "Auditor-Signature"
_GONE = 410
_STATUS = re.compile(r"\berror=(\d{3})\b")
"""Matches the HTTP status in the log lines of apprise."""


async def send(told: Notice, channel: Channel, setting: NotifySettings, now: datetime) -> None:
    """Send the notice over the channel. Raises Undelivered."""
    texts = Texts(channel.lang)
    match channel:
        case MailRecipient():
            assert setting.relay is not None
            mail = letter(told, channel, setting.relay, texts)
            await deliver(mail, setting.relay)
        case Webhook(problems=True):
            await _post_problems(told, channel, now)
        case Webhook():
            data = body(told)
            signature = {SIGNATURE: sign(channel.secret, int(now.timestamp()), data)}
            await _post(data, signature, channel)
        case Chat() as chat:
            await asyncio.to_thread(_chat, subject(told, texts), "\n".join(paragraphs(told, texts)), chat.url)
        case _:
            raise TypeError(type(channel).__name__)


def body(told: Notice) -> bytes:
    """Return the JSON for a webhook: counts and names of the run, no finding."""
    event, counts = told.event, told.counts
    return json.dumps(
        {
            "event": f"audit.{event.ending.value}",
            "job": event.job,
            "run": event.run,
            "name": event.name,
            "inventory": event.inventory,
            "agency": told.agency,
            "ended": event.ended.isoformat().replace("+00:00", "Z"),
            "counts": {
                "worse": counts.worse,
                "better": counts.better,
                "eased": counts.eased,
                "still_failing": counts.still_failing,
            },
            "doubt": None if told.doubted is None else told.doubted.state.value,
            "missing_vantages": list(told.missing),
            "problem": dict(event.problem),
            "link": told.link or None,
        },
        ensure_ascii=False,
        sort_keys=True,
    ).encode()


def sign(secret: bytes, time: int, data: bytes) -> str:
    """Return ``t=SECONDS,v1=HEX``: HMAC-SHA256 of the time, a full stop and the body. An old time shows a replay."""
    digest = hmac.new(secret, f"{time}.".encode() + data, hashlib.sha256).hexdigest()
    return f"t={time},v1={digest}"


async def _post_problems(told: Notice, channel: Webhook, now: datetime) -> None:
    """Send the problems one after the other; the first failure ends it, and all are sent again under their ids."""
    ended = told.event.ended.isoformat().replace("+00:00", "Z")
    for event in told.problems:
        data = problem_events.body(event, ended)
        await _post(data, problem_events.headers(event, channel.secret, int(now.timestamp()), data), channel)


async def _post(data: bytes, signature: Mapping[str, str], channel: Webhook) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8", "User-Agent": "auditor/1.0", **signature}
    limit = aiohttp.ClientTimeout(total=_PATIENCE)
    try:
        async with (
            aiohttp.ClientSession(timeout=limit) as session,
            session.post(channel.url, data=data, headers=headers, allow_redirects=False) as answer,
        ):
            await answer.content.read(_ANSWER)
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise Undelivered(type(error).__name__) from error
    if not 200 <= answer.status < 300:
        raise Undelivered(f"HTTP {answer.status}", for_good=answer.status == _GONE)


def _chat(title: str, text: str, url: str) -> None:
    import apprise

    program = apprise.Apprise()
    with _hushed(logging.getLogger("apprise")):
        known = program.add(url)
    if not known:  # the URL is a secret and must not be shown
        raise Undelivered("apprise does not know this URL", for_good=True)
    with _noting(logging.getLogger("apprise")) as lines, _hushed(logging.getLogger("urllib3.connectionpool")):
        arrived = program.notify(title=title, body=text)
    if not arrived:
        raise Undelivered(f"apprise could not deliver it: {_reason(lines)}")


def _reason(lines: Sequence[str]) -> str:
    """Return the reason for a chat's refusal from apprise's log, without the names of chats in it."""
    status = next((match[1] for line in lines if (match := _STATUS.search(line))), "")
    if not status:
        return "no answer"
    return "refused" if status == "200" else f"HTTP {status}"


def is_in_the_clear(url: str) -> bool:
    """True if apprise would send to another machine without TLS, by a kind of URL that also exists with TLS."""
    if find_spec("apprise") is None:
        return False
    import apprise

    with _hushed(logging.getLogger("apprise")):
        made = apprise.Apprise.instantiate(url)
    clear = getattr(made, "protocol", None) or ()
    scheme = url.partition("://")[0].lower()
    return scheme in ((clear,) if isinstance(clear, str) else clear) and not is_this_machine(
        getattr(made, "host", "") or ""
    )


@contextmanager
def _noting(log: logging.Logger) -> Iterator[list[str]]:
    """Collect warnings of a logger instead of writing them: they contain parts of a secret URL."""
    handler, lines, before = logging.Handler(logging.WARNING), list[str](), log.propagate
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    log.addHandler(handler)
    log.propagate = False
    try:
        yield lines
    finally:
        log.propagate = before
        log.removeHandler(handler)


@contextmanager
def _hushed(log: logging.Logger) -> Iterator[None]:
    """Silence a logger: apprise logs a URL that it does not know, and urllib3 the path, both in plain text."""
    before, log.disabled = log.disabled, True
    try:
        yield
    finally:
        log.disabled = before


def is_this_machine(host: str) -> bool:
    """True if a name or an address is that of this machine."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
