"""Tests the public edition as data: valid by its schema, corrected openly, without anything of a host."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib import resources
from typing import Any

import jsonschema

from auditor.figures.period import Extent, parse_period
from auditor.framework import catalogue as checks
from auditor.service.runs.period_counts import period_progress
from auditor.service.store.memory.store import MemoryStore
from reports.json_data import Plain, encode
from reports.public.edition import Edition, document, earlier_edition, tables
from tests.support import published

ISSUED = datetime(2027, 1, 15, 2, 0, tzinfo=UTC)
YEAR = parse_period("2026")
SCHEMA = json.loads((resources.files("reports") / "public_edition.schema.json").read_bytes())


def edition(days: tuple[int, ...] = published.DAYS, earlier: Mapping[str, Plain] | None = None) -> Edition:
    with MemoryStore() as store:
        published.fill(store, days)
        made = period_progress(YEAR, store, checks.load(), published.AFTER)
    return Edition(progress=made, issued=ISSUED, issuer="Sở Khoa học và Công nghệ", earlier=earlier)


def read(made: Mapping[str, Plain]) -> Any:
    return json.loads(encode(dict(made)))


def test_document_is_valid_by_its_schema() -> None:
    jsonschema.Draft202012Validator(SCHEMA).validate(read(document(edition())))


def test_document_tells_where_its_two_counts_were_judged_by_other_rules() -> None:
    other = read(document(replace(edition(), same_rules=False)))
    jsonschema.Draft202012Validator(SCHEMA).validate(other)
    assert (read(document(edition()))["counted"]["same_rules"], other["counted"]["same_rules"]) == (True, False)


def test_document_tells_where_far_less_was_looked_at_in_the_beginning() -> None:
    made = edition()
    slight = read(document(replace(made, progress=replace(made.progress, slight_start=True))))
    jsonschema.Draft202012Validator(SCHEMA).validate(slight)
    assert (read(document(made))["counted"]["slight_start"], slight["counted"]["slight_start"]) == (False, True)


def test_document_tells_where_the_last_count_is_in_doubt_or_of_a_part() -> None:
    made = edition()
    fullest = Extent(run="r0", day=date(2026, 3, 1), decided=900)
    doubted = read(document(replace(made, progress=replace(made.progress, doubtful=True, fuller=fullest))))
    jsonschema.Draft202012Validator(SCHEMA).validate(doubted)
    sides = [read(document(made))["counted"], doubted["counted"]]
    assert [(side["doubtful"], side["fuller"]) for side in sides] == [(False, None), (True, "2026-03-01")]


def test_document_tells_large_agencies_apart_and_small_ones_together() -> None:
    rows = [row for row in read(document(edition()))["agencies"] if row["figure"] in ("K08", "K10")]
    assert [(row["figure"], row["agency"], row["units"], row["of"]) for row in rows] == [
        ("K08", "", 3, 10),
        ("K10", "", published.COMMUNES, published.COMMUNES),
    ]


def test_document_gives_both_ends_of_the_period() -> None:
    (figure,) = (row for row in read(document(edition()))["figures"] if row["id"] == "K10")
    assert (figure["start"]["met"], figure["end"]["met"]) == (0, published.COMMUNES)


def test_second_edition_without_a_change_is_no_correction() -> None:
    first = read(document(edition()))
    again = read(document(edition(earlier=first)))
    assert (again["edition"], again["corrections"]) == (1, [])


def test_second_edition_names_each_number_that_changed() -> None:
    first = read(document(edition()))
    (figure,) = (row for row in first["figures"] if row["id"] == "K10")
    figure["end"]["met"] -= 1
    again = read(document(edition(earlier=first)))
    assert (again["edition"], again["corrections"][0]["edition"]) == (2, 1)
    (change,) = again["corrections"][0]["changes"]
    assert (change["what"], change["after"]["met"] - change["before"]["met"]) == (["figure", "K10"], 1)
    again["figures"] = []
    third = read(document(edition(earlier=again)))
    assert [one["edition"] for one in third["corrections"]] == [2, 1]
    jsonschema.Draft202012Validator(SCHEMA).validate(third)


def test_earlier_edition_of_another_period_or_of_anything_is_none() -> None:
    first = encode(document(edition()))
    assert earlier_edition(first, YEAR) is not None
    assert earlier_edition(first, parse_period("2025")) is None
    for data in (b"", b"[]", b"{}", b'{"period": 1}', b"\xff", b"[" * 10_000):
        assert earlier_edition(data, YEAR) is None


def test_hostile_earlier_edition_does_no_harm() -> None:
    hostile: dict[str, Plain] = {
        "schema": 1,
        "period": {"name": "2026"},
        "edition": -5,
        "corrections": [1, {"changes": "x"}, {}],
        "figures": [1, {"id": [], "end": {}}],
        "agencies": {"a": 1},
        "issued": {"x": 1},
    }
    made = read(document(edition(earlier=hostile)))
    assert made["edition"] == 2


def test_tables_hold_no_formula_and_every_row() -> None:
    files = dict(tables(document(edition())))
    assert set(files) == {"figures.csv", "agencies.csv", "targets.csv", "undecided.csv"}
    lines = files["agencies.csv"].decode("utf-8-sig").splitlines()
    assert lines[0] == "figure,agency,level,units,of,met,unknown"
    assert len(lines) == 1 + len(read(document(edition()))["agencies"])
