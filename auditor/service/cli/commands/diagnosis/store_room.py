"""Reports whether the store's disk has room for the next rounds, and whether we may write where results go."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from auditor.framework.message_format import number
from auditor.service.cli.commands.diagnosis.configuration_diagnosis import DoctorLine
from auditor.service.cli.words import language, ui
from auditor.service.config.model import Config
from auditor.service.store.api import DatabaseStore
from auditor.service.store.records import RunState, StoreError
from auditor.service.store.url import file_of, is_file, open_store, parts_of

FEWEST_ROUNDS = 3
"""Number of further rounds below which the room counts as a fault."""


def of_room(config: Config) -> Iterator[DoctorLine]:
    """Yield whether we may write to each folder that results go to, and whether there is room for further rounds."""
    for folder in _folders(config):
        if not os.access(folder, os.W_OK | os.X_OK if folder.is_dir() else os.W_OK):
            text = ui("{path} cannot be written by this user", path=str(folder))
            yield DoctorLine(good=False, text=text)
    if is_file(config.store) and (folder := file_of(config.store).resolve().parent).is_dir():
        yield _room(config, folder)


def _folders(config: Config) -> Iterator[Path]:
    if is_file(config.store):
        store = file_of(config.store).resolve()
        yield from (path for path in (store.parent, store) if path.exists())
    if config.evidence is not None and (evidence := config.evidence.resolve()).is_dir():
        yield evidence


def _room(config: Config, folder: Path) -> DoctorLine:
    free, size = shutil.disk_usage(folder).free, _size_of_a_round(config)
    where = {"path": str(folder), "free": _amount(free)}
    if size is None:
        text = ui("{path}: {free} free; the store has no finished run from which the next one could be sized", **where)
        return DoctorLine(good=None, text=text)
    rounds = free // max(size, 1)
    text = ui(
        "{path}: {free} free, about {rounds:n} further {rounds/round/rounds} of {size} as the last one",
        rounds=min(rounds, 9_999),
        size=_amount(size),
        **where,
    )
    if rounds >= FEWEST_ROUNDS:
        return DoctorLine(good=True, text=text)
    advice = ui(
        "free room before the next rounds: delete the evidence of old runs (auditor runs forget --older-than DAYS)"
        " or move the store"
    )
    return DoctorLine(good=False, text=f"{text}; {advice}")


def _size_of_a_round(config: Config) -> int | None:
    """Return the bytes that the last run's subjects take at the store's average size of a subject; None if unknown."""
    if not file_of(config.store).is_file():
        return None
    try:
        with open_store(config.store, create=False) as store:
            return _sized(store, sum(part.stat().st_size for part in parts_of(config.store) if part.exists()))
    except (StoreError, OSError):  # of_service reports the problem of the store
        return None


def _sized(store: DatabaseStore, total: int) -> int | None:
    finished = [run for run in store.runs() if run.state is RunState.FINISHED]
    counts = [len(store.measured(run.id)) for run in finished if run.forgotten is None]
    if not counts or not counts[-1]:
        return None
    return total * counts[-1] // sum(counts)


def _amount(size: int) -> str:
    for unit, power in (("TB", 12), ("GB", 9), ("MB", 6)):
        if size >= 10**power:
            return f"{number(round(size / 10**power, 1), language())} {unit}"
    return f"{number(size // 1_000, language())} kB"
