"""Tests that a text of an operator's check is its English, and adds its Vietnamese to the texts of that language."""

from auditor.framework.bilingual import Bilingual
from auditor.texts.translate import Texts


def test_bilingual_is_english_text_with_the_vietnamese_beside_it() -> None:
    text = Bilingual("No address", vi="Chưa có địa chỉ")
    assert (text, text.vi) == ("No address", "Chưa có địa chỉ")


def test_bilingual_is_shown_in_the_language_of_the_texts() -> None:
    text = Bilingual("No address", vi="Chưa có địa chỉ")
    assert [Texts(lang, {}).get("local.web.example/title", text) for lang in ("vi", "en")] == [text.vi, "No address"]
