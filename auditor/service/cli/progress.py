"""Shows progress on stderr: a bar on a terminal, plain lines otherwise, nothing when quiet."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from auditor.figures.scoring import AREAS
from auditor.framework.check import Check
from auditor.framework.message_format import clean
from auditor.service.cli.global_options import STATE
from auditor.service.cli.words import language, ui
from auditor.service.pipeline.measuring.collecting import Progress
from auditor.texts.translate import Texts
from inventory.model import IPAddress, Subject, written
from reports.json_data import Plain, encode, iso

EVERY_SECONDS = 10.0


_FEW = 20
"""The largest number of subjects that are shown one by one; more are only counted."""
_Say = Callable[[str], None]


@contextmanager
def progress(total: int, checks: Sequence[Check] = ()) -> Iterator[Progress]:
    """Return the callbacks of a collection for this terminal; ``total`` is the number of planned subjects.

    With the ``checks`` by which a few subjects are judged, each subject is shown: its addresses once they are known,
    and then the areas for which it was measured.
    """
    each = checks if total <= _FEW else ()
    if STATE.verbosity < 0 or total == 0:
        yield Progress()
    elif STATE.json_progress:
        yield _json_lines(total)
    elif sys.stderr.isatty():
        with _bar(total, each) as told:
            yield told
    else:
        yield _one_by_one(_print, each) if each else _lines()


@contextmanager
def _bar(total: int, checks: Sequence[Check]) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(ui("Measuring"), total=total)

        def say(line: str) -> None:
            bar.console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=True)

        each = _one_by_one(say, checks) if checks else Progress()

        def finished(subject: Subject, done: int, known: int) -> None:
            each.finished(subject, done, known)
            bar.update(task, completed=done, total=known)

        def waiting(attempts: int, seconds: float) -> None:
            bar.update(task, description=_waiting(attempts, seconds))

        yield replace(each, finished=finished, waiting=waiting)


def _one_by_one(say: _Say, checks: Sequence[Check]) -> Progress:
    """Print the addresses of each subject, and the areas for which it was measured."""

    def named(subject: Subject, addresses: Sequence[IPAddress]) -> None:
        if addresses:
            where = tuple(map(written, addresses))
            say(ui("measured {subject}: addresses {addresses:list}", subject=clean(subject.id, 80), addresses=where))

    def finished(subject: Subject, done: int, known: int) -> None:
        concerned = [check.id for check in checks if check.concerns(subject)]
        areas = [area for area in AREAS if any(check.startswith(f"{area}.") for check in concerned)]
        if areas:
            names = tuple(map(Texts(language()).area, areas))
            say(ui("measured {subject}: {areas:list}", subject=clean(subject.id, 80), areas=names))

    def waiting(attempts: int, seconds: float) -> None:
        say(_waiting(attempts, seconds))

    return Progress(finished=finished, waiting=waiting, named=named)


def _print(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _waiting(attempts: int, seconds: float) -> str:
    """Return the line about repeated attempts, with the local time of the last one: a person waits for it."""
    until = (datetime.now(UTC).astimezone() + timedelta(seconds=seconds)).strftime("%H:%M:%S")
    return ui("Measuring {n:n} {n/time/times} again what failed, the last time at {until}", n=attempts, until=until)


def _json_lines(total: int) -> Progress:
    """Print one JSON object per line for each measured subject, for programs that draw their own progress bar."""

    def finished(subject: Subject, done: int, known: int) -> None:
        _print_object("measured", subject=subject.id, done=done, total=known)

    def waiting(attempts: int, seconds: float) -> None:
        _print_object("waiting", attempts=attempts, seconds=round(seconds, 1))

    _print_object("planned", total=total)
    return Progress(finished=finished, waiting=waiting)


def _print_object(event: str, **fields: Plain) -> None:
    line = encode({"event": event, "time": iso(datetime.now(UTC)), **fields})
    _print(line.decode("utf-8"))


def _lines() -> Progress:
    last = time.monotonic()

    def finished(subject: Subject, done: int, known: int) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY_SECONDS:
            last = time.monotonic()
            _print(ui("measured {done:n} of {known:n} {known/subject/subjects}", done=done, known=known))

    def waiting(attempts: int, seconds: float) -> None:
        _print(_waiting(attempts, seconds))

    return Progress(finished=finished, waiting=waiting)
