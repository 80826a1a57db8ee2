"""Decides which sweeps have a silence that shows nothing, by the ports that are asked between them as a control."""

from collections.abc import Sequence
from enum import Enum

from auditor.framework.findings import Reason
from probes.framework.evidence import FailureKind
from probes.observations.exposure import PortSweep

_OURS = FailureKind.CUT_SHORT
_ANSWERS = (None, FailureKind.REFUSED, FailureKind.RESET)


def doubts(steps: list[PortSweep], accepting: frozenset[int]) -> list[Reason | None]:
    """Return, for each sweep, why its silence shows nothing; None where it does.

    A control is a port that had answered us before or accepts connections in other evidence of the run. Silence shows
    nothing if a control was silent in the sweep or the next time that a control was heard of.

    Where none was heard of afterwards, because this machine was busy, the last result of a control still holds: that we
    were banned, or else nothing.
    """
    controls: list[_Control | None] = []
    known = set(accepting)
    for step in steps:
        controls.append(_control([reply.failure for reply in step.replies if reply.port in known]))
        known |= {reply.port for reply in step.replies if reply.failure in _ANSWERS}
    return [_doubt(controls[: number + 1], controls[number + 1 :]) for number in range(len(steps))]


class _Control(Enum):
    ANSWERED = "answered"
    SILENT = "silent"
    UNHEARD = "unheard"  # by our own fault


def _control(asked: Sequence[FailureKind | None]) -> _Control | None:
    heard = [failure for failure in asked if failure is not _OURS]
    if FailureKind.TIMEOUT in heard:
        return _Control.SILENT
    return _Control.ANSWERED if heard else _Control.UNHEARD if asked else None


def _doubt(until: Sequence[_Control | None], later: Sequence[_Control | None]) -> Reason | None:
    """Return why the silence of a sweep shows nothing; None where it does.

    ``until``: the results of controls in the sweeps up to this one; ``later``: in those behind it.
    """
    heard = (_Control.ANSWERED, _Control.SILENT)
    following = next((control for control in later if control in heard), None)
    before = next((control for control in reversed(until) if control in heard), None)
    if _Control.SILENT in (until[-1], following, before if following is None else None):
        return Reason.RATE
    return Reason.CUT if following is None and _Control.UNHEARD in later else None
