"""Tests that every fixed failure detail that the program's code writes is in the catalogues."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

import probes
from probes.framework.evidence import NO_CONNECT, Failure, FailureKind
from probes.observations.text import failure_text
from reports.evidence_text import reader_word
from reports.failure_words import FAILURE_WORDS

FILES = sorted(Path(probes.__path__[0]).rglob("*.py"))
SAYS_KIND = {"no answer in time"}
"""Details that are not shown, since they repeat the word for the kind."""
SAID_ELSEWHERE = {"no answer"}
"""Details that are words of evidence as well."""


def _constants(trees: list[ast.Module]) -> Mapping[str, str]:
    found = dict[str, str]()
    for node in (node for tree in trees for node in tree.body if isinstance(node, ast.Assign)):
        for name, value in _pairs(node.targets[0], node.value):
            if isinstance(name, ast.Name) and isinstance(value, ast.Constant) and isinstance(value.value, str):
                found[name.id] = value.value
    return found


def _pairs(name: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(name, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(name.elts, value.elts, strict=True)
    else:
        yield name, value


def _details(call: ast.Call) -> Iterator[ast.expr]:
    """Yield the arguments of a call that describe a failure."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in ("Failure", "fault"):
        yield from (keyword.value for keyword in call.keywords if keyword.arg == "detail")
        yield from call.args[1:2]
    elif name == "_useless":
        yield from call.args


def _texts(node: ast.expr, constants: Mapping[str, str]) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.Name(id=name) if name in constants:
            yield constants[name]
        case ast.IfExp(body=body, orelse=other):
            yield from _texts(body, constants)
            yield from _texts(other, constants)
        case _:  # text with a value in it, or a target's own
            pass


def written() -> set[str]:
    trees = [ast.parse(path.read_text("utf-8")) for path in FILES]
    constants = _constants(trees)
    calls = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call))
    return {text for call in calls for detail in _details(call) for text in _texts(detail, constants)}


def test_words_hold_every_fixed_detail_of_the_code_and_no_more() -> None:
    assert written() - SAYS_KIND - SAID_ELSEWHERE == set(FAILURE_WORDS)


@pytest.mark.parametrize("detail", FAILURE_WORDS)
def test_detail_is_shown_in_the_language_of_the_reader(detail: str) -> None:
    failure = Failure(kind=FailureKind.PROTOCOL, detail=detail)
    vi, en = (failure_text(failure, reader_word(lang)) for lang in ("vi", "en"))
    assert en == f"protocol error ({detail})"
    assert vi.startswith("lỗi giao thức (")
    assert detail not in vi


def test_silent_connect_is_told_in_vietnamese() -> None:
    failure = Failure(kind=FailureKind.TIMEOUT, detail=NO_CONNECT)
    assert failure_text(failure, reader_word("vi")) == "hết thời gian chờ (không trả lời yêu cầu kết nối)"


def test_what_a_target_said_stands_as_it_is() -> None:
    failure = Failure(kind=FailureKind.PROTOCOL, detail="SMTP: 554 5.7.1 goes on")
    assert "(SMTP: 554 5.7.1 goes on)" in failure_text(failure, reader_word("vi"))
