"""Finds the files that a command would replace, so that it can be refused without ``--force`` before it begins."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

from auditor.service.cli.failures import refuse
from auditor.service.cli.words import ui
from auditor.service.store import files

_MOST_NAMED = 3


def kept_file(path: Path, *, since: datetime | None = None) -> str | None:
    """Return why a file may not be written; None if nothing is lost. A file changed after ``since`` may be replaced."""
    if not _is_lost(path, since):
        return None
    return ui("{path} exists and is not empty; add --force to replace it", path=str(path))


def kept_in_folder(folder: Path, patterns: Iterable[str], *, since: datetime | None = None) -> str | None:
    """Return why files that match patterns may not be written into a folder; None if nothing is lost."""
    found = {path for pattern in patterns for path in folder.glob(pattern) if _is_lost(path, since)}
    if not found:
        return None
    names = [str(path.relative_to(folder)) for path in sorted(found)]
    more = f", … (+{len(names) - _MOST_NAMED})" if len(names) > _MOST_NAMED else ""
    return ui(
        "{folder} holds files that would be replaced: {names}; name another folder, or add --force",
        folder=str(folder),
        names=", ".join(names[:_MOST_NAMED]) + more,
    )


def keep_files(paths: Iterable[Path], *, force: bool) -> None:
    """Raise Ended, with a line for each file, if files would be replaced without ``force``."""
    lines = [] if force else [line for path in paths if (line := kept_file(path)) is not None]
    if lines:
        raise refuse(lines)


def _is_lost(path: Path, since: datetime | None) -> bool:
    if not files.is_replaced(path):
        return False
    return since is None or datetime.fromtimestamp(path.stat().st_mtime, UTC) < since
