"""Tests that a link to a report opens with its password until its last day, and that guesses are refused."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from auditor.service.accounts.accounts import Accounts
from auditor.service.accounts.login_backoff import FREE_ATTEMPTS
from auditor.service.accounts.model import AccessError, Account, Role
from auditor.service.accounts.shared_reports import LONGEST_SHARE, SharedReport
from inventory.model import AgencyId
from probes.framework.evidence import RunId
from tests.support.serving import cheap_passwords
from tests.support.stores import DATABASES, new_store

START = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
PASSWORD, WRONG, HOME = "bốn từ không liên quan", "không phải thế này", "192.0.2.7"


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=DATABASES)
def accounts(
    request: pytest.FixtureRequest, tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Accounts]:
    cheap_passwords(monkeypatch)
    with new_store(request, tmp_path) as store:
        made = Accounts(store.database, clock)
        made.set_up("lan", "một mật khẩu đủ dài", "vi", HOME)
        yield made


def shared(accounts: Accounts, days: float = 7, password: str = PASSWORD, by: Account | None = None) -> str:
    maker = by or next(each for each in accounts.all() if each.name == "lan")
    report = SharedReport(
        key=0,
        run=RunId("r1"),
        judgement="r1.1",
        agency=AgencyId("S1"),
        who="",
        made=START,
        expires=START + timedelta(days=days),
    )
    return accounts.share(maker, HOME, report, password)


def refused(accounts: Accounts, held: str, password: str = PASSWORD, address: str = HOME) -> str:
    with pytest.raises(AccessError) as caught:
        accounts.open_share(held, password, address)
    return caught.value.code


def test_share_opens_with_its_password(accounts: Accounts) -> None:
    opened = accounts.open_share(shared(accounts), PASSWORD, HOME)
    assert (opened.run, opened.judgement, opened.agency, opened.who) == ("r1", "r1.1", "S1", "lan")


def test_share_secret_has_128_bits_and_is_stored_hashed(accounts: Accounts) -> None:
    held = shared(accounts)
    assert re.fullmatch(r"[A-Za-z0-9_-]{22}", held)
    with accounts.database.reading() as connection:
        stored = str(connection.exec_driver_sql("SELECT * FROM share").all())
    assert held not in stored
    assert PASSWORD not in stored
    assert "$argon2id$" in stored


def test_share_ends_at_its_time(accounts: Accounts, clock: Clock) -> None:
    held = shared(accounts, days=7)
    clock.now = START + timedelta(days=7) - timedelta(seconds=1)
    accounts.open_share(held, PASSWORD, HOME)
    clock.now = START + timedelta(days=7)
    assert refused(accounts, held) == "DENIED"


def test_share_withdrawn_opens_no_more(accounts: Accounts) -> None:
    held = shared(accounts)
    (lan,), (share,) = accounts.all(), accounts.shares()
    accounts.end_share(lan, HOME, share.key)
    assert refused(accounts, held) == "DENIED"
    with pytest.raises(AccessError, match="NO_SHARE"):
        accounts.end_share(lan, HOME, share.key)
    assert [share.ended for share in accounts.shares()] == [START]


def _operator(accounts: Accounts) -> Account:
    (lan,) = accounts.all()
    accounts.add(lan, HOME, "minh", "một mật khẩu đủ dài", Role.OPERATOR, None, "vi")
    return next(each for each in accounts.all() if each.name == "minh")


@pytest.mark.parametrize("change", [{"disabled": True}, {"role": Role.VIEWER}, {"role": Role.VIEWER, "agency": "S1"}])
def test_share_is_shut_while_its_maker_may_make_none(accounts: Accounts, change: dict[str, Any]) -> None:
    (lan,), minh = accounts.all(), _operator(accounts)
    held = shared(accounts, by=minh)
    accounts.change(lan, HOME, "minh", **change)
    assert refused(accounts, held) == "DENIED"
    (share,) = accounts.shares()
    assert (share.is_open(START), share.may_open(START)) == (True, False)
    accounts.change(lan, HOME, "minh", disabled=False, role=Role.OPERATOR, agency="")
    assert accounts.open_share(held, PASSWORD, HOME).who == "minh"


def test_share_of_a_maker_who_may_make_none_is_withdrawn(accounts: Accounts) -> None:
    (lan,), minh = accounts.all(), _operator(accounts)
    held = shared(accounts, by=minh)
    accounts.change(lan, HOME, "minh", disabled=True)
    accounts.end_share(lan, HOME, accounts.shares()[0].key)
    accounts.change(lan, HOME, "minh", disabled=False)
    assert refused(accounts, held) == "DENIED"


def test_share_whose_maker_is_not_there_opens_no_more(accounts: Accounts) -> None:
    minh = _operator(accounts)
    held = shared(accounts, by=minh)
    with accounts.database.writing() as connection:
        connection.exec_driver_sql("DELETE FROM account WHERE name = 'minh'")
    assert refused(accounts, held) == "DENIED"


def test_share_guesses_wait_also_from_ever_new_networks(accounts: Accounts) -> None:
    held = shared(accounts)
    codes = [refused(accounts, held, WRONG) for _ in range(FREE_ATTEMPTS + 1)]
    assert codes == ["DENIED"] * FREE_ATTEMPTS + ["WAIT"]
    elsewhere = [refused(accounts, held, WRONG, f"2001:db8:{number:x}::1") for number in range(30)]
    assert "WAIT" in elsewhere


def test_share_guesses_of_unknown_links_wait(accounts: Accounts) -> None:
    shared(accounts)
    codes = [refused(accounts, f"link-{number}") for number in range(FREE_ATTEMPTS + 1)]
    assert codes == ["DENIED"] * FREE_ATTEMPTS + ["WAIT"]


def test_share_success_forgets_own_failures(accounts: Accounts) -> None:
    held = shared(accounts)
    for _ in range(3):
        for _ in range(FREE_ATTEMPTS - 1):
            assert refused(accounts, held, WRONG) == "DENIED"
        accounts.open_share(held, PASSWORD, HOME)


@pytest.mark.parametrize("days", [0, -1, LONGEST_SHARE.days + 0.01])
def test_share_without_a_good_end_is_refused(accounts: Accounts, days: float) -> None:
    with pytest.raises(AccessError, match="BAD_SHARE_DAYS"):
        shared(accounts, days=days)


def test_share_with_a_weak_password_is_refused(accounts: Accounts) -> None:
    with pytest.raises(AccessError, match="PASSWORD_TOO_SHORT"):
        shared(accounts, password="ngắn")


def test_share_is_written_to_the_audit_log_without_secrets(accounts: Accounts) -> None:
    held = shared(accounts)
    accounts.open_share(held, PASSWORD, HOME)
    refused(accounts, held, WRONG)
    (lan,), (share,) = accounts.all(), accounts.shares()
    accounts.end_share(lan, HOME, share.key)
    deeds = accounts.deeds()
    assert {"share_made", "share_opened", "share_refused", "share_ended"} <= {deed.what for deed in deeds}
    assert held not in str(deeds)
    assert PASSWORD not in str(deeds)
