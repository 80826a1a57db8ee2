import pytest

from inventory.quoting import plain, quoted
from inventory.word_matching import fold, nearest


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Tên hệ thống", "tenhethong"),
        ("TEN_HE-THONG ", "tenhethong"),
        ("Te\u0302n  hê\u0323 thô\u0301ng:", "tenhethong"),
        ("Đơn vị", "donvi"),
        ("ĐƠN VỊ", "donvi"),
        ("Địa chỉ IPv6", "diachiipv6"),
        ("ＫＩＮＤ", "kind"),
        ("…—/", ""),
    ],
)
def test_fold_drops_accents_case_and_punctuation(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_nearest_suggests_only_what_is_close() -> None:
    assert nearest("roter", ["router", "switch"]) == "router"
    assert nearest("ROUTTER", ["router", "switch"]) == "router"
    assert nearest("quạt", ["router", "switch"]) == ""
    assert nearest("x" * 100_000, ["router"]) == ""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Sở Xây dựng", '"Sở Xây dựng"'),
        ("a\x1b[31mb", '"a\\x1b[31mb"'),
        ("line\nline\r\t", '"line↵line\\x0d\\x09"'),
        ("evil\u202etxt", '"evil\\u202etxt"'),
        ("half\ud800", '"half\\ud800"'),
        ("\U000e0001", '"\\U000e0001"'),
    ],
)
def test_quoted_makes_hostile_text_visible(text: str, shown: str) -> None:
    assert quoted(text) == shown


def test_plain_is_bounded() -> None:
    assert plain("x" * 80) == "x" * 80
    assert plain("x" * 81) == "x" * 79 + "…"
    assert len(plain("\x00" * 1000)) == 80
