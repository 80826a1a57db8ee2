"""Tests second factors: a code works once, also the one that switches it on, and no seed is readable in the store."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest

from auditor.service.accounts import recovery_codes
from auditor.service.accounts.accounts import Accounts
from auditor.service.accounts.keys import KeyRing
from auditor.service.accounts.model import AccessError, Account, Role
from auditor.service.accounts.records import digest
from auditor.service.accounts.second_factors import matching_step
from auditor.service.store.database.sqlite import SqliteDatabase
from tests.support.serving import cheap_passwords
from tests.support.sqlite_file import connected
from tests.support.stores import DATABASES, new_store
from tests.unit.auditor.service.accounts.test_logins import GOOD, HOME, NAME, Clock, said

OLD, NEW = "a1" * 32, "b2" * 32


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def access(path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Accounts]:
    cheap_passwords(monkeypatch)
    database = SqliteDatabase(path)
    database.prepare()
    made = Accounts(database, clock, keys=KeyRing(lambda: OLD))
    made.set_up(NAME, GOOD, "vi", HOME)
    yield made
    database.close()


def owner(access: Accounts, name: str = NAME) -> Account:
    return next(account for account in access.all() if account.name == name)


def enrol(access: Accounts, clock: Clock) -> str:
    secret = pyotp.random_base32()
    access.confirm_second_factor(owner(access), HOME, secret, pyotp.TOTP(secret).at(clock.now))
    return secret


def stored(path: Path) -> str:
    with connected(path) as raw:
        text = "\n".join(map(str, raw.execute("SELECT totp FROM account")))
    return text


def test_confirm_second_factor_its_code_does_not_work_again(access: Accounts, clock: Clock) -> None:
    secret = enrol(access, clock)
    assert said(lambda: access.log_in(NAME, GOOD, pyotp.TOTP(secret).at(clock.now), HOME)) == "DENIED"
    clock.now += timedelta(seconds=30)
    code = pyotp.TOTP(secret).at(clock.now)
    assert said(lambda: access.log_in(NAME, GOOD, code, HOME)) == "in"
    assert said(lambda: access.log_in(NAME, GOOD, code, HOME)) == "DENIED"


def test_confirm_second_factor_ends_every_other_session(access: Accounts, clock: Clock) -> None:
    kept, other = (access.log_in(NAME, GOOD, "", HOME) for _ in range(2))
    secret = pyotp.random_base32()
    code = pyotp.TOTP(secret).at(clock.now)
    access.confirm_second_factor(owner(access), HOME, secret, code, kept=digest(kept))
    assert (access.session(kept) is None, access.session(other) is None) == (False, True)


def test_seed_in_the_store_is_encrypted_for_its_own_account(access: Accounts, clock: Clock, path: Path) -> None:
    secret = enrol(access, clock)
    assert secret not in stored(path)
    access.add(owner(access), HOME, "mai", GOOD, Role.VIEWER, None, "vi")
    with connected(path) as raw:
        raw.execute("UPDATE account SET totp = (SELECT totp FROM account WHERE name = ?) WHERE name = 'mai'", (NAME,))
    clock.now += timedelta(minutes=1)
    code = pyotp.TOTP(secret).at(clock.now)
    assert said(lambda: access.log_in("mai", GOOD, code, HOME)) == "DENIED"
    assert said(lambda: access.log_in(NAME, GOOD, code, HOME)) == "in"


def test_protect_seeds_encrypts_what_an_older_version_left_in_the_clear(
    access: Accounts, clock: Clock, path: Path
) -> None:
    secret = pyotp.random_base32()
    with connected(path) as raw:
        raw.execute("UPDATE account SET totp = ?", (secret,))
    assert said(lambda: access.log_in(NAME, GOOD, pyotp.TOTP(secret).at(clock.now), HOME)) == "in"
    assert (access.protect_seeds(), access.protect_seeds()) == (1, 0)
    assert secret not in stored(path)
    clock.now += timedelta(minutes=1)
    assert said(lambda: access.log_in(NAME, GOOD, pyotp.TOTP(secret).at(clock.now), HOME)) == "in"


def test_protect_seeds_with_a_new_key_on_top_moves_to_it(access: Accounts, clock: Clock, path: Path) -> None:
    secret = enrol(access, clock)
    assert Accounts(access.database, clock, keys=KeyRing(lambda: f"{NEW}\n{OLD}")).protect_seeds() == 1
    alone = Accounts(access.database, clock, keys=KeyRing(lambda: NEW))
    clock.now += timedelta(minutes=1)
    assert said(lambda: alone.log_in(NAME, GOOD, pyotp.TOTP(secret).at(clock.now), HOME)) == "in"


@pytest.mark.parametrize("kind", DATABASES)
def test_protect_seeds_of_every_database(
    kind: str, clock: Clock, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    cheap_passwords(monkeypatch)
    with new_store(request, tmp_path, kind) as store:
        access = Accounts(store.database, clock, keys=KeyRing(lambda: OLD))
        access.set_up(NAME, GOOD, "vi", HOME)
        enrol(access, clock)
        assert Accounts(store.database, clock, keys=KeyRing(lambda: f"{NEW}\n{OLD}")).protect_seeds() == 1
        assert Accounts(store.database, clock, keys=KeyRing(lambda: NEW)).protect_seeds() == 0


def test_log_in_without_the_key_takes_recovery_codes_alone(access: Accounts, clock: Clock) -> None:
    secret = pyotp.random_base32()
    codes = access.confirm_second_factor(owner(access), HOME, secret, pyotp.TOTP(secret).at(clock.now))
    without = Accounts(access.database, clock, keys=KeyRing(lambda: NEW))
    assert without.protect_seeds() == 0
    clock.now += timedelta(minutes=1)
    assert said(lambda: without.log_in(NAME, GOOD, pyotp.TOTP(secret).at(clock.now), HOME)) == "DENIED"
    assert said(lambda: without.log_in(NAME, GOOD, codes[0], HOME)) == "in"


def test_matching_step_after_a_clock_that_was_ahead_is_found(clock: Clock) -> None:
    secret = pyotp.random_base32()
    code, step = pyotp.TOTP(secret).at(clock.now), int(clock.now.timestamp()) // 30
    assert matching_step(secret, code, clock.now, step + 100_000) == step
    assert matching_step(secret, code, clock.now, step) is None
    assert matching_step(secret, code, clock.now, step + 1) is None


def test_codes_have_112_bits_and_ignore_case_and_separators(access: Accounts, clock: Clock) -> None:
    assert recovery_codes.LETTERS * 5 >= 112
    assert len({len(code) for code in recovery_codes.codes()}) == 1
    assert len(recovery_codes.codes()[0]) <= recovery_codes.LONGEST_TYPED
    assert {len(recovery_codes.plain(code)) for code in recovery_codes.codes()} == {recovery_codes.LETTERS}


def test_prove_asks_for_the_code_where_there_is_a_factor(access: Accounts, clock: Clock) -> None:
    secret = enrol(access, clock)
    clock.now += timedelta(minutes=1)
    who, code = owner(access), pyotp.TOTP(secret).at(clock.now)
    assert said(lambda: access.prove(who, GOOD, HOME)) == "OWN_PROOF_WRONG"
    assert said(lambda: access.prove(who, GOOD, HOME, code=code)) == "in"
    assert said(lambda: access.prove(who, GOOD, HOME, code=code)) == "OWN_PROOF_WRONG"


def test_account_of_a_provider_gets_neither_password_nor_factor_here(access: Accounts, clock: Clock) -> None:
    access.add_vouched("an", "x", Role.VIEWER, None, "vi", HOME, ("https://id.example", "1"))
    an, secret = owner(access, "an"), pyotp.random_base32()
    assert an.vouched
    assert said(lambda: access.change(owner(access), HOME, "an", password=GOOD)) == "VOUCHED_ELSEWHERE"
    code = pyotp.TOTP(secret).at(clock.now)
    assert said(lambda: access.confirm_second_factor(an, HOME, secret, code)) == "VOUCHED_ELSEWHERE"
    assert said(lambda: access.prove(an, GOOD, HOME)) == "PROVE_ELSEWHERE"
    with pytest.raises(AccessError, match="DENIED"):
        access.log_in("an", GOOD, "", HOME)
