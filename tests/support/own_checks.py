"""Provides an operator's own checks in tests: written as ``auditor checks new`` writes them, removed afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from auditor.framework import check
from auditor.service.config import own_checks
from auditor.service.pipeline.own_checks.own_check_cases import cases_of
from auditor.service.pipeline.own_checks.own_check_template import cases_text, check_text
from auditor.service.pipeline.processes import process_handover
from auditor.service.web.rendering import render

ID = "local.web.example"


@contextmanager
def forgotten() -> Iterator[None]:
    """Leave this process without the checks that are loaded meanwhile."""
    before, folders = check.registered(), own_checks.loaded()
    render.texts_in.cache_clear()  # it may hold the checks of tests before
    try:
        yield
    finally:
        render.texts_in.cache_clear()
        check._CHECKS.clear()
        check._CHECKS.update(before)
        own_checks._LOADED.clear()
        own_checks._LOADED.update(dict.fromkeys(folders))
        process_handover._checks.cache_clear()


def written(folder: Path, text: str | None = None, name: str = "web/example.py") -> Path:
    """Write a check with its cases below ``folder`` and return its file."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(check_text(path.stem) if text is None else text, "utf-8")
    cases_of(path).write_text(cases_text(), "utf-8")
    for place in (folder, *folder.rglob("*")):
        place.chmod(0o700 if place.is_dir() else 0o600)
    return path
