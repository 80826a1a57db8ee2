"""Tests the program that reads inventories: a file that breaks it gives one error about only that file."""

from pathlib import Path

import pytest

from auditor.service.inventories import file_reading
from auditor.service.inventories.file_reading import load_files, load_sent
from inventory import loader
from inventory.problems.codes import Code
from inventory.problems.problem import InventoryError
from probes.net.core import children

TABLE = (
    "id,name,kind,ip,agency_code,agency_name\nR1,Bộ định tuyến,router,10.0.0.1,SO-A,Sở A\nR2,x,router,10.0.0.2,SO-A,\n"
)
GOOD = ("a.csv", TABLE.encode())


def test_load_sent_gives_what_reading_here_gives() -> None:
    assert load_sent([GOOD]) == loader.load_sent([GOOD])


def test_load_files_every_problem_of_every_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"name,kind,ip\nR1,router,10.0.0.300\n")
    paths = [tmp_path / "missing.csv", tmp_path / "a.csv", tmp_path / "a.doc"]
    with pytest.raises(InventoryError) as here:
        loader.load_with_warnings(paths)
    with pytest.raises(InventoryError) as there:
        load_files(paths)
    assert there.value.lines("vi") == here.value.lines("vi")
    assert len(there.value.problems) == 3


def test_load_files_of_none_that_can_be_read_is_one_error(tmp_path: Path) -> None:
    with pytest.raises(InventoryError) as caught:
        load_files([tmp_path / "missing.csv"])
    assert [problem.code for problem in caught.value.problems] == [Code.MISSING_FILE]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("bytearray(2_000 * 2**20)", Code.NEEDS_MEMORY),
        ("os.abort()", Code.NEEDS_MEMORY),
        ("confinement.allow_seconds(0.1)\n    while True: pass", Code.NEEDS_TIME),
        ("raise ValueError", Code.READER_ENDED),
        ("open('x', 'wb', 0).write(b'x')", Code.READER_ENDED),
    ],
)
def test_load_sent_a_reader_that_ends_is_one_error_about_its_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, body: str, code: Code
) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import os, sys\nfrom auditor.service.inventories import reader_program\nfrom inventory import loader\n"
        f"from probes.net.core import confinement\ndef read(*_):\n    {body}\n"
        "loader.read_sent = read\nsys.exit(reader_program.main())\n"
    )
    command = children.command("auditor.service.inventories.reader_program")
    monkeypatch.setattr(children, "command", lambda _: [*command[:2], str(program)])
    monkeypatch.setattr(children, "ROOT", str(tmp_path))
    monkeypatch.setattr(children, "environment", lambda: {"PYTHONPATH": str(Path(loader.__file__).parents[1])})
    with pytest.raises(InventoryError) as caught:
        load_sent([GOOD, ("b.csv", b"name")])
    assert [(problem.code, problem.source) for problem in caught.value.problems] == [(code, "a.csv")]


def test_load_sent_a_reader_that_waits_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_reading, "WALL", 0.5)
    monkeypatch.setattr(children, "command", lambda _: ["/bin/sleep", "60"])
    with pytest.raises(InventoryError) as caught:
        load_sent([GOOD])
    assert [problem.code for problem in caught.value.problems] == [Code.NEEDS_TIME]


@pytest.mark.parametrize("said", ["", "no JSON", "[]", '["end"]', '["problem",[1]]', '["subjects",[{"id":1}]]'])
def test_load_sent_a_reader_that_says_what_it_must_not_is_not_believed(
    monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    monkeypatch.setattr(children, "command", lambda _: ["/bin/sh", "-c", f"cat >/dev/null; echo '{said}'"])
    with pytest.raises(InventoryError) as caught:
        load_sent([GOOD])
    assert [problem.code for problem in caught.value.problems] == [Code.READER_ENDED]


def test_validate_files_tells_what_loading_tells_without_subjects(tmp_path: Path) -> None:
    good, bad = tmp_path / "a.csv", tmp_path / "b.csv"
    good.write_text("name,kind,ipv4\na.example,portal,DHCP\nb.example,portal,\n", "utf-8")
    bad.write_text("name,kind\nc.example,portall\n", "utf-8")
    loaded, validated = file_reading.load_files([good]), file_reading.validate_files([good])
    assert (validated.subjects, validated.problems, validated.layouts) == (2, loaded.warnings, loaded.layouts)
    with pytest.raises(InventoryError) as caught:
        file_reading.load_files([good, bad])
    both = file_reading.validate_files([good, bad])
    assert (both.subjects, both.problems, both.layouts) == (0, caught.value.problems, caught.value.layouts)


def test_validate_files_of_a_missing_file_names_it(tmp_path: Path) -> None:
    validated = file_reading.validate_files([tmp_path / "none.csv"])
    assert (validated.subjects, [each.code for each in validated.problems]) == (0, [Code.MISSING_FILE])
