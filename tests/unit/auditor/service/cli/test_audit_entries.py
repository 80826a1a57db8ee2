"""Tests that commands are recorded in the audit log of the store: the person, the machine and the action."""

import json
import logging
import os
import pwd
import socket
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from logging.handlers import SysLogHandler
from pathlib import Path

import pytest

from auditor.framework.findings import Outcome
from auditor.service.cli import audit_entries
from auditor.service.cli.global_options import STATE
from auditor.service.store.sql.accounts import log_rows
from auditor.service.store.url import open_store
from probes.framework.evidence import RunId
from tests.support.sqlite_file import connected
from tests.unit.auditor.service.cli.calling import Cli
from tests.unit.auditor.service.store.examples import evidence
from tests.unit.auditor.stored import START, Brief, Held, put

URL = "sqlite:///auditor.db"


@pytest.fixture(autouse=True)
def _store(tmp_path: Path) -> None:
    with open_store(URL) as store:
        put(store, Held(name="a", findings={"www.tinh.vn": [Brief(check="ipv6.web.aaaa", outcome=Outcome.PASS)]}))
        store.add_evidence([evidence("www.tinh.vn", of=RunId("a"))])


@pytest.fixture
def system_log(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """Yield a socket in place of /dev/log."""
    log = logging.getLogger(log_rows.LOG)
    with tempfile.TemporaryDirectory(prefix="log") as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as made:
        made.bind(f"{folder}/log")
        made.settimeout(5)
        monkeypatch.setattr(audit_entries, "_SYSTEM_LOG", Path(folder) / "log")
        monkeypatch.setattr(logging.getLogger(), "handlers", [])
        monkeypatch.setattr(log, "level", log.level)
        yield made
        for sys_log_handler in [each for each in log.handlers if isinstance(each, SysLogHandler)]:
            log.removeHandler(sys_log_handler)
            sys_log_handler.close()


def lines() -> list[tuple[str, str, str, str]]:
    with connected("auditor.db") as connection:
        found = connection.execute("SELECT who, address, what, about FROM deed ORDER BY key").fetchall()
    return found


def test_account_that_is_made_is_in_the_system_log_too(
    cli: Cli, system_log: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PHRASE", "một mật khẩu đủ dài")
    assert cli("accounts", "add", "lan", "--password-ref", "env:PHRASE").code == 0
    assert b'"what": "set_up"' in system_log.recv(10_000)


def test_audit_entries_changing_commands_write_one(cli: Cli, tmp_path: Path) -> None:
    root = cli("runs", "seal", "a").out.strip()
    assert cli("report", "a", "--format", "csv=a.csv").code == 0
    assert cli("judge", "a", "--format", "csv=b.csv").code in (0, 3, 4)
    assert cli("backup", "copy.db").code == 0
    assert cli("restore", "copy.db").code == 0
    pairs = [(what, about) for *_, what, about in lines()]
    assert pairs[0] == ("run_sealed", f"a {root}")
    assert pairs[1] == ("export", "a a.1 csv=a.csv")
    assert pairs[2][0] == "judged_again"
    assert pairs[3:] == [("store_restored", "copy.db")]  # the line about the copy is not in the copy
    (before,) = tmp_path.glob("auditor.db.before-*")
    with connected(before) as connection:
        (copied,) = connection.execute("SELECT about FROM deed WHERE what = 'store_copied'").fetchone()
    assert copied == "copy.db"
    user = pwd.getpwuid(os.getuid()).pw_name
    assert {(who, address) for who, address, *_ in lines()} == {(user, f"{socket.gethostname()} uid {os.getuid()}")}


def test_audit_entries_reading_commands_write_none(cli: Cli) -> None:
    for words in (("runs", "list"), ("runs", "show", "a"), ("log", "show"), ("log", "verify")):
        assert cli(*words).code == 0
    assert lines() == []


@pytest.mark.clock(START + timedelta(days=60))
def test_evidence_that_goes_is_named_run_by_run(cli: Cli) -> None:
    with open_store(URL) as store:
        put(store, Held(name="old", days=-400, findings={}))
        put(store, Held(name="older", days=-500, findings={}))
        store.add_evidence([evidence("www.tinh.vn", of=RunId(text)) for text in ("old", "older")])
    assert cli("runs", "forget", "--older-than", "100", "--dry-run").code == 0
    assert lines() == []
    gone = cli("runs", "forget", "--older-than", "100").out.split()
    assert [about for *_, what, about in lines() if what == "evidence_forgotten"] == gone
    assert gone == ["older", "old"]


def test_behind_sudo_both_users_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUDO_USER", "lan")
    monkeypatch.setattr(STATE, "uid", 0)
    assert audit_entries.user() == "root (sudo: lan)"
    monkeypatch.setattr(STATE, "uid", 4_294_000_000)
    assert audit_entries.user() == "4294000000"


def test_lines_go_to_the_system_log_with_their_hash(cli: Cli, system_log: socket.socket) -> None:
    assert cli("runs", "seal", "a").code == 0
    sent = system_log.recv(65_536).decode().rstrip("\0")
    assert sent.startswith("<38>auditor: {")  # auth, info
    said = json.loads(sent.partition("auditor: ")[2])
    with connected("auditor.db") as connection:
        assert connection.execute("SELECT key, hash FROM deed").fetchall() == [(said["number"], said["hash"])]


def test_the_log_is_shown_and_verified(cli: Cli) -> None:
    assert cli("log", "verify").out == "the audit log holds: 0 lines, the last one is 0:\n"
    cli("runs", "seal", "a")
    head = cli("log", "verify").out.rpartition(" ")[2].strip()
    assert head.startswith("1:sha256:")
    assert head[2:] in cli("log", "show").out
    assert cli("log", "verify", "--head", head).code == 0
    assert cli("log", "verify", "--head", "1:x").code == 2
    with connected("auditor.db") as connection:
        connection.execute("DROP TRIGGER deed_no_update")
        connection.execute("UPDATE deed SET who = 'minh'")
    result = cli("log", "verify")
    assert (result.code, result.out) == (3, "the audit log was altered: line 1 does not follow from those before it\n")


def test_a_log_that_was_cut_short_is_noticed_by_a_head_kept_elsewhere(cli: Cli) -> None:
    cli("runs", "seal", "a")
    cli("report", "a", "--format", "csv=a.csv")
    head = cli("log", "verify").out.rpartition(" ")[2].strip()
    with connected("auditor.db") as connection:
        connection.execute("DROP TRIGGER deed_no_delete")
        connection.execute("DELETE FROM deed WHERE key = 2")
    assert cli("log", "verify").code == 0
    result = cli("log", "verify", "--head", head)
    assert (result.code, "line 2 is not there" in result.out) == (3, True)
