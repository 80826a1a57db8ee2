"""Tests that TOML errors are reported in the reader's language, with their place, and not in Python's words."""

import tomllib

import pytest

from auditor.framework.toml_problems import bad_toml
from auditor.service.cli.words import ui

VALUE = "this is no value; text needs quotes around it"
TWICE, OPEN = "this key or table stands twice", "a quote or bracket"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a = 1\nname = tỉnh\n", f"at line 2, column 8: {VALUE}"),
        ("a = ", f"at the end of the file: {VALUE}"),
        ("a\n", "at line 1, column 2: '=' is missing after the key"),
        ("a = 1\na = 2\nb = 3\n", f"at line 2, column 6: {TWICE}"),
        ("[a]\n[a]\n", f"at line 2, column 3: {TWICE}"),
        ("a = {b = 1, b = 2}\n", f"at line 1, column 18: {TWICE}"),
        ("[limits\na = 1\n", f"at line 1, column 8: {OPEN} is not closed"),
        ("a = [1, 2\n", f"at the end of the file: {OPEN} is not closed"),
        ("a = 1 2\n", "at line 1, column 7: something follows that does not belong to the value"),
        ("= 3\n", "at line 1, column 1: a key or a table must begin here"),
        ('a = "C:\\ca.pem"\n', "at line 1, column 10: a backslash within quotes is to be written twice"),
        ('a = "x\ny"\n', "at line 1, column 7: this character, or the end of a line, must not stand here"),
        ("a = " + "9" * 5_000, ""),
        ("a = " + "[" * 5_000, ""),
    ],
)
def test_bad_toml_tells_place_and_mistake(text: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises((ValueError, RecursionError)) as caught:
        tomllib.loads(text)
    assert isinstance(caught.value, ValueError | RecursionError)
    found = bad_toml(caught.value, at="a.toml")
    assert str(found) == f"a.toml: not valid TOML {told}".rstrip()
    monkeypatch.setenv("AUDITOR_LANG", "vi")
    vietnamese = found.worded(ui)
    assert vietnamese.startswith("a.toml: không đúng cú pháp TOML")
    assert not {"value", "line", "key", "valid", "file"} & set(vietnamese.split())
