"""Defines outcomes, severities, levels, the verdicts of checks and the findings made of them."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum, StrEnum
from typing import NewType

from inventory.model import IPAddress, Network, SubjectId, written
from probes.framework.evidence import EvidenceId

CheckId = NewType("CheckId", str)
FindingId = NewType("FindingId", str)

Arg = str | int | float | tuple[str, ...]
"""A named value of a message. Dates and times are ISO 8601 text; the message's field says how to show them."""


def without_nul(text: str) -> str:
    """Replace NUL in foreign text by U+FFFD: not every database keeps it, and what is stored is the same in all."""
    return text.replace("\x00", "\ufffd")


ROUNDS = "rounds"
"""The argument that tells in how many rounds a defect was seen, where that is one."""


UNSEEN = "*"
"""Stands in an argument for the ids of subjects that the reader may not see."""


VENDOR = "vendor"
"""The argument that names the maker of a device, where a check has a remedy for its devices (``fix.<vendor>``)."""


class Outcome(Enum):
    """The six outcomes. Not an IntEnum: they do not compare, but there is a worst-first order."""

    __hash__ = object.__hash__  # Enum's own hashes the name in Python; a report asks millions of times

    PASS = "pass"  # noqa: S105  # an outcome
    WARN = "warn"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"


DEFECTS = frozenset({Outcome.WARN, Outcome.FAIL})
"""The outcomes that state that something is wrong with a subject."""

DECIDED = DEFECTS | {Outcome.PASS}
"""The outcomes that say how a subject is."""

WORST_FIRST = (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.WARN, Outcome.PASS, Outcome.NOT_APPLICABLE)


def worst(outcomes: "list[Outcome] | tuple[Outcome, ...]") -> Outcome:
    """Return the worst of at least one outcome (INTERFACE: fail, error, inconclusive, warn, pass, not_applicable)."""
    return min(outcomes, key=WORST_FIRST.index)


class Severity(StrEnum):
    """The harm that a fail does; policy decides, never a probe."""

    __hash__ = str.__hash__  # as of Outcome; equal to a text is equal in its hash too

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 is the most severe."""
        return _RANKS[self]


_RANKS = {severity: number for number, severity in enumerate(Severity)}


class Level(StrEnum):
    __hash__ = str.__hash__

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    OPTIONAL = "optional"


class LevelBasis(StrEnum):
    """Whether the legal basis of the level was read (V), is taken on trust (required*), or was set by the operator."""

    __hash__ = str.__hash__

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    POLICY = "policy"


class Reason(StrEnum):
    """Why a finding is inconclusive (CHECKS §0.2 and INTERFACE)."""

    V6 = "U-V6"
    V4 = "U-V4"
    DNS = "U-DNS"
    EGR = "U-EGR"
    RATE = "U-RATE"
    CRED = "U-CRED"
    OBJ = "U-OBJ"
    SMPL = "U-SMPL"
    VP = "U-VP"
    INV = "U-INV"
    SCOPE = "U-SCOPE"
    PRIV = "U-PRIV"
    CUT = "U-CUT"
    REF = "U-REF"
    AMB = "U-AMB"


TRANSIENT_REASONS = frozenset(
    {Reason.V6, Reason.V4, Reason.DNS, Reason.EGR, Reason.RATE, Reason.CRED, Reason.CUT, Reason.AMB}
)
"""Reasons that leave a run incomplete (exit 4); the others ask for something that was never configured."""


NO_CREDENTIALS = "NO_CREDENTIALS"
"""The code of a U-CRED that says that nothing was configured to try, so that it does not leave a run incomplete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The result of a check: one of its declared codes, the values of its message, and the evidence it rests on.

    ``address`` for checks judged per address; ``detail`` tells several verdicts on one subject apart (an MX name, an
    interface). ``reason`` only with a code whose message is inconclusive and has no reason of its own.
    """

    code: str
    args: Mapping[str, Arg] = field(default_factory=dict)
    evidence: tuple[EvidenceId, ...] = ()
    address: IPAddress | None = None
    detail: str | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """An accepted defect: shown beside the verdict, never instead of it."""

    reason: str
    owner: str
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VantageVerdict:
    """Says what another vantage of a round came to about the same thing."""

    name: str
    outcome: Outcome
    code: str
    address: IPAddress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A check's statement about a subject under one policy. Texts are looked up from ``check`` and ``code``.

    ``vantage`` decided; ``vantages`` are the others that looked from the same network.
    """

    id: FindingId
    check: CheckId
    check_version: int
    code: str
    outcome: Outcome
    severity: Severity
    level: Level
    level_basis: LevelBasis
    subject: SubjectId
    address: IPAddress | None
    detail: str | None
    vantage: str
    reason: Reason | None
    args: Mapping[str, Arg]
    evidence: tuple[EvidenceId, ...]
    waived: Waiver | None = None
    trace: str | None = None
    vantages: tuple[VantageVerdict, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """The part of a finding for arithmetic and comparison: no texts, no evidence. ``address`` as it is written.

    ``args`` are there only where they were asked for.
    """

    id: FindingId
    check: CheckId
    check_version: int
    code: str
    outcome: Outcome
    severity: Severity
    level: Level
    address: str | None = None
    detail: str | None = None
    reason: Reason | None = None
    waived: bool = False
    args: Mapping[str, Arg] = field(default_factory=dict)


def outline(finding: Finding, *, with_args: bool = False) -> Outline:
    return Outline(
        id=finding.id,
        check=finding.check,
        check_version=finding.check_version,
        code=finding.code,
        outcome=finding.outcome,
        severity=finding.severity,
        level=finding.level,
        address=None if finding.address is None else written(finding.address),
        detail=finding.detail,
        reason=finding.reason,
        waived=finding.waived is not None,
        args=finding.args if with_args else {},
    )


def finding_id(
    subject: SubjectId, check: CheckId, address: IPAddress | None, detail: str | None, network: str
) -> FindingId:
    """Stable across runs: no code, no time. One id per network of judgement (INTERFACE, the result document)."""
    return _id_of(subject, check, "" if address is None else written(address), detail or "", network)


def _id_of(*parts: str) -> FindingId:
    return FindingId(hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16])


_NETWORKS = tuple((network, network.value) for network in Network)


def network_of(finding: FindingId, about: tuple[SubjectId, CheckId, IPAddress | None, str | None]) -> Network:
    """Return the network that a finding is about, which only its id tells; ``about`` is what it is made of beside."""
    subject, check, address, detail = about
    return network_told(finding, (subject, check, None if address is None else written(address), detail))


def network_told(finding: FindingId, about: tuple[SubjectId, CheckId, str | None, str | None]) -> Network:
    """Return the same where the address is a text, as it is written."""
    subject, check, address, detail = about
    for network, name in _NETWORKS:
        if _id_of(subject, check, address or "", detail or "", name) == finding:
            return network
    return Network.INTERNET
