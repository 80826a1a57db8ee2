"""Tests that a terminal without some letters shows the nearest ones, and that no program fails at them."""

import io

import pytest

from auditor.service.cli.terminal_letters import fit_terminal


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [
        ("ascii", 'Dia chi cua "Dak Lak" - 12 ms -> ...\\u2718\n'),
        ("latin-1", 'Dia chi cua "Dak Lak" - 12 ms -> ...\\u2718\n'),
        ("utf-8", "Địa chỉ của “Đắk Lắk” – 12 ms → …✘\n"),
    ],
)
def test_letters_that_an_encoding_lacks_lose_their_marks(
    encoding: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(written, encoding=encoding, write_through=True))
    fit_terminal()
    print("Địa chỉ của “Đắk Lắk” – 12 ms → …✘")
    assert written.getvalue().decode(encoding) == shown
