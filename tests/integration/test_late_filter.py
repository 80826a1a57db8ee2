"""Tests that a filter before the vantage that comes up during an audit leads to no report about others.

Every address of every site must time out: this is a file of its own, since it needs three minutes and hardly any CPU.
"""

from pathlib import Path

from containers.rehearsal.lab import Rehearsal
from tests.support.audits import only
from tests.support.vantage_audits import accused_wrongly, interrupted, wait_for_evidence

pytest_plugins = ("tests.support.rehearsal",)


def test_a_filter_that_comes_up_during_the_run_is_told_from_a_defect(lab: Rehearsal, tmp_path: Path) -> None:
    """Answers from before the filter came up prove nothing about later questions."""
    _, document = interrupted(lab, tmp_path, "drop_egress_443", begins=lambda: wait_for_evidence(tmp_path, 60))
    assert accused_wrongly(lab, document) == []
    assert only(document, "error") == []
