"""The program that compares what was sent with the version before: what it says, and what is believed of it."""

import signal

import pytest

from auditor.service.pipeline import previewing, reading
from auditor.service.pipeline.previewing import SentError, preview_files, preview_packed
from auditor.service.store.kept import pack
from inventory import loader
from inventory.comparison import Turn
from inventory.model import AgencyId
from inventory.problem_codes import Code
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
        ("a.vn", Turn.CHANGED),
        ("c.vn", Turn.REMOVED),
        ("d.vn", Turn.ADDED),
    }
    assert (made.preview.of, made.preview.turns, made.preview.same) == (3, (1, 1, 1), False)
    assert made.preview.names == {"A": "Sở A", "B": "Sở B"}


def test_preview_packed_gives_what_the_files_gave() -> None:
    first = preview_files([("a.csv", AFTER.encode())])
    again = preview_packed(first.packed, _document(BEFORE), None)
    assert again.packed == first.packed
    assert again.preview == preview_files([("a.csv", AFTER.encode())], _document(BEFORE)).preview


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
        ('cat >/dev/null; echo \'{"problems": [[1]], "all": 1}\'', Code.READER_ENDED),
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
    monkeypatch.setattr(reading, "WALL", 0.5)
    monkeypatch.setattr(previewing, "SECONDS", 0)
    monkeypatch.setattr(children, "command", lambda _: ["/bin/sleep", "60"])
    with pytest.raises(SentError) as caught:
        preview_files([("a.csv", AFTER.encode())])
    assert [problem.code for problem in caught.value.problems] == [Code.NEEDS_TIME]
