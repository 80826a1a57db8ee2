"""The command line and operator errors speak Vietnamese: every text is translated, once, with the same fields."""

from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from auditor.framework.message_format import fields
from tests.architecture.tree import ROOT
from tests.architecture.ui_texts import found, has_words

PO = ROOT / "auditor/locale/vi/LC_MESSAGES/ui.po"


def _messages() -> list[Message]:
    with PO.open("rb") as source:
        return [message for message in read_po(source, abort_invalid=True) if message.id]


def test_every_text_stands_in_the_source_as_itself() -> None:
    assert [one.where for one in found() if not one.text] == []


def test_every_text_is_translated_and_every_translation_used() -> None:
    wanted = {one.text for one in found() if has_words(one.text)}
    held = {str(message.id) for message in _messages() if message.context == "ui"}
    assert sorted(wanted - held) == []
    assert sorted(held - wanted) == []


def test_translations_are_translations() -> None:
    for message in _messages():
        assert message.context == "ui", message.id
        assert message.string, message.id
        assert not message.fuzzy, message.id
        assert message.string != message.id, message.id
        assert fields(str(message.string)) == fields(str(message.id)), message.id


def test_spaces_around_a_text_are_those_of_its_translation() -> None:
    for message in _messages():
        english, vietnamese = str(message.id), str(message.string)
        assert len(english) - len(english.lstrip()) == len(vietnamese) - len(vietnamese.lstrip()), english
        assert len(english) - len(english.rstrip()) == len(vietnamese) - len(vietnamese.rstrip()), english


def test_nothing_stands_twice() -> None:
    lines = [line for line in PO.read_text(encoding="utf-8").splitlines() if line.startswith("msgid ")]
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize("path", sorted(PO.parent.glob("*.po")), ids=lambda path: path.name)
def test_translation_has_no_line_break_that_the_english_has_not(path: Path) -> None:
    with path.open("rb") as file:
        messages = [message for message in read_po(file) if message.id]
    assert [message.id for message in messages if "\n" in str(message.string) and "\n" not in str(message.id)] == []
