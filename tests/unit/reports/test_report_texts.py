"""Tests that each text of the reports is used by a report."""

import re
from importlib import resources
from pathlib import Path

from auditor.figures.causes import CauseKind, OwnerBasis
from auditor.figures.scoring import AREAS
from inventory.model import ExpectedState
from reports import stage_counts
from reports.formats.html import family_table
from reports.formats.xlsx.cause_sheet import COLUMNS as CAUSE_COLUMNS
from reports.formats.xlsx.fix_columns import COLUMNS as FIX_COLUMNS
from reports.formats.xlsx.fix_columns import STATES as FIX_STATES
from reports.formats.xlsx.sheets import SUBJECT_COLUMNS
from reports.report_texts import UI
from reports.stage_counts import LADDERS
from reports.table_rows import COLUMNS

CHOSEN_BY_VALUE = {
    *("difference_up", "difference_down"),
    *("grid_many_silent", "grid_paper", "grid_unused", "grid_one_family", "grid_undecided"),
    "undecided_column",
    "exempt_column",
    "other_catalogue",
    "other_networks",
    "other_policy",
    *("steps_of", "steps_of_unknown", "planned_subjects", "exempt_subjects"),
    "rung",
    *("rung_at_least", "rung_undecided"),
    "waived",
    "waived_open",
    "not_tested",
    "undecided",
}


FAMILIES = {
    *(f"column_{name}" for name in (*COLUMNS, *SUBJECT_COLUMNS) if name not in (*AREAS, *LADDERS)),
    *(f"column_{name}" for name in stage_counts.COLUMNS),
    *(f"expected_{state.value}" for state in ExpectedState),
    *(f"seen_{kind}" for kind in family_table.KINDS),
    *(f"{family}_{name}" for family in ("level", "rate") for name in LADDERS),
    *(f"cause_{kind.name.lower()}" for kind in CauseKind),
    "cause_address_port",
    *(f"cause_owner_{basis.value}" for basis in OwnerBasis),
    *(key for key, _ in CAUSE_COLUMNS),
    *("cause_takes", "cause_takes_own"),
    *("calendar_certificate", "calendar_signatures"),
    *(f"fix_{column}" for column in FIX_COLUMNS),
    *(f"fix_state_{state}" for state in FIX_STATES),
}
"""Headings of the workbook, of the list of agencies and of services, named after their columns, ladders and kinds.

Also texts of a shared cause, by its kind and by the reason for its owner.
"""


FOLDER = Path(str(resources.files("reports")))
WORDS = {FOLDER / "report_texts.py", FOLDER / "cause_words.py", FOLDER / "terminal" / "words.py"}


def test_every_word_is_said_somewhere() -> None:
    sources = [path for path in FOLDER.rglob("*") if path.suffix in (".py", ".j2", ".js", ".typ")]
    text = "\n".join(source.read_text(encoding="utf-8") for source in sources if source not in WORDS)
    said = set(re.findall(r"(?:ui|\bw)\.(\w+)", text))
    for arguments in re.findall(r"(?=(?:say|option|\bt)\(([^)]*))", text):  # also of a call inside another
        said.update(re.findall(r"(?=[\"'](\w+)[\"'])", arguments))
    silent = UI.keys() - said
    assert silent <= CHOSEN_BY_VALUE | FAMILIES
    assert all(f'"{key}"' in text for key in CHOSEN_BY_VALUE)


def test_every_column_has_its_heading() -> None:
    assert set(UI) >= FAMILIES
