"""Names the columns of the sheet of problems to fix, and the states that people write into it.

The sheet is read back by the pages, in either language; ``key`` names the problem and ``was`` holds the content of the
editable cells when the sheet was written.
"""

from collections.abc import Mapping

from auditor.framework.findings import Finding, network_of
from auditor.texts.translate import Texts
from reports.document import RemediationStatus
from reports.report_texts import say

STATES = ("new", "in_work", "fixed", "accepted", "false_positive")
EDITABLE = ("state", "owner", "deadline", "comment")
COLUMNS: Mapping[str, int] = {
    "agency": 28,
    "subject": 28,
    "problem": 48,
    "severity": 16,
    "address": 26,
    "remedy": 60,
    "state": 18,
    "owner": 24,
    "deadline": 14,
    "comment": 40,
    "key": 12,
    "was": 12,
}
"""The width of each column, in the order of the sheet."""


def heading(texts: Texts, column: str) -> str:
    return say(texts, f"fix_{column}")


def state_word(texts: Texts, state: str) -> str:
    return say(texts, f"fix_state_{state}")


def problem_key(finding: Finding) -> str:
    """Write the name of the problem that a finding belongs to: network, check and subject."""
    network = network_of(finding.id, (finding.subject, finding.check, finding.address, finding.detail))
    return f"{network.value} {finding.check} {finding.subject}"


def was(work: RemediationStatus) -> str:
    """Return the content of the editable cells without the comment."""
    return "|".join((work.state, "" if work.deadline is None else work.deadline.isoformat(), work.owner))
