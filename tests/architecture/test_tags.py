"""Every tag that the program asks for is in the table of tags, so that a misspelt one is reported."""

import ast
import importlib
from collections.abc import Iterator

from inventory.cells.services import parse_tags
from inventory.model import RowOrigin
from inventory.problems.problem import CellPosition, ProblemCollector
from inventory.tags import TAG_KEYS, TAG_WORDS, TAGS
from tests.architecture.tree import ROOT, python_files

_ASKS = {"has_tag": TAG_WORDS, "tag_values": TAG_KEYS}


def _asked() -> Iterator[tuple[str, str, str]]:
    """Yield the method, the tag and the place of each call whose tag is a text or a constant of a module."""
    for path in python_files("auditor", "probes", "inventory"):
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _ASKS:
                tag = _text(node.args[0], ".".join(path.with_suffix("").parts))
                if tag:
                    yield node.func.attr, tag, f"{path}:{node.lineno}"


def _text(argument: ast.expr, module: str) -> str:
    if isinstance(argument, ast.Constant):
        return str(argument.value)
    if isinstance(argument, ast.Name):
        return str(getattr(importlib.import_module(module), argument.id, ""))
    return ""


def test_every_tag_that_is_asked_for_is_known_in_that_form() -> None:
    asked = list(_asked())
    assert len(asked) > 60
    assert [triple for triple in asked if triple[1] not in _ASKS[triple[0]]] == []


def test_every_written_form_of_a_tag_is_read_without_a_problem() -> None:
    for guide in TAGS.values():
        problems = ProblemCollector()
        assert parse_tags(" ".join(guide.written), CellPosition(problems, RowOrigin(source=""))) == guide.written
        assert problems.count == 0, guide.written
        assert guide.meaning.vi != guide.meaning.en
