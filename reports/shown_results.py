"""Names the results that reports count: the outcomes, with untested findings apart from other inconclusive ones.

An untested finding is inconclusive in the result document (INTERFACE); reports show it as a result of its own.
"""

from collections.abc import Mapping, Sequence

from auditor.framework.findings import WORST_FIRST, Finding, Outcome
from reports.document import not_tested

INCONCLUSIVE, NOT_TESTED = Outcome.INCONCLUSIVE.value, "not_tested"


def with_untested(outcomes: Sequence[Outcome]) -> tuple[str, ...]:
    """Return the names of outcomes, with ``NOT_TESTED`` behind the inconclusive one."""
    names = [(INCONCLUSIVE, NOT_TESTED) if each is Outcome.INCONCLUSIVE else (each.value,) for each in outcomes]
    return tuple(name for pair in names for name in pair)


RESULTS = with_untested(WORST_FIRST)
"""All results, the worst first."""


def result_of(finding: Finding) -> str:
    """Return the one of ``RESULTS`` that a finding counts as."""
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
