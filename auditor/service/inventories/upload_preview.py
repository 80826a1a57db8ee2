"""Has uploaded inventories read, checked and compared by a program of its own (``preview_program``).

The service never holds one as Python values: it receives the data to show, and a document to store as it is.
"""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, TypeVar

from auditor.service.inventories import file_reading
from auditor.service.inventories.preview import Preview
from auditor.service.inventories.preview_program import MEMORY, SECONDS
from auditor.service.inventories.reader_protocol import problem_of
from auditor.service.inventories.reading_program import EarlyEnd, started
from auditor.service.store.kept.inventories import Packed
from inventory.dataclass_json import decode, encode
from inventory.json_pieces import Json, loads
from inventory.model import AgencyId
from inventory.problems.problem import InventoryError, InventoryProblem
from inventory.tables.choices import TableChoice
from inventory.tables.layout import TableLayout

T = TypeVar("T")
_LINE = 64 * 2**20
"""Bytes that the shown data may take: 900 subjects with every cell as long as a cell may be."""
_DOCUMENT = 512 * 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Previewed:
    """Holds an inventory without errors, or the good rows of one.

    ``problems`` are the first errors and warnings, ``layouts`` how the tables were read, and ``waiting`` is the number
    of rows that wait to be corrected.
    """

    packed: Packed
    preview: Preview
    problems: tuple[InventoryProblem, ...] = ()
    layouts: tuple[TableLayout, ...] = ()
    errors: int = 0
    warnings: int = 0
    waiting: int = 0


class SentError(InventoryError):
    """Raised for errors in uploaded files; holds the first problems, and the numbers of errors and warnings."""

    def __init__(
        self, problems: Sequence[InventoryProblem], errors: int, warnings: int = 0, layouts: Sequence[TableLayout] = ()
    ) -> None:
        super().__init__(problems, layouts)
        self.errors, self.warnings = errors, warnings

    @property
    def all(self) -> int:
        return self.errors + self.warnings


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """Holds uploaded files, names and bytes, and a person's choices about reading them."""

    files: tuple[tuple[str, bytes], ...]
    choices: tuple[TableChoice, ...] = ()
    good_rows: bool = False


def preview_files(files: Sequence[tuple[str, bytes]], before: bytes = b"", own: AgencyId | None = None) -> Previewed:
    """Preview uploaded files. Raises SentError.

    ``files``: names and bytes; ``before``: the stored document of the version before; ``own``: the agency that the
    reader is bound to.
    """
    return preview_upload(Upload(files=tuple(files)), before, own)


def preview_upload(upload: Upload, before: bytes = b"", own: AgencyId | None = None) -> Previewed:
    """Preview an upload as ``preview_files`` does. Raises SentError."""
    return _run(upload, before, own, _heard)


def marked_file(upload: Upload, number: int, lang: str) -> bytes:
    """Return a coloured copy of the file with this number, from 0; empty if it has no sheets. Raises SentError."""
    return _run(upload, b"", None, _heard_copy, marked=number, lang=lang)


def _run(
    upload: Upload,
    before: bytes,
    own: AgencyId | None,
    hear: Callable[[IO[bytes]], T],
    *,
    marked: int | None = None,
    lang: str = "vi",
) -> T:
    asked = {
        "files": [[name, len(data)] for name, data in upload.files],
        "choices": [encode(choice) for choice in upload.choices],
        "good_rows": upload.good_rows,
        "marked": marked,
        "lang": lang,
        "before": len(before),
        "own": own,
    }
    wall = file_reading.WALL + SECONDS
    with started("auditor.service.inventories.preview_program", seconds=wall) as program:
        program.send(asked, *(data for _, data in upload.files), before)
        with program.stdout as stream, contextlib.suppress(ValueError, KeyError, TypeError, EOFError):
            return hear(stream)
        raise _broken_off(program.early_end(seconds=SECONDS, megabytes=MEMORY))


def _heard(stream: IO[bytes]) -> Previewed:
    """Read the preview. Raises SentError; ValueError, KeyError, TypeError or EOFError for a malformed answer."""
    line = stream.readline(_LINE)
    if not line.endswith(b"\n"):
        raise EOFError
    said = loads(line)
    if not isinstance(said, dict):
        raise ValueError("no answer")
    errors, warnings, layouts = _number(said, "errors"), _number(said, "warnings"), _layouts(said["layouts"])
    if "problems" in said:
        raise SentError(_problems(said["problems"]), errors, warnings, layouts)
    return Previewed(
        packed=_packed(stream, said),
        preview=decode(Preview, said["preview"]),
        problems=_problems(said["listed"]),
        layouts=layouts,
        errors=errors,
        warnings=warnings,
        waiting=_number(said, "waiting"),
    )


def _heard_copy(stream: IO[bytes]) -> bytes:
    """Read the coloured copy. Raises ValueError, KeyError, TypeError or EOFError for a malformed answer."""
    said = loads(stream.readline(_LINE))
    size = _number(said, "copy") if isinstance(said, dict) else -1
    copy = stream.read(size) if 0 <= size <= _DOCUMENT else b""
    if len(copy) != size:
        raise EOFError
    return copy


def _number(said: Mapping[str, Json], name: str) -> int:
    return int(str(said[name]))


def _layouts(said: Json) -> tuple[TableLayout, ...]:
    if not isinstance(said, list):
        raise ValueError("no layouts")
    return tuple(decode(TableLayout, each) for each in said)


def _packed(stream: IO[bytes], said: Mapping[str, Json]) -> Packed:
    size, files = int(str(said["document"])), said["files"]
    document = stream.read(size) if 0 < size <= _DOCUMENT else b""
    if len(document) != size or not size or not isinstance(files, list):
        raise EOFError
    return Packed.of(document, tuple(map(str, files)), int(str(said["subjects"])))


def _problems(said: Json) -> tuple[InventoryProblem, ...]:
    if not isinstance(said, list):
        raise ValueError("no problems")
    return tuple(map(problem_of, said))


def _broken_off(end: EarlyEnd) -> SentError:
    """Return the error about all files together: each of them was read before, within bounds of its own."""
    return SentError([InventoryProblem(code=end.code, args=end.args)], 1)
