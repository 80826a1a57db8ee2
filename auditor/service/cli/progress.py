"""Shows progress on stderr: a bar on a terminal, plain lines otherwise, nothing when quiet."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from auditor.service.cli.global_options import STATE
from auditor.service.cli.words import ui
from auditor.service.pipeline.collecting import Progress
from inventory.model import Subject
from reports.json_data import Plain, encode, iso

EVERY_SECONDS = 10.0


@contextmanager
def progress(total: int) -> Iterator[Progress]:
    """What the collecting is told to tell; ``total`` are the subjects planned."""
    if STATE.verbosity < 0 or total == 0:
        yield Progress()
    elif STATE.json_progress:
        yield _json_lines(total)
    elif sys.stderr.isatty():
        with _bar(total) as told:
            yield told
    else:
        yield _lines()


@contextmanager
def _bar(total: int) -> Iterator[Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(ui("Measuring"), total=total)

        def finished(subject: Subject, done: int, known: int) -> None:
            bar.update(task, completed=done, total=known)

        def waiting(attempts: int, seconds: float) -> None:
            bar.update(task, description=_waiting(attempts, seconds))

        yield Progress(finished=finished, waiting=waiting)


def _waiting(attempts: int, seconds: float) -> str:
    """The local time of this machine: somebody waits in front of it."""
    until = (datetime.now(UTC).astimezone() + timedelta(seconds=seconds)).strftime("%H:%M:%S")
    return ui("Measuring {n:n} {n/time/times} again what failed, the last time at {until}", n=attempts, until=until)


def _json_lines(total: int) -> Progress:
    """One object a line for each subject that was measured: programs draw their own bar."""

    def finished(subject: Subject, done: int, known: int) -> None:
        _print_object("measured", subject=subject.id, done=done, total=known)

    def waiting(attempts: int, seconds: float) -> None:
        _print_object("waiting", attempts=attempts, seconds=round(seconds, 1))

    _print_object("planned", total=total)
    return Progress(finished=finished, waiting=waiting)


def _print_object(event: str, **fields: Plain) -> None:
    line = encode({"event": event, "time": iso(datetime.now(UTC)), **fields})
    print(line.decode("utf-8"), file=sys.stderr, flush=True)


def _lines() -> Progress:
    last = time.monotonic()

    def finished(subject: Subject, done: int, known: int) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY_SECONDS:
            last = time.monotonic()
            print(
                ui("measured {done:n} of {known:n} {known/subject/subjects}", done=done, known=known),
                file=sys.stderr,
                flush=True,
            )

    def waiting(attempts: int, seconds: float) -> None:
        print(_waiting(attempts, seconds), file=sys.stderr, flush=True)

    return Progress(finished=finished, waiting=waiting)
