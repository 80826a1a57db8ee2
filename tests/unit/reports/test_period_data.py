"""The report of a period as data: valid under its schema, which refuses what is not."""

import json
from importlib import resources

from jsonschema import Draft202012Validator

from reports.period_data import document
from tests.unit.reports.period_sample import report

SCHEMA = json.loads((resources.files("reports") / "period_report.schema.json").read_bytes())


def test_document_is_valid_under_its_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    made = json.loads(json.dumps(document(report())))
    assert list(Draft202012Validator(SCHEMA).iter_errors(made)) == []
    made["figures"][0]["end"]["met"] = "1"
    assert list(Draft202012Validator(SCHEMA).iter_errors(made)) != []
