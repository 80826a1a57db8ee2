"""Loads the checks of an operator from folders.

They are code that runs with the rights of this program, so a folder that somebody else can change is refused. The id of
a check is its path below the folder: ``web/example.py`` is ``local.web.example``. Nothing is written into the folder.
"""

import os
import re
import stat
import sys
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType

from auditor.framework import check
from auditor.framework.findings import CheckId
from auditor.framework.operator_problems import OperatorError, OperatorProblem, problem, unreadable
from auditor.service.config.file_trust import trusted_users
from inventory.safe_open import read_text

PREFIX = "local."
MOST_FILES = 500
_PART = re.compile(r"[a-z][a-z0-9_]{0,60}")
_LOADED: dict[Path, None] = {}


class OwnCheckError(OperatorError):
    """Raised for an operator's checks that cannot be loaded; each problem names the file, and the line if known."""


def load(folders: Iterable[Path], *, again: bool = False) -> None:
    """Register every check of the folders, once in this process. Raises OwnCheckError.

    ``again``: the program that started this process has loaded them and checked their owners.
    """
    problems: list[OperatorProblem] = []
    for named in folders:
        folder = named.resolve()
        if folder not in _LOADED:
            problems += _folder_problems(folder, trusted=again)
            _LOADED[folder] = None
    if problems:
        _LOADED.clear()
        raise OwnCheckError(problems)


def loaded() -> tuple[Path, ...]:
    """Return the folders with the checks that this process has loaded."""
    return tuple(_LOADED)


def files_of(folder: Path) -> Iterator[Path]:
    """Iterate over the files of a folder that hold checks, in the order of their paths."""
    return (path for path in sorted(folder.rglob("*.py")) if "__pycache__" not in path.parts)


def _folder_problems(folder: Path, *, trusted: bool) -> list[OperatorProblem]:
    if not folder.is_dir():
        return [problem("there is no such folder of checks", at=str(folder))]
    files = list(files_of(folder))
    if len(files) > MOST_FILES:
        return [problem("has more files than may be read ({most:n})", at=str(folder), most=MOST_FILES)]
    problems = [] if trusted else list(_distrust(folder, files))
    return problems or [wrong for path in files if (wrong := _load_file(folder, path)) is not None]


def _distrust(folder: Path, files: Iterable[Path]) -> Iterator[OperatorProblem]:
    """Yield a problem for each place that another user can change; a folder above could be replaced as a whole."""
    inside = {place for path in files for place in (path, *path.parents) if folder in place.parents}
    for place in (*reversed(folder.parents), folder, *sorted(inside)):
        status = os.lstat(place)
        if stat.S_ISLNK(status.st_mode):
            yield problem("is a link, and checks are not read through links", at=str(place))
        elif status.st_uid not in trusted_users(os.environ):
            yield problem("belongs to another user, who could have this program run any code", at=str(place))
        elif _writable_by_others(status) and not (place in folder.parents and status.st_mode & stat.S_ISVTX):
            yield problem("can be written by other users, and what lies there would be run: chmod go-w", at=str(place))


def _writable_by_others(status: os.stat_result) -> bool:
    """True if other users may write; by Linux custom a group with the owner's number is the owner's own."""
    own_group = status.st_gid in (0, status.st_uid)
    return bool(status.st_mode & stat.S_IWOTH) or bool(status.st_mode & stat.S_IWGRP and not own_group)


def _load_file(folder: Path, path: Path) -> OperatorProblem | None:
    parts = path.relative_to(folder).with_suffix("").parts
    if len(parts) < 2 or not all(map(_PART.fullmatch, parts)):
        return problem(
            "must stand as AREA/NAME.py, in small letters, digits and _: its id is local.AREA.NAME", at=str(path)
        )
    name, before = PREFIX + ".".join(parts), check.registered()
    try:
        source = read_text(path)
    except (OSError, UnicodeDecodeError) as error:
        return unreadable(error, at=str(path))
    try:
        _run(source, path, name)
    except SyntaxError as error:
        return problem("is not valid Python: {why}", at=f"{path}:{error.lineno or 1}", why=error.msg)
    except Exception as error:
        why = f"{type(error).__name__}: {error}"
        return problem("cannot be loaded: {why}", at=f"{path}:{_line(error, path)}", why=why)
    return _foreign(path, name, before)


def _run(source: str, path: Path, name: str) -> None:
    """Run a file as a module, without reading or writing bytecode: another user could have left it there."""
    module = ModuleType(name)
    module.__file__ = str(path)
    code = compile(source, str(path), "exec", dont_inherit=True)
    sys.modules[name] = module  # dataclasses look up the module of a class
    exec(code, module.__dict__)  # noqa: S102  # what an operator's check is


def _line(error: Exception, path: Path) -> int:
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return lines[-1] or 1 if lines else 1


def _foreign(path: Path, name: str, before: Iterable[CheckId]) -> OperatorProblem | None:
    """Return the problem with the ids that a file has registered; None if there is none."""
    known = frozenset(before)
    new = [made for id_, made in check.registered().items() if id_ not in known]
    if not new:
        return problem("declares no check", at=f"{path}:1")
    prefix = check.id_of(name, None).rpartition(".")[0] + "."
    for made in new:
        if not made.id.startswith(prefix):
            at = f"{path}:{made.run.__code__.co_firstlineno}"
            return problem("declares {check}, but its ids begin with {prefix}", at=at, check=made.id, prefix=prefix)
    return None
