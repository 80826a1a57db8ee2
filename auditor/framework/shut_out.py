"""Holds the addresses that turned the vantage away during a run, with the times, ports and subjects concerned.

An outage in the middle of a run looks the same from here: later measurements show neither a defect nor a success.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from inventory.model import IPAddress, SubjectId
from probes.framework.evidence import NO_CONNECT, At, Failure, FailureKind

_TURNED_AWAY = frozenset({FailureKind.TIMEOUT, FailureKind.REFUSED, FailureKind.PROHIBITED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutOut:
    """Holds since when, and for which subjects, addresses turned the vantage away.

    ``limited``: since when addresses that had accepted connections no longer accepted any, to the end of the run;
    ``silenced``: since when addresses that had answered at all, even with a refusal, were silent, so that a refusal is
    their own answer. ``elsewhere``: by subject, the ports that accepted no connection for it and some for another
    subject. ``sometimes``: by subject, those that accepted some of its connections and turned others away, as a limit
    on new connections does.
    """

    limited: Mapping[IPAddress, datetime] = field(default_factory=dict)
    silenced: Mapping[IPAddress, datetime] = field(default_factory=dict)
    elsewhere: Mapping[SubjectId, frozenset[At]] = field(default_factory=dict)
    sometimes: Mapping[SubjectId, frozenset[At]] = field(default_factory=dict)

    def explains(
        self,
        failure: Failure,
        where: At,
        at: datetime,
        *,
        subject: SubjectId | None,
        large: bool = False,
        one_round: bool = False,
    ) -> bool:
        """True if a failure at that moment may be of an address that had shut us out, open connections included.

        ``large``: the awaited answer fills packets, so that outside ``limited`` and ``silenced`` only a timeout of the
        connect counts. ``one_round``: no last look was taken at a quiet time, so that a limit at one port of the
        subject may be one for all of its office.
        """
        if failure.kind not in _TURNED_AWAY:
            return False
        silent = failure.kind is FailureKind.TIMEOUT
        for shut in (self.limited, self.silenced) if silent else (self.limited,):
            since = shut.get(where[0]) if shut else None  # usually empty: skip the look-up
            if since is not None and at >= since:
                return True
        stood = large and silent and failure.detail != NO_CONNECT
        if subject is None or stood:
            return False
        if one_round and silent and failure.is_unconnected and self.sometimes.get(subject):
            return True
        at_times = failure.is_unconnected and where in self.sometimes.get(subject, ())
        return at_times or where in self.elsewhere.get(subject, ())
