"""Tests that the form of an official report is the one that its script writes."""

import runpy
from pathlib import Path
from zipfile import ZipFile

from tests.architecture.tree import ROOT

FORM = runpy.run_path(str(ROOT / "scripts" / "period_form.py"))


def _parts(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_form_of_a_period_is_the_one_that_the_script_writes(tmp_path: Path) -> None:
    FORM["write"](tmp_path / "period.docx")
    assert _parts(tmp_path / "period.docx") == _parts(FORM["PLACE"]), "run scripts/period_form.py"
