"""Tests that passwords guessed first are refused, in Vietnamese too, and that others are accepted."""

import pytest

from auditor.service.accounts.weak_passwords import is_guessable, words


@pytest.mark.parametrize(
    "password",
    [
        "password1234",
        "123456789012",
        "iloveyou1234",
        "adminadmin123",
        "qwertyuiop12",
        "1qaz2wsx3edc",
        "p@ssw0rd1234",
        "Password@2026",
        "0905123456789",
        "matkhau123456",
        "Matkhau@123456",
        "Mật khẩu 123456",
        "Mật khẩu mới 2026",
        "anhyeuem123456",
        "xinchaovietnam",
        "quantri@123456",
        "daklak2026daklak",
        "Đắk Lắk 2026!",
        "Buôn Ma Thuột 47",
        "Ubnd@Daklak2026",
        "SoTTTT@daklak1",
        "nguyenvana1990",
        "Vietnam@123456",
        "IPv6 auditor 2026",
        "ngọc.lan-2026!!",
    ],
)
def test_is_guessable_common_password_is(password: str) -> None:
    assert is_guessable(password, ["Ngọc Lan"])


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "con mèo xanh nhảy qua sông",
        "con meo nhay qua song",
        "x8Kq2LmVz7Rw",
        "Tuần này trời mưa",
        "một mật khẩu đủ dài",
        "mật khẩu khác hẳn",
        "84729163048562",
        "tr0ub4dor&3xyz",
    ],
)
def test_is_guessable_phrase_or_random_text_is_not(password: str) -> None:
    assert not is_guessable(password, ["Ngọc Lan", "an"])


def test_words_are_bare_and_many() -> None:
    assert len(words()) > 300
    assert all(word.isascii() and word.isalnum() and word == word.lower() for word in words())
