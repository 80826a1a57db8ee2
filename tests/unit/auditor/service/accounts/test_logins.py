"""Tests that a guesser waits, and that a browser with an earlier login does not wait for others' guesses."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.service.accounts.accounts import Accounts
from auditor.service.accounts.login_backoff import FREE_ATTEMPTS, RULES, TRUSTED_FAILURES, wait
from auditor.service.accounts.logins import KNOWN_FOR
from auditor.service.accounts.model import AccessError, Account, Role
from tests.support.serving import cheap_passwords
from tests.support.stores import DATABASES, new_store

NAME, GOOD, BAD, HOME = "lan", "một mật khẩu đủ dài", "không phải thế", "192.0.2.7"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


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


def said(work: Callable[[], object]) -> str:
    try:
        work()
    except AccessError as error:
        return error.code
    return "in"


def guesses(access: Accounts, number: int, address: Callable[[int], str], name: str = NAME) -> list[str]:
    return [said(lambda n=n: access.log_in(name, BAD, "", address(n))) for n in range(number)]  # type: ignore[misc]


def everywhere(number: int) -> str:
    return f"2001:db8:{number:x}::1"


def siege(access: Accounts) -> None:
    assert "WAIT" in guesses(access, RULES["name"].free + 1, everywhere)


def test_log_in_attack_from_everywhere_spares_a_known_browser(access: Accounts) -> None:
    known = access.recognisable(NAME, "")
    siege(access)
    assert said(lambda: access.log_in(NAME, GOOD, "", HOME)) == "WAIT"
    assert said(lambda: access.log_in(NAME, GOOD, "", HOME, known)) == "in"


def test_log_in_success_does_not_forget_the_failures_of_others(access: Accounts, clock: Clock) -> None:
    tried = 0
    for minute in range(240):
        clock.now += timedelta(seconds=30)
        tried += said(lambda: access.log_in(NAME, BAD, "", everywhere(minute))) == "DENIED"  # noqa: B023
        clock.now += timedelta(seconds=30)
        said(lambda: access.log_in(NAME, GOOD, "", HOME))
    assert tried < 90


def test_log_in_success_forgets_own_failures(access: Accounts) -> None:
    for _ in range(3):
        assert guesses(access, FREE_ATTEMPTS - 1, lambda _: HOME) == ["DENIED"] * (FREE_ATTEMPTS - 1)
        assert said(lambda: access.log_in(NAME, GOOD, "", HOME)) == "in"


def test_log_in_guesses_from_one_network_make_its_name_wait_there_alone(access: Accounts) -> None:
    assert guesses(access, FREE_ATTEMPTS + 1, lambda _: "192.0.2.99") == ["DENIED"] * FREE_ATTEMPTS + ["WAIT"]
    assert said(lambda: access.log_in(NAME, GOOD, "", HOME)) == "in"


def test_log_in_guesses_of_many_names_make_their_network_wait(access: Accounts) -> None:
    free = RULES["from"].free
    for number in range(free):
        assert guesses(access, 1, lambda _: "192.0.2.99", f"ai đó {number}") == ["DENIED"]
    assert guesses(access, 1, lambda _: "192.0.2.99", "ai đó nữa") == ["WAIT"]


def test_log_in_a_known_browser_that_guesses_waits_and_is_known_no_more(access: Accounts, clock: Clock) -> None:
    known = access.recognisable(NAME, "")
    for _ in range(TRUSTED_FAILURES):
        clock.now += timedelta(minutes=5)
        assert said(lambda: access.log_in(NAME, BAD, "", HOME, known)) == "DENIED"
    siege(access)
    assert said(lambda: access.log_in(NAME, GOOD, "", HOME, known)) == "WAIT"


@pytest.mark.parametrize(
    "forge",
    [
        lambda one: one.replace(one[:4], "0000"),
        lambda one: one[:-1] + ("0" if one[-1] != "0" else "1"),
        lambda one: "~" * 5,
        lambda one: f"x.99999999999999.{one}",
        lambda one: "ký.tự.lạ",
    ],
)
def test_log_in_a_forged_browser_is_unknown(access: Accounts, forge: Callable[[str], str]) -> None:
    known = forge(access.recognisable(NAME, ""))
    siege(access)
    assert said(lambda: access.log_in(NAME, GOOD, "", HOME, known)) == "WAIT"


def test_log_in_a_browser_known_for_another_account_is_unknown(access: Accounts) -> None:
    access.add(access.all()[0], HOME, "mai", GOOD, Role.VIEWER, None, "vi")
    known = access.recognisable("mai", "")
    siege(access)
    assert said(lambda: access.log_in(NAME, GOOD, "", HOME, known)) == "WAIT"
    assert said(lambda: access.log_in(NAME, GOOD, "", HOME, access.recognisable(NAME, known))) == "in"


def test_log_in_a_browser_of_long_ago_is_unknown(access: Accounts, clock: Clock) -> None:
    known = access.recognisable(NAME, "")
    clock.now += KNOWN_FOR + timedelta(days=1)
    siege(access)
    assert said(lambda: access.log_in(NAME, GOOD, "", HOME, known)) == "WAIT"


def test_log_in_many_at_once_no_more_are_tried_than_are_free(access: Accounts) -> None:
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: said(lambda: access.log_in(NAME, BAD, "", HOME)), range(20)))
    assert answers.count("DENIED") == FREE_ATTEMPTS


def test_log_in_that_somebody_has_to_wait_is_written_down(access: Accounts) -> None:
    guesses(access, FREE_ATTEMPTS + 3, lambda _: HOME)
    assert [(one.who, one.address) for one in access.deeds() if one.what == "login_waits"] == [(NAME, HOME)]


def test_log_in_failures_counted_by_a_clock_that_was_ahead_count_no_more(access: Accounts, clock: Clock) -> None:
    clock.now += timedelta(days=150)
    guesses(access, FREE_ATTEMPTS + 1, lambda _: HOME)
    siege(access)
    clock.now -= timedelta(days=150)
    assert said(lambda: access.log_in(NAME, GOOD, "", HOME)) == "in"


def test_unlock_lets_the_name_in_at_once(access: Accounts) -> None:
    siege(access)
    access.unlock("vận hành", "", NAME)
    assert said(lambda: access.log_in(NAME, GOOD, "", HOME)) == "in"


def test_prove_wrong_passwords_wait_and_lock_nobody_out_of_logging_in(access: Accounts) -> None:
    who: Account = access.all()[0]
    answers = [said(lambda: access.prove(who, BAD, HOME)) for _ in range(FREE_ATTEMPTS + 1)]
    assert answers == ["OWN_PASSWORD_WRONG"] * FREE_ATTEMPTS + ["WAIT"]
    assert said(lambda: access.log_in(NAME, GOOD, "", HOME)) == "in"


def test_unlock_lets_the_account_prove_its_password_at_once(access: Accounts) -> None:
    who: Account = access.all()[0]
    for _ in range(FREE_ATTEMPTS):
        said(lambda: access.prove(who, BAD, HOME))
    assert said(lambda: access.prove(who, GOOD, HOME)) == "WAIT"
    access.unlock("vận hành", "", NAME)
    assert said(lambda: access.prove(who, GOOD, HOME)) == "in"


def test_unlock_ends_the_waits_of_no_name_that_ends_alike(access: Accounts) -> None:
    access.add(access.all()[0], HOME, f"mai {NAME}", GOOD, Role.VIEWER, None, "vi")
    assert guesses(access, FREE_ATTEMPTS + 1, lambda _: HOME, f"mai {NAME}")[-1] == "WAIT"
    assert access.unlock("vận hành", "", NAME) == 0
    assert guesses(access, 1, lambda _: HOME, f"mai {NAME}") == ["WAIT"]


def test_wait_is_bounded() -> None:
    for what, of in RULES.items():
        assert [wait(f"{what} x", number) for number in (0, of.free - 1)] == [timedelta()] * 2
        assert wait(f"{what} x", of.free) == timedelta(seconds=1)
        assert wait(f"{what} x", 10_000) == of.longest
