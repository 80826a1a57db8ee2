"""Names the results that reports count: the outcomes, and what was not tested apart from what decided nothing.

A finding that is not tested is inconclusive in the result document (INTERFACE); to a reader it is another thing.
"""

from collections.abc import Mapping, Sequence

from auditor.framework.findings import WORST_FIRST, Finding, Outcome
from reports.document import not_tested

INCONCLUSIVE, NOT_TESTED = Outcome.INCONCLUSIVE.value, "not_tested"


def with_untested(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Return the names of outcomes, with what was not tested behind what is inconclusive."""
    names = [(INCONCLUSIVE, NOT_TESTED) if each is Outcome.INCONCLUSIVE else (each.value,) for each in outcomes]
    return tuple(name for pair in names for name in pair)


RESULTS = with_untested(WORST_FIRST)
"""All of them, the worst first."""


def result_of(finding: Finding) -> str:
    """Return which of ``RESULTS`` a finding is."""
    return NOT_TESTED if not_tested(finding) else finding.outcome.value


def tally(findings: Sequence[Finding]) -> tuple[int, ...]:
    """Count each of ``RESULTS``. By ``list.count``: it compares by identity, a dict would hash."""
    outcomes = [finding.outcome for finding in findings]
    counts = {outcome.value: outcomes.count(outcome) for outcome in WORST_FIRST}
    untested = sum(map(not_tested, findings)) if counts[INCONCLUSIVE] else 0
    return tuple(of_outcomes(counts, untested).values())


def of_outcomes(counts: Mapping[str, int], untested: int) -> dict[str, int]:
    """Return the number of each of ``RESULTS``. ``counts``: by the name of the outcome; ``untested`` among these."""
    found = {result: counts.get(result, 0) for result in RESULTS}
    found[INCONCLUSIVE] -= untested
    found[NOT_TESTED] = untested
    return found
