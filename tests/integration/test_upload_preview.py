"""Tests the program that compares an upload with the version before: its output, and how far it is trusted."""

import signal
from io import BytesIO

import pytest
from openpyxl import load_workbook

from auditor.service.inventories import file_reading, upload_preview
from auditor.service.inventories.upload_preview import SentError, Upload, marked_file, preview_files, preview_upload
from auditor.service.store.kept.inventories import pack
from inventory import loader
from inventory.comparison import ChangeType
from inventory.model import AgencyId, Kind
from inventory.problems.codes import Code
from inventory.tables.choices import ColumnChoice, TableChoice
from inventory.tables.columns import Column
from probes.net.core import children

HEAD = "agency,agency_name,parent,level,name,kind\n"
BEFORE = f"{HEAD}A,Sở A,,department,a.vn,portal\nB,Sở B,,department,b.vn,portal\nB,Sở B,,department,c.vn,portal\n"
AFTER = f"{HEAD}A,Sở A,,department,a.vn,mail\nB,Sở B,,department,b.vn,portal\nB,Sở B,,department,d.vn,portal\n"


def _document(text: str) -> bytes:
    return loader.load_sent([("a.csv", text.encode())]).inventory.to_json()


def test_preview_files_gives_the_document_that_reading_here_gives() -> None:
    made = preview_files([("a.csv", AFTER.encode())], _document(BEFORE))
    assert made.packed == pack(loader.load_sent([("a.csv", AFTER.encode())]).inventory)
    assert {(change.subject.id, change.turn) for change in made.preview.changes} == {
        ("a.vn", ChangeType.CHANGED),
        ("c.vn", ChangeType.REMOVED),
        ("d.vn", ChangeType.ADDED),
    }
    assert (made.preview.of, made.preview.turns, made.preview.same) == (3, (1, 1, 1), False)
    assert made.preview.names == {"A": "Sở A", "B": "Sở B"}


def test_preview_upload_takes_good_rows_and_keeps_what_waits() -> None:
    after = AFTER.replace("b.vn,portal", "b.vn,portall")
    made = preview_upload(Upload(files=(("a.csv", after.encode()),), good_rows=True), _document(BEFORE))
    assert (made.waiting, made.errors) == (1, 1)
    assert [(change.subject.id, change.turn) for change in made.preview.changes] == [
        ("a.vn", ChangeType.CHANGED),
        ("c.vn", ChangeType.REMOVED),
        ("d.vn", ChangeType.ADDED),
    ]
    assert [problem.code for problem in made.problems] == [Code.UNKNOWN_WORD]


def test_preview_upload_reads_columns_as_chosen() -> None:
    choice = TableChoice(source="a.csv", columns=(ColumnChoice(position=2, column=Column.FQDN),), kind=Kind.PORTAL)
    upload = Upload(files=(("a.csv", "name,xyz\nCổng,a.vn\n".encode()),), choices=(choice,))
    made = preview_upload(upload)
    assert [(subject.host, subject.kind) for subject in made.preview.subjects] == [("a.vn", Kind.PORTAL)]
    assert [column.column for column in made.layouts[0].columns] == [Column.NAME, Column.FQDN]


def test_marked_file_colours_the_file_that_is_asked_for() -> None:
    files = (("a.csv", AFTER.encode()), ("b.csv", b"name,kind\nx.vn,portall\n"))
    copy = load_workbook(BytesIO(marked_file(Upload(files=files), 1, "vi")))
    comment = copy.worksheets[0]["B2"].comment
    assert comment is not None
    assert "portall" in comment.text


def test_marked_file_of_a_file_without_sheets_is_empty() -> None:
    assert marked_file(Upload(files=(("a.yaml", b"targets: []"),)), 0, "vi") == b""


def test_preview_files_for_one_agency_holds_nothing_of_another() -> None:
    made = preview_files([("a.csv", AFTER.encode())], _document(BEFORE), AgencyId("A"))
    assert [subject.id for subject in made.preview.subjects] == ["a.vn"]
    assert [change.subject.id for change in made.preview.changes] == ["a.vn"]
    assert made.preview.names == {"A": "Sở A"}


def test_preview_files_counts_the_problems_that_are_not_listed() -> None:
    rows = "".join(f"h{number}.vn,nonsense\n" for number in range(1_000))
    with pytest.raises(SentError) as caught:
        preview_files([("a.csv", f"name,kind\n{rows}".encode())])
    assert (len(caught.value.problems), caught.value.all) == (300, 1_000)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("exit 12", Code.NEEDS_MEMORY),
        (f"kill -{signal.SIGABRT.value} $$", Code.NEEDS_MEMORY),
        (f"kill -{signal.SIGPROF.value} $$", Code.NEEDS_TIME),
        ("exit 3", Code.READER_ENDED),
        ("cat >/dev/null; echo no JSON", Code.READER_ENDED),
        ("cat >/dev/null; echo '[]'", Code.READER_ENDED),
        ("cat >/dev/null; echo '{\"preview\": {}}'", Code.READER_ENDED),
        ('cat >/dev/null; echo \'{"document": 5, "files": []}\'; echo ab', Code.READER_ENDED),
        ('cat >/dev/null; echo \'{"problems": [[1]], "errors": 1, "warnings": 0, "layouts": []}\'', Code.READER_ENDED),
    ],
)
def test_preview_files_a_program_that_breaks_off_is_one_error(
    monkeypatch: pytest.MonkeyPatch, script: str, code: Code
) -> None:
    monkeypatch.setattr(children, "command", lambda _: ["/bin/sh", "-c", script])
    with pytest.raises(SentError) as caught:
        preview_files([("a.csv", AFTER.encode())])
    assert [problem.code for problem in caught.value.problems] == [code]


def test_preview_files_a_program_that_waits_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_reading, "WALL", 0.5)
    monkeypatch.setattr(upload_preview, "SECONDS", 0)
    monkeypatch.setattr(children, "command", lambda _: ["/bin/sleep", "60"])
    with pytest.raises(SentError) as caught:
        preview_files([("a.csv", AFTER.encode())])
    assert [problem.code for problem in caught.value.problems] == [Code.NEEDS_TIME]
