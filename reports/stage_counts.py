"""Counts how far an agency's subjects came, in three steps for each kind: IPv6 address, answers over it, works over it.

Holds only counts. The steps are those of the ladders and of the figures K11 and K12, so that they contradict neither.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from auditor.figures.scoring import Ladder
from auditor.framework.findings import Outcome
from inventory.model import DEVICE_KINDS, WEB_KINDS, Kind

COLUMNS = ("web", "dns", "mail", "device", "point")
_BY_LADDER = ("device", "point")
"""Columns whose steps are the first three rungs of the ladder of that name."""
_CHECKS: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "web": (("ipv6.web.aaaa",), ("ipv6.web.reach",)),
    "dns": (("ipv6.dns.ns-aaaa",), ("ipv6.dns.ns-reach",), ("ipv6.dns.ns-reach-tcp", "ipv6.dns.ns-addr-sane")),
    "mail": (("ipv6.mail.mx-aaaa",), ("ipv6.mail.mx-reach", "security.mail.mx"), ()),
}
"""The checks that each step adds, by column. The last step of a web service is the rung ``OPERATIONAL``."""
CHECKS = frozenset(check for steps in _CHECKS.values() for step in steps for check in step)
OPERATIONAL = 2
"""The rung from which a service or device counts as working over IPv6, a point as reachable (CHECKS §4.2)."""
LADDERS = ("service", "device", "point")
_UNSAID = (Outcome.INCONCLUSIVE,)


@dataclass(slots=True)
class StageCounts:
    """``reached``: how many of ``of`` came to each step; of ``unknown`` it is not known how far."""

    of: int = 0
    unknown: int = 0
    reached: list[int] = field(default_factory=lambda: [0, 0, 0])

    def add(self, steps: int, *, unknown: bool) -> None:
        self.of += 1
        self.unknown += unknown
        for number in range(steps):
            self.reached[number] += 1


Seen = Mapping[str, Sequence[Outcome]]
"""The outcomes of each of ``CHECKS`` on a subject."""


def not_yet(kind: Kind, ladders: Mapping[str, Ladder]) -> str:
    """Return the ladder that a subject of that kind has not begun, ``service`` or ``device``; empty for any other."""
    if kind in WEB_KINDS and "service" not in ladders:
        return "service"
    return "device" if kind in DEVICE_KINDS - {Kind.ACCESS_SWITCH} and "device" not in ladders else ""


def counted(kind: Kind, ladders: Mapping[str, Ladder], *, planned: bool) -> Iterator[tuple[str, Ladder | None]]:
    """Yield each ladder by which a subject counts; None for one that it has not begun because IPv6 is planned."""
    missing = not_yet(kind, ladders) if planned else ""
    if missing:
        yield missing, None
    yield from ((name, ladders[name]) for name in LADDERS if name in ladders)


def add(
    found: dict[str, StageCounts], seen: Seen, ladders: Mapping[str, Ladder], *, planned: Kind | None = None
) -> None:
    """Count one subject in every column that applies to it.

    ``planned``: the kind of a subject for which IPv6 is planned later: it has reached no step yet.
    """
    if planned is not None and not_yet(planned, ladders) == "device":
        _steps(found, "device").add(0, unknown=False)
    for column in _BY_LADDER:
        ladder = ladders.get(column)
        if ladder is not None:
            steps = min(3, ladder.level)
            _steps(found, column).add(steps, unknown=ladder.at_least and steps < 3)
    for column, checks in _CHECKS.items() if seen else ():
        first = seen.get(checks[0][0])
        if first is not None and all(outcome is Outcome.NOT_APPLICABLE for outcome in first):
            if planned is not None:
                _steps(found, column).add(0, unknown=False)
        elif first is not None:
            reached, unknown = _climbed(checks, seen)
            service = ladders.get("service")
            if column == "web" and reached == 2 and service is not None:
                reached += service.level >= OPERATIONAL
                unknown = reached == 2 and service.at_least
            _steps(found, column).add(reached, unknown=unknown)


def _steps(found: dict[str, StageCounts], column: str) -> StageCounts:
    return found.get(column) or found.setdefault(column, StageCounts())


def _climbed(checks: Sequence[Sequence[str]], seen: Seen) -> tuple[int, bool]:
    """Count the steps that were reached, and tell whether the next one is unknown."""
    for number, step in enumerate(checks):
        outcomes = [outcome for check in step for outcome in seen.get(check, _UNSAID)]
        if Outcome.FAIL in outcomes:
            return number, False
        if Outcome.INCONCLUSIVE in outcomes or Outcome.ERROR in outcomes:
            return number, True
    return len(checks), False
