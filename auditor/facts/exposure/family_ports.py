"""The ports of a subject over both families, held against each other.

A port counts as open for a family when any address of it has it open, and as shut when all of them are shown to be. A
hole is seen twice, ten minutes apart, and its protocol has to answer.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from auditor.facts.exposure import sweeps
from auditor.facts.exposure.port_state import State
from auditor.facts.exposure.site_ports import declared_web_ports
from auditor.facts.exposure.sweeps import Seen, Swept
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.exposure import SWEPT, UNUSED

_COMPARED = tuple(port for port in SWEPT if port not in UNUSED)
_SHUT = (State.SILENT, State.CLOSED)
_APART = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Compared:
    """The addresses of both families of a subject, port by port."""

    subject: Subject
    evidence: EvidenceSet
    ctx: Context
    four: Sequence[Swept]
    six: Sequence[Swept]

    def verdict(self) -> Verdict:
        """A hole first, then what is open, then the differences that let nobody in."""
        pairs = {port: (_state(self.four, port), _state(self.six, port)) for port in self._ports}
        more = [port for port, pair in pairs.items() if pair[1] is State.OPEN and pair[0] in _SHUT]
        less = [port for port, pair in pairs.items() if pair[0] is State.OPEN and pair[1] in _SHUT]
        hole = [port for port in more if _answers(self.six, port)]
        twice = [port for port in hole if self.ctx.one_round or self._twice(port)]
        mute = [port for port in more if port not in hole] + [port for port in less if not _answers(self.four, port)]
        unknown = [port for port, pair in pairs.items() if State.UNKNOWN in pair]
        banned = [port for port in unknown if self._is_banned(port)]
        otherwise = [port for port, pair in pairs.items() if set(pair) == set(_SHUT)]
        order = (
            ("HOLE", twice),
            ("NOT_SEEN_TWICE", hole),
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

    def _twice(self, port: int) -> bool:
        """Whether the hole was there ten minutes apart: open at some address of IPv6, and shut at all of IPv4."""
        six = [seen for one in self.six for seen in self._times(one, port, lambda seen: seen.state is State.OPEN)]
        four = [self._times(one, port, lambda seen: seen.state in _SHUT) for one in self.four]
        return all(times and max(times) - min(times) >= _APART for times in (six, *four))

    def _times(self, one: Swept, port: int, counts: Callable[[Seen], bool]) -> list[datetime]:
        found = sweeps.looks(self.evidence, self.ctx, one.address)
        return [look.at for look in found if port in look.ports and counts(look.ports[port])]

    def _is_banned(self, port: int) -> bool:
        seen = (one.ports[port] for one in (*self.four, *self.six) if port in one.ports)
        return any(one.state is State.UNKNOWN and one.reason is Reason.RATE for one in seen)

    def _say(self, code: str, ports: Sequence[int]) -> Verdict:
        args: dict[str, Arg] = {"name": self.subject.host or self.subject.name}
        if ports:
            family = self.four if code == "MORE_ON_IPV4" else self.six
            args["ports"] = tuple(_shown(family, port) for port in ports)
        ids = tuple(dict.fromkeys(id_ for one in (*self.four, *self.six) for id_ in one.evidence))
        return Verdict(code=code, args=args, evidence=ids)


def _answers(family: Sequence[Swept], port: int) -> bool:
    return any(one.answering((port,)) for one in family)


def _shown(family: Sequence[Swept], port: int) -> str:
    """The port, with what answered there over that family."""
    seen = (one.ports[port] for one in family if port in one.ports and one.ports[port].answered)
    return next((one.shown for one in seen), str(port))


def _state(family: Sequence[Swept], port: int) -> State:
    """Open where any address is; unknown where any might be; closed where any says no aloud."""
    states = {one.ports[port].state if port in one.ports else State.UNKNOWN for one in family}
    return next(state for state in (State.OPEN, State.UNKNOWN, State.CLOSED, State.SILENT) if state in states)
