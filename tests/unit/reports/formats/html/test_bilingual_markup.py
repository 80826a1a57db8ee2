"""Tests that a line in two languages shows each of them whole, with their common part once."""

import re

import pytest
from markupsafe import Markup

from reports.formats.html.bilingual_markup import both

LINES = [
    ("dns x.vn A → trả lời, 17 ms", "dns x.vn A → answer, 17 ms"),
    ("tới đích", "reached"),
    ("quét cổng <x>: 5", "sweep <x>: 5"),
    ("a b", "a b"),
    ("a", "a b"),
    ("a a a", "a a"),
    ("a b", "b"),
    ("", "a"),
    ("  NS cấp trên  x", "  parent NS  x"),
    ("a&b x", "a&b y"),
]


def shown(markup: str, lang: str) -> str:
    """Return the text that a reader of a language sees."""
    other = {"vi": "en", "en": "vi"}[lang]
    kept = re.sub(rf'<span lang="{other}">.*?</span>', "", markup)
    return Markup(kept.replace(f'<span lang="{lang}">', "").replace("</span>", "")).unescape()


@pytest.mark.parametrize(("vi", "en"), LINES)
def test_both_shows_each_language_whole(vi: str, en: str) -> None:
    (markup,) = both([vi], [en])
    assert shown(markup, "vi").strip() == vi.strip()
    assert shown(markup, "en").strip() == en.strip()


def test_both_holds_once_what_the_languages_share() -> None:
    first, second = both(["dns x.vn A → trả lời, 17 ms <b>", "<i>"], ["dns x.vn A → answer, 17 ms <b>", "<i>"])
    assert first == ('dns x.vn A → <span lang="vi">trả lời,</span><span lang="en">answer,</span> 17 ms &lt;b&gt;')
    assert second == "&lt;i&gt;"
    assert both([], []) == []
