"""Forked processes behave like a started program: its arguments, its environment and its end."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.support.audits import PROGRAM
from tests.support.ready import SOURCE, Ready

ENVIRONMENT = {"PATH": os.environ["PATH"], "PYTHONPATH": str(SOURCE), "AUDITOR_LANG": "en", "HOME": "/nowhere"}
RESPONDER = ("respond", "--bind", "127.0.0.1", "--tcp", "0")


@pytest.mark.parametrize("words", [("checks", "explain", "ipv6.web.aaaa"), ("chekc",), ("config", "show")])
def test_forked_says_and_returns_what_a_start_does(program: Ready, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "auditor.toml").write_text("fail_on = 'low'\n")
    forked = program.run(words, ENVIRONMENT, tmp_path)
    started = subprocess.run([*PROGRAM, *words], env=ENVIRONMENT, cwd=tmp_path, capture_output=True, text=True)
    assert (forked.returncode, forked.stdout, forked.stderr) == (started.returncode, started.stdout, started.stderr)


def test_language_is_that_of_the_call_and_not_of_one_before(program: Ready, tmp_path: Path) -> None:
    said = [program.run(("--help",), {**ENVIRONMENT, "AUDITOR_LANG": lang}, tmp_path).stdout for lang in ("vi", "en")]
    assert said[0].startswith("Cách dùng:")
    assert said[1].startswith("Usage:")


def test_environment_is_that_of_the_call_alone(program: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITOR_CLEARANCE", "intrusive")
    shown = program.run(("config", "show"), {**ENVIRONMENT, "AUDITOR_FAIL_ON": "low"}, tmp_path).stdout
    assert 'fail_on = "low"' in shown
    assert "intrusive" not in shown


def test_processes_end_by_the_signals_that_they_are_sent(program: Ready, tmp_path: Path) -> None:
    with open(os.devnull, "r+b") as nothing:
        streams = (nothing.fileno(),) * 3
        first, second = (program.begin(RESPONDER, ENVIRONMENT, tmp_path, streams) for _ in range(2))
    assert first.pid != second.pid
    with pytest.raises(subprocess.TimeoutExpired):
        first.wait(0.01)
    first.send_signal(signal.SIGSTOP)
    second.kill()
    assert second.wait(300) == -signal.SIGKILL
    second.send_signal(signal.SIGTERM)  # it has ended: nobody else is sent that
    assert first.poll() is None
    first.kill()
    assert first.wait(300) == -signal.SIGKILL


def test_what_still_runs_at_the_end_is_killed(tmp_path: Path) -> None:
    with Ready.here() as own, open(os.devnull, "r+b") as nothing:
        left = own.begin(RESPONDER, ENVIRONMENT, tmp_path, (nothing.fileno(),) * 3)
        assert Path(f"/proc/{left.pid}").exists()
    with pytest.raises(ConnectionError):
        left.wait(300)
    until = time.monotonic() + 300
    while Path(f"/proc/{left.pid}").exists() and time.monotonic() < until:
        time.sleep(0.01)
    assert not Path(f"/proc/{left.pid}").exists()
