"""Tests requested formats: known names, writable places, and one of them on standard output."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.framework.operator_problems import OperatorError
from auditor.service.cli.failures import Ended
from auditor.service.cli.wanted_outputs import Output, parse_outputs, replaced
from tests.conftest import FROZEN_NOW


def test_parse_outputs_default_is_standard_output() -> None:
    assert parse_outputs((), default="text") == (Output(format="text", path=None),)


def test_parse_outputs_format_with_a_path(tmp_path: Path) -> None:
    path = tmp_path / "a=b.json"
    assert parse_outputs([f"json={path}", "text"], default="html") == (
        Output(format="json", path=path),
        Output(format="text", path=None),
    )


def test_parse_outputs_dash_is_standard_output_and_no_file_of_that_name() -> None:
    assert parse_outputs(["json=-"], default="text") == (Output(format="json", path=None),)


@pytest.mark.parametrize("word", ["yaml", "yaml=file", "", "=file", "TEXT"])
def test_parse_outputs_unknown_format_is_refused(word: str) -> None:
    with pytest.raises(OperatorError, match=r"unknown format '.*'; there are text, json"):
        parse_outputs([word], default="text")


def test_the_nearest_format_is_named() -> None:
    with pytest.raises(OperatorError, match=r"did you mean 'json'\?"):
        parse_outputs(["jsno"], default="text")


def test_two_formats_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Ended) as ended:
        parse_outputs(["text", "json"], default="text")
    assert ended.value.code == 2
    assert capsys.readouterr().err.startswith("auditor: only one format can go to standard output")


def test_every_missing_folder_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Ended) as ended:
        parse_outputs([f"json={tmp_path}/a/x.json", f"html={tmp_path}/b/x.html", "text"], default="text")
    assert ended.value.code == 2
    assert capsys.readouterr().err.splitlines() == [
        f"auditor: {tmp_path}/a/x.json: the folder for it does not exist",
        f"auditor: {tmp_path}/b/x.html: the folder for it does not exist",
    ]


def test_a_file_that_is_a_folder_or_in_a_folder_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("os.access", lambda path, mode: path != tmp_path / "theirs")
    (tmp_path / "theirs").mkdir()
    with pytest.raises(Ended):
        parse_outputs([f"json={tmp_path}", f"html={tmp_path}/theirs/r.html"], default="text")
    assert capsys.readouterr().err.splitlines() == [
        f"auditor: {tmp_path}: is a folder, name a file",
        f"auditor: {tmp_path}/theirs/r.html: the folder for it cannot be written",
    ]


def test_replaced_leaves_out_what_a_run_wrote_itself(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("{}")
    os.utime(path, (FROZEN_NOW.timestamp(), FROZEN_NOW.timestamp()))
    outputs = parse_outputs([f"json={path}", "text"], default="text", force=True)
    assert replaced(outputs, since=FROZEN_NOW - timedelta(hours=1)) == []
    assert len(replaced(outputs, since=FROZEN_NOW + timedelta(hours=1))) == 1
