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
    """Replace NUL in foreign text by U+FFFD: not every database can store it, and all store the same text."""
    return text.replace("\x00", "\ufffd")


ROUNDS = "rounds"
"""The argument that holds the number of rounds in which a defect was seen, where it is only one."""


UNSEEN = "*"
"""The mark in an argument in place of ids of subjects that the reader may not see."""


VENDOR = "vendor"
"""The argument that names the vendor of a device, where a check has a remedy for its devices (``fix.<vendor>``)."""


class Outcome(Enum):
    """Names the six outcomes. Not an IntEnum: they do not compare, but there is a worst-first order."""

    __hash__ = object.__hash__  # Enum's own hashes the name in Python; a report calls it millions of times

    PASS = "pass"  # noqa: S105  # an outcome
    WARN = "warn"
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    INCONCLUSIVE = "inconclusive"
    ERROR = "error"


DEFECTS = frozenset({Outcome.WARN, Outcome.FAIL})
"""The outcomes that report something wrong with a subject."""

DECIDED = DEFECTS | {Outcome.PASS}
"""The outcomes that state the condition of a subject."""

WORST_FIRST = (Outcome.FAIL, Outcome.ERROR, Outcome.INCONCLUSIVE, Outcome.WARN, Outcome.PASS, Outcome.NOT_APPLICABLE)


def worst(outcomes: "list[Outcome] | tuple[Outcome, ...]") -> Outcome:
    """Return the worst of at least one outcome (INTERFACE: fail, error, inconclusive, warn, pass, not_applicable)."""
    return min(outcomes, key=WORST_FIRST.index)


class Severity(StrEnum):
    """Grades the harm that a fail does; policy decides it, never a probe."""

    __hash__ = str.__hash__  # as for Outcome; equal to its text, so the hash must be equal too

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    INFO = "info"

    @property
    def rank(self) -> int:
        """The place in the order of severities; 0 is the most severe."""
        return _RANKS[self]


_RANKS = {severity: number for number, severity in enumerate(Severity)}


class Level(StrEnum):
    __hash__ = str.__hash__

    REQUIRED = "required"
    RECOMMENDED = "recommended"
    OPTIONAL = "optional"


class LevelBasis(StrEnum):
    """States whether the legal basis of a level was read (V), is taken on trust (required*), or the operator set it."""

    __hash__ = str.__hash__

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    POLICY = "policy"


class Reason(StrEnum):
    """Names the reason why a finding is inconclusive (CHECKS §0.2 and INTERFACE)."""

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
"""Reasons that leave a run incomplete (exit 4); the others need something that was never configured."""


NO_CREDENTIALS = "NO_CREDENTIALS"
"""The code of a U-CRED for missing configuration: no credentials to try, so it does not leave a run incomplete."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Holds the result of a check: a declared code, the values of its message, and the evidence it rests on.

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
    """Holds an accepted defect: shown beside the verdict, never instead of it."""

    reason: str
    owner: str
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class VantageVerdict:
    """Holds the result of another vantage of a round about the same thing."""

    name: str
    outcome: Outcome
    code: str
    address: IPAddress | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Holds a check's statement about a subject under one policy. Texts are looked up from ``check`` and ``code``.

    ``vantage`` decided; ``vantages`` are the others that measured from the same network.
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
    """Holds the part of a finding for arithmetic and comparison: no texts, no evidence. ``address`` as it is written.

    ``args`` are filled only where they were requested.
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
    """Return an id stable across runs: no code, no time; one for each network (INTERFACE, the result document)."""
    return _id_of(subject, check, "" if address is None else written(address), detail or "", network)


def _id_of(*parts: str) -> FindingId:
    return FindingId(hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:16])


_NETWORKS = tuple((network, network.value) for network in Network)


def network_of(finding: FindingId, about: tuple[SubjectId, CheckId, IPAddress | None, str | None]) -> Network:
    """Return the network of a finding, which only its id shows; ``about`` holds the other parts of the id."""
    subject, check, address, detail = about
    return network_told(finding, (subject, check, None if address is None else written(address), detail))


def network_told(finding: FindingId, about: tuple[SubjectId, CheckId, str | None, str | None]) -> Network:
    """Return the same as ``network_of`` where the address is a text, as it is written."""
    subject, check, address, detail = about
    for network, name in _NETWORKS:
        if _id_of(subject, check, address or "", detail or "", name) == finding:
            return network
    return Network.INTERNET
