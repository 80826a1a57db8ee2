"""Writes the text of one event in one language: a subject line with the counts, and paragraphs."""

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from email.utils import format_datetime
from functools import partial

from jinja2 import Environment, PackageLoader, select_autoescape

from auditor.figures.comparison import Credibility
from auditor.service.notify.model import (
    ChangeCounts,
    DoubtfulChange,
    JobEnd,
    JobEvent,
    MailRecipient,
    MailRelay,
    Notice,
)
from auditor.texts.translate import Texts

_SUBJECT_LIMIT = 150
_PAGE = Environment(
    loader=PackageLoader("auditor.service.notify"),
    autoescape=select_autoescape(default=True),
    trim_blocks=True,
    lstrip_blocks=True,
)


def _ui(texts: Texts) -> Callable[..., str]:
    return partial(texts.say, "ui")


def subject(told: Notice, texts: Texts) -> str:
    """Return the subject line, which anybody may read: no finding, no address, no name of a system."""
    ui, event = _ui(texts), told.event
    whose = told.unit or event.name or event.inventory
    text = _outcome(event, told.counts, texts)
    if told.doubted is not None and told.doubted.state is Credibility.UNSETTLED:
        text = ui("doubtful, {said}", said=text)
    line = f"{whose}: {text} – {texts.day(event.ended)}"
    return " ".join(line.split())[:_SUBJECT_LIMIT]


def _outcome(event: JobEvent, counts: ChangeCounts, texts: Texts) -> str:
    ui = _ui(texts)
    match event.ending:
        case JobEnd.FAILED:
            return ui("an audit failed")
        case JobEnd.MISSED:
            return ui("an audit was missed")
        case JobEnd.FINISHED:
            if counts.worse is None:
                return ui("first audit")
            said = {"worse": counts.worse, "better": counts.better, "eased": counts.eased}
            return ui("{worse:n} worse, {better:n} fixed, {eased:n} eased", **said)


def paragraphs(told: Notice, texts: Texts) -> Iterator[str]:
    """Yield the paragraphs, the same for every channel; mail adds the findings."""
    ui, event, counts = _ui(texts), told.event, told.counts
    when = texts.moment(event.ended)
    match event.ending:
        case JobEnd.FINISHED:
            yield ui("The audit of {inventory} ended: {when}.", inventory=event.inventory, when=when)
            if counts.worse is None:
                yield ui("No previous run to compare with.")
            else:
                yield ui(
                    "Since the run before: {worse:n} worse, {better:n} fixed, {eased:n} eased (a warning now), "
                    "{same:n} still failing.",
                    worse=counts.worse,
                    better=counts.better,
                    eased=counts.eased,
                    same=counts.still_failing,
                )
        case JobEnd.FAILED:
            yield ui("The audit of {inventory} failed: {when}.", inventory=event.inventory, when=when)
        case JobEnd.MISSED:
            yield ui("The audit of {inventory} did not take place: {when}.", inventory=event.inventory, when=when)
    if told.doubted is not None:
        yield _doubt(told.doubted, texts)
    if told.missing:
        yield ui(
            "Not everything was measured from {vantages}: overview and reports of periods stay at the last whole"
            " audit.",
            vantages=", ".join(told.missing),
        )
    if why := event.problem.get(texts.lang):
        yield why
    if told.link:
        yield ui("Details: {link}", link=told.link)


def _doubt(doubtful_change: DoubtfulChange, texts: Texts) -> str:
    ui, areas, when = _ui(texts), ", ".join(map(texts.area, doubtful_change.areas)), texts.moment(doubtful_change.when)
    if not doubtful_change.repeated:
        return ui(
            "So many subjects changed at once ({areas}) that the vantage is blamed first, and no repeat has"
            " decided: check the vantage.",
            areas=areas,
        )
    repeated = ui(
        "In the audit of {when} so many subjects changed at once ({areas}) that it was repeated.",
        when=when,
        areas=areas,
    )
    if doubtful_change.state is Credibility.REAL:
        text = ui("The repeat confirms the change.")
    elif doubtful_change.state is Credibility.VANTAGE:
        text = ui("The repeat found them as before: the vantage caused those changes.")
    else:
        text = ui("The repeat was inconclusive: check the vantage.")
    return f"{repeated} {text}"


def letter(told: Notice, channel: MailRecipient, relay: MailRelay, texts: Texts) -> EmailMessage:
    """Build the mail as plain text and HTML; its message id is that of the event, so a repeat is recognised."""
    ui = _ui(texts)
    said, head = list(paragraphs(told, texts)), subject(told, texts)
    mail = EmailMessage()
    mail["Subject"] = head
    mail["From"] = relay.sender
    mail["To"] = channel.address
    mail["Date"] = format_datetime(told.event.ended)
    mail["Message-ID"] = f"<job{told.event.job}.{channel.key.replace(':', '.').encode().hex()}@{_domain(relay)}>"
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answering machine answers
    mail["List-Unsubscribe"] = f"<mailto:{relay.sender}?subject=unsubscribe>"
    mail["Content-Language"] = texts.lang
    mail.set_content("\n\n".join([*said, "\n".join(f"- {line}" for line in told.lines)]).rstrip() + "\n")
    page = _PAGE.get_template("mail.html.j2")
    mail.add_alternative(
        page.render(
            lang=texts.lang,
            title=head,
            paragraphs=said[:-1] if told.link else said,
            link=told.link,
            link_text=ui("Open the page"),
            lines=told.lines,
        ),
        subtype="html",
    )
    for attachment in told.attachments:
        kind, _, subtype = attachment.media.partition("/")
        mail.add_attachment(attachment.body, maintype=kind, subtype=subtype, filename=attachment.name)
    return mail


def _domain(relay: MailRelay) -> str:
    return relay.sender.partition("@")[2]
