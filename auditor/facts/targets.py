"""Judges one by one the targets of a subject: its addresses, name servers, or services with TLS."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from auditor.framework.findings import Verdict

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedTargets(Generic[T]):
    """Holds the targets of a check, and the verdicts about those that cannot be judged.

    ``found``: the targets, with a verdict in place of each that cannot be judged. ``unknown``: a verdict for each
    lookup that might have led to more targets. ``nothing``: the verdict if both are empty.
    """

    found: Sequence[T | Verdict] = ()
    unknown: Sequence[Verdict] = ()
    nothing: Verdict | None = None


def for_each(targets: JudgedTargets[T], judge: Callable[[T], Verdict]) -> Iterator[Verdict]:
    """Yield a verdict for each target and each unanswered lookup; ``nothing`` if there are neither."""
    yield from targets.unknown
    yield from (target if isinstance(target, Verdict) else judge(target) for target in targets.found)
    if targets.nothing is not None and not targets.found and not targets.unknown:
        yield targets.nothing
