"""Check that the firewall lets the same ports through on IPv6 as on IPv4.

A port counts as open for a family when any address of it has it open, and as shut when all of them are shown to be. A
hole is seen twice, ten minutes apart, and its protocol has to answer. Rules are compared only where both families
answered something in the run. What a content network has open for all its customers is left out; the log-in of a
hosting company's panel and the site's own page are no hole.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from auditor.facts import life
from auditor.facts.exposure import ssh, sweeps
from auditor.facts.exposure.edges import edge
from auditor.facts.exposure.port_state import State
from auditor.facts.exposure.site_ports import Front, declared_web_ports, shown
from auditor.facts.exposure.sweeps import Seen, Swept
from auditor.facts.tls.presented import keys as tls_keys
from auditor.framework.check import (
    FamilyClaim,
    SilenceMeaning,
    VantageKind,
    check,
    fail,
    inconclusive,
    not_applicable,
    passed,
    warn,
)
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import HOST_KINDS, WEB_KINDS, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.exposure import SWEPT, UNUSED, PortSweep
from probes.observations.pages import FrontPage
from probes.observations.ssh import SshExchange
from probes.observations.web import HttpExchange, TlsHandshake

_COMPARED = tuple(port for port in SWEPT if port not in UNUSED)
_SHUT = (State.SILENT, State.CLOSED)
_APART = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Compared:
    """The addresses of both families of a subject, port by port."""

    subject: Subject
    evidence: EvidenceSet
    ctx: Context
    four: Sequence[Swept]
    six: Sequence[Swept]

    def verdict(self) -> Verdict:
        """A hole first, then what is open, then the differences that let nobody in."""
        pairs = {port: (_state(self.four, port), _state(self.six, port)) for port in self._ports}
        for silent, other in ((self.four, self.six), (self.six, self.four)):
            if self._is_mute(silent) and not self._is_mute(other):
                return self._one_silent(silent, other)
        more = [port for port, pair in pairs.items() if pair[1] is State.OPEN and pair[0] in _SHUT]
        less = [port for port, pair in pairs.items() if pair[0] is State.OPEN and pair[1] in _SHUT]
        more = [port for port in more if not self._is_an_edges(self.six, port)]
        less = [port for port in less if not self._is_an_edges(self.four, port)]
        answering = [port for port in more if _answers(self.six, port)]
        pages = [port for port in answering if self._is_harmless(port)]
        hole = [port for port in answering if port not in pages]
        twice = [port for port in hole if self.ctx.one_round or self._twice(port)]
        mute = [port for port in more if port not in answering] + [
            port for port in less if not _answers(self.four, port)
        ]
        unknown = [port for port, pair in pairs.items() if State.UNKNOWN in pair]
        banned = [port for port in unknown if self._is_banned(port)]
        otherwise = [port for port, pair in pairs.items() if set(pair) == set(_SHUT)]
        order = (
            ("HOLE", twice),
            ("NOT_SEEN_TWICE", hole),
            ("PAGES_ON_IPV6", pages),
            ("MUTE", sorted(mute)),
            ("BANNED", banned),
            ("UNPROVEN", unknown),
            ("MORE_ON_IPV4", less),
            ("SHUT_OTHERWISE", otherwise),
        )
        return next((self._say(code, ports) for code, ports in order if ports), self._say("SAME", ()))

    @property
    def _ports(self) -> Iterator[int]:
        """Those of a web site's pages are ``ipv6.web.port-parity``'s."""
        left = {80, 443, *declared_web_ports(self.subject)} if self.subject.kinds & WEB_KINDS else set[int]()
        return (port for port in _COMPARED if port not in left)

    def _is_mute(self, family: Sequence[Swept]) -> bool:
        """Whether a family answered nothing in the run, and its silence is not ours."""
        silences = (seen.state is State.SILENT for sweep in family for seen in sweep.ports.values())
        return life.is_mute(self.evidence, (sweep.address for sweep in family)) and any(silences)

    def _one_silent(self, silent: Sequence[Swept], other: Sequence[Swept]) -> Verdict:
        opened = [port for port in _COMPARED if _state(other, port) is State.OPEN]
        verdict = self._say("ONE_SILENT", ())
        args: dict[str, Arg] = {
            "silent": f"IPv{silent[0].address.version}",
            "other": f"IPv{other[0].address.version}",
            "ports": tuple(_shown(other, port) for port in opened),
        }
        return replace(verdict, args={**verdict.args, **args})

    def _fronts(self, family: Sequence[Swept], port: int) -> Iterator[tuple[Front, bool]]:
        """What each address shows there over TLS or HTTP, and whether that is the front end of a content network."""
        for sweep in family:
            if sweep.answering((port,)):
                found = shown(self.subject, self.evidence, self.ctx, sweep.address, port)
                front = found.front if sweep.speaks_web(port) else Front.OTHER
                yield front, bool(found.operator or edge(self.evidence, sweep.address))

    def _is_an_edges(self, family: Sequence[Swept], port: int) -> bool:
        fronts = list(self._fronts(family, port))
        return bool(fronts) and all(front not in (Front.OTHER, Front.PANEL) and at_edge for front, at_edge in fronts)

    def _is_harmless(self, port: int) -> bool:
        """Whether all that answers over IPv6 is a page that anybody may see: the hoster's panel, or the site."""
        fronts = [front for front, _ in self._fronts(self.six, port)]
        return bool(fronts) and Front.OTHER not in fronts

    def _twice(self, port: int) -> bool:
        """Whether the hole was there ten minutes apart: open at some address of IPv6, and shut at all of IPv4."""
        six = [seen for sweep in self.six for seen in self._times(sweep, port, lambda seen: seen.state is State.OPEN)]
        four = [self._times(sweep, port, lambda seen: seen.state in _SHUT) for sweep in self.four]
        return all(times and max(times) - min(times) >= _APART for times in (six, *four))

    def _times(self, sweep: Swept, port: int, counts: Callable[[Seen], bool]) -> list[datetime]:
        looks = sweeps.looks(self.evidence, self.ctx, sweep.address)
        return [look.at for look in looks if port in look.ports and counts(look.ports[port])]

    def _is_banned(self, port: int) -> bool:
        seen = (sweep.ports[port] for sweep in (*self.four, *self.six) if port in sweep.ports)
        return any(one.state is State.UNKNOWN and one.reason is Reason.RATE for one in seen)

    def _say(self, code: str, ports: Sequence[int]) -> Verdict:
        args: dict[str, Arg] = {"name": self.subject.host or self.subject.name}
        if ports:
            family = self.four if code == "MORE_ON_IPV4" else self.six
            args["ports"] = tuple(_shown(family, port) for port in ports)
        ids = tuple(dict.fromkeys(id_ for sweep in (*self.four, *self.six) for id_ in sweep.evidence))
        return Verdict(code=code, args=args, evidence=ids)


@check(
    version=3,
    title="Firewall policy is the same on IPv4 and IPv6",
    why="Rules are often written for IPv4 alone; then everything that they were meant to hold back is open over IPv6,"
    " and scans over IPv4 do not show it.",
    fix="Write the same rules for IPv6; refuse what comes in by default, and let through the ICMPv6 of RFC 4890.",
    references=("RFC 7123", "RFC 9099 §2.4.2", "RFC 9099 §2.7.1", "RFC 9099 §2.8", "RFC 6092"),
    needs=(NameLookup, PortSweep, SshExchange, TlsHandshake, FrontPage, HttpExchange),
    kinds=HOST_KINDS,
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.BOTH,
    question=SilenceMeaning.EXPOSURE,
    messages={
        **{code: message for code, message in sweeps.FRAME.items() if code not in ("UNPROVEN", "BANNED")},
        "SAME": passed("IPv4 and IPv6 of {name} have the same ports open, and shut in the same way."),
        "SHUT_OTHERWISE": warn(
            "{name} refuses over one family what it drops in silence over the other: {ports:list}.",
            fix="Use the same way of refusing on both families, so that the rules can be compared.",
        ),
        "MORE_ON_IPV4": warn(
            "{name} has {ports/a port/ports} open over IPv4 that {ports/is/are} shut over IPv6: {ports:list}.",
            fix="Open these ports over IPv6 too where they are meant to be used, or close them over IPv4.",
        ),
        "HOLE": fail(
            "{name} has {ports/a port/ports} open over IPv6, and answering, that {ports/is/are} shut over IPv4:"
            " {ports:list}."
        ),
        "PAGES_ON_IPV6": warn(
            "{name} has {ports/a port/ports} open over IPv6 that {ports/is/are} shut over IPv4 and"
            " {ports/shows/show} no more than the log-in of a hosting company's panel, or the site itself:"
            " {ports:list}.",
            fix="Ask the hosting company to close its panel over IPv6 as over IPv4; write the same rules for both"
            " families.",
        ),
        "ONE_SILENT": inconclusive(
            "{name} answered nothing at all over {silent} in this run, so that the rules of the two families cannot be"
            " compared; open over {other}: {ports:list}.",
            fix="Find out why the {silent} address is silent: if it is in use, ask whoever runs the firewall or the"
            " intrusion prevention to admit the measuring point's addresses, then check again; if not, take it out of"
            " the DNS and the inventory. Close over {other} what nobody is meant to use.",
            reason=Reason.RATE,
        ),
        "NOT_SEEN_TWICE": inconclusive(
            "{name} had {ports/a port/ports} open over IPv6 and shut over IPv4 ({ports:list}); ten minutes later that"
            " was not seen again, so that the cause is open.",
            fix="Compare the rules of both families for these ports, then check again.",
            reason=Reason.SMPL,
        ),
        "MUTE": inconclusive(
            "{name} accepts connections over one family alone on {ports:list}, but what should answer there did not:"
            " what is behind is not clear.",
            fix="Look at what listens on these ports, and compare the rules of both families.",
            reason=Reason.AMB,
        ),
        "BANNED": inconclusive(
            "{name} stopped answering the measuring point in the midst of the sweep over one family: a port that had"
            " answered was silent too. TCP {ports/port/ports} {ports:list} cannot be compared.",
            fix="Ask whoever runs the firewall or the intrusion prevention to admit the measuring point's addresses,"
            " then check again.",
            reason=Reason.RATE,
        ),
        "ONE_FAMILY": not_applicable("{name} has addresses of one family only."),
        "OTHER_MACHINES": not_applicable("The addresses of the two families belong to different machines: {proof}."),
        "UNPROVEN": inconclusive(
            "{name}: no hole was seen, but for TCP {ports/port/ports} {ports:list} nothing showed that packets leave"
            " the measuring point over both families.",
            fix="Configure a control endpoint with both families ([vantage] control), check again.",
            reason=Reason.EGR,
        ),
    },
)
def v4v6_parity(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = sweeps.everywhere(subject, evidence, ctx)
    name = subject.host or subject.name
    six, four = ([sweep for sweep in found if sweep.address.version == version] for version in (6, 4))
    blank = next(sweeps.no_addresses(subject, evidence, ctx), None)
    if blank is not None:
        yield replace(blank, detail=None)
        return
    if not six or not four:
        yield Verdict(code="ONE_FAMILY", args={"name": name}, evidence=found[0].evidence)
        return
    unclear = next((verdict for sweep in found if (verdict := sweeps.frame(sweep))), None)
    if unclear is not None:
        yield replace(unclear, address=None)
        return
    yield _other_machines(evidence, found) or _Compared(subject, evidence, ctx, four, six).verdict()


def _other_machines(evidence: EvidenceSet, found: Sequence[Swept]) -> Verdict | None:
    """Proof that the two families lead to different machines: no SSH host key, or no TLS key, in common."""
    for proof, keys_of in (("SSH", ssh.host_keys), ("TLS", tls_keys)):
        by_family: dict[int, set[bytes]] = {4: set(), 6: set()}
        ids: list[EvidenceId] = []
        for sweep in found:
            for id_, key in keys_of(evidence, sweep.address):
                by_family[sweep.address.version].add(key)
                ids.append(id_)
        if by_family[4] and by_family[6] and not by_family[4] & by_family[6]:
            return Verdict(code="OTHER_MACHINES", args={"proof": proof}, evidence=tuple(dict.fromkeys(ids)))
    return None


def _answers(family: Sequence[Swept], port: int) -> bool:
    return any(sweep.answering((port,)) for sweep in family)


def _shown(family: Sequence[Swept], port: int) -> str:
    """The port, with what answered there over that family."""
    seen = (sweep.ports[port] for sweep in family if port in sweep.ports and sweep.ports[port].answered)
    return next((one.shown for one in seen), str(port))


def _state(family: Sequence[Swept], port: int) -> State:
    """Open where any address is; unknown where any might be; closed where any says no aloud."""
    states = {sweep.ports[port].state if port in sweep.ports else State.UNKNOWN for sweep in family}
    return next(state for state in (State.OPEN, State.UNKNOWN, State.CLOSED, State.SILENT) if state in states)
