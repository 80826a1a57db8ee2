"""Combines the findings of several vantages of a round about one subject into one judgement.

Pure. A vantage that stands elsewhere is left out where another one could decide. Of two vantages in one network the
best outcome counts where something should answer, since a failure that only one of them sees is no defect of the
subject, and the worst where nothing should. An undecided outcome never ranks above a decided one of another vantage,
nor stands beside it where the vantage lacked a family. Different networks have findings of their own.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from auditor.framework.check import Check, SilenceMeaning, VantageKind
from auditor.framework.findings import DEFECTS, CheckId, Finding, FindingId, Outcome, Reason, VantageVerdict, finding_id
from auditor.judging.gates import code_of
from inventory.model import IPAddress, Subject

_UNDECIDED = frozenset({Outcome.INCONCLUSIVE, Outcome.ERROR})
_BEST_FIRST = (Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.WARN, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.ERROR)
_WORST_FIRST = (Outcome.FAIL, Outcome.WARN, Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.INCONCLUSIVE, Outcome.ERROR)
_ANYWHERE = frozenset({VantageKind.SNMP, VantageKind.INV})
_PLACES = frozenset({VantageKind.INET, VantageKind.TSL})
_BLIND = frozenset({Reason.V4, Reason.V6})
_WHOLE: "_Key" = (None, None)
_Key = tuple[IPAddress | None, str | None]


def combine(
    subject: Subject,
    judged: Iterable[Sequence[Finding]],
    checks: Mapping[CheckId, Check],
    *,
    readers: Collection[str] = (),
    inside: Collection[str] = (),
) -> tuple[Finding, ...]:
    """Make one list of the findings of each vantage, in the order of their checks.

    Findings of a check that is not among ``checks`` are left out. The order of the vantages does not matter.
    ``readers`` are the vantages that read the subject over SNMP, ``inside`` those that stand in its network.
    """
    lists = [list(findings) for findings in judged]
    if len(lists) == 1:
        return tuple(lists[0])
    met = {findings[0].vantage: _addresses(findings) for findings in lists if findings}
    by_check: dict[CheckId, list[list[Finding]]] = {}
    for findings in lists:
        for check, some in _grouped(findings).items():
            by_check.setdefault(check, []).append(some)
    return tuple(
        finding
        for id_, check in checks.items()
        if id_ in by_check
        for group in _networks(subject, _in_place(check, by_check[id_], (readers, inside)))
        for finding in _one_network(check, group, met)
    )


def _addresses(findings: Iterable[Finding]) -> frozenset[IPAddress]:
    return frozenset(finding.address for finding in findings if finding.address is not None)


def _grouped(findings: Iterable[Finding]) -> dict[CheckId, list[Finding]]:
    found: dict[CheckId, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.check, []).append(finding)
    return found


def _in_place(check: Check, vantages: list[list[Finding]], preferred: Iterable[Collection[str]]) -> list[list[Finding]]:
    """Leave out the vantages from which the check cannot be decided, unless there is no other.

    For a check that needs no place, keep only the first of the ``preferred`` groups in which any vantage decides.
    """
    in_place = [findings for findings in vantages if any(finding.reason is not Reason.VP for finding in findings)]
    in_place = in_place or vantages
    if not check.vantage & _ANYWHERE or check.vantage & _PLACES:
        return in_place
    for names in preferred:
        some = [findings for findings in in_place if findings[0].vantage in names]
        if any(finding.outcome not in _UNDECIDED for findings in some for finding in findings):
            return some
    return in_place


def _networks(subject: Subject, vantages: Iterable[list[Finding]]) -> Iterator[list["_Vantage"]]:
    """Yield the findings by the network that they are about: the subject's own one, then any other.

    A finding that measuring from another network was not allowed (SCOPE) is kept only for the own one.
    """
    parted = [[(finding.id == _own_id(subject, finding), finding) for finding in findings] for findings in vantages]
    has_own = any(is_own for findings in parted for is_own, _ in findings)
    for wanted in (True, False):
        groups = ([finding for is_own, finding in findings if is_own is wanted] for findings in parted)
        if has_own and not wanted:
            groups = ([finding for finding in group if finding.reason is not Reason.SCOPE] for group in groups)
        if made := [_Vantage.of(group) for group in groups if group]:
            yield sorted(made, key=lambda one: one.name)


def _own_id(subject: Subject, finding: Finding) -> FindingId:
    return finding_id(subject.id, finding.check, finding.address, finding.detail, subject.network.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Vantage:
    """Holds the findings of one vantage by their address and detail."""

    name: str
    findings: Mapping[_Key, Finding]

    @classmethod
    def of(cls, findings: Sequence[Finding]) -> "_Vantage":
        return cls(
            name=findings[0].vantage, findings={(finding.address, finding.detail): finding for finding in findings}
        )

    @property
    def decides(self) -> bool:
        return any(finding.outcome not in _UNDECIDED for finding in self.findings.values())

    def at(self, key: _Key) -> Finding | None:
        """Return the finding for a key; a finding about the whole subject holds for every key."""
        return self.findings.get(key, self.findings.get(_WHOLE))


def _one_network(
    check: Check, vantages: Sequence[_Vantage], met: Mapping[str, Collection[IPAddress]]
) -> Iterator[Finding]:
    """Yield one finding for each address and detail that the vantages of one network report on.

    ``met``: the addresses that the findings of each vantage name at all.
    """
    if len(vantages) == 1:
        yield from vantages[0].findings.values()
        return
    chosen: dict[FindingId, Finding] = {}
    others: dict[FindingId, dict[VantageVerdict, None]] = {}
    for key in _keys(vantages):
        if _is_asked_of_the_blind_alone(key, vantages, met):
            continue
        finding = _chosen(check, key, vantages)
        chosen[finding.id] = finding
        seen = others.setdefault(finding.id, {})
        for vantage in vantages:
            told = vantage.at(key)
            if told is not None and told.vantage != finding.vantage:
                seen[_verdict(told)] = None
    for id_, finding in chosen.items():
        named = tuple(others[id_])
        yield finding if _is_unmeasured(check, finding, named) else replace(finding, vantages=named)


def _is_asked_of_the_blind_alone(
    key: _Key, vantages: Sequence[_Vantage], met: Mapping[str, Collection[IPAddress]]
) -> bool:
    """True if only vantages that lack a family leave an address undecided while another one decided for the subject.

    The other one knew the address and reported nothing there: a check of the IPv6 site reports nothing at IPv4
    addresses. A vantage with only IPv6 names every address, and would leave each subject undecided that the other
    passed.
    """
    address, _ = key
    told = [vantage.at(key) for vantage in vantages]
    if address is None or any(finding is not None and finding.reason not in _BLIND for finding in told):
        return False
    silent = (vantage for vantage, finding in zip(vantages, told, strict=True) if finding is None)
    return any(vantage.decides and address in met[vantage.name] for vantage in silent)


def _is_unmeasured(check: Check, finding: Finding, others: Sequence[VantageVerdict]) -> bool:
    """True if a finding is the same everywhere because it was not measured: from the inventory, or no vantage there."""
    nowhere = {finding.outcome, *(other.outcome for other in others)} == {Outcome.NOT_APPLICABLE}
    return nowhere or finding.reason is Reason.VP or check.vantage == {VantageKind.INV}


def _verdict(finding: Finding) -> VantageVerdict:
    return VantageVerdict(name=finding.vantage, outcome=finding.outcome, code=finding.code, address=finding.address)


def _keys(vantages: Sequence[_Vantage]) -> Sequence[_Key]:
    """Return the keys of the findings; the whole subject only if there is no narrower key, or a vantage has both."""
    parts = dict.fromkeys(key for vantage in vantages for key in vantage.findings if key != _WHOLE)
    mixed = any(_WHOLE in vantage.findings and len(vantage.findings) > 1 for vantage in vantages)
    return sorted(parts, key=_order) + ([_WHOLE] if mixed or not parts else [])


def _order(key: _Key) -> tuple[int, int, str]:
    address, detail = key
    return (0, 0, detail or "") if address is None else (address.version, int(address), detail or "")


def _chosen(check: Check, key: _Key, vantages: Sequence[_Vantage]) -> Finding:
    """Return the finding for one key: the best or the worst of the decided outcomes."""
    told = [found for vantage in vantages if (found := vantage.at(key)) is not None]
    order = _WORST_FIRST if check.question is SilenceMeaning.EXPOSURE else _BEST_FIRST
    best = min(told, key=lambda one: (order.index(one.outcome), (one.address, one.detail) != key, one.vantage))
    if check.question is SilenceMeaning.SERVICE and _is_of_one_alone(best, key, told, vantages):
        defect = next(finding for finding in told if finding.outcome in DEFECTS)
        return replace(
            defect, code=code_of(Reason.AMB), outcome=Outcome.INCONCLUSIVE, reason=Reason.AMB, args={}, waived=None
        )
    return best


def _is_of_one_alone(best: Finding, key: _Key, told: Sequence[Finding], vantages: Sequence[_Vantage]) -> bool:
    """True if a defect stands against a vantage of the same network that decided, and found nothing to check there.

    Names may lead elsewhere or nowhere from there: the answers contradict each other, and it is unknown which is at
    fault.
    """
    if best.outcome is Outcome.NOT_APPLICABLE:
        return any(finding.outcome in DEFECTS for finding in told)
    return best.outcome in DEFECTS and any(vantage.decides and vantage.at(key) is None for vantage in vantages)
