"""Tests that the issuer of a report is read before a command's first line, without importing our own packages."""

import ast
from pathlib import Path

from reports import issuer


def test_issuer_is_known_without_what_a_report_shows() -> None:
    tree = ast.parse(Path(issuer.__file__).read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    assert [ast.unparse(one) for one in imports] == ["from dataclasses import dataclass"]


def test_issuer_that_nobody_named_is_empty() -> None:
    assert issuer.ReportIssuer() == issuer.ReportIssuer(name="", emblem=None)
