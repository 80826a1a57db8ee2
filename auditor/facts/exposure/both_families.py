"""Compares the ports of a subject's IPv4 addresses with those of its IPv6 addresses.

A port counts as open for a family when any address of it has it open, and as closed when all of them are shown to be.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import product

from auditor.facts import life, not_judged
from auditor.facts.exposure import sweeps
from auditor.facts.exposure.edges import edge
from auditor.facts.exposure.lost_connects import silence_is_loss
from auditor.facts.exposure.port_state import OpenState
from auditor.facts.exposure.site_ports import Front, declared_web_ports, page_unread, shown
from auditor.facts.exposure.sweeps import Swept, SweptPort
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, IPAddress, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.exposure import SWEPT, UNUSED

_COMPARED = tuple(port for port in SWEPT if port not in UNUSED)
_SHUT = (OpenState.SILENT, OpenState.CLOSED)
_APART = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class ComparedPorts:
    """Compares the IPv4 and IPv6 addresses of a subject, port by port."""

    subject: Subject
    evidence: EvidenceSet
    ctx: Context
    four: Sequence[Swept]
    six: Sequence[Swept]

    def verdict(self) -> Verdict:
        """Return the verdict: a hole first, then the open ports, then the differences that admit no connection."""
        pairs = {port: (_state(self.four, port), _state(self.six, port)) for port in self._ports}
        for silent, other in ((self.four, self.six), (self.six, self.four)):
            if self._is_mute(silent) and not self._is_mute(other):
                return self._one_silent(silent, other)
        if self._is_absent:
            return not_judged.at(self.six[0].address, "tcp", Reason.SMPL, self._evidence)
        lost = self._lost(pairs)
        pairs = {port: pair for port, pair in pairs.items() if port not in lost}
        more = [port for port, pair in pairs.items() if pair[1] is OpenState.OPEN and pair[0] in _SHUT]
        less = [port for port, pair in pairs.items() if pair[0] is OpenState.OPEN and pair[1] in _SHUT]
        more = [port for port in more if not self._is_an_edges(self.six, port)]
        less = [port for port in less if not self._is_an_edges(self.four, port)]
        answering = [port for port in more if _answers(self.six, port)]
        panels = [port for port in answering if self._is_a_panel(port)]
        unread = [port for port in answering if self._is_unread(port)]
        hole = [port for port in answering if port not in panels and port not in unread]
        twice = [port for port in hole if self.ctx.one_round or self._twice(port)]
        mute = [port for port in more if port not in answering] + [
            port for port in less if not _answers(self.four, port)
        ]
        unknown = [port for port, pair in pairs.items() if OpenState.UNKNOWN in pair]
        banned = [port for port in unknown if self._is_banned(port)]
        otherwise = [port for port, pair in pairs.items() if set(pair) == set(_SHUT)]
        order = (
            ("HOLE", twice),
            ("NOT_SEEN_TWICE", hole),
            ("PANEL_ON_IPV6", panels),
            ("MUTE", sorted(mute)),
            ("BANNED", banned),
            ("UNPROVEN", unknown),
            ("MORE_ON_IPV4", less),
            ("SHUT_OTHERWISE", otherwise),
        )
        code, ports = next(((code, ports) for code, ports in order if ports), ("SAME", ()))
        if code == "SAME" and lost:
            return not_judged.at(next(iter(lost.values())), "tcp", Reason.SMPL, self._evidence)
        ours = self._unheard(ports) if code == "UNPROVEN" else None
        if unread and code not in ("HOLE", "NOT_SEEN_TWICE"):
            ours = self.six[0].address
        return self._say(code, ports) if ours is None else not_judged.at(ours, "tcp", Reason.CUT, self._evidence)

    def _lost(self, pairs: Mapping[int, tuple[OpenState, OpenState]]) -> Mapping[int, IPAddress]:
        """Return ports that may be silent over one family only by packet loss, each with an address of that family.

        An address that is silent at more than half of the ports that the other family refuses drops packets to them: no
        line on which anything else is heard loses so many packets that are sent several times. Silences of one that
        limits its refusals tell nothing.
        """
        found: dict[int, IPAddress] = {}
        for side, family in enumerate((self.four, self.six)):
            limiting = next((sweep.address for sweep in family if sweep.limits_refusals), None)
            for other in (OpenState.OPEN, OpenState.CLOSED):
                there = [port for port, pair in pairs.items() if pair[1 - side] is other]
                silent = [port for port in there if pairs[port][side] is OpenState.SILENT]
                if other is OpenState.CLOSED and limiting is not None:
                    found |= dict.fromkeys(silent, limiting)
                    continue
                if other is OpenState.CLOSED and len(silent) > len(there) / 2:
                    continue
                for port, sweep in product(silent, family):
                    if silence_is_loss(self.evidence, sweep.address, port, len(there)):
                        found[port] = sweep.address
        return found

    def _unheard(self, unknown: Sequence[int]) -> IPAddress | None:
        """Return an address with unknown ports, if all are unknown because this machine was too busy; else None."""
        missing = [(sweep, sweep.unknown(unknown)) for sweep in (*self.four, *self.six)]
        doubtful = [(sweep, ports) for sweep, ports in missing if ports]
        return doubtful[0][0].address if all(sweep.unheard(ports) for sweep, ports in doubtful) else None

    @property
    def _ports(self) -> Iterator[int]:
        """The compared ports, without those of a web site's pages, which are ``ipv6.web.port-parity``'s."""
        left = {80, 443, *declared_web_ports(self.subject)} if self.subject.kinds & WEB_KINDS else set[int]()
        return (port for port in _COMPARED if port not in left)

    def _is_mute(self, family: Sequence[Swept]) -> bool:
        """True if a family answered nothing in the run, and its silence is not due to us."""
        silences = (seen.state is OpenState.SILENT for sweep in family for seen in sweep.ports.values())
        return life.is_mute(self.evidence, (sweep.address for sweep in family)) and any(silences)

    @property
    def _is_absent(self) -> bool:
        """True if no address answered anything, and a router reported that a host is absent."""
        every = (*self.four, *self.six)
        reported = any(seen.absent for sweep in every for seen in sweep.ports.values())
        return reported and life.is_mute(self.evidence, (sweep.address for sweep in every))

    def _one_silent(self, silent: Sequence[Swept], other: Sequence[Swept]) -> Verdict:
        opened = [port for port in _COMPARED if _state(other, port) is OpenState.OPEN]
        verdict = self._say("ONE_SILENT", ())
        args: dict[str, Arg] = {
            "silent": f"IPv{silent[0].address.version}",
            "other": f"IPv{other[0].address.version}",
            "ports": tuple(_shown(other, port) for port in opened),
        }
        return replace(verdict, args={**verdict.args, **args})

    def _fronts(self, family: Sequence[Swept], port: int) -> Iterator[tuple[Front, bool]]:
        """Yield the page that each address shows there over TLS or HTTP; True for a content network's front end."""
        for sweep in family:
            if sweep.answering((port,)):
                shown_facts = shown(self.subject, self.evidence, self.ctx, sweep.address, port)
                front = shown_facts.front if sweep.speaks_web(port) else Front.OTHER
                yield front, bool(shown_facts.operator or edge(self.evidence, sweep.address))

    def _is_an_edges(self, family: Sequence[Swept], port: int) -> bool:
        fronts = list(self._fronts(family, port))
        own = (Front.OTHER, Front.PANEL, Front.PORTAL)
        return bool(fronts) and all(front not in own and at_edge for front, at_edge in fronts)

    def _is_unread(self, port: int) -> bool:
        """True if the page there, which may be a panel's or an edge's, was asked for and not read to its end."""
        at = [sweep for sweep in self.six if sweep.answering((port,)) and sweep.speaks_web(port)]
        return any(page_unread(self.evidence, sweep.address, port) for sweep in at)

    def _is_a_panel(self, port: int) -> bool:
        """True if every answer over IPv6 is the log-in of a panel that may be the hoster's."""
        fronts = [front for front, _ in self._fronts(self.six, port)]
        return bool(fronts) and set(fronts) == {Front.PANEL}

    def _twice(self, port: int) -> bool:
        """True if the hole was there ten minutes apart: open at an IPv6 address, and closed at all IPv4 addresses."""
        six = [
            seen for sweep in self.six for seen in self._times(sweep, port, lambda seen: seen.state is OpenState.OPEN)
        ]
        four = [self._times(sweep, port, lambda seen: seen.state in _SHUT) for sweep in self.four]
        return all(times and max(times) - min(times) >= _APART for times in (six, *four))

    def _times(self, sweep: Swept, port: int, counts: Callable[[SweptPort], bool]) -> list[datetime]:
        looks = sweeps.looks(self.evidence, self.ctx, sweep.address)
        return [look.at for look in looks if port in look.ports and counts(look.ports[port])]

    def _is_banned(self, port: int) -> bool:
        seen = (sweep.ports[port] for sweep in (*self.four, *self.six) if port in sweep.ports)
        return any(each_port.state is OpenState.UNKNOWN and each_port.reason is Reason.RATE for each_port in seen)

    def _say(self, code: str, ports: Sequence[int]) -> Verdict:
        args: dict[str, Arg] = {"name": self.subject.host or self.subject.name}
        if ports:
            family = self.four if code == "MORE_ON_IPV4" else self.six
            args["ports"] = tuple(_shown(family, port) for port in ports)
        return Verdict(code=code, args=args, evidence=self._evidence)

    @property
    def _evidence(self) -> tuple[EvidenceId, ...]:
        return tuple(dict.fromkeys(id_ for sweep in (*self.four, *self.six) for id_ in sweep.evidence))


def _answers(family: Sequence[Swept], port: int) -> bool:
    return any(sweep.answering((port,)) for sweep in family)


def _shown(family: Sequence[Swept], port: int) -> str:
    """Return the port, with the protocol that answered there over that family."""
    seen = (sweep.ports[port] for sweep in family if port in sweep.ports and sweep.ports[port].answered)
    return next((each_port.shown for each_port in seen), str(port))


def _state(family: Sequence[Swept], port: int) -> OpenState:
    """Return OPEN if any address is; else UNKNOWN if any might be; else CLOSED if any refuses explicitly.

    A router's report that a host is absent is no refusal: its limit on errors leaves other ports silent.
    """
    states = {
        OpenState.UNKNOWN
        if (seen := sweep.ports.get(port)) is None
        else OpenState.SILENT
        if seen.absent
        else seen.state
        for sweep in family
    }
    return next(
        state for state in (OpenState.OPEN, OpenState.UNKNOWN, OpenState.CLOSED, OpenState.SILENT) if state in states
    )
