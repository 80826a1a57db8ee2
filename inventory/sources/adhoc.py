"""Turns TARGET of the command line into one subject, without an inventory.

A bare name may turn out to be a web site, a zone and a mail domain; planning finds out which of them, so the subject
carries candidates. Every other form is unambiguous.
"""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from inventory.model import Kind, RowOrigin, Subject, SubjectId
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition, ProblemCollector
from inventory.sources.decoding import to_text
from inventory.sources.target import read_target
from inventory.sources.target_ranges import expand


def parse_target(text: str, kind: Kind | None = None, *, origin: RowOrigin | None = None) -> Subject:
    """Return the subject that a TARGET means; ``kind`` replaces everything it could be. Raise InventoryError."""
    return parse_targets([(text, origin)], kind)[0]


def parse_targets(texts: Iterable[tuple[str, RowOrigin | None]], kind: Kind | None = None) -> tuple[Subject, ...]:
    """Return the subjects of several targets, each once. Raise InventoryError with all problems at once."""
    problems = ProblemCollector()
    subjects_by_id: dict[SubjectId, Subject] = {}
    for text, origin in texts:
        place = CellPosition(problems, origin or RowOrigin(source=""), "target")
        for target in expand(text.strip(), place):
            subject = read_target(target, kind, place)
            if subject is not None:
                subjects_by_id.setdefault(subject.id, replace(subject, origin=origin))
    problems.raise_errors()
    return tuple(subjects_by_id.values())


def read_targets(source: Path | str, kind: Kind | None = None) -> tuple[Subject, ...]:
    """Return the targets of a file, or of a text (standard input) itself: one a line, ``#`` begins a comment."""
    problems = ProblemCollector()
    name = str(source) if isinstance(source, Path) else "-"
    place = CellPosition(problems, RowOrigin(source=name))
    text = source if isinstance(source, str) else _text_of(source, place)
    problems.raise_errors()
    lines = (
        (target, RowOrigin(source=name, row=number))
        for number, line in enumerate((text or "").removeprefix("\ufeff").split("\n"), 1)
        if (target := _without_comment(line))
    )
    subjects = parse_targets(lines, kind)
    if not subjects:
        place.report(Code.NO_TARGETS)
    problems.raise_errors()
    return subjects


def _text_of(path: Path, place: CellPosition) -> str | None:
    from inventory.sources.files import read_bytes  # and every reader of tables, for a command that names a file

    data = read_bytes(path, place)
    return to_text(data, place) if data else None


def _without_comment(line: str) -> str:
    """Return a line without its comment; ``#`` inside a word belongs to a URL."""
    words = line.split()
    cut = next((position for position, word in enumerate(words) if word.startswith("#")), len(words))
    return " ".join(words[:cut])
