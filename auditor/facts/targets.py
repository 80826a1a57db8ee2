"""Judge one by one what a subject has several of: addresses, name servers, services with TLS."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from auditor.framework.findings import Verdict

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedTargets(Generic[T]):
    """``found``: what there is to judge, with a verdict in the place of each that cannot be judged. ``unknown``: a
    verdict for each look-up that might have led to more. ``nothing``: the verdict where there is neither."""

    found: Sequence[T | Verdict] = ()
    unknown: Sequence[Verdict] = ()
    nothing: Verdict | None = None


def for_each(targets: JudgedTargets[T], judge: Callable[[T], Verdict]) -> Iterator[Verdict]:
    """Yield a verdict for each target and each look-up without an answer; where there is neither, ``nothing``."""
    yield from targets.unknown
    yield from (target if isinstance(target, Verdict) else judge(target) for target in targets.found)
    if targets.nothing is not None and not targets.found and not targets.unknown:
        yield targets.nothing
