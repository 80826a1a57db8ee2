"""Defines the coverage indicators K01 to K20 (CHECKS §4.4): their subjects, and how one subject counts.

Pure functions of a subject's findings. A figure counts subjects, never findings.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Set
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum
from functools import partial

from auditor.figures.scoring import RUNGS, Ladder, Score
from auditor.framework.findings import WORST_FIRST, CheckId, Level, Outcome, Outline, Reason, Severity
from inventory.model import DEVICE_KINDS, WEB_KINDS, AgencyId, Kind, Network, SubjectId
from inventory.word_matching import fold

NOT_RUN = "NOT_RUN"
"""The reason, beside those of the catalogue, for a subject without a finding of any needed check in this run."""
COMMUNES = frozenset(map(fold, ("commune", "ward", "xã", "phường", "thị trấn", "đặc khu", "cấp xã")))
"""Words for the level of a unit that has a TSLCD point of its own."""
SECONDARY = "secondary"
"""The tag of a connection point that is not a unit's primary one."""
EXEMPT, PLANNED = "EXEMPT", "PLANNED"
EXCUSED = frozenset({EXEMPT, PLANNED})
"""Codes by which an exemption takes a subject out of a figure, onto its own line, and a plan leaves it as not met."""
_UNKNOWN = frozenset({Outcome.INCONCLUSIVE, Outcome.ERROR})
_DECIDED = frozenset({Outcome.PASS, Outcome.WARN, Outcome.FAIL})
_REACHED = frozenset({Outcome.PASS, Outcome.WARN, Outcome.NOT_APPLICABLE})
_PASSED = frozenset({Outcome.PASS, Outcome.NOT_APPLICABLE})
_NOT_AUTHORISED = frozenset({Reason.SCOPE.value})
_SECURE = frozenset({"SECURE", "STALE_SERVERS"})
_POINTS, _CHANNELS = frozenset({Kind.CONNECTION_POINT}), frozenset({Kind.CONNECTION_POINT, Kind.DATACENTRE})
_BCP91 = tuple(f"ipv6.dns.{text}" for text in ("ns-aaaa", "ns-reach", "ns-reach-tcp", "ns-addr-sane"))
_ROUTING = DEVICE_KINDS - {Kind.ACCESS_SWITCH}
"""Devices that are checked for more of IPv6 than the capability."""
_CAPABILITY, _TRAFFIC = CheckId("ipv6.device.capability"), CheckId("ipv6.device.traffic")


class Standing(Enum):
    """Names the status of one subject in one figure."""

    MET = "met"
    NOT_MET = "not_met"
    UNKNOWN = "unknown"
    EXEMPT = "exempt"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoldedCheck:
    """Holds one check on one subject, folded over addresses: the worst outcome, and the reasons if it is unknown.

    ``waived``: every failing finding is an accepted exception. ``excused``: by an exemption or a plan; ``exempt``: by
    an exemption. ``code``: of the worst finding. ``itself``: the same without findings about single addresses, hosts
    and other parts, where there are any.
    """

    outcome: Outcome
    severity: Severity
    level: Level
    reasons: frozenset[str] = frozenset()
    excused: bool = False
    exempt: bool = False
    waived: bool = False
    code: str = ""
    itself: "FoldedCheck | None" = None

    @property
    def planned(self) -> bool:
        return self.excused and not self.exempt


def folded(outlines: Iterable[Outline]) -> dict[CheckId, FoldedCheck]:
    """Return one outcome for each check of a subject, the worst; the order of the findings does not matter."""
    groups: dict[CheckId, list[Outline]] = {}
    for outline in outlines:
        groups.setdefault(outline.check, []).append(outline)
    return {check: _with_itself(group) for check, group in groups.items()}


def _with_itself(group: list[Outline]) -> FoldedCheck:
    if len(group) == 1:
        return _seen(group)
    own = [outline for outline in group if outline.address is None and outline.detail is None]
    return replace(_seen(group), itself=_seen(own)) if 0 < len(own) < len(group) else _seen(group)


def _seen(group: list[Outline]) -> FoldedCheck:
    outcome = min((outline.outcome for outline in group), key=WORST_FIRST.index)
    of_it = [outline for outline in group if outline.outcome is outcome]
    reasons = (
        {outline.reason.value if outline.reason else "BUG" for outline in of_it} if outcome in _UNKNOWN else set[str]()
    )
    return FoldedCheck(
        outcome=outcome,
        severity=group[0].severity,
        level=group[0].level,
        reasons=frozenset(reasons),
        excused=any(outline.code in EXCUSED for outline in group),
        exempt=any(outline.code == EXEMPT for outline in group),
        waived=outcome is Outcome.FAIL and all(outline.waived for outline in of_it),
        code=min(outline.code for outline in of_it),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectFacts:
    """Holds the part of a judgement about one subject that arithmetic needs. ``level``: of a unit, folded.

    ``values`` are the numbers that figures add up, by check and argument. ``derived``: planning found it, no row did.
    ``secondary``: a connection point beside the one at the main office. ``network`` None: of a unit, which stands in
    none. ``planned_until``: the day until which its owner plans to do without IPv6. ``of_root``: of the province
    itself, not of a unit under it, where it is known which unit that is. ``held``: this round's outcomes of the checks
    for which ``seen`` has the outcome of earlier rounds.
    """

    id: SubjectId
    kind: Kind
    kinds: frozenset[Kind]
    agency: AgencyId | None = None
    network: Network | None = None
    planned_until: date | None = None
    of_root: bool = False
    derived: bool = False
    secondary: bool = False
    security_level: int | None = None
    level: str = ""
    points: int = 0
    seen: Mapping[CheckId, FoldedCheck] = field(default_factory=dict)
    scores: Mapping[str, Score] = field(default_factory=dict)
    ladders: Mapping[str, Ladder] = field(default_factory=dict)
    addresses: frozenset[str] = frozenset()
    values: Mapping[str, float] = field(default_factory=dict)
    held: Mapping[CheckId, Outcome] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectStanding:
    """Holds the status of a subject in a figure.
    ``reasons``: why it is unknown; ``waived``: its fails are accepted; ``planned``: its owner plans the unmet
    checks."""

    standing: Standing
    reasons: frozenset[str] = frozenset()
    waived: bool = False
    planned: bool = False


JudgeFn = Callable[[SubjectFacts], SubjectStanding | None]
"""Returns the standing of a subject in a figure; None if the figure does not count this subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpi:
    """Defines one figure.

    ``backends``: the distinct addresses behind its subjects are counted beside it. ``total``: a share of sums, the
    parts named ``(numerator, other)`` in ``values``; ``spread``: a value whose median and tenth percentile stand beside
    the count.
    """

    id: str
    judge: JudgeFn
    backends: bool = False
    total: tuple[str, str] | None = None
    spread: str | None = None


def conjunction(
    facts: SubjectFacts, checks: Collection[str], good: frozenset[Outcome] = _REACHED
) -> SubjectStanding | None:
    """Return the standing by all of ``checks``: failing beats unknown, unknown beats met; None where none applies."""
    seen = [facts.seen.get(CheckId(check)) for check in checks]
    known = [folded_check for folded_check in seen if folded_check is not None]
    excused = _excused(known)
    if excused is not None:
        return excused
    failing = [folded_check for folded_check in known if folded_check.outcome is Outcome.FAIL]
    if failing:
        return SubjectStanding(standing=Standing.NOT_MET, waived=all(folded_check.waived for folded_check in failing))
    unknown = [folded_check.reasons for folded_check in known if folded_check.outcome in _UNKNOWN]
    if len(known) < len(seen):
        unknown.append(frozenset({NOT_RUN}))
    if unknown:
        return SubjectStanding(standing=Standing.UNKNOWN, reasons=frozenset().union(*unknown))
    if all(folded_check.outcome is Outcome.NOT_APPLICABLE for folded_check in known):
        return None
    return SubjectStanding(
        standing=Standing.MET if all(folded_check.outcome in good for folded_check in known) else Standing.NOT_MET
    )


def _excused(seen: Iterable[FoldedCheck]) -> SubjectStanding | None:
    """Return the standing of a subject whose owner declared an exemption or plan for one of these checks, else None."""
    known = tuple(seen)
    if any(folded_check.exempt for folded_check in known):
        return SubjectStanding(standing=Standing.EXEMPT)
    return (
        SubjectStanding(standing=Standing.NOT_MET, planned=True)
        if any(folded_check.planned for folded_check in known)
        else None
    )


def _of_kinds(
    facts: SubjectFacts, kinds: frozenset[Kind], checks: Collection[str], good: frozenset[Outcome]
) -> SubjectStanding | None:
    return conjunction(facts, checks, good) if facts.kinds & kinds else None


def _rung(facts: SubjectFacts, kinds: frozenset[Kind], ladder: str, at: int) -> SubjectStanding | None:
    """Return the standing of a subject at a rung of a ladder; None for other kinds.
    An exemption or a plan makes it exempt or planned at that rung and above, unless its check is outside the climb."""
    if facts.kind not in kinds:
        return None
    climbed = facts.ladders.get(ladder)
    if climbed is None:
        unknown = SubjectStanding(standing=Standing.UNKNOWN, reasons=frozenset({NOT_RUN}))
        asked = {CheckId(check) for rung in RUNGS[ladder][:at] for check in rung}
        return _excused(facts.seen[check] for check in asked & facts.seen.keys()) or unknown
    if climbed.level >= at:
        return SubjectStanding(standing=Standing.MET)
    blocking = [facts.seen[check] for check in climbed.blocked_by if check in facts.seen]
    if climbed.at_least:
        reasons = frozenset().union(*(folded_check.reasons for folded_check in blocking)) or frozenset({NOT_RUN})
        return SubjectStanding(standing=Standing.UNKNOWN, reasons=reasons)
    waived = bool(blocking) and all(folded_check.waived for folded_check in blocking)
    aside = _excused(folded_check for folded_check in blocking if folded_check.outcome is Outcome.NOT_APPLICABLE)
    return aside or SubjectStanding(standing=Standing.NOT_MET, waived=waived)


def _of_commune(facts: SubjectFacts, check: str, good: frozenset[Outcome] = _PASSED) -> SubjectStanding | None:
    """Return the standing of a commune, else None: unregistered points are not met, without a row it is unknown."""
    if facts.kind is not Kind.UNIT or facts.level not in COMMUNES:
        return None
    if CheckId(check) in facts.seen:
        return conjunction(facts, (check,), good)
    registered = facts.seen.get(CheckId("tslcd.site.registered"))
    if check != "tslcd.site.registered" and registered is not None and registered.outcome is Outcome.FAIL:
        return SubjectStanding(standing=Standing.NOT_MET, waived=registered.waived)
    return SubjectStanding(standing=Standing.UNKNOWN, reasons=frozenset({NOT_RUN if facts.points else "U-INV"}))


def _own(facts: SubjectFacts) -> Collection[CheckId]:
    """Return the checks about the subject itself; those of a commune's points are left out, since points count too."""
    return facts.seen if facts.kind is not Kind.UNIT else facts.seen.keys() & {CheckId("tslcd.site.registered")}


def _redundant_channel(facts: SubjectFacts) -> SubjectStanding | None:
    """Return the standing of a system of level 4 or 5, which needs a second channel; None for most others."""
    if facts.kind is Kind.DATACENTRE:
        return None
    if (facts.security_level or 0) < 4 and CheckId("tslcd.channel.redundancy") not in _own(facts):
        return None
    return conjunction(facts, ("tslcd.channel.redundancy",))


def _redundant_centre(facts: SubjectFacts) -> SubjectStanding | None:
    return conjunction(facts, ("tslcd.dc.redundancy",)) if facts.kind is Kind.DATACENTRE else None


def _redundant(facts: SubjectFacts) -> SubjectStanding | None:
    return _redundant_centre(facts) or _redundant_channel(facts)


def _capable(facts: SubjectFacts) -> SubjectStanding | None:
    """Return the standing of a device, access switches too, by its capability; one known to lack IPv6 is not met."""
    if facts.kind not in DEVICE_KINDS:
        return None
    folded_check = facts.seen.get(_CAPABILITY)
    climbed = facts.ladders.get("device")
    if folded_check is None and climbed is not None and climbed.level:  # shown by its use of IPv6
        return SubjectStanding(standing=Standing.MET)
    if folded_check is not None and folded_check.code == "BEFORE_RULE":
        return SubjectStanding(standing=Standing.NOT_MET)
    return conjunction(facts, (_CAPABILITY,))


def _traffic(facts: SubjectFacts) -> SubjectStanding | None:
    """Return the standing by a day's share of IPv6 traffic; a share of a few minutes leaves it unknown.
    A short one is reported only if IPv6 carries much, and many devices count in steps."""
    is_short = _TRAFFIC in facts.seen and facts.seen[_TRAFFIC].code == "CARRIES_NOW"
    place = _of_kinds(facts, _ROUTING, (_TRAFFIC,), _PASSED)
    unknown = SubjectStanding(standing=Standing.UNKNOWN, reasons=frozenset({"U-SMPL"}))
    return unknown if place is not None and is_short else place


def _snmp(facts: SubjectFacts) -> SubjectStanding | None:
    """Return the standing of a device in SNMP checks; unauthorised questions are left out if another was answered."""
    if not facts.kinds & DEVICE_KINDS:
        return None
    asked = [str(check_id) for check_id in facts.seen if check_id.startswith("security.snmp.")]
    answered = [text for text in asked if facts.seen[CheckId(text)].reasons != _NOT_AUTHORISED]
    return conjunction(facts, answered or asked or [NOT_RUN])


def _https(facts: SubjectFacts) -> SubjectStanding | None:
    if not facts.kinds & WEB_KINDS:
        return None
    certificates = [str(check_id) for check_id in facts.seen if check_id.startswith("security.tls.cert-")] or [NOT_RUN]
    basics = ["security.http.https-exists", "security.http.https-forced", "security.tls.versions"]
    return conjunction(facts, [*basics, *certificates])


def _secure(facts: SubjectFacts) -> SubjectStanding | None:
    """Return the standing of a zone by DNSSEC; hosts in other zones and a single stale server are not counted."""
    check = CheckId("security.dns.dnssec")
    folded_check = facts.seen.get(check)
    own = folded_check and (folded_check.itself or folded_check)
    if Kind.ZONE in facts.kinds and own is not None and own.code in _SECURE:
        return SubjectStanding(standing=Standing.MET)
    seen = facts.seen if own is None else {**facts.seen, check: own}
    return _of_kinds(replace(facts, seen=seen), frozenset({Kind.ZONE}), (check,), _PASSED)


def _parity(facts: SubjectFacts) -> SubjectStanding | None:
    check = "security.ports.v4v6-parity"
    return conjunction(facts, (check,), _PASSED) if CheckId(check) in _own(facts) else None


def _assessed(facts: SubjectFacts) -> SubjectStanding | None:
    """Return MET for a subject of the inventory that any check decided, else NOT_MET; None for units, derived ones."""
    if facts.derived or facts.kind is Kind.UNIT:
        return None
    decided = any(folded_check.outcome in _DECIDED for folded_check in facts.seen.values())
    return SubjectStanding(standing=Standing.MET if decided else Standing.NOT_MET)


def within(facts: SubjectFacts, networks: Set[Network], judge: JudgeFn, *, of_root: bool) -> SubjectStanding | None:
    """Return the standing for subjects of some networks or the province itself; units are in none, count in each."""
    elsewhere = networks and facts.network is not None and facts.network not in networks
    return None if elsewhere or (of_root and not facts.of_root) else judge(facts)


def all_of(facts: SubjectFacts, checks: Collection[str], kinds: frozenset[Kind]) -> SubjectStanding | None:
    """Return the standing by a framework's rule ``all``: its checks on subjects of its kinds that have findings."""
    if kinds and not facts.kinds & kinds:
        return None
    check_ids = facts.seen if kinds else _own(facts)
    named = [check for check in checks if check in check_ids]
    areas = tuple(check[:-1] for check in checks if check.endswith(".*"))
    named += [check_id for check_id in check_ids if check_id.startswith(areas)] if areas else []
    if not named:
        return SubjectStanding(standing=Standing.UNKNOWN, reasons=frozenset({NOT_RUN})) if kinds else None
    return conjunction(facts, named)


def _service(at: int, *kinds: Kind) -> JudgeFn:
    return partial(_rung, kinds=frozenset(kinds), ladder="service", at=at)


def _device(at: int) -> JudgeFn:
    return partial(_rung, kinds=_ROUTING, ladder="device", at=at)


def _checks(kinds: Collection[Kind], *checks: str, good: frozenset[Outcome] = _REACHED) -> JudgeFn:
    return partial(_of_kinds, kinds=frozenset(kinds), checks=checks, good=good)


AVAILABILITY = "tslcd.site.availability/share"
V6_RATE, V4_RATE = "ipv6.device.traffic/v6_rate", "ipv6.device.traffic/v4_rate"
"""Rates in octets a second over each device's own window: octets of windows of different lengths cannot be added."""
MEASURES = frozenset({AVAILABILITY, V6_RATE, V4_RATE})
"""Arguments of findings from which figures are computed, as ``check/argument``."""

KPIS: Mapping[str, Kpi] = {
    kpi.id: kpi
    for kpi in (
        Kpi(id="K01", judge=partial(_of_commune, check="tslcd.site.registered", good=_REACHED)),
        Kpi(id="K02", judge=partial(_of_commune, check="tslcd.site.reach")),
        Kpi(id="K03", judge=partial(_of_commune, check="tslcd.site.in-use")),
        Kpi(id="K04", judge=partial(_of_commune, check="tslcd.ip.dual-stack")),
        Kpi(id="K05", judge=_checks(_CHANNELS, "tslcd.channel.utilisation")),
        Kpi(id="K06", judge=_checks(_POINTS, "tslcd.site.availability", good=_PASSED), spread=AVAILABILITY),
        Kpi(id="K07", judge=_redundant),
        Kpi(id="K07.channel", judge=_redundant_channel),
        Kpi(id="K07.dc", judge=_redundant_centre),
        Kpi(id="K08", judge=_service(2, Kind.PORTAL), backends=True),
        Kpi(id="K08.full", judge=_service(3, Kind.PORTAL)),
        Kpi(id="K08.v6only", judge=_service(4, *WEB_KINDS)),
        Kpi(id="K09", judge=_service(2, Kind.DVC), backends=True),
        Kpi(id="K09.full", judge=_service(3, Kind.DVC)),
        Kpi(id="K10", judge=_service(2, Kind.COMMUNE_SITE), backends=True),
        Kpi(id="K10.full", judge=_service(3, Kind.COMMUNE_SITE)),
        Kpi(id="K11", judge=_checks({Kind.ZONE}, *_BCP91)),
        Kpi(id="K12", judge=_checks({Kind.MAIL}, "ipv6.mail.mx-aaaa", "ipv6.mail.mx-reach", "security.mail.mx")),
        Kpi(id="K13.capable", judge=_capable),
        Kpi(id="K13.enabled", judge=_device(2)),
        Kpi(id="K13.routed", judge=_device(3)),
        Kpi(id="K13.carrying", judge=_device(4)),
        Kpi(id="K14", judge=_traffic, total=(V6_RATE, V4_RATE)),
        Kpi(id="K15", judge=_https),
        Kpi(id="K16", judge=_secure),
        Kpi(id="K17", judge=_checks({Kind.MAIL}, "security.mail.dmarc", good=_PASSED)),
        Kpi(id="K18", judge=_snmp),
        Kpi(id="K19", judge=_parity),
        Kpi(id="K20", judge=_assessed),
    )
}
"""The indicators by number; ``K07.…`` are the parts of K07, ``K08.full`` is its strict reading, ``K13.…`` its rungs."""
