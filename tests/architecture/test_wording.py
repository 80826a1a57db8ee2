"""Texts for users use the words of the glossary: no phrase comes back that was replaced."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.architecture.tree import ROOT

GLOSSARY = ROOT / "docs/glossary.md"
HEADING = "## Phrases that texts do not use"
CATALOGUES = sorted((ROOT / "auditor/locale/vi/LC_MESSAGES").glob("*.po"))
ROW = re.compile(r"^\| (?P<phrases>[^|]+) \| (?P<instead>[^|]+) \|$", re.MULTILINE)


@cache
def replaced() -> dict[str, tuple[str, ...]]:
    """Return the phrases of the glossary, each with what is written instead."""
    table = GLOSSARY.read_text(encoding="utf-8").partition(HEADING)[2]
    rows = [(row["phrases"], row["instead"]) for row in ROW.finditer(table) if row["phrases"] != "Not"]
    return {
        phrase.casefold(): tuple(part.casefold() for part in re.split("[;,] ", instead))
        for phrases, instead in rows
        for phrase in phrases.split(", ")
    }


def wrong(text: str) -> Iterator[str]:
    """Yield the phrases in a text that the glossary replaces."""
    for phrase, instead in replaced().items():
        rest = text.casefold()
        for right in instead:
            rest = rest.replace(right, "…")
        if re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", rest):
            yield phrase


def test_glossary_lists_phrases_in_both_languages() -> None:
    assert {"ipv6 alone", "chứng thư", "chưa rõ"} <= replaced().keys()


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Chứng thư của máy chủ", ["chứng thư"]),
        ("Chứng thư số của máy chủ", []),
        ("Đề nghị cho phép kiểm tra sâu", []),
        ("Phép kiểm tra này", ["phép kiểm tra"]),
        ("a network with IPv6 alone", ["ipv6 alone"]),
        ("shown over both families", ["both families"]),
    ],
)
def test_wrong_finds_a_phrase_unless_it_is_part_of_the_right_one(text: str, phrases: list[str]) -> None:
    assert list(wrong(text)) == phrases


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_text_has_no_phrase_that_the_glossary_replaces(path: Path) -> None:
    with path.open("rb") as source:
        messages = [message for message in read_po(source) if message.id]
    texts = [str(text) for message in messages for text in (message.id, message.string)]
    assert [(phrase, text) for text in texts for phrase in wrong(text)] == []
