"""Which rows of a table are read, and what is said about those that are not."""

from pathlib import Path

import pytest

from tests.unit.inventory.reading import load_text, warnings_of


@pytest.mark.parametrize("note", ["Ví dụ: thay năm 2027", "VD: thay năm 2027", "Example: to be replaced"])
def test_row_whose_note_begins_with_an_example_is_read(tmp_path: Path, note: str) -> None:
    (subject,) = load_text(tmp_path, f"name,kind,ipv4,note\nR1,router,10.0.0.1,{note}\n").inventory.subjects
    assert (subject.name, subject.declared.note) == ("R1", note)


@pytest.mark.parametrize(
    ("row", "name"),
    [("Ví dụ: R0,Sở Y tế", "Ví dụ: R0"), ("R0,VD:  Sở Y tế", "VD: Sở Y tế"), ("Example: R0,", "Example: R0")],
)
def test_row_whose_name_is_an_example_is_left_out_under_its_name(tmp_path: Path, row: str, name: str) -> None:
    text = f"name,agency_name,kind,ipv4\n{row},router,10.0.0.9\nR1,Sở Y tế,router,10.0.0.1\n"
    assert [subject.name for subject in load_text(tmp_path, text).inventory.subjects] == ["R1"]
    assert warnings_of(tmp_path, text) == [f'2: the example "{name}" was left out']
