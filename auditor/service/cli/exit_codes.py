"""Computes the exit code of a judgement from its counts of findings (INTERFACE, command line)."""

from auditor.framework.findings import TRANSIENT_REASONS, Level, Outcome, Reason, Severity
from auditor.service.cli.failures import EXIT_FINDINGS, EXIT_INCOMPLETE, EXIT_INTERNAL, EXIT_OK
from auditor.service.store.api import Store
from auditor.service.store.records import JudgementId, Tally


def exit_code(judgement: JudgementId, store: Store, fail_on: str, *, ipv6_only: bool = False) -> int:
    """Return 1 for any error, 3 for an unwaived fail from ``fail_on`` up, 4 for an undecided required check, else 0.

    Only a check that is undecided for a transient reason counts for 4. ``ipv6_only`` means that there is no IPv4 on
    purpose, so that checks that need IPv4 do not count as undecided.
    """
    count = EXIT_OK
    for finding in store.tally(judgement):
        code = EXIT_OK if ipv6_only and finding.reason is Reason.V4 else _code(finding, fail_on)
        if code == EXIT_INTERNAL:
            return code
        if code == EXIT_FINDINGS or (code == EXIT_INCOMPLETE and count == EXIT_OK):
            count = code
    return count


def _code(finding: Tally, fail_on: str) -> int:
    if finding.outcome is Outcome.ERROR:
        return EXIT_INTERNAL
    if finding.outcome is Outcome.FAIL and not finding.waived and fail_on != "never":
        return EXIT_FINDINGS if finding.severity.rank <= Severity(fail_on).rank else EXIT_OK
    transient = finding.reason in TRANSIENT_REASONS and not finding.without_credentials
    undecided = finding.outcome is Outcome.INCONCLUSIVE and transient
    return EXIT_INCOMPLETE if undecided and finding.level is Level.REQUIRED else EXIT_OK
