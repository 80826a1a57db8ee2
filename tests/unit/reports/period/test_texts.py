"""Tests that each text of the report of a period is used."""

from importlib import resources

from reports.period.texts import PERIOD_TEXTS

FILES = (
    "period/cells.py",
    "period/sampled_tables.py",
    "period/tables.py",
    "period/official.py",
    "survey_form.py",
    "period/texts.py",
)


def test_every_text_is_said_somewhere() -> None:
    folder = resources.files("reports")
    text = "".join((folder / name).read_text("utf-8") for name in FILES)
    by_name = {"exempt", "met", "not_met", "unknown"} | {
        key for key in PERIOD_TEXTS if key.startswith(("survey_", "count_", "targets_", "passed_"))
    }
    assert {key for key in PERIOD_TEXTS if text.count(f'"{key}"') < 2} - by_name == set()
