"""Tests which run pages show first, and that they mention a later run that was cut off or is dated in the future."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine

from auditor.service.config.model import Config
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.records import RunState
from auditor.service.web.app import make_app
from auditor.service.web.judged_runs.cut_off import cut_off_since, dated_ahead
from auditor.service.web.judged_runs.run_views import latest
from auditor.service.web.site import SITE, Site
from tests.unit.auditor.stored import START, Held, put, put_round


@pytest.fixture(autouse=True)
def _a_month_later() -> Iterator[None]:
    with time_machine.travel(START + timedelta(days=30), tick=False):
        yield


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with open_sqlite(tmp_path / "a.db") as store:
        put(store, Held(name="whole"))
        yield make_app(Config(), store, secure=False)[SITE]


def _shown(site: Site) -> str:
    digest = latest(site)
    assert digest is not None
    return digest.run.id


def test_a_run_of_a_part_does_not_stand_for_everything(site: Site) -> None:
    put(site.store, Held(name="part", days=1, part=True))
    assert _shown(site) == "whole"


def test_a_later_audit_that_was_cut_off_is_told(site: Site) -> None:
    for number, name in enumerate(("first", "second"), 1):
        late = put(site.store, Held(name=name, days=number))
        site.store.finish_run(late.id, late.started, RunState.INTERRUPTED)
    put(site.store, Held(name="part", days=3, part=True))
    digest = latest(site)
    assert digest is not None
    told = cut_off_since(site, digest.run)
    assert told is not None
    assert (digest.run.id, told.run.id, told.vantages) == ("whole", "second", ())


def test_nothing_is_told_of_what_was_cut_off_before_the_run_that_is_shown(site: Site) -> None:
    early = put(site.store, Held(name="early", days=-1))
    site.store.finish_run(early.id, early.started, RunState.INTERRUPTED)
    digest = latest(site)
    assert digest is not None
    assert cut_off_since(site, digest.run) is None


def test_a_round_that_lacks_a_vantage_names_it(site: Site) -> None:
    put_round(site.store, Held(name="round", days=1), {"hub": RunState.FINISHED, "hue": RunState.INTERRUPTED})
    digest = latest(site)
    assert digest is not None
    told = cut_off_since(site, digest.run)
    assert told is not None
    assert (digest.run.id, told.run.id, told.vantages) == ("whole", "round", ("hue",))


_YEARS = 365 * 200
"""Days from the first run to one that was made while the clock was ahead."""


def test_a_run_made_while_the_clock_was_ahead_does_not_hide_later_ones(site: Site) -> None:
    put(site.store, Held(name="ahead", days=_YEARS))
    put(site.store, Held(name="since", days=1))
    told = dated_ahead(site)
    assert told is not None
    assert (_shown(site), told.id) == ("since", "ahead")


def test_it_is_shown_where_there_is_no_other(tmp_path: Path) -> None:
    with open_sqlite(tmp_path / "b.db") as store:
        put(store, Held(name="ahead", days=_YEARS))
        assert _shown(make_app(Config(), store, secure=False)[SITE]) == "ahead"


def test_nothing_is_told_where_all_runs_are_of_the_past(site: Site) -> None:
    assert dated_ahead(site) is None


def test_one_of_a_day_to_come_is_not_told_as_cut_off(site: Site) -> None:
    late = put(site.store, Held(name="ahead", days=_YEARS))
    site.store.finish_run(late.id, late.started, RunState.INTERRUPTED)
    digest = latest(site)
    assert digest is not None
    assert cut_off_since(site, digest.run) is None
