"""Tests accounts: stored values log nobody in, ended sessions stay ended, and guessing costs time."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from auditor.service.accounts import passwords
from auditor.service.accounts.accounts import Accounts
from auditor.service.accounts.login_backoff import FREE_ATTEMPTS, REMEMBERED
from auditor.service.accounts.model import IDLE, LIFETIME, AccessError, Account, Role, TokenGrant, TokenScope
from auditor.service.accounts.records import digest
from auditor.service.store.database.account_schema import attempt
from auditor.service.store.database.sqlite import SqliteDatabase
from inventory.model import AgencyId
from tests.support.sqlite_file import connected

GOOD, OTHER, HERE = "một mật khẩu đủ dài", "mật khẩu khác hẳn", "2001:db8::7"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def passes(self, time: timedelta) -> None:
        self.now += time


@pytest.fixture(autouse=True)
def _cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make password hashing cheap; its cost is not under test."""
    hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    monkeypatch.setattr(passwords, "_HASHER", hasher)
    monkeypatch.setattr(passwords, "_NOBODY", hasher.hash("nobody has this password"))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.db"


@pytest.fixture
def access(path: Path, clock: Clock) -> Iterator[Accounts]:
    database = SqliteDatabase(path)
    database.prepare()
    made = Accounts(database, clock)
    made.set_up("quản trị", GOOD, "vi", HERE)
    yield made
    database.close()


def account(access: Accounts, name: str = "quản trị") -> Account:
    return next(account for account in access.all() if account.name == name)


def refused(code: str) -> "pytest.RaisesExc[AccessError]":
    return pytest.raises(AccessError, match=f"^{code}$")


def viewer(access: Accounts, agency: str | None = "so-yt") -> Account:
    access.add(account(access), HERE, "y tế", OTHER, Role.VIEWER, None if agency is None else AgencyId(agency), "vi")
    return account(access, "y tế")


def test_set_up_makes_one_administrator_only_once(access: Accounts) -> None:
    assert access.is_set_up()
    assert (account(access).role, account(access).agency) == (Role.ADMIN, None)
    with refused("IS_SET_UP"):
        access.set_up("another", GOOD, "vi", HERE)


def test_store_holds_no_usable_secret(access: Accounts, path: Path) -> None:
    held = access.log_in("quản trị", GOOD, "", HERE)
    key = access.issue(account(access), HERE, "giám sát", [TokenScope.METRICS], timedelta(days=1))
    with connected(path) as raw:
        stored = "\n".join(raw.iterdump())
    assert "$argon2id$" in stored
    for secret in (GOOD, held, key):
        assert secret not in stored


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("ngắn quá", "PASSWORD_TOO_SHORT"),
        ("x" * 300, "PASSWORD_TOO_LONG"),
        ("aaaaaaaaaaaaaa", "PASSWORD_TOO_SIMPLE"),
        ("của quản trị đây", "PASSWORD_TOO_SIMPLE"),
    ],
)
def test_add_invalid_password_is_refused(password: str, code: str) -> None:
    with refused(code):
        passwords.hashed(password, "quản trị")


def test_log_in_then_log_out_ends_the_session(access: Accounts) -> None:
    held = access.log_in("quản trị", GOOD, "", HERE)
    session = access.session(held)
    assert session is not None
    assert session.account == account(access)
    assert len(session.csrf) > 20
    access.log_out(held, session.account, HERE)
    assert access.session(held) is None


@pytest.mark.parametrize(("name", "password"), [("quản trị", OTHER), ("ai đó", GOOD), ("quản trị", "")])
def test_log_in_any_wrong_field_gives_the_same_error(access: Accounts, name: str, password: str) -> None:
    with refused("DENIED"):
        access.log_in(name, password, "", HERE)


def test_log_in_old_failures_are_forgotten(access: Accounts, clock: Clock, path: Path) -> None:
    for number in range(3):
        with refused("DENIED"):
            access.log_in(f"ai đó {number}", OTHER, "", f"192.0.2.{number}")
        clock.passes(REMEMBERED + timedelta(seconds=1))
    with refused("DENIED"):
        access.log_in("người khác", OTHER, "", "192.0.2.9")
    database = SqliteDatabase(path)
    with database.reading() as connection:
        kept = connection.execute(select(attempt.c.what)).scalars().all()
    database.close()
    assert sorted(kept) == ["from 192.0.2.9/32", "name người khác", "pair 192.0.2.9/32 người khác"]


def test_session_ends_when_idle_or_too_old(access: Accounts, clock: Clock) -> None:
    idle, used = access.log_in("quản trị", GOOD, "", HERE), access.log_in("quản trị", GOOD, "", HERE)
    step = IDLE - timedelta(minutes=1)
    for _ in range(LIFETIME // step):
        clock.passes(step)
        assert access.session(used) is not None
    assert access.session(idle) is None
    clock.passes(step)
    assert access.session(used) is None


def test_session_that_is_used_is_written_down_once_a_minute_and_untold(access: Accounts, clock: Clock) -> None:
    held = access.log_in("quản trị", GOOD, "", HERE)
    assert access.session(held) is not None
    stamp, commits = access.database.stamp(), access.database.commits()
    clock.passes(timedelta(minutes=1.5))
    for _ in range(3):
        assert access.session(held) is not None
        assert access.database.commits() == commits + 1
    assert access.database.stamp() == stamp
    access.log_out(held, account(access), HERE)
    assert access.session(held) is None


def test_change_account_ends_its_sessions(access: Accounts) -> None:
    viewer(access)
    held = access.log_in("y tế", OTHER, "", HERE)
    access.change(account(access), HERE, "y tế", password=GOOD)
    assert access.session(held) is None
    with refused("DENIED"):
        access.log_in("y tế", OTHER, "", HERE)
    held = access.log_in("y tế", GOOD, "", HERE)
    access.change(account(access), HERE, "y tế", disabled=True)
    assert access.session(held) is None
    with refused("DENIED"):
        access.log_in("y tế", GOOD, "", HERE)


def test_change_last_administrator_is_refused(access: Accounts) -> None:
    for change in ({"disabled": True}, {"role": Role.VIEWER}):
        with refused("LAST_ADMIN"):
            access.change(account(access), HERE, "quản trị", **change)
    access.add(account(access), HERE, "người thứ hai", OTHER, Role.ADMIN, None, "en")
    access.change(account(access), HERE, "quản trị", role=Role.VIEWER)


def test_add_agency_for_other_roles_is_refused(access: Accounts) -> None:
    assert viewer(access).agency == "so-yt"
    with refused("AGENCY_OF_VIEWERS"):
        access.add(account(access), HERE, "x", OTHER, Role.OPERATOR, AgencyId("so-yt"), "vi")
    with refused("AGENCY_OF_VIEWERS"):
        access.change(account(access), HERE, "y tế", role=Role.ADMIN)


@pytest.mark.parametrize("name", ["", " x", "a\nb", "x" * 101])
def test_add_invalid_name_is_refused(access: Accounts, name: str) -> None:
    with refused("BAD_NAME"):
        access.add(account(access), HERE, name, OTHER, Role.VIEWER, None, "vi")


def test_hashed_uses_recommended_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashing uses the parameters of RFC 9106 §4, the second recommended option: 64 MiB, three passes, four lanes."""
    monkeypatch.undo()
    assert passwords.hashed(GOOD, "ai đó").startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_matches_takes_as_long_without_an_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check without an account uses the same parameters and therefore takes as long."""
    monkeypatch.undo()
    assert not passwords.is_stale(passwords._NOBODY)
    assert not passwords.matches(None, GOOD)


def test_add_taken_name_is_refused(access: Accounts) -> None:
    viewer(access)
    with refused("NAME_TAKEN"):
        viewer(access)


def test_token_works_for_its_scopes_until_it_expires(access: Accounts, clock: Clock) -> None:
    key = access.issue(account(access), HERE, "giám sát", [TokenScope.METRICS], timedelta(days=2))
    assert access.token(key) == TokenGrant(account=account(access), scopes=frozenset({TokenScope.METRICS}))
    assert access.token(key + "x") is None
    clock.passes(timedelta(days=2))
    assert access.token(key) is None


@pytest.mark.parametrize("valid", [timedelta(), timedelta(days=-1), timedelta(days=400)])
def test_issue_token_longer_than_a_year_is_refused(access: Accounts, valid: timedelta) -> None:
    with refused("BAD_VALIDITY"):
        access.issue(account(access), HERE, "x", [TokenScope.READ], valid)


def test_tokens_are_revoked_by_their_owner_or_an_administrator(access: Accounts) -> None:
    admin, other = account(access), viewer(access)
    key = access.issue(admin, HERE, "của quản trị", [TokenScope.READ], timedelta(days=1))
    (token,) = access.tokens()
    with refused("NO_TOKEN"):
        access.revoke(other, HERE, token.digest)
    assert access.token(key) is not None
    access.revoke(admin, HERE, token.digest)
    assert access.token(key) is None


def test_a_second_factor_is_needed_and_each_code_works_once(access: Accounts, clock: Clock) -> None:
    secret = pyotp.random_base32()
    with refused("BAD_CODE"):
        access.confirm_second_factor(account(access), HERE, secret, "000000")
    access.confirm_second_factor(account(access), HERE, secret, pyotp.TOTP(secret).at(clock.now))
    assert account(access).second_factor
    clock.passes(timedelta(minutes=1))
    code = pyotp.TOTP(secret).at(clock.now)
    for wrong in ("", "123456"):
        with refused("DENIED"):
            access.log_in("quản trị", GOOD, wrong, HERE)
    assert access.log_in("quản trị", GOOD, code, HERE)
    with refused("DENIED"):
        access.log_in("quản trị", GOOD, code, HERE)
    access.drop_second_factor(account(access), HERE, "quản trị")
    assert access.log_in("quản trị", GOOD, "", HERE)


def test_audit_log_has_every_action_and_no_secret(access: Accounts) -> None:
    viewer(access)
    with refused("DENIED"):
        access.log_in("quản trị", OTHER, "", HERE)
    access.log_in("quản trị", GOOD, "", HERE)
    deeds = access.deeds()
    assert [deed.what for deed in deeds] == ["login", "login_refused", "account_added", "set_up"]
    assert {deed.address for deed in deeds} == {HERE}
    assert not any(secret in str(deeds) for secret in (GOOD, OTHER))


def with_factor(access: Accounts, clock: Clock) -> tuple[str, ...]:
    secret = pyotp.random_base32()
    return access.confirm_second_factor(account(access), HERE, secret, pyotp.TOTP(secret).at(clock.now))


@pytest.mark.parametrize("words", ["UPDATE deed SET who = 'khác'", "DELETE FROM deed"])
def test_the_audit_log_is_only_added_to(access: Accounts, words: str) -> None:
    before = access.deeds(9)
    with pytest.raises(IntegrityError, match="only added to"), access.database.writing() as connection:
        connection.exec_driver_sql(words)
    assert access.deeds(9) == before
    assert before


def test_audit_log_has_one_line_a_minute_for_waiting_logins(access: Accounts) -> None:
    for _ in range(FREE_ATTEMPTS):
        with refused("DENIED"):
            access.log_in("quản trị", OTHER, "", HERE)
    for _ in range(50):
        with refused("WAIT"):
            access.log_in("quản trị", GOOD, "", HERE)
    assert [deed.what for deed in access.deeds()].count("login_waits") == 1
    access.refusals.settle(ends=True)
    assert access.deeds(1)[0].about == "+49 "


def test_recovery_code_works_once(access: Accounts, clock: Clock, path: Path) -> None:
    codes = with_factor(access, clock)
    assert len(set(codes)) == len(codes) == access.recovery_left(account(access)) == 10
    assert access.log_in("quản trị", GOOD, codes[0].upper().replace("-", " "), HERE)
    with refused("DENIED"):
        access.log_in("quản trị", GOOD, codes[0], HERE)
    assert access.recovery_left(account(access)) == 9
    with connected(path) as raw:
        stored = "".join(str(row) for row in raw.execute("SELECT * FROM recovery"))
    assert not [code for code in codes if code in stored or code.replace("-", "") in stored]
    assert [deed.what for deed in access.deeds(3)] == ["login_refused", "login", "recovery_used"]


def test_recovery_codes_end_with_renewal_or_without_factor(access: Accounts, clock: Clock) -> None:
    old = with_factor(access, clock)
    new = access.renew_recovery(account(access), HERE)
    with refused("DENIED"):
        access.log_in("quản trị", GOOD, old[0], HERE)
    assert access.log_in("quản trị", GOOD, new[0], HERE)
    access.drop_second_factor(account(access), HERE, "quản trị")
    assert access.recovery_left(account(access)) == 0
    with refused("NO_SECOND_FACTOR"):
        access.renew_recovery(account(access), HERE)


def test_recovery_code_of_another_account_is_refused(access: Accounts, clock: Clock) -> None:
    codes, other = with_factor(access, clock), viewer(access)
    secret = pyotp.random_base32()
    access.confirm_second_factor(other, HERE, secret, pyotp.TOTP(secret).at(clock.now))
    with refused("DENIED"):
        access.log_in(other.name, OTHER, codes[0], HERE)
    assert access.recovery_left(account(access)) == 10


@pytest.mark.parametrize("secret", ["", "A" * 8, "0" * 32, "a" * 32])
def test_confirm_second_factor_weak_secret_is_refused(access: Accounts, clock: Clock, secret: str) -> None:
    with refused("BAD_CODE"):
        access.confirm_second_factor(account(access), HERE, secret, "000000")


def test_drop_second_factor_ends_the_other_sessions(access: Accounts, clock: Clock) -> None:
    codes = with_factor(access, clock)
    held, elsewhere = (access.log_in("quản trị", GOOD, code, HERE) for code in codes[:2])
    access.drop_second_factor(account(access), HERE, "quản trị", kept=digest(held))
    assert [access.session(text) is None for text in (held, elsewhere)] == [False, True]


def test_audit_log_names_the_factor_of_a_login(access: Accounts, clock: Clock) -> None:
    access.log_in("quản trị", GOOD, "", HERE)
    secret = pyotp.random_base32()
    codes = access.confirm_second_factor(account(access), HERE, secret, pyotp.TOTP(secret).at(clock.now))
    clock.passes(timedelta(minutes=1))
    for code in (pyotp.TOTP(secret).at(clock.now), codes[0]):
        access.log_in("quản trị", GOOD, code, HERE)
    abouts = [deed.about for deed in reversed(access.deeds()) if deed.what == "login"]
    assert abouts == ["password", "password totp", "password recovery"]


def test_change_password_needs_the_old_one_and_ends_other_sessions(access: Accounts) -> None:
    held, elsewhere = (access.log_in("quản trị", GOOD, "", HERE) for _ in range(2))
    with refused("OWN_PASSWORD_WRONG"):
        access.change_password(account(access), HERE, OTHER, "mật khẩu thứ ba", digest(held))
    with refused("PASSWORD_TOO_SHORT"):
        access.change_password(account(access), HERE, GOOD, "ngắn", digest(held))
    made = access.change_password(account(access), HERE, GOOD, "mật khẩu thứ ba", digest(held))
    assert [access.session(text) is None for text in (made, held, elsewhere)] == [False, True, True]
    with refused("DENIED"):
        access.log_in("quản trị", GOOD, "", HERE)


def test_sessions_are_listed_and_ended_by_their_owner_or_an_administrator(access: Accounts, clock: Clock) -> None:
    other = viewer(access)
    held = access.log_in(other.name, OTHER, "", HERE)
    clock.passes(timedelta(minutes=1))
    assert [(sitting.digest, sitting.address) for sitting in access.sittings(other)] == [(digest(held), HERE)]
    with refused("NOT_ALLOWED"):
        access.end(account(access), other, HERE)
    access.end(other, account(access), HERE)
    assert (access.session(held), access.sittings(other)) == (None, [])


def test_change_agency_binds_and_releases_a_viewer(access: Accounts) -> None:
    other, admin = viewer(access), account(access)
    access.change(admin, HERE, other.name, agency=AgencyId("SO-XD"))
    assert account(access, other.name).agency == "SO-XD"
    with refused("AGENCY_OF_VIEWERS"):
        access.change(admin, HERE, other.name, role=Role.OPERATOR)
    access.change(admin, HERE, other.name, role=Role.OPERATOR, agency="")
    assert (account(access, other.name).agency, account(access, other.name).role) == (None, Role.OPERATOR)
    with refused("AGENCY_OF_VIEWERS"):
        access.change(admin, HERE, other.name, agency=AgencyId("SO-XD"))


@pytest.mark.parametrize("code", ["１２３４５６", "mã số", "😀", ""])
def test_log_in_code_in_other_digits_is_refused(access: Accounts, clock: Clock, code: str) -> None:
    with_factor(access, clock)
    for _ in range(FREE_ATTEMPTS):
        with refused("DENIED"):
            access.log_in("quản trị", GOOD, code, HERE)
    with refused("WAIT"):
        access.log_in("quản trị", GOOD, code, HERE)


def meanwhile(monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> None:
    """Run ``work`` once, as another process would, right after a password was checked."""
    before, todo = passwords.matches, [work]

    def matches(stored: str | None, password: str) -> bool:
        if todo:
            todo.pop()()
        return before(stored, password)

    monkeypatch.setattr(passwords, "matches", matches)


def test_log_in_concurrent_use_of_a_code_succeeds_once(
    access: Accounts, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = pyotp.random_base32()
    code = pyotp.TOTP(secret).at(clock.now)
    access.confirm_second_factor(account(access), HERE, secret, code)
    clock.passes(timedelta(minutes=1))
    code = pyotp.TOTP(secret).at(clock.now)
    meanwhile(monkeypatch, lambda: access.log_in("quản trị", GOOD, code, HERE))
    with refused("DENIED"):
        access.log_in("quản trị", GOOD, code, HERE)
    assert len(access.sittings(account(access))) == 1


def test_log_in_password_changed_meanwhile_is_refused(access: Accounts, monkeypatch: pytest.MonkeyPatch) -> None:
    meanwhile(monkeypatch, lambda: access.change(account(access), HERE, "quản trị", password=OTHER))
    with refused("DENIED"):
        access.log_in("quản trị", GOOD, "", HERE)
    assert access.log_in("quản trị", OTHER, "", HERE)
