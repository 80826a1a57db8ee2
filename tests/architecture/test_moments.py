"""Checks judge expiry at the time of the answer in question; they have no other clock."""

import ast
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, python_files

_ALLOWED = {
    "auditor/facts/attribution.py",  # decides if a family worked at all when there are no observations
    "auditor/facts/moments.py",  # used when no evidence has a time
    "auditor/facts/mail/starttls.py",  # used when no certificate was shown
}
_JUDGING = sorted(
    path for path in python_files("auditor") if path.parts[:2] in {("auditor", "checks"), ("auditor", "facts")}
)


def _reads_time_of_run(source: str) -> list[int]:
    """Return the lines that read ``now`` of a context."""
    attributes = (
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Attribute) and node.attr == "now"
    )
    return [node.lineno for node in attributes if ast.unparse(node.value).rpartition(".")[2] in {"ctx", "context"}]


def _adds_to_start(source: str) -> list[int]:
    """Return the lines that compute by hand the value of ``Evidence.time_of``."""
    sums = (
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)
    )
    return [
        bin_op.lineno for bin_op in sums if isinstance(bin_op.left, ast.Attribute) and bin_op.left.attr == "started"
    ]


@pytest.mark.parametrize("path", _JUDGING, ids=str)
def test_nothing_is_judged_at_the_time_of_the_run(path: Path) -> None:
    source = (ROOT / path).read_text("utf-8")
    assert (path.as_posix() in _ALLOWED) == bool(_reads_time_of_run(source))
    assert not _adds_to_start(source)


def test_a_clock_of_the_run_is_recognised() -> None:
    assert _reads_time_of_run("def f(ctx):\n    return ctx.now") == [2]
    assert _reads_time_of_run("def f(self):\n    return self.ctx.now, datetime.now(UTC)") == [2]
    assert _adds_to_start("at = envelope.started + timedelta(seconds=step.t)") == [1]
