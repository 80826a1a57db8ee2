"""Tests that states of problems are stored with every change, and that selections belong to one account."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from auditor.framework.findings import CheckId
from auditor.service.accounts.accounts import Accounts
from auditor.service.store.api import DatabaseStore
from auditor.service.store.kept.problem_states import (
    MOST_FILTERS,
    ProblemKey,
    ProblemState,
    ProblemStates,
    WantedChange,
    states_seen,
)
from auditor.service.store.records import StoreError
from inventory.model import AgencyId, Network, SubjectId
from tests.support.stores import DATABASES, new_store

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
OURS = AgencyId("SO-YT")


def key(subject: str = "a.vn", network: Network = Network.INTERNET) -> ProblemKey:
    return ProblemKey(subject=SubjectId(subject), check=CheckId("ipv6.web.aaaa"), network=network)


@pytest.fixture(params=DATABASES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[DatabaseStore]:
    with new_store(request, tmp_path) as made:
        yield made


@pytest.fixture
def states(store: DatabaseStore) -> ProblemStates:
    return ProblemStates(store.database)


def test_change_takes_a_deadline_away(states: ProblemStates) -> None:
    problem = {key(): OURS}
    states.change(problem, WantedChange(deadline=date(2026, 4, 1)), who="an", now=NOW)
    assert states.change(problem, WantedChange(no_deadline=True), who="an", now=NOW) == 1
    assert states.change(problem, WantedChange(no_deadline=True), who="an", now=NOW) == 0
    assert states.latest()[key()].deadline is None


def test_changes_keep_what_they_do_not_name_and_every_earlier_one(states: ProblemStates) -> None:
    both = {key(): OURS, key("b.vn"): None}
    assert states.change(both, WantedChange(owner="ông Ba", deadline=date(2026, 4, 1)), who="an", now=NOW) == 2
    assert states.change({key(): OURS}, WantedChange(state=ProblemState.FIXED, comment="xong"), who="ba", now=NOW) == 1
    assert [
        (before, change.state, change.owner, change.deadline, change.comment, change.who, change.agency)
        for before, change in states_seen(states.history(key()))
    ] == [
        (ProblemState.NEW, ProblemState.NEW, "ông Ba", date(2026, 4, 1), "", "an", OURS),
        (ProblemState.NEW, ProblemState.FIXED, "ông Ba", date(2026, 4, 1), "xong", "ba", OURS),
    ]
    latest = states.latest()
    assert {each.subject: change.state for each, change in latest.items()} == {
        "a.vn": ProblemState.FIXED,
        "b.vn": ProblemState.NEW,
    }


def test_a_change_of_nothing_is_not_kept_and_networks_are_apart(states: ProblemStates) -> None:
    assert states.change({key(): OURS}, WantedChange(state=ProblemState.NEW), who="an", now=NOW) == 0
    assert states.change({key(): OURS}, WantedChange(state=ProblemState.IN_WORK), who="an", now=NOW) == 1
    assert states.change({key(): OURS}, WantedChange(state=ProblemState.IN_WORK), who="an", now=NOW) == 0
    assert states.history(key(network=Network.TSLCD)) == ()


def test_filters_are_kept_by_account_and_name(store: DatabaseStore, states: ProblemStates) -> None:
    Accounts(store.database).set_up("an", "một mật khẩu đủ dài", "vi", "::1")
    (account,) = Accounts(store.database).all()
    states.keep_filter(account.key, "nặng", "severity=high")
    states.keep_filter(account.key, "nặng", "severity=critical")
    assert states.filters(account.key) == {"nặng": "severity=critical"}
    assert states.filters(account.key + 1) == {}
    states.drop_filter(account.key, "nặng")
    assert states.filters(account.key) == {}
    for number in range(MOST_FILTERS):
        states.keep_filter(account.key, str(number), "")
    with pytest.raises(StoreError):
        states.keep_filter(account.key, "một nữa", "")
    states.keep_filter(account.key, "0", "severity=low")
