"""Tests announced maintenance, from the configuration and from tags; an unusable announcement stops everything."""

from datetime import UTC, datetime, timedelta

import pytest

from auditor.service.config.model import Config
from auditor.service.sampling.settings import SettingsError, settings
from inventory.model import AgencyId, RowOrigin
from tests.unit.auditor.service.sampling.world import point

BEGIN, END = "2026-11-30T22:00+07:00", "2026-12-01T02:00+07:00"
SINCE = datetime(2026, 11, 30, 15, 0, tzinfo=UTC)
ONE = point(1)


def config(**table: object) -> Config:
    return Config.model_validate({"sampling": {"maintenance": {"x": table}}})


def test_a_tag_is_of_its_subject_alone() -> None:
    tagged = point(1, tags=(f"maintenance={BEGIN}/{END}", "no-echo"))
    sampler_settings = settings(Config(), [tagged, point(2)])
    assert [
        (maintenance.subject, maintenance.agency, maintenance.since) for maintenance in sampler_settings.maintenance
    ] == [(tagged.id, None, SINCE)]
    assert sampler_settings.is_closed(tagged, SINCE - timedelta(seconds=299), SINCE + timedelta(seconds=1))
    assert not sampler_settings.is_closed(tagged, SINCE - timedelta(seconds=300), SINCE)
    assert not sampler_settings.is_closed(point(2), SINCE, SINCE + timedelta(hours=1))


def test_a_table_is_of_a_subject_or_an_agency() -> None:
    of_agency = settings(config(agency="X1", since=BEGIN, until=END), [ONE])
    assert [(maintenance.subject, maintenance.agency, maintenance.since) for maintenance in of_agency.maintenance] == [
        (None, AgencyId("X1"), SINCE)
    ]
    assert of_agency.is_closed(ONE, SINCE, SINCE + timedelta(seconds=300))
    assert not of_agency.is_closed(point(2), SINCE, SINCE + timedelta(seconds=300))
    of_subject = settings(config(subject="xa-2", since=BEGIN, until=END), [ONE])
    assert of_subject.is_closed(point(2), SINCE, SINCE + timedelta(seconds=300))


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"since": BEGIN, "until": END}, "either a subject or an agency"),
        ({"since": BEGIN, "until": END, "subject": "a", "agency": "b"}, "either a subject or an agency"),
        ({"since": END, "until": BEGIN, "subject": "a"}, "ends before it begins"),
    ],
)
def test_settings_empty_table_is_refused(table: dict[str, object], said: str) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(config(**table), [])
    (problem,) = caught.value.problems
    assert (said in problem.template, problem.place) == (True, "sampling.maintenance.x")


@pytest.mark.parametrize("text", ["", "x", f"{END}/{BEGIN}", "2026-11-30T22:00/2026-12-01T02:00", BEGIN, f"{BEGIN}/x"])
def test_settings_empty_tag_names_its_row(text: str) -> None:
    tagged = point(1, tags=(f"maintenance={text}",), origin=RowOrigin(source="a.csv", row=14))
    with pytest.raises(SettingsError) as caught:
        settings(Config(), [tagged])
    assert [problem.place for problem in caught.value.problems] == ["a.csv:14"]


def test_the_pace_lets_a_series_through_and_keeps_the_whole_in_bounds() -> None:
    pace = settings(Config.model_validate({"sampling": {"packets_per_second": 100}}), []).pace
    assert (pace.packets_per_second, pace.per_prefix_per_second) == (100, 100)
    assert pace.per_address_burst >= 100
