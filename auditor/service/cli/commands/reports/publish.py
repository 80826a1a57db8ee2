"""Runs ``auditor publish``: writes the public edition of a period into a folder that can be put on a web server."""

import base64
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from auditor.figures.period import Period, PeriodProgress
from auditor.framework import catalogue
from auditor.framework.escaping import visible
from auditor.service.cli.audit_entries import note
from auditor.service.cli.commands.reports.period import period_named
from auditor.service.cli.failures import EXIT_OK, refuse
from auditor.service.cli.global_options import load_config
from auditor.service.cli.output import writing
from auditor.service.cli.replacing import keep_files
from auditor.service.cli.words import language, ui
from auditor.service.runs import signing
from auditor.service.runs.comparing import judged_run, same_rules
from auditor.service.runs.period_counts import leaks, period_progress
from auditor.service.store import files as store_files
from auditor.service.store.api import Store
from auditor.service.store.url import open_store
from auditor.texts.translate import Texts
from inventory.model import Subject
from inventory.safe_open import read_whole
from probes.framework.evidence import RunId
from reports.json_data import Plain
from reports.period.tables import caveats
from reports.public.edition import Edition, earlier_edition
from reports.public.site import DATA, DIGESTS, PAGES, site

_SIGNATURE = "SHA256SUMS.sig"
_MOST_BYTES = 32 * 2**20
_READABLE, _ENTERED = 0o644, 0o755
"""Modes of published files and folders: everybody may read them."""


def publish(word: str, folder: Path, key: Path | None, options: Mapping[str, object]) -> int:
    """Write the edition of a period, and print its page and digest. Nothing is written if there is any problem."""
    period, config = period_named(word), load_config(options).config
    with open_store(config.store, create=False) as store:
        now = datetime.now(UTC)
        progressed = period_progress(period, store, catalogue.load(), now)
        made = Edition(
            progress=progressed,
            issued=now,
            issuer=config.report.issuer,
            earlier=_earlier(folder / DATA, period),
            same_rules=_same_rules(progressed, store),
        )
        for caveat in caveats(progressed, Texts(language())):
            print(f"auditor: {ui('warning')}: {visible(caveat)}", file=sys.stderr)
        files = site(made)
        _refuse_leaks(files, _subjects(progressed, store))
        if key is not None:
            signature = signing.sign(files[DIGESTS].decode(), key)
            files[_SIGNATURE] = base64.b64decode(signature["value"])
        if made.earlier is None:  # a corrected edition replaces the earlier one, but no other files
            keep_files((folder / name for name in files), force=config.force)
        note(store, "period_published", f"{period.name} {progressed.end.run}")  # before any of its files can be read
        _write(files, folder)
    print(visible(str(folder / PAGES["vi"])))
    return EXIT_OK


def _earlier(path: Path, period: Period) -> Mapping[str, Plain] | None:
    try:
        found = earlier_edition(read_whole(path, _MOST_BYTES), period)
    except FileNotFoundError:
        return None
    if found is None:
        raise refuse([ui("{path} is of another period, or no edition; name another folder with --out", path=str(path))])
    return found


def _same_rules(progressed: PeriodProgress, store: Store) -> bool:
    if progressed.start is None:
        return True
    known = catalogue.load()
    start, end = (judged_run(RunId(point.run), store, known) for point in (progressed.start, progressed.end))
    return same_rules(start, end)


def _subjects(progressed: PeriodProgress, store: Store) -> Iterator[Subject]:
    runs = [progressed.end.run] + ([] if progressed.start is None else [progressed.start.run])
    for run in runs:
        yield from store.subjects(RunId(run))


def _refuse_leaks(files: Mapping[str, bytes], subjects: Iterator[Subject]) -> None:
    found = leaks(files, subjects)
    if found:
        raise refuse(
            ui("{value} would be published in {file}; it stands in the name of a unit or in a framework", **fields)
            for fields in ({"value": value, "file": name} for name, value in found[:20])
        )


def _write(files: Mapping[str, bytes], folder: Path) -> None:
    store_files.make_folders(folder)
    folder.chmod(_ENTERED)
    for name, data in files.items():
        with writing(folder / name):
            store_files.write(folder / name, data)
        (folder / name).chmod(_READABLE)
