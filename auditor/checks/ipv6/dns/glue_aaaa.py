"""Check that every server of the parent gives the IPv6 addresses of the name servers inside the zone.

Judged are the servers that the parent itself lists: one that only the zone names needs no glue, nor does one in another
zone. Addresses that cannot be routed are ``ns-addr-sane``'s finding; glue that is the zone's own address is right even
where that server is silent, which is ``ns-reach``'s.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.dns.glue import Referred, given_v6, inside, referrals
from auditor.facts.dns.names import canonical, rejection
from auditor.facts.dns.nameservers import Zone, good, zone
from auditor.facts.dns.soa import SoaAnswer, SoaReply, ask
from auditor.framework.check import FamilyClaim, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Kind, Subject, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import Delegation, DnsExchange, EdnsAnswer, NameLookup
from probes.observations.dnspath import Referral

_NOT_DEAD = frozenset(SoaReply) - {
    SoaReply.BAD_RCODE,
    SoaReply.NOT_AUTHORITATIVE,
    SoaReply.WRONG,
    SoaReply.REJECTED,
    SoaReply.SILENT,
}
Held = Mapping[str, frozenset[IPv6Address]]


@check(
    version=5,
    title="Delegation carries correct IPv6 glue",
    problem="Parent zone has no IPv6 glue",
    problems={
        "PARTIAL": "IPv6 glue at the parent zone is incomplete",
        "OTHER": "IPv6 glue at the parent zone differs from the zone",
        "DEAD": "IPv6 glue leads to a server that does not answer",
    },
    why="A name server inside its own zone is found by the address that the parent gives; without its IPv6 address "
    "there, nobody with only IPv6 finds the zone, however well the server works.",
    fix="Update the addresses of the name servers (host objects) at the registrar.",
    references=("RFC 10001 §3.1, §4.1", "RFC 9471", "Zonemaster CONSISTENCY05"),
    needs=(Delegation, NameLookup, Referral, DnsExchange),
    beside=(EdnsAnswer,),
    kinds=frozenset({Kind.ZONE}),
    claims=FamilyClaim.V6,
    transports=frozenset({"udp/53", "tcp/53"}),
    clearance=Clearance.PASSIVE,
    excused_by={"PARTIAL": frozenset({"referrals"}), "MISSING": frozenset({"referrals"})},
    messages={
        **not_judged.DNS_CODES,
        "COMPLETE": passed("The parent of {zone} gives the IPv6 address of each of its name servers: {names:list}."),
        "PARTIAL": warn("The parent of {zone} does not give all IPv6 addresses of its name servers: {names:list}."),
        "OTHER": warn(
            "The parent of {zone} gives {addresses/an IPv6 address/IPv6 addresses} of its name servers that the zone"
            " itself does not name: {addresses:list}."
        ),
        "MISSING": fail("The parent of {zone} gives no IPv6 address of any of its name servers: {names:list}."),
        "DEAD": fail(
            "The parent of {zone} gives {addresses/an IPv6 address/IPv6 addresses} of its name servers that the zone"
            " itself does not name and that {addresses/does/do} not answer for it: {addresses:list}."
        ),
        "OPEN": inconclusive("The referrals to {zone} were not seen, or not all of their addresses tried."),
        "NO_GLUE_NEEDED": not_applicable("No name server of {zone} that has IPv6 is inside the zone."),
        "SHARED": not_applicable("The servers of the zone above hold {zone} too and refer nobody: there is no glue."),
        **not_judged.NOT_DELEGATED,
    },
)
def glue_aaaa(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    zone_facts = zone(subject, evidence, ctx)
    shut = not_judged.delegation(zone_facts)
    if shut is not None:
        yield shut
        return
    said = referrals(evidence, ctx, zone_facts.name)
    listed = {name for referral in said for name in referral.glue or ()}
    ours = [
        server
        for server in zone_facts.servers
        if inside(server.name, zone_facts.name) and (not listed or server.name in listed)
    ]
    unknown = next((server for server in ours if not server.aaaa.known), None)
    if unknown is not None:
        yield not_judged.dns(unknown.aaaa)
        return
    known = {server.name: frozenset(server.aaaa.v6) for server in ours}
    own = {server.name: frozenset(good(subject, server, ctx)) for server in ours}
    own = {name: addresses for name, addresses in own.items() if addresses}
    given = given_v6(said, known)
    if own or any(held for records in given for held in records.values()):
        yield _Judged(subject, zone_facts, known, own, given, said).verdict(evidence, ctx)
    else:
        yield Verdict(code="NO_GLUE_NEEDED", args={"zone": zone_facts.name}, evidence=zone_facts.evidence)


@dataclass(frozen=True, slots=True)
class _Judged:
    """Holds each server's addresses: ``known`` in the zone; ``own``: those due as glue; ``given``: the glue."""

    subject: Subject
    found: Zone
    known: Held
    own: Held
    given: list[Held]
    said: tuple[Referred, ...]

    def verdict(self, evidence: EvidenceSet, ctx: Context) -> Verdict:
        if not self.given:
            shared = any(cut.shared for _, cut in evidence.of(Delegation) if canonical(cut.zone) == self.found.name)
            return self._say("SHARED") if shared else self._open(self._unheard)
        if self.own and not any(held.get(name) for held in self.given for name in self.own):
            whole = all(referral.heard for referral in self.said)
            return self._say("MISSING", names=tuple(sorted(self.own))) if whole else self._open(self._unheard)
        given = [pair for held in self.given for pair in held.items()]
        other = {address for name, addresses in given for address in addresses - self.known[name]}
        sane = sorted((address for address in other if rejection(self.subject, address, ctx) is None), key=int)
        answers = {address: ask(evidence, ctx, self.found.name, address, "udp") for address in sane}
        return self._tried(answers, other)

    def _tried(self, answers: Mapping[IPv6Address, SoaAnswer], other: Set[IPv6Address]) -> Verdict:
        """Return the verdict; ``other``: given addresses not in the zone; ``answers``: of those that can be asked."""
        dead = [address for address, answer in answers.items() if answer.reply not in _NOT_DEAD]
        if dead:
            ids = tuple(answers[address].evidence for address in dead)
            return self._say(
                "DEAD",
                addresses=tuple(map(written, dead)),
                also=tuple(id_ for evidence_ids in ids for id_ in evidence_ids),
            )
        unknown = next((answer for answer in answers.values() if answer.reply is SoaReply.UNKNOWN), None)
        if unknown is not None:
            return self._open(unknown.reason or Reason.CUT, also=unknown.evidence)
        none: frozenset[IPv6Address] = frozenset()
        lacking = {name for name, own in self.own.items() for held in self.given if not own <= held.get(name, none)}
        if lacking:
            return self._say("PARTIAL", names=tuple(sorted(lacking)))
        if other:
            return self._say("OTHER", addresses=tuple(map(written, sorted(other, key=int))))
        return self._say("COMPLETE", names=tuple(sorted(self.own)))

    @property
    def _unheard(self) -> Reason:
        reasons = [referral.reason for referral in self.said if referral.reason is not None]
        return reasons[0] if reasons else Reason.DNS if self.said else Reason.CUT

    def _open(self, reason: Reason, *, also: tuple[EvidenceId, ...] = ()) -> Verdict:
        return self._say("OPEN", also=also, reason=reason)

    def _say(
        self, code: str, *, also: tuple[EvidenceId, ...] = (), reason: Reason | None = None, **args: Arg
    ) -> Verdict:
        ids = (*self.found.evidence, *(referral.evidence for referral in self.said), *also)
        args["zone"] = self.found.name
        return Verdict(code=code, args=args, evidence=tuple(dict.fromkeys(ids)), reason=reason)
