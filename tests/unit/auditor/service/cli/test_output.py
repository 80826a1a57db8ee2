"""Tests the output of results: one format on standard output, files that are complete or absent, folders."""

import errno
import io
import os
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.service.cli import output, rendering
from auditor.service.cli.failures import Ended
from auditor.service.cli.output import tell_written, write_folder, write_outputs, write_summary, writing
from auditor.service.cli.terminal_letters import fit_terminal
from auditor.service.cli.wanted_outputs import Output
from reports.document import Report, Sink
from reports.issuer import ReportIssuer
from tests.unit.reports.sample import province


def _report() -> Report:
    return province()


def test_files_and_standard_output_get_the_same_bytes(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    both = (Output(format="json", path=tmp_path / "r.json"), Output(format="json", path=None))
    write_outputs(_report(), both, lang="en", issuer=ReportIssuer(), color="never", everything=False)
    assert (tmp_path / "r.json").read_bytes() == capfdbinary.readouterr().out
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.json"]


def _write(one: Output, *, color: str, everything: bool) -> None:
    write_outputs(_report(), [one], lang="en", issuer=ReportIssuer(), color=color, everything=everything)


def test_a_file_is_whole_or_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def renderer(name: str, options: object) -> object:
        def broken(report: Report, sink: Sink) -> None:
            with sink.open("report") as out:
                out.write(b"half")
                assert (tmp_path / "r.json").read_bytes() == b"old"
                raise OSError("no space")

        return broken

    (tmp_path / "r.json").write_bytes(b"old")
    monkeypatch.setattr(rendering, "renderer", renderer)
    with pytest.raises(Ended) as ended:
        _write(Output(format="json", path=tmp_path / "r.json"), color="never", everything=False)
    assert ended.value.code == 1
    assert capsys.readouterr().err == f"auditor: {tmp_path}/r.json: cannot be written: no space\n"
    assert (tmp_path / "r.json").read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["r.json"]


def test_no_colour_and_no_width_in_files(tmp_path: Path) -> None:
    _write(Output(format="text", path=tmp_path / "r.txt"), color="always", everything=True)
    assert b"\x1b" not in (tmp_path / "r.txt").read_bytes()


def test_a_folder_says_what_was_written(tmp_path: Path) -> None:
    written = write_folder(_report(), tmp_path, ["html", "json"], lang="vi", issuer=ReportIssuer())
    assert sorted(written) == sorted(tmp_path.iterdir())
    assert {path.suffix for path in written} >= {".html", ".json"}


@pytest.mark.parametrize(("encoding", "ascii_only"), [("utf-8", False), ("UTF8", False), ("ascii", True), (None, True)])
def test_symbols_that_the_terminal_cannot_show(
    encoding: str | None, ascii_only: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stream(io.StringIO):
        pass

    Stream.encoding = encoding  # type: ignore[assignment]  # a stream of some other program's making
    monkeypatch.setattr("sys.stdout", Stream())
    assert output.needs_ascii() is ascii_only


def test_tell_written_counts_what_lies_in_folders(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    top = [tmp_path / "report.html", tmp_path / "result.json"]
    tell_written([top[0], *(tmp_path / "agencies" / f"{number}.html" for number in range(26)), top[1]])
    *named, counted = capsys.readouterr().out.splitlines()
    assert named == [str(path) for path in top]
    assert "26" in counted
    assert counted.endswith(str(tmp_path / "agencies"))


def test_tell_written_names_the_folder_that_a_letter_lies_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tell_written([tmp_path / "letters" / "a.docx", tmp_path / "a.pdf"])
    named, counted = capsys.readouterr().out.splitlines()
    assert named == str(tmp_path / "a.pdf")
    assert counted.endswith(str(tmp_path / "letters"))


def test_write_outputs_names_the_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "r.json"
    outputs = (Output(format="json", path=path),)
    write_outputs(_report(), outputs, lang="en", issuer=ReportIssuer(), color="never", everything=False)
    assert capsys.readouterr().out == f"{path}\n"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_writing_on_a_full_disk_says_so_in_the_language_asked_for(
    number: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDITOR_LANG", "vi")
    with pytest.raises(Ended), writing(Path("r.html")):
        raise OSError(number, os.strerror(number))
    assert capsys.readouterr().err == "auditor: r.html: hết dung lượng đĩa\n"


def test_write_outputs_says_why_no_letter_was_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outputs = (Output(format="docx", path=tmp_path / "letters"),)
    report = replace(province(()), groups=())
    write_outputs(report, outputs, lang="en", issuer=ReportIssuer(), color="never", everything=False)
    said = capsys.readouterr()
    assert (said.out, "no agency has anything to fix" in said.err) == ("", True)


def test_write_summary_survives_a_terminal_without_unicode(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr("sys.stdout", out)
    fit_terminal()
    write_summary(_report(), lang="vi", color="never")
    out.flush()
    out.seek(0)
    assert "x nghiem trong" in out.read()
