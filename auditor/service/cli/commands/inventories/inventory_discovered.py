"""Runs ``auditor inventory discover``: proposes rows that devices know and the inventory does not. Sends nothing."""

import csv
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from auditor.service.cli.failures import EXIT_OK, refuse
from auditor.service.cli.global_options import load_config
from auditor.service.cli.words import ui
from auditor.service.inventories.file_reading import load_files
from auditor.service.runs.discovery import proposals
from auditor.service.store.url import open_store
from inventory.quoting import plain
from inventory.scope import Scope
from probes.framework.evidence import RunId
from reports.table_rows import safe

_LONGEST = 255
COLUMNS = (
    "name",
    "kind",
    "ipv4",
    "ipv6",
    "fqdn",
    "agency_code",
    "agency_name",
    "site",
    "network",
    "device",
    "tags",
    "note",
)
_ALWAYS = ("name", "kind", "ipv4", "ipv6")


def discover(files: Sequence[Path], run: str | None, options: Mapping[str, object]) -> int:
    """Print a table of proposals, in the inventory's columns, from the evidence of a run: by default the latest."""
    config = load_config(options).config
    allow = config.scope.allow or config.addressing.plan
    if not allow:
        raise refuse([ui("nothing says which addresses may be proposed: set scope.allow or addressing.plan")])
    subjects = load_files(files).inventory.subjects
    with open_store(config.store, create=False) as store:
        runs = store.runs()
        if run is None and not runs:
            raise refuse([ui("the store holds no run yet: auditor audit {file}", file=str(files[0]))])
        chosen = store.run(RunId(run)) if run is not None else runs[-1]
        scope = Scope(allow=tuple(allow), deny=config.scope.deny)
        found = proposals(store.all_evidence(chosen.id), subjects, scope)
    print_proposals([proposal.row() for proposal in found])
    return EXIT_OK


def print_proposals(rows: Sequence[Mapping[str, str]]) -> None:
    """Print rows in the inventory's columns, made safe for spreadsheets, and how many there are."""
    used = {name for row in rows for name in row}
    writer = csv.DictWriter(
        sys.stdout, [name for name in COLUMNS if name in used or name in _ALWAYS], lineterminator="\n"
    )
    writer.writeheader()
    for row in rows:
        writer.writerow({name: safe(plain(value, _LONGEST)) for name, value in row.items()})
    text = ui("{n:n} {n/proposal/proposals}; nothing of this is audited before it stands in the inventory", n=len(rows))
    print(text, file=sys.stderr)
