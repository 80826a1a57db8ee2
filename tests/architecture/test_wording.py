"""Texts for users use the words of the glossary: no phrase comes back that was replaced."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from inventory.problems.reasons import REASONS
from inventory.problems.texts import TEXTS
from tests.architecture.tree import ROOT

GLOSSARY = ROOT / "docs/glossary.md"
HEADING = "## Phrases that texts do not use"
CATALOGUES = sorted((ROOT / "auditor/locale/vi/LC_MESSAGES").glob("*.po"))
ROW = re.compile(r"^\| (?P<phrases>[^|]+) \| (?P<instead>[^|]+) \|$", re.MULTILINE)

COUNTED = re.compile(r"\{\w+/[^{}/]*/(?P<plural>[^{}/]*)\}")


@cache
def replaced() -> dict[str, tuple[str, ...]]:
    """Return the phrases of the glossary, each with its replacements."""
    table = GLOSSARY.read_text(encoding="utf-8").partition(HEADING)[2]
    rows = [(row["phrases"], row["instead"]) for row in ROW.finditer(table) if row["phrases"] != "Not"]
    return {
        phrase.casefold(): tuple(part.casefold() for part in re.split("[;,] ", instead))
        for phrases, instead in rows
        for phrase in phrases.split(", ")
    }


def wrong(text: str) -> Iterator[str]:
    """Yield the phrases in a text that the glossary replaces, with a word that follows a number in its plural."""
    plural = COUNTED.sub(r"\g<plural>", text)
    for phrase, instead in replaced().items():
        rest = plural.casefold()
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
        ("{n:n} {n/server/servers} of the time", ["servers of the time"]),
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


def _of_frameworks(value: object, key: str = "") -> Iterator[str]:
    """Yield the texts in both languages of a framework's file."""
    for name, each in value.items() if isinstance(value, dict) else ():
        yield from _of_frameworks(each, name)
    for each in value if isinstance(value, list) else ():
        yield from _of_frameworks(each, key)
    if isinstance(value, str) and key.endswith(("_vi", "_en")):
        yield value


def outside_of_catalogues() -> Iterator[tuple[str, str]]:
    """Yield the texts for users outside of the catalogues, with their place."""
    for name, texts in (("problems", TEXTS), ("reasons", REASONS)):
        yield from ((name, text) for both in texts.values() for text in both)
    for path in (ROOT / "auditor/regulations").glob("*.toml"):
        yield from ((path.name, text) for text in _of_frameworks(tomllib.loads(path.read_text("utf-8"))))
    for name in ("docs/vi/huong-dan.md", "docs/reference/inventory.md"):
        yield from (
            (name, " ".join(part.split())) for part in re.split(r"\n\n|\n(?=[-|\d])", (ROOT / name).read_text("utf-8"))
        )


def test_texts_outside_of_the_catalogues_use_the_same_words() -> None:
    assert [(phrase, where, text[:100]) for where, text in outside_of_catalogues() for phrase in wrong(text)] == []


AGENCY = "cơ quan, đơn vị"
"""The glossary's word for an agency, a unit of administration that owns subjects."""
OTHERS = re.compile(
    r"cơ quan nhà nước|đơn vị (?:vận hành|chủ quản|trực thuộc|quản trị|cung cấp|chịu trách nhiệm)", re.IGNORECASE
)
"""Vietnamese names with these words whose English text does not name an agency of the inventory."""
TABLES = [path for path in CATALOGUES if path.stem in ("reports", "ui")]


def agency_by_another_word(english: str, vietnamese: str) -> bool:
    """Tell whether an English text names an agency and the Vietnamese one says it in other words than ``AGENCY``."""
    named = re.sub(r"\{\w+(?::\w+)?\}|--\w+|(?:state|public) agencies", "", english)
    if not re.search(r"\bagenc(?:y|ies)\b", named, re.IGNORECASE):
        return False
    rest = OTHERS.sub("", vietnamese.casefold())
    return AGENCY not in rest or re.search("cơ quan|đơn vị", rest.replace(AGENCY, "")) is not None


@pytest.mark.parametrize(
    ("english", "vietnamese", "wrong_word"),
    [
        ("Agency", "Cơ quan, đơn vị", False),
        ("Agency", "Cơ quan", True),
        ("{n:n} {n/agency/agencies}", "{n:n} đơn vị", True),
        ("{agency}, by its row", "{agency} (theo danh mục)", False),
        ("systems of state agencies", "hệ thống của cơ quan nhà nước", False),
        ("the agency and the units below it", "cơ quan, đơn vị và các đơn vị trực thuộc", False),
    ],
)
def test_agency_by_another_word_leaves_other_units_alone(english: str, vietnamese: str, *, wrong_word: bool) -> None:
    assert agency_by_another_word(english, vietnamese) is wrong_word


@pytest.mark.parametrize("path", TABLES, ids=lambda path: path.stem)
def test_every_output_has_one_word_for_an_agency(path: Path) -> None:
    with path.open("rb") as source:
        texts = [(str(message.id), str(message.string)) for message in read_po(source) if message.id]
    assert [pair for pair in texts if agency_by_another_word(*pair)] == []


@pytest.mark.parametrize("path", CATALOGUES, ids=lambda path: path.stem)
def test_percent_sign_follows_its_number(path: Path) -> None:
    with path.open("rb") as source:
        texts = [str(message.string) for message in read_po(source)]
    assert [text for text in texts if re.search(r"[\d}]\s%", text)] == []
