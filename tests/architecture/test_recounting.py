"""The code that recounts the figures shares no code with the program: it imports only the standard library."""

import ast
import sys

from tests.architecture.tree import ROOT


def imported(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add("." if node.level else (node.module or "").partition(".")[0])
    return found


def test_recounting_imports_the_standard_library_only() -> None:
    names = imported((ROOT / "tests/support/recounting.py").read_text("utf-8"))
    assert names - sys.stdlib_module_names == set()
    assert "importlib" not in names
