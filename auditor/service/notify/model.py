"""Defines events, notices and recipients. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from auditor.figures.comparison import Believed
from auditor.service.notify.problem_events import ProblemEvent
from inventory.model import AgencyId
from probes.framework.evidence import RunId
from reports.issuer import ReportIssuer


class NotifyWhen(StrEnum):
    """The runs after which a recipient is notified. Failed and missed ones always go to recipients of the whole."""

    ALWAYS = "always"
    CHANGES = "changes"
    WORSE = "worse"


class JobEnd(StrEnum):
    """How a job ended, as the store has it."""

    FINISHED = "finished"
    FAILED = "failed"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent:
    """One job that ended. ``problem`` says in each language why it failed or was missed."""

    job: int
    ending: JobEnd
    inventory: str
    ended: datetime
    name: str = ""
    run: RunId | None = None
    problem: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCounts:
    """Findings by what became of them since the run before; all None where there is none to compare with."""

    worse: int | None = None
    better: int | None = None
    eased: int | None = None
    still_failing: int | None = None

    @property
    def changed(self) -> bool:
        return bool(self.worse or self.better or self.eased)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulChange:
    """A mass change in ``areas`` of the run that began at ``when``, and what its repeat decided.

    ``repeated``: the run that is reported is the repeat.
    """

    when: datetime
    areas: tuple[str, ...]
    state: Believed
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One report that a mail carries."""

    name: str
    media: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What is told of one event, within one agency or of the whole. ``unit``: the agency's name. ``lines`` name
    findings and, like ``attachments``, are for mail alone, ``problems`` for programs that ask for them; others are
    told the counts. ``missing``: the vantages that did not measure all of a round, which makes it no count."""

    event: JobEvent
    agency: AgencyId | None
    unit: str
    counts: ChangeCounts
    link: str
    lines: tuple[str, ...] = ()
    problems: tuple[ProblemEvent, ...] = ()
    doubted: DoubtfulChange | None = None
    missing: tuple[str, ...] = ()
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """One way to one recipient. ``key`` names it in the store, ``mail:NAME``: a channel renamed is a new one."""

    key: str
    agency: AgencyId | None
    lang: str
    when: NotifyWhen


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRecipient(Channel):
    """Somebody with a mail address. ``reports``: those that are attached, ``letter`` for the letter to the agency."""

    address: str
    reports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook(Channel):
    """A program. ``problems``: it gets an event for each problem instead of one for the run."""

    url: str
    secret: bytes = field(repr=False)
    problems: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat(Channel):
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRelay:
    """The host that takes mail. ``tls``: starttls, tls or none."""

    host: str
    port: int
    tls: str
    sender: str
    ca_file: str | None = None
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifySettings:
    """All of it. ``pages``: where people reach the service, for links, without a slash at its end."""

    channels: tuple[Channel, ...] = ()
    relay: MailRelay | None = None
    pages: str = ""
    issuer: ReportIssuer = field(default_factory=ReportIssuer)


class Undelivered(Exception):
    """It did not arrive. ``why`` is for the log and names no secret; ``for_good``: trying again changes nothing."""

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.why, self.for_good = why, for_good
