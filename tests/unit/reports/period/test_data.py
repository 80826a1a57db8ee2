"""Tests the report of a period as data: valid under its schema, which refuses invalid data."""

import json
from dataclasses import replace
from datetime import date
from importlib import resources

import pytest
from jsonschema import Draft202012Validator

from auditor.figures.period import PassedOver, PassedRun
from auditor.texts.translate import Texts
from reports.period.data import document
from reports.period.tables import caveats
from tests.unit.reports.period_sample import report

SCHEMA = json.loads((resources.files("reports") / "period_report.schema.json").read_bytes())


def test_document_is_valid_under_its_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    made = json.loads(json.dumps(document(report())))
    assert list(Draft202012Validator(SCHEMA).iter_errors(made)) == []
    made["figures"][0]["end"]["met"] = "1"
    assert list(Draft202012Validator(SCHEMA).iter_errors(made)) != []


@pytest.mark.parametrize("why", PassedOver)
def test_document_has_every_reason_for_passing_a_run_over(why: PassedOver) -> None:
    sample = report()
    passed = (PassedRun(run="r9", day=date(2026, 12, 1), why=why),)
    made = json.loads(json.dumps(document(replace(sample, progress=replace(sample.progress, passed_over=passed)))))
    assert list(Draft202012Validator(SCHEMA).iter_errors(made)) == []
    assert any("r9" in text for text in caveats(replace(sample.progress, passed_over=passed), Texts("vi")))
