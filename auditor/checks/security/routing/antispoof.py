"""Check that an edge router accepts from its networks only their own source addresses.

Where the vantage stands on the network of users behind it, and its owner authorised that, packets with forged sources
were sent to a receiver of ours: their arrival decides, even against the device's own data. Elsewhere the configuration
that it shows is judged (unicast reverse path forwarding, CISCO-IP-URPF-MIB), on the interfaces towards networks of its
own: on an uplink it may be loose (RFC 3704 §2.4: several ways out) or off. A device that shows none has no defect by
that: a filter may do the same.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from auditor.facts.device import answers, interfaces
from auditor.facts.device.answers import SeenDevice
from auditor.facts.device.interfaces import Enabled
from auditor.framework.check import SilenceMeaning, VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.link import SourceValidation
from probes.wire.snmp import oids
from probes.wire.snmp.routes import routes_to
from probes.wire.snmp.tree import Oid

_FAMILIES = {1: "IPv4", 2: "IPv6"}
"""cipUrpfIfIpVersion."""

_LOOSE = 2
_FORGED = ("neighbour", "bogon")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trials:
    """Holds one step for each receiver, and their evidence."""

    steps: tuple[SourceValidation, ...]
    evidence: tuple[EvidenceId, ...]

    @classmethod
    def of(cls, evidence: EvidenceSet) -> Self:
        pairs = tuple(evidence.of(SourceValidation))
        return cls(
            steps=tuple(step for _, step in pairs), evidence=tuple(dict.fromkeys(envelope.id for envelope, _ in pairs))
        )

    def arrived(self, form: str) -> tuple[SourceValidation, ...]:
        """Return the steps in which packets of a form arrived; those under our own address arrived before them too."""
        return tuple(step for step in self.steps if step.failure is None and step.arrived(form))


_NOTHING_SHOWN = frozenset({"NO_AGENT", "NOT_MANAGED"})

_MESSAGES = {
    **answers.CODES,
    "NONE_ARRIVE": passed(
        "Nothing that is sent under a forged source from the network of users of {site} gets out of it, over"
        " {families:list}."
    ),
    "NEIGHBOURS_ARRIVE": warn(
        "From the network of users of {site} packets get out under the address of a neighbour in the same /64 or"
        " /24, over {families:list}; other forged sources do not.",
        fix="Bind addresses to access ports as well: SAVI, or source guard for IPv4 and for IPv6.",
    ),
    "FORGED_ARRIVE": fail(
        "From the network of users of {site} packets get out under sources that belong to nobody ({sources:list}),"
        " over {families:list}: nothing checks where they come from."
    ),
    "NOT_PROVEN": inconclusive(
        "From the network of users of {site} packets under our own address were not seen to arrive, over"
        " {families:list}: that forged ones do not arrive says nothing then.",
        fix="Check that the receiver runs (auditor respond --witness), and that its UDP port is reached from there.",
    ),
    "NOT_ALLOWED": inconclusive(
        "Whether {name} lets forged sources out of the network of users of {site} may only be tried with its owner's"
        " authorisation.",
        fix="Have the owner authorise it (clearance = intrusive), and audit with --clearance intrusive.",
        reason=Reason.SCOPE,
    ),
    "VALIDATED": passed("{name} checks where packets from {interfaces:list} may come from, over each family in use."),
    "PARTLY": warn(
        "{name} checks the sources of packets on some interfaces, but not on {interfaces:list}.",
        fix="Switch strict uRPF on there as well; for IPv6 it is a command of its own (ipv6 verify unicast).",
    ),
    "LOOSE": warn(
        "{name} only checks that a source exists anywhere (loose uRPF) on {interfaces:list}.",
        fix="Use strict uRPF where an interface is the only way to its networks.",
    ),
    "UPLINKS_ALONE": not_applicable(
        "{name} shows uRPF only on its uplinks ({interfaces:list}); towards its own networks a filter may do the same."
    ),
    "NO_AGENT": not_applicable(
        "{name} shows no uRPF, and no vantage stands behind it that could try with forged sources."
    ),
}


@check(
    version=6,
    title="Source-address validation at the edge",
    problem="Forged source addresses can leave the user network",
    problems={
        "NEIGHBOURS_ARRIVE": "Neighbours' addresses can be forged",
        "PARTLY": "Source addresses are unchecked on some interfaces",
        "LOOSE": "Source addresses are only checked loosely",
    },
    why="A network that lets forged sources out serves attacks on others, and nobody can tell where they came from.",
    fix="Switch strict uRPF (or SAVI) on for IPv4 and IPv6 on every interface towards users and servers.",
    references=("RFC 2827 (BCP 38)", "RFC 8704 §3", "RFC 9099 §3.1"),
    needs=(*answers.SNMP, SourceValidation),
    kinds=frozenset({Kind.ROUTER, Kind.FIREWALL}),
    vantage=frozenset({VantageKind.LAN, VantageKind.SNMP}),
    clearance=Clearance.PASSIVE,
    question=SilenceMeaning.EXPOSURE,
    excused_by={"PARTLY": frozenset({"snmp"})},
    messages=_MESSAGES,
)
def antispoof(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    tried = _Trials.of(evidence)
    if tried.steps:
        yield _tried(subject, tried, ctx)
        return
    found = answers.device(subject, evidence, ctx)
    shown = _shown(subject, found) if isinstance(found, SeenDevice) else found
    yield _not_allowed(subject) if shown.code in _NOTHING_SHOWN and _could_try(subject, ctx) else shown


def _could_try(subject: Subject, ctx: Context) -> bool:
    """True if the vantage stands behind this edge, and only the authorisation is missing."""
    lan = ctx.lans.get(subject.declared.site)
    behind = lan is not None and lan.edge == subject.id and lan.site in ctx.vantage.lans
    return behind and not (subject.clearance.covers(Clearance.INTRUSIVE) and ctx.clearance.covers(Clearance.INTRUSIVE))


def _not_allowed(subject: Subject) -> Verdict:
    args: dict[str, Arg] = {"name": subject.host or subject.name, "site": subject.declared.site}
    return Verdict(code="NOT_ALLOWED", args=args)


def _tried(subject: Subject, tried: _Trials, ctx: Context) -> Verdict:
    def say(code: str, steps: Iterable[SourceValidation], **more: Arg) -> Verdict:
        of = tuple(dict.fromkeys(f"IPv{step.receiver.version}" for step in steps))
        args: dict[str, Arg] = {"site": subject.declared.site, "families": of, **more}
        return Verdict(code=code, args=args, evidence=tried.evidence)

    forged = tried.arrived("bogon")
    if forged:
        sources = (
            str(source_trial.source)
            for step in forged
            for source_trial in step.trials
            if source_trial.form == "bogon" and source_trial.arrived
        )
        return say("FORGED_ARRIVE", forged, sources=tuple(dict.fromkeys(sources)))
    doubtful = [(step, reason) for step in tried.steps if (reason := _undecided(step, ctx)) is not None]
    if doubtful:
        verdict = say("NOT_PROVEN", (step for step, _ in doubtful))
        return Verdict(code=verdict.code, args=verdict.args, evidence=verdict.evidence, reason=doubtful[0][1])
    near = tried.arrived("neighbour")
    return say("NEIGHBOURS_ARRIVE", near) if near else say("NONE_ARRIVE", tried.steps)


def _undecided(step: SourceValidation, ctx: Context) -> Reason | None:
    """Return why missing packets show nothing; None where ours arrived before and after, and all were sent."""
    if step.failure is not None:
        return ctx.unproven(step.failure, step.receiver, "forged") or Reason.EGR
    sent = {trial.form for trial in step.trials if trial.sent}
    return None if step.confirmed and sent.issuperset(_FORGED) else Reason.EGR


def _shown(subject: Subject, device: SeenDevice) -> Verdict:
    """Return the verdict on a device's own data: VALIDATED, PARTLY, LOOSE, or NO_AGENT where it shows nothing."""
    table = device.tree.integers(oids.CISCO_URPF_CHECK)
    rows: Mapping[Oid, int] = {index: how for index, how in table.items() if len(index) == 2}
    if not device.complete(oids.CISCO_URPF_CHECK):
        return device.not_read()
    if not rows:
        return device.says("NO_AGENT")
    lans = [
        interface.index for interface in interfaces.declared(subject, device, ("lan",)) if interface.index is not None
    ]
    checked = {index[0] for index in rows}
    wanted = sorted((set(lans) | checked) - _uplinks(subject, device).difference(lans))
    doubtful = [i for i in wanted if i not in lans and interfaces.may_be_called(subject, device, ("wan",), i)]
    wanted = [index for index in wanted if index not in doubtful]
    if doubtful and not wanted:
        return device.not_read()
    if not wanted:
        return device.says("UPLINKS_ALONE", interfaces=tuple(device.interface(index) for index in sorted(checked)))
    gaps = [f"{device.interface(index)} ({_FAMILIES[v]})" for index in wanted for v in _missing(device, rows, index)]
    loose = [
        f"{device.interface(i[0])} ({_FAMILIES.get(i[1], '?')})"
        for i, how in sorted(rows.items())
        if how == _LOOSE and i[0] in wanted
    ]
    if gaps:  # they may be uplinks, or without the family, by what was lost
        lost = device.broke_off(*oids.interfaces_of_routes(oids.EVERYWHERE)) or device.lost_addresses()
        return device.not_read() if lost else device.says("PARTLY", interfaces=tuple(gaps))
    if loose:
        return device.says("LOOSE", interfaces=tuple(loose))
    return device.says("VALIDATED", interfaces=tuple(device.interface(index) for index in wanted))


def _uplinks(subject: Subject, device: SeenDevice) -> set[int]:
    """Return the interfaces that lead out: the declared uplinks, and those of a default route."""
    ways = (route.if_index for route in routes_to(device.tree, oids.EVERYWHERE) if route.leads_out)
    return {*interfaces.uplinks(subject, device), *(index for index in ways if index is not None)}


def _missing(device: SeenDevice, rows: Mapping[Oid, int], index: int) -> Iterator[int]:
    """Yield the families that an interface has, as far as the device shows, and over which it is not checked."""
    spoken = {shown.address.version for shown in device.shown if shown.if_index in interfaces.layers(device, index)}
    if (index, 1) not in rows and spoken != {6}:
        yield 1
    if (index, 2) not in rows and interfaces.v6_enabled(device, index) is Enabled.YES:
        yield 2
