"""Holds what a whole run shows of addresses that turned the vantage away: since when, and where for whom.

An outage in the midst of a run looks the same from here: what follows is neither a defect nor a success.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from inventory.model import IPAddress, SubjectId
from probes.framework.evidence import NO_CONNECT, At, Failure, FailureKind

_TURNED_AWAY = frozenset({FailureKind.TIMEOUT, FailureKind.REFUSED, FailureKind.PROHIBITED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ShutOut:
    """``limited``: since when addresses that had accepted connections answered nothing any more, to the end of the
    run; ``silenced``: since when what had answered at all, with a refusal too, was silent, so that refusals are its
    own. ``elsewhere``: by subject, the places that accepted no connection for it and some for another subject.
    ``sometimes``: by subject, those that accepted some of its connections and turned others away, as a limit on new
    connections does."""

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
        """True if a failure at that moment may be of an address that had shut us out, connections that stood included;
        ``large``: what fills packets was waited for, so that elsewhere only a timeout of the connect is one.
        ``one_round``: no last look was taken in calm, so that a limit at one place of the subject may be one for all of
        its office."""
        if failure.kind not in _TURNED_AWAY:
            return False
        silent = failure.kind is FailureKind.TIMEOUT
        for shut in (self.limited, self.silenced) if silent else (self.limited,):
            since = shut.get(where[0]) if shut else None  # as a rule nobody is: no address is looked up
            if since is not None and at >= since:
                return True
        stood = large and silent and failure.detail != NO_CONNECT
        if subject is None or stood:
            return False
        if one_round and silent and failure.is_unconnected and self.sometimes.get(subject):
            return True
        at_times = failure.is_unconnected and where in self.sometimes.get(subject, ())
        return at_times or where in self.elsewhere.get(subject, ())
