"""Tests reports in temporary files: one format, the letter to one agency, all letters, and none if nothing is due."""

import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from auditor.service.web.downloads.downloads import LETTERS, ReportFile, written_report
from auditor.service.web.site import Site
from reports.document import Report
from reports.issuer import ReportIssuer
from tests.unit.reports.earlier import whole_province

SITE = cast("Site", SimpleNamespace(issuer=ReportIssuer()))


@pytest.fixture
def write() -> Iterator[Callable[[Report | None, str], ReportFile | None]]:
    files: list[ReportFile] = []

    def written(report: Report | None, kind: str) -> ReportFile | None:
        made = written_report(SITE, lambda: report, kind, "vi")
        files.extend([made] if made is not None else [])
        return made

    yield written
    for made in files:
        made.remove()


def test_written_report_is_a_file_that_goes_when_removed(
    write: Callable[[Report | None, str], ReportFile | None],
) -> None:
    made = write(whole_province(), "json")
    assert made is not None
    assert made.path.stat().st_size > 0
    made.remove()
    assert not made.path.exists()


def test_written_report_of_letters_is_a_zip(write: Callable[[Report | None, str], ReportFile | None]) -> None:
    made = write(whole_province(), LETTERS)
    assert made is not None
    with zipfile.ZipFile(io.BytesIO(Path(made.path).read_bytes())) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
    assert names
    assert all(name.startswith("cong-van-") and name.endswith(".docx") for name in names)


def test_written_report_of_nothing_is_none(write: Callable[[Report | None, str], ReportFile | None]) -> None:
    assert write(None, "json") is None
