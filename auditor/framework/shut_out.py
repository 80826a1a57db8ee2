"""Holds the addresses that turned the vantage away during a run, with the times, ports and subjects concerned.

An outage in the middle of a run looks the same from here: later measurements show neither a defect nor a success.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NamedTuple

from inventory.model import IPAddress, SubjectId
from probes.framework.evidence import NO_CONNECT, At, Failure, FailureKind

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
"""The ends of a time that no connection bounds."""
_TURNED_AWAY = frozenset({FailureKind.TIMEOUT, FailureKind.REFUSED, FailureKind.PROHIBITED})


class ShutTime(NamedTuple):
    """Holds a time without an accepted connection, between two connections or before or after all.

    ``shown``: several connects to open ports failed in it; otherwise it is long, and the address bans at other times.
    ``whole``: packets of any kind may have been dropped, not only new connections.
    """

    since: datetime
    until: datetime
    shown: bool
    whole: bool

    @property
    def ended(self) -> bool:
        """True if a connection was accepted before and after it."""
        return self.since > FIRST and self.until < LAST


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutOut:
    """Holds since when, and for which subjects, addresses turned the vantage away.

    ``limited``: since when addresses that had accepted connections no longer accepted any, to the end of the run;
    ``silenced``: since when addresses that had answered at all, even with a refusal, were silent, so that a refusal is
    their own answer. ``elsewhere``: by subject, the ports that accepted no connection for it and some for another
    subject. ``sometimes``: by subject, those that accepted some of its connections and turned others away, as a limit
    on new connections does. ``times``: by address, when it shut the vantage out and let it in again.
    """

    limited: Mapping[IPAddress, datetime] = field(default_factory=dict)
    silenced: Mapping[IPAddress, datetime] = field(default_factory=dict)
    elsewhere: Mapping[SubjectId, frozenset[At]] = field(default_factory=dict)
    sometimes: Mapping[SubjectId, frozenset[At]] = field(default_factory=dict)
    times: Mapping[IPAddress, tuple[ShutTime, ...]] = field(default_factory=dict)

    def explains(
        self,
        failure: Failure,
        where: At,
        at: datetime,
        *,
        subject: SubjectId | None,
        until: datetime | None = None,
        large: bool = False,
        one_round: bool = False,
    ) -> bool:
        """True if a failure at that moment may be of an address that had shut us out, open connections included.

        ``until``: the time at which the failed measurement ended, if that is known.

        ``large``: the awaited answer fills packets, so that outside ``limited`` and ``silenced`` only a timeout of the
        connect counts. ``one_round``: no last look was taken at a quiet time, so that a limit at one port of the
        subject may be one for all of its office.
        """
        if failure.kind is FailureKind.UNREACHABLE:
            return self._was_shut(failure, where, at, until or at, between=True)
        if failure.kind not in _TURNED_AWAY:
            return False
        silent = failure.kind is FailureKind.TIMEOUT
        for shut in (self.limited, self.silenced) if silent else (self.limited,):
            since = shut.get(where[0]) if shut else None  # usually empty: skip the look-up
            if since is not None and at >= since:
                return True
        if self._was_shut(failure, where, at, until or at):
            return True
        stood = large and silent and failure.detail != NO_CONNECT
        if subject is None or stood:
            return False
        if one_round and silent and failure.is_unconnected and self.sometimes.get(subject):
            return True
        at_times = failure.is_unconnected and where in self.sometimes.get(subject, ())
        return at_times or where in self.elsewhere.get(subject, ())

    def _was_shut(
        self, failure: Failure, where: At, begun: datetime, ended: datetime, *, between: bool = False
    ) -> bool:
        """True if the address had shut us out at some time of a measurement.

        A limit on new connections takes nothing from packets of another kind, nor from connections that stood.
        ``between``: only of an address that let us in again. A filter that rejects with "host unreachable", as that of
        firewalld does, is told from a host that is gone by the connections before and after.
        """
        new = where[1].startswith("tcp/") and (failure.is_unconnected or failure.kind is FailureKind.UNREACHABLE)
        times = self.times.get(where[0], ()) if self.times else ()
        if between and not any(one.shown and one.ended for one in times):
            return False
        return any(begun < one.until and ended >= one.since and (one.whole or new) for one in times)
