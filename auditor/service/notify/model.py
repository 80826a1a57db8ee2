"""Defines events, notices and recipients. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from auditor.figures.comparison import Credibility
from auditor.service.notify.problem_events import ProblemEvent
from inventory.model import AgencyId
from probes.framework.evidence import RunId
from reports.issuer import ReportIssuer


class NotifyWhen(StrEnum):
    """Lists the runs after which a recipient is notified.

    Failed and missed runs always go to recipients of the whole.
    """

    ALWAYS = "always"
    CHANGES = "changes"
    WORSE = "worse"


class JobEnd(StrEnum):
    """Lists how a job can end, as stored."""

    FINISHED = "finished"
    FAILED = "failed"
    MISSED = "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobEvent:
    """Describes one job that ended. ``problem`` explains in each language why it failed or was missed."""

    job: int
    ending: JobEnd
    inventory: str
    ended: datetime
    name: str = ""
    run: RunId | None = None
    problem: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeCounts:
    """Counts findings by their change since the run before; all None if there is none to compare with."""

    worse: int | None = None
    better: int | None = None
    eased: int | None = None
    still_failing: int | None = None

    @property
    def changed(self) -> bool:
        return bool(self.worse or self.better or self.eased)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtfulChange:
    """Describes a mass change in ``areas`` of the run that began at ``when``, and the decision of its repeat.

    ``repeated``: the run that is reported is the repeat.
    """

    when: datetime
    areas: tuple[str, ...]
    state: Credibility
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """Holds one report attached to a mail."""

    name: str
    media: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Holds the content for one recipient about one event, within one agency or of the whole.

    ``unit``: the agency's name. ``lines`` name findings and, like ``attachments``, are only for mail, ``problems`` for
    programs that request them; other recipients get the counts. ``missing``: the vantages that did not measure all of a
    round, which therefore does not count.
    """

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
    """Describes one way to one recipient. ``key`` is its name in the store, ``mail:NAME``; renaming makes a new one."""

    key: str
    agency: AgencyId | None
    lang: str
    when: NotifyWhen


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRecipient(Channel):
    """Describes a mail recipient. ``reports``: those to attach, ``letter`` for the letter to the agency."""

    address: str
    reports: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook(Channel):
    """Describes a program. ``problems``: it gets an event for each problem instead of one for the run."""

    url: str
    secret: bytes = field(repr=False)
    problems: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat(Channel):
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailRelay:
    """Describes the mail relay. ``tls``: starttls, tls or none."""

    host: str
    port: int
    tls: str
    sender: str
    ca_file: str | None = None
    user: str = ""
    password: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifySettings:
    """Holds all settings. ``pages``: the service's address for people, for links, without a slash at its end."""

    channels: tuple[Channel, ...] = ()
    relay: MailRelay | None = None
    pages: str = ""
    issuer: ReportIssuer = field(default_factory=ReportIssuer)


class Undelivered(Exception):
    """Raised if a notice did not arrive.

    ``why`` is for the log and contains no secret; ``for_good``: another try is useless.
    """

    def __init__(self, why: str, *, for_good: bool = False) -> None:
        super().__init__(why)
        self.why, self.for_good = why, for_good
