"""Tests that ended sessions and tokens stay ended for any later reading of the clock."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.service.accounts.accounts import Accounts
from auditor.service.accounts.model import GRACE, IDLE, LIFETIME, AccessError, Account, TokenScope
from auditor.service.accounts.records import digest
from tests.support.serving import cheap_passwords
from tests.support.stores import DATABASES, new_store
from tests.unit.auditor.service.accounts.test_logins import GOOD, HOME, NAME, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=DATABASES)
def access(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Accounts]:
    cheap_passwords(monkeypatch)
    with new_store(request, tmp_path) as store:
        made = Accounts(store.database, clock)
        made.set_up(NAME, GOOD, "vi", HOME)
        yield made


def owner(access: Accounts) -> Account:
    return access.all()[0]


@pytest.mark.parametrize("seen", [True, False])
def test_session_that_was_over_stays_over_with_the_clock_set_back(access: Accounts, clock: Clock, seen: bool) -> None:
    held = access.log_in(NAME, GOOD, "", HOME)
    clock.now += IDLE + timedelta(minutes=1)
    if seen:
        assert access.session(held) is None
    else:
        access.sweep()
    clock.now -= IDLE
    assert access.session(held) is None


def test_session_begun_ahead_of_the_clock_is_over(access: Accounts, clock: Clock) -> None:
    held = access.log_in(NAME, GOOD, "", HOME)
    clock.now -= timedelta(days=100)
    assert access.session(held) is None


def test_session_only_looked_at_is_not_kept_alive(access: Accounts, clock: Clock) -> None:
    held = access.log_in(NAME, GOOD, "", HOME)
    for _ in range(IDLE // timedelta(hours=1)):
        clock.now += timedelta(hours=1)
        assert access.session(held, used=False) is not None
    clock.now += timedelta(minutes=1)
    assert access.session(held, used=False) is None


def test_session_is_proved_for_a_while_after_the_password_was_shown(access: Accounts, clock: Clock) -> None:
    held, other = (access.log_in(NAME, GOOD, "", HOME) for _ in range(2))

    def proved(one: str) -> bool:
        found = access.session(one)
        assert found is not None
        return found.proved

    assert not proved(held)
    old, held = held, access.prove(owner(access), GOOD, HOME, session=digest(held))
    assert access.session(old) is None
    assert (proved(held), proved(other)) == (True, False)
    clock.now += GRACE
    assert proved(held)
    clock.now += timedelta(seconds=1)
    assert not proved(held)
    held = access.prove(owner(access), GOOD, HOME, session=digest(held))
    clock.now -= timedelta(seconds=1)
    assert not proved(held)  # shown ahead of the clock


def test_sweep_deletes_sessions_that_are_over_and_no_others(access: Accounts, clock: Clock) -> None:
    access.log_in(NAME, GOOD, "", HOME)
    clock.now += IDLE - timedelta(minutes=1)
    access.sweep()
    assert len(access.sittings(owner(access))) == 1
    clock.now += LIFETIME
    access.sweep()
    clock.now -= LIFETIME
    assert access.sittings(owner(access)) == []


def test_token_that_ran_out_stays_over_with_the_clock_set_back(access: Accounts, clock: Clock) -> None:
    held = access.issue(owner(access), HOME, "giám sát", [TokenScope.READ], timedelta(days=7))
    clock.now += timedelta(days=7, minutes=1)
    access.sweep()
    clock.now -= timedelta(days=1)
    assert access.token(held) is None
    assert [one.what for one in access.deeds(1)] == ["token_over"]


def test_token_survives_a_clock_that_was_far_ahead_once(access: Accounts, clock: Clock) -> None:
    held = access.issue(owner(access), HOME, "giám sát", [TokenScope.READ], timedelta(days=7))
    clock.now += timedelta(days=200)
    access.sweep()
    assert access.token(held) is None
    clock.now -= timedelta(days=200)
    assert access.token(held) is not None


def test_token_issued_ahead_of_the_clock_is_none(access: Accounts, clock: Clock) -> None:
    held = access.issue(owner(access), HOME, "giám sát", [TokenScope.READ], timedelta(days=7))
    clock.now -= timedelta(days=1)
    assert access.token(held) is None


def test_worker_token_is_bound_to_its_vantage(access: Accounts) -> None:
    held = access.issue(owner(access), HOME, "hub", [TokenScope.WORKER], timedelta(days=7), vantage="tslcd-hub")
    grant = access.token(held)
    assert grant is not None
    assert (grant.vantage, grant.scopes) == ("tslcd-hub", frozenset({TokenScope.WORKER}))
    assert [one.vantage for one in access.tokens()] == ["tslcd-hub"]
    access.revoke(owner(access), HOME, access.tokens()[0].digest)
    assert access.token(held) is None


@pytest.mark.parametrize(("scope", "vantage"), [(TokenScope.WORKER, ""), (TokenScope.READ, "tslcd-hub")])
def test_token_with_vantage_and_scope_that_do_not_fit_is_refused(
    access: Accounts, scope: TokenScope, vantage: str
) -> None:
    with pytest.raises(AccessError, match="NO_VANTAGE"):
        access.issue(owner(access), HOME, "x", [scope], timedelta(days=7), vantage=vantage)
    assert access.tokens() == []
