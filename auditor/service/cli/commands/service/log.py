"""Runs ``auditor log``: prints the audit log of a store, and whether it was changed afterwards."""

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from auditor.framework.escaping import visible
from auditor.service.cli.failures import EXIT_FINDINGS, EXIT_OK, refuse
from auditor.service.cli.global_options import load_config
from auditor.service.cli.list_output import print_json, wants_json
from auditor.service.cli.words import language, ui
from auditor.service.runs.audit_log import LogCheck, check_log
from auditor.service.store.chain import LastLine
from auditor.service.store.sql.accounts import log_rows
from auditor.service.store.url import open_store
from auditor.texts.translate import Texts
from reports.json_data import Plain, iso

_HEAD = re.compile(r"([1-9][0-9]{0,17}):(sha256:[0-9a-f]{64})")


def verify(kept: str | None, options: Mapping[str, object]) -> int:
    """Verify the whole log; ``kept`` is the number and hash of a line, noted elsewhere."""
    head = None if kept is None else _head(kept)
    with open_store(load_config(options).config.store, create=False) as store:
        found = check_log(store, head)
    for line in problems(found):
        print(visible(line))
    if found.holds:
        print(holds(found))
    return EXIT_OK if found.holds else EXIT_FINDINGS


def show(most: int, options: Mapping[str, object], *, form: str) -> int:
    """Print the latest lines, the oldest of them first."""
    as_json = wants_json(form)
    texts = Texts(language())
    url = load_config(options).config.store
    with open_store(url, create=False) as store, store.database.reading() as connection:
        lines = list(log_rows.latest(connection, most))
    if as_json:
        print_json([_data(line) for line in reversed(lines)])
        return EXIT_OK
    for line in reversed(lines):
        said = [str(line.key), texts.moment(line.time), line.who, line.address, line.what, line.about, line.hash]
        print(visible("  ".join(said)))
    return EXIT_OK


def _data(line: Row[Any]) -> dict[str, Plain]:
    return {
        "number": line.key,
        "time": iso(line.time),
        "who": line.who,
        "address": line.address,
        "what": line.what,
        "about": line.about,
        "hash": line.hash,
    }


def holds(found: LogCheck) -> str:
    head = found.chain.head
    return ui(
        "the audit log holds: {n:n} {n/line/lines}, the last one is {head}",
        n=found.chain.lines,
        head=f"{head.number}:{head.hash}",
    )


def problems(found: LogCheck) -> list[str]:
    """List the lines of the log that were changed afterwards."""
    said = []
    if found.chain.broken is not None:
        said.append(
            ui(
                "the audit log was altered: line {number} does not follow from those before it",
                number=found.chain.broken,
            )
        )
    said += [
        ui("the audit log was altered or cut short: the seal of run {run} names a line that is not there", run=run)
        for run in found.contradicted
    ]
    said += [
        ui("run {run} does not have the seal any more that the audit log tells of", run=run) for run in found.unsealed
    ]
    if found.missing is not None:
        said.append(
            ui(
                "the audit log was altered or cut short: line {number} is not there with this hash",
                number=found.missing.number,
            )
        )
    return said


def _head(text: str) -> LastLine:
    found = _HEAD.fullmatch(text)
    if found is None:
        raise refuse([ui("--head: '{word}' is not the NUMBER:HASH of a line, as this command prints it", word=text)])
    return LastLine(number=int(found[1]), hash=found[2])
