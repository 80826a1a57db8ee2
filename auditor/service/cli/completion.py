"""Offers values to shells for completion: check ids, formats, runs, agencies, vantages, profiles.

A completion runs while somebody types: if something cannot be read (no store, a wrong configuration), it offers nothing
and prints nothing. Names from a store or a file are offered only if every shell reads them as a plain word.
"""

import contextlib
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import typer

from auditor.service.cli.failures import EXIT_OK, refuse
from auditor.service.cli.words import ui

if TYPE_CHECKING:
    from auditor.service.config.model import Config
    from auditor.service.store.api import DatabaseStore
    from auditor.service.store.records import RunRecord

SHELLS = ("bash", "zsh", "fish")
_WORD = re.compile(r"[\w@%+:./-]{1,200}")
_MOST = 500
"""Maximum number of words offered."""


def print_script(shell: str) -> int:
    """Print the script that a shell reads to complete the command line of ``auditor``."""
    from typer.completion import get_completion_script  # type: ignore[attr-defined]

    if shell not in SHELLS:
        raise refuse([ui("unknown shell '{name}'; there are {known}", name=shell, known=", ".join(SHELLS))])
    print(get_completion_script(prog_name="auditor", complete_var="_AUDITOR_COMPLETE", shell=shell))
    return EXIT_OK


def words(*known: str) -> Callable[[str], list[str]]:
    """Complete from a fixed list."""
    return lambda incomplete: _starting(known, incomplete)


def formats(incomplete: str) -> list[str]:
    """Complete a format of reports."""
    from reports.registry import FORMATS

    return _starting(FORMATS, incomplete)


def check_ids(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete the id of a check."""
    return _starting(sorted(_checks(ctx)), incomplete)


def check_prefixes(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete the id of a check or of an area; after a comma, the next one."""
    before, comma, last = incomplete.rpartition(",")
    ids = list(_checks(ctx))
    known = {".".join(check.split(".")[:length]) for check in ids for length in (1, 2, 3)}
    return [f"{before}{comma}{word}" for word in _starting(sorted(known), last)]


def kinds(incomplete: str) -> list[str]:
    """Complete the kind of a subject."""
    from inventory.model import Kind

    return _starting([kind.value for kind in Kind if kind is not Kind.UNIT], incomplete)


def probes(incomplete: str) -> list[str]:
    """Complete the name of a probe."""
    from probes.framework.registry import load

    return _starting(sorted(load()), incomplete)


def frameworks(incomplete: str) -> list[str]:
    """Complete the id of a framework."""
    from auditor.service.pipeline.operator_files.frameworks import shipped_frameworks

    return _starting([framework.id for framework in shipped_frameworks()], incomplete)


def snmp_profiles(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete the name of an SNMP profile of the configuration."""
    return _read(ctx, incomplete, lambda config: sorted(config.snmp.profiles))


def vantages(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete the name of a vantage: our own, or one with a worker that measures for us."""
    return _read(ctx, incomplete, lambda config: [config.vantage.name, *sorted(config.vantages)])


def runs(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete the id of a run, the latest first."""
    return _stored(ctx, incomplete, lambda store: [run.id for run in _newest_first(store)])


def _newest_first(store: "DatabaseStore") -> list["RunRecord"]:
    from auditor.service.store.records import newest_first

    return newest_first(store.runs(), datetime.now(UTC))


def inventories(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete the name of an inventory that the store keeps."""
    return _stored(ctx, incomplete, lambda store: store.inventories())


def retired_inventories(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete the name of an inventory that is retired."""
    return _stored(ctx, incomplete, _retired)


def _retired(store: "DatabaseStore") -> Iterable[str]:
    from auditor.service.store.kept.inventories import Inventories

    return Inventories(store.database).retirements()


def agencies(ctx: typer.Context, incomplete: str) -> list[str]:
    """Complete the code of an agency of the latest run."""
    return _stored(ctx, incomplete, _agencies)


def _agencies(store: "DatabaseStore") -> Iterator[str]:
    latest = next(iter(_newest_first(store)), None)
    seen: set[str] = set()
    for subject in store.subjects(latest.id) if latest is not None else ():
        if subject.agency is not None and subject.agency not in seen:
            seen.add(subject.agency)
            yield subject.agency


def _checks(ctx: typer.Context) -> Iterator[str]:
    from auditor.framework import catalogue

    _read(ctx, "", lambda _: ())  # which loads the operator's own checks
    return map(str, catalogue.load().checks)


def _stored(ctx: typer.Context, incomplete: str, read: "Callable[[DatabaseStore], Iterable[str]]") -> list[str]:
    def open_and_read(config: "Config") -> Sequence[str]:
        from auditor.service.store.url import open_store

        with open_store(config.store, create=False) as store:
            return list(read(store))

    return _read(ctx, incomplete, open_and_read)


def _read(ctx: typer.Context, incomplete: str, read: "Callable[[Config], Iterable[str]]") -> list[str]:
    from auditor.service.cli.global_options import STATE, load_config

    given: dict[str, Any] = ctx.find_root().params
    STATE.config = STATE.config or given.get("config")
    with contextlib.redirect_stderr(io.StringIO()), contextlib.suppress(Exception):
        return _starting(read(load_config({"store": ctx.params.get("store")}).config), incomplete)
    return []


def _starting(known: Iterable[str], incomplete: str) -> list[str]:
    fitting = (word for word in known if word.startswith(incomplete) and _WORD.fullmatch(word))
    return [word for word, _ in zip(fitting, range(_MOST), strict=False)]
