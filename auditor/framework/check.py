"""Defines a check and registers it under its id.

A check is a pure function from a subject, its evidence and a context to verdicts. Its id is its path below
``auditor/checks``; texts are English here and their Vietnamese is in ``locale/vi``. Severity, level and thresholds are
policy and never part of a check.
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cache
from typing import Required, TypedDict, Unpack

from auditor.framework.context import Context
from auditor.framework.findings import CheckId, Outcome, Reason, Verdict
from inventory.model import Clearance, Kind, Network, Subject
from probes.framework.evidence import EvidenceSet, Observation

CheckFn = Callable[[Subject, EvidenceSet, Context], Iterator[Verdict]]


class VantageKind(Enum):
    """Names a kind of vantage from which a check can be decided (CHECKS §0.1)."""

    INET = "INET"
    TSL = "TSL"
    SNMP = "SNMP"
    LAN = "LAN"
    INV = "INV"


class Granularity(Enum):
    """States whether a check gives one finding for each subject, or one for each of its addresses."""

    SUBJECT = "subject"
    ADDRESS = "address"


class SilenceMeaning(Enum):
    """Interprets silence. SERVICE: something should answer. EXPOSURE: nothing should, so silence must be proven."""

    SERVICE = "service"
    EXPOSURE = "exposure"


class CheckScope(Enum):
    """Names the object of a check: one subject, the vantage itself (``meta.*``), or a whole run."""

    SUBJECT = "subject"
    VANTAGE = "vantage"
    RUN = "run"


class FamilyClaim(Enum):
    """Names the address family that a check makes a statement about; it decides which self-test gates the check."""

    V6 = "v6"
    V4 = "v4"
    BOTH = "both"  # compares the families: needs both
    EACH = "each"  # each address by itself: a failed family only excludes its own addresses
    AAAA = "aaaa"  # published IPv6 addresses: DNS over either family shows them
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Holds one message of a check, with the outcome that it stands for.

    ``fix`` overrides the check's own remedy for it; ``reason`` is for inconclusive. A ``standard`` message is declared
    once for several checks and translated once.
    """

    outcome: Outcome
    text: str
    fix: str | None = None
    reason: Reason | None = None
    standard: bool = False


def passed(text: str) -> Message:
    """Declare a message of the outcome pass."""
    return Message(outcome=Outcome.PASS, text=text)


def warn(text: str, *, fix: str | None = None) -> Message:
    """Declare a message of the outcome warn."""
    return Message(outcome=Outcome.WARN, text=text, fix=fix)


def fail(text: str, *, fix: str | None = None) -> Message:
    """Declare a message of the outcome fail."""
    return Message(outcome=Outcome.FAIL, text=text, fix=fix)


def not_applicable(text: str) -> Message:
    """Declare a message of the outcome not applicable."""
    return Message(outcome=Outcome.NOT_APPLICABLE, text=text)


def inconclusive(text: str, *, fix: str | None = None, reason: Reason | None = None) -> Message:
    """Declare a message of the outcome inconclusive; without a ``reason`` every verdict carries its own."""
    return Message(outcome=Outcome.INCONCLUSIVE, text=text, fix=fix, reason=reason)


def standard(**messages: Message) -> Mapping[str, Message]:
    """Declare messages of several checks, by their codes: each is translated once, under ``standard/<CODE>``."""
    return {code: replace(message, standard=True) for code, message in messages.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """Holds one check as the judge, the catalogue and the planner see it.

    ``needs`` are the observations it judges by; with ``beside``, which excuse a subject or make a verdict plainer, they
    are also the plan if only this check is selected. ``presence``: it asks that something exists, so that an exemption
    or a plan not yet due makes it not applicable. ``window``: it reads a series over time of that name. ``clock``: it
    compares with our own clock (validity of certificates and signatures). ``tls``: it judges the TLS of a service, its
    certificate included. ``networks``: only of subjects of these networks; None, of every one. ``vendor_fixes``: the
    remedy on the devices of a vendor, beside ``fix``. ``problem``: the defect as a title, where ``title`` is the
    requirement; ``problems`` are those of single codes. ``others``: arguments that hold ids or addresses of other
    subjects, which only some readers may see. ``unauthenticated``: codes for access from the Internet without
    credentials, which cannot be judged from inside. ``excused_by``: by code, the probes whose answer may
    excuse the subject; where one was cut off or not permitted, it is undecided. ``excused_if_late``: those that only
    add to the estimate of a line's losses: a run without their permission is judged by what else it measured.
    """

    id: CheckId
    version: int
    title: str
    why: str
    fix: str
    references: tuple[str, ...]
    needs: tuple[type[Observation], ...]
    kinds: frozenset[Kind]
    messages: Mapping[str, Message]
    run: CheckFn
    problem: str = ""
    problems: Mapping[str, str] = field(default_factory=dict)
    vantage: frozenset[VantageKind] = frozenset({VantageKind.INET})
    claims: FamilyClaim = FamilyClaim.NONE
    transports: frozenset[str] = frozenset()
    unit: Granularity = Granularity.SUBJECT
    presence: bool = False
    window: str | None = None
    clearance: Clearance = Clearance.NORMAL
    question: SilenceMeaning = SilenceMeaning.SERVICE
    scope: CheckScope = CheckScope.SUBJECT
    clock: bool = False
    tls: bool = False
    vendor_fixes: Mapping[str, str] = field(default_factory=dict)
    networks: frozenset[Network] | None = None
    others: frozenset[str] = frozenset()
    beside: tuple[type[Observation], ...] = ()
    unauthenticated: frozenset[str] = frozenset()
    excused_by: Mapping[str, frozenset[str]] = field(default_factory=dict)
    excused_if_late: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def concerns(self, subject: Subject) -> bool:
        """True if the check applies to such a subject; it gives no finding for any other."""
        return bool(self.kinds & subject.kinds) and (self.networks is None or subject.network in self.networks)

    def context(self, code: str) -> str:
        """Return the context (msgctxt) under which a declared code is translated."""
        return f"standard/{code}" if self.messages[code].standard else f"{self.id}/{code}"


class CheckDeclaration(TypedDict, total=False):
    """Lists the items that a module declares of its check; ``Check`` explains each item and holds the defaults."""

    version: Required[int]
    title: Required[str]
    why: Required[str]
    fix: Required[str]
    references: Required[tuple[str, ...]]
    needs: Required[tuple[type[Observation], ...]]
    kinds: Required[frozenset[Kind]]
    messages: Required[Mapping[str, Message]]
    problem: Required[str]
    problems: Mapping[str, str]
    vantage: frozenset[VantageKind]
    claims: FamilyClaim
    transports: frozenset[str]
    unit: Granularity
    presence: bool
    window: str | None
    clearance: Clearance
    question: SilenceMeaning
    scope: CheckScope
    clock: bool
    tls: bool
    networks: frozenset[Network] | None
    vendor_fixes: Mapping[str, str]
    others: frozenset[str]
    beside: tuple[type[Observation], ...]
    unauthenticated: frozenset[str]
    excused_by: Mapping[str, frozenset[str]]
    excused_if_late: Mapping[str, frozenset[str]]


_CHECKS: dict[CheckId, Check] = {}
_ROOT = "auditor.checks."


def check(*, name: str | None = None, **declared: Unpack[CheckDeclaration]) -> Callable[[CheckFn], CheckFn]:
    """Register a check under the path of its file.

    ``name`` replaces the last part of the id, only where several identical questions share a file.
    """

    def register(run: CheckFn) -> CheckFn:
        _add(Check(id=id_of(run.__module__, name), run=run, **declared))
        return run

    return register


def _add(new: Check) -> None:
    """Add a check to the registered ones. Raises ValueError if its id is taken."""
    if new.id in _CHECKS:
        raise ValueError(f"check {new.id!r} is registered twice")
    _CHECKS[new.id] = new


def id_of(module: str, name: str | None) -> CheckId:
    """Return the id of a module's check: ``auditor.checks.ipv6.dns.ns_aaaa`` gives ``ipv6.dns.ns-aaaa``.

    With a name, it replaces the file's own part.
    """
    path = module.removeprefix(_ROOT).replace("_", "-")
    return CheckId(path if name is None else f"{path.rpartition('.')[0]}.{name}")


def registered() -> Mapping[CheckId, Check]:
    """Return a copy of the checks that were registered so far."""
    return dict(_CHECKS)


def load() -> Mapping[CheckId, Check]:
    """Import every check module and return the checks by id, in the order of their ids."""
    _import_all()
    return dict(sorted(_CHECKS.items()))


@cache
def _import_all() -> None:
    """Import every check module, once: searching their folders takes longer than all else."""
    checks = importlib.import_module(_ROOT.rstrip("."))
    for module in pkgutil.walk_packages(checks.__path__, _ROOT):
        importlib.import_module(module.name)
