"""Runs ``auditor inventory forgotten``: prints names that a run shows and that no inventory row has. Sends nothing."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from auditor.framework.escaping import visible
from auditor.service.cli.commands.inventories.inventory_discovered import print_proposals
from auditor.service.cli.failures import EXIT_OK, refuse
from auditor.service.cli.global_options import load_config
from auditor.service.cli.list_output import print_json
from auditor.service.cli.words import ui
from auditor.service.inventories.file_reading import load_files
from auditor.service.runs.forgotten import ForgottenName, ForgottenNames, forgotten, own_suffixes
from auditor.service.store.url import open_store
from inventory.quoting import plain
from probes.framework.evidence import RunId
from reports.json_data import Plain

_FORMATS = ("text", "json", "csv")
_LONGEST = 255


def forgotten_names(
    files: Sequence[Path], run: str | None, suffixes: Sequence[str], form: str, options: Mapping[str, object]
) -> int:
    """Print the names, each with the places where it was seen, as a list, as JSON, or as rows for the inventory."""
    if form not in _FORMATS:
        raise refuse([ui("unknown format '{name}'; there are {known}", name=form, known=", ".join(_FORMATS))])
    subjects = load_files(files).inventory.subjects
    own = own_suffixes(subjects, suffixes)
    if not own:
        raise refuse([ui("nothing says which domains are your own: add a row of kind zone, or --suffix DOMAIN")])
    with open_store(load_config(options).config.store, create=False) as store:
        runs = store.runs()
        if run is None and not runs:
            raise refuse([ui("the store holds no run yet: auditor audit {file}", file=str(files[0]))])
        chosen = store.run(RunId(run)) if run is not None else runs[-1]
        members = chosen.members or (chosen.id,)
        names = forgotten((each for member in members for each in store.all_evidence(member)), subjects, own)
    if form == "json":
        listed: list[Plain] = [_json(each) for each in names.names]
        print_json({"run": chosen.id, "suffixes": list(own), "more": names.more, "names": listed})
    elif form == "csv":
        print_proposals([each.row() for each in names.names])
    else:
        _print_list(names, own)
    return EXIT_OK


def _json(name: ForgottenName) -> dict[str, Plain]:
    seen: list[Plain] = [{"way": way, "subject": subject} for way, subject in name.seen]
    return {"name": name.name, "kind": name.kind.value, "seen": seen, "more": name.more}


def _print_list(names: ForgottenNames, own: Sequence[str]) -> None:
    for each in names.names:
        places = ", ".join(f"{way} {plain(subject, _LONGEST)}" for way, subject in each.seen)
        more = f", … (+{each.more})" if each.more else ""
        print(visible(f"{each.name}  {each.kind.value}  {places}{more}"))
    count = len(names.names) + names.more
    text = ui("{n:n} {n/name/names} under {suffixes} that no row has", n=count, suffixes=", ".join(own))
    print(visible(text), file=sys.stderr)
