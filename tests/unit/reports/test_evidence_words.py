"""Tests that every fixed word of a line of evidence is in the catalogues, with as many places for values."""

import ast
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest

import probes.observations
from probes.framework.evidence import FailureKind
from probes.observations.dns import LookupStatus
from probes.observations.mail import StartTls
from probes.observations.pages import Copy, PartKind
from probes.observations.routing import DatedBy
from probes.observations.tls import HelloAnswer, RenegotiationEnd, Stopped
from reports.evidence_text import reader_word
from reports.evidence_words import EVIDENCE_WORDS

OF_PAGES: tuple[type[StrEnum], ...] = (Copy, PartKind)
ENUMERATED: tuple[type[StrEnum], ...] = (
    LookupStatus,
    StartTls,
    DatedBy,
    HelloAnswer,
    RenegotiationEnd,
    Stopped,
    *OF_PAGES,
)
KINDS = {kind.value for kind in FailureKind}
OF_VALUES = {
    "sibling",
    "wildcard",
    "ns-address",
    "mx-address",
    "https-target",
    "ptr-address",
    "resolver",
    "resource",
    "third-party",
}
OF_VALUES |= {"stall", "enough", "end", "connect", "tls", "value", "other", "empty", "silent"}
OF_VALUES |= {"rows", "bytes", "seconds", "failure", "repeats"}
"""Values that are shown as words without an enumeration: roles and paths of lookups, ends of flows and walks."""


def _texts(node: ast.expr) -> Iterator[str]:
    match node:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=body, orelse=other):
            yield from _texts(body)
            yield from _texts(other)
        case ast.BoolOp(values=values):
            for value in values:
                yield from _texts(value)
        case _:  # a value with its words in the list above
            pass


def written() -> set[str]:
    """Return the texts that the code of observations hands to ``word`` or ``label``."""
    found = set[str]()
    for path in sorted(Path(probes.observations.__path__[0]).glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("word", "label"):
                found.update(_texts(node.args[node.func.id == "label"]))
    return found


def test_evidence_words_hold_every_text_of_the_code() -> None:
    assert len(written()) > 200
    assert written() - KINDS - set(EVIDENCE_WORDS) == set()


@pytest.mark.parametrize("kind", ENUMERATED)
def test_evidence_words_hold_every_value_that_is_shown(kind: type[StrEnum]) -> None:
    assert {member.value for member in kind} - KINDS - {""} <= set(EVIDENCE_WORDS)


def test_evidence_words_hold_what_is_shown_and_no_more() -> None:
    source = "".join(path.read_text("utf-8") for path in Path(probes.observations.__path__[0]).glob("*.py"))
    values = {member.value for kind in ENUMERATED for member in kind} | OF_VALUES
    assert {
        key for key in EVIDENCE_WORDS if key not in values and f'"{key}"' not in source and f"'{key}'" not in source
    } == set()


@pytest.mark.parametrize("key", EVIDENCE_WORDS)
def test_translation_has_as_many_places_for_values(key: str) -> None:
    for lang in ("vi", "en"):
        shown = reader_word(lang)(key)
        assert shown.count("{}") == key.count("{}")
        assert key == "." or (shown[:1] == " ", shown[:1] == ",") == (key[:1] == " ", key[:1] == ",")
    assert reader_word("vi")(key) != reader_word("en")(key)
