"""Writes refusals into the audit log, and limits them so that nobody can fill it.

The first refusal of an actor (a name in one network) in a minute is a line at once; the others of that minute are
counted, and one line states their number when it is over. The number of lines a minute is bounded over all actors.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from threading import Lock

MINUTE = timedelta(minutes=1)
MOST = 20
"""Actors with lines of their own in a minute; the others share one."""
_LONGEST = 200

Note = Callable[[str, str, str, str], None]
Actor = tuple[str, str, str]


@dataclass(slots=True)
class _Counted:
    """Counts the refusals of one actor in a minute after the first. ``about``: the subject of the last one."""

    address: str
    more: int = 0
    about: str = ""


class RefusalLog:
    """Limits lines of refusals. ``note`` writes one: actor, address, action, subject. For any thread."""

    def __init__(self, note: Note, now: Callable[[], datetime]) -> None:
        self._note, self._now = note, now
        self._lock = Lock()
        self._begun: datetime | None = None
        self._counted: dict[Actor, _Counted] = {}

    def add(self, who: str, address: str, what: str, about: str) -> None:
        who, about = who[:100], about[:_LONGEST]
        with self._lock:
            lines = list(self._over())
            if self._begun is None:
                self._begun = self._now()
            actor = (who, network(address), what)
            if actor not in self._counted and len(self._counted) >= MOST:
                who, address, actor = "", "", ("", "", what)
            known = self._counted.get(actor)
            if known is None:
                self._counted[actor] = _Counted(address)
                lines.append((who, address, what, about))
            else:
                known.more, known.about = known.more + 1, about
        self._write(lines)

    @property
    def is_due(self) -> bool:
        """True if a minute with counted refusals is over, or began in the future because of a wrong clock."""
        return self._begun is not None and abs(self._now() - self._begun) >= MINUTE

    def settle(self, *, ends: bool = False) -> None:
        """Write the counts of minutes that are over, or of all when the service ``ends``."""
        with self._lock:
            lines = list(self._over(ends=ends))
        self._write(lines)

    def _over(self, *, ends: bool = False) -> Iterator[tuple[str, str, str, str]]:
        if not (ends or self.is_due):
            return
        counted, self._counted, self._begun = self._counted, {}, None
        for (who, _, what), count in counted.items():
            if count.more:
                yield who, count.address, what, f"+{count.more} {count.about}"

    def _write(self, lines: list[tuple[str, str, str, str]]) -> None:
        for line in lines:
            self._note(*line)


def network(address: str) -> str:
    """Return the network of one customer: a /64 for IPv6, a /32 for IPv4; empty for an unknown address."""
    if not address:
        return ""
    known = ip_address(address)
    return str(ip_network((known, 64 if known.version == 6 else 32), strict=False))
