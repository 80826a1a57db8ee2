"""Tests the service as a process: creation of the first account, accepted host names, and open files."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.ready import Ready

ROOT = Path(__file__).parents[2]

PROGRAM = [sys.executable, "-P", "-c", "from auditor.service.cli.main import main; raise SystemExit(main())"]
OURS = "Host: localhost\r\nConnection: close\r\n\r\n"
PHRASE = "một mật khẩu đủ dài"


def run(program: Ready, folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "AUDITOR_LANG": "en", **variables}
    return program.run((*words, "--store", f"sqlite:///{folder}/a.db"), environment, folder)


KEPT = 60.0
"""Seconds until a connection without a complete request is closed; after an earlier request it is fewer."""


@contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a service without accounts until it is left; yield its process and port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [*PROGRAM, "serve", "--listen", f"127.0.0.1:{port}", "--https", "--store", f"sqlite:///{folder}/a.db"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "AUDITOR_LANG": "en"}
    process = subprocess.Popen(
        words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert str(port) in process.stdout.readline()
    yield process, port
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=300)


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """Run a service that a test ends."""
    with running(tmp_path) as started:
        yield started


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Run a service for tests that only ask it; yield its port."""
    with running(tmp_path_factory.mktemp("served")) as (_, port):
        yield port


def asked(port: int, request: str, seconds: float = 300.0) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(request.encode())
        data = b""
        while piece := connection.recv(65_536):
            data += piece
        return data.decode("utf-8", "replace")


def test_serve_without_accounts_tells_the_code_and_keeps_it_private(
    service: tuple[subprocess.Popen[str], int], tmp_path: Path
) -> None:
    process, _ = service
    file = tmp_path / "a.db.set-up-code"
    code = file.read_text("ascii").strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=300)
    assert code in said
    assert not file.exists()


def test_serve_answers_under_its_own_names_alone(served: int) -> None:
    for path in ("/login", "/setup", "/metrics", "/login/oidc", "/api/v1/me", "/static/style.css", "/nowhere"):
        answer = asked(served, f"GET {path} HTTP/1.1\r\nHost: evil.example:{served}\r\nConnection: close\r\n\r\n")
        assert answer.startswith("HTTP/1.1 421 "), path
    for host in (f"localhost:{served}", "127.0.0.1"):
        assert " 200 " in asked(served, f"GET /setup HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")[:20]
    answer = asked(served, "GET /healthz HTTP/1.1\r\nHost: 192.0.2.1\r\nConnection: close\r\n\r\n")
    assert answer.startswith("HTTP/1.1 200 ")
    assert "Strict-Transport-Security: max-age=31536000; includeSubDomains" in answer


def test_serve_with_https_sets_cookies_that_no_other_host_can_set(served: int) -> None:
    answer = asked(served, f"GET /language/en HTTP/1.1\r\n{OURS}")
    (cookie,) = [line for line in answer.splitlines() if line.startswith("Set-Cookie")]
    assert cookie.startswith("Set-Cookie: __Host-lang=en;")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


def test_serve_every_answer_says_what_browsers_may_do_with_it(served: int) -> None:
    for path in ("/login", "/static/site.css", "/static/vendor/htmx.min.js", "/nowhere", "/api/v1/me"):
        head = asked(served, f"GET {path} HTTP/1.1\r\n{OURS}").partition("\r\n\r\n")[0].lower()
        for text in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'", "nosniff", "same-origin"):
            assert text in head, path
        kind = head.partition("content-type: ")[2].partition("\r\n")[0]
        assert "json" in kind or kind.endswith("charset=utf-8"), (path, kind)


@pytest.mark.parametrize(
    "sent",
    [
        f"POST /login HTTP/1.1\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n{OURS}0\r\n\r\n",
        f"POST /login HTTP/1.1\r\nContent-Length: 4\r\nContent-Length: 5\r\n{OURS}abcde",
        f"POST /login HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n{OURS}0\r\n\r\n",
    ],
)
def test_serve_body_whose_end_is_in_doubt_is_refused(served: int, sent: str) -> None:
    assert asked(served, sent).split()[1] == "400"


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "OPTIONS"])
def test_serve_method_that_nothing_uses_is_refused(served: int, method: str) -> None:
    assert asked(served, f"{method} /login HTTP/1.1\r\n{OURS}").split()[1] == "405"


@pytest.mark.parametrize(
    "path", ["/static/", "/static/vendor", "/.git/config", "/static/../app.py", "/static/%2e%2e/app.py"]
)
def test_serve_lists_no_folder_and_leaves_none(served: int, path: str) -> None:
    assert asked(served, f"GET {path} HTTP/1.1\r\n{OURS}").split()[1] in ("403", "404")


def test_serve_path_that_breaks_lines_begins_no_line_of_the_log(service: tuple[subprocess.Popen[str], int]) -> None:
    process, port = service
    asked(port, "GET /login HTTP/1.1\r\nHost: a.example\x1b[2J\r\nConnection: close\r\n\r\n")
    asked(port, "GET /login HTTP/1.1\r\nHost: b.example\r\nConnection: close\r\n\r\n")
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=300)
    lines = [line for line in said.splitlines() if "b.example" in line]
    assert len(lines) == 1
    datetime.strptime(lines[0].split()[0], "%Y-%m-%dT%H:%M:%SZ").astimezone(UTC)
    assert "\x1b" not in said


def test_serve_what_is_no_request_tells_no_version(served: int) -> None:
    answer = asked(served, "nonsense\r\n\r\n")
    assert answer.startswith("HTTP/1.0 400") or answer.startswith("HTTP/1.1 400")
    assert "aiohttp" not in answer
    assert "Python" not in answer


@pytest.mark.parametrize("sent", ["", "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: "])
def test_serve_half_a_request_is_let_go(served: int, sent: str) -> None:
    asked(served, sent, KEPT)


def test_serve_half_a_second_request_is_let_go(served: int) -> None:
    with socket.create_connection(("127.0.0.1", served), timeout=KEPT) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: ")
        while connection.recv(65_536):
            pass


def test_accounts_add_first_is_an_administrator_and_others_what_is_said(program: Ready, tmp_path: Path) -> None:
    made = run(program, tmp_path, "accounts", "add", "lan", "--password-ref", "env:PHRASE", PHRASE=PHRASE)
    assert (made.returncode, "administrator" in made.stdout.lower()) == (0, True), made.stderr
    (tmp_path / "phrase").write_text(f"{PHRASE}\n", "utf-8")
    file = f"file:{tmp_path / 'phrase'}"
    made = run(program, tmp_path, "accounts", "add", "mai", "--role", "operator", "--password-ref", file)
    assert (made.returncode, "operator" in made.stdout.lower()) == (0, True), made.stderr
    for words in (["unlock", "lan"], ["drop-factor", "mai"], ["password", "mai", "--password-ref", file]):
        assert run(program, tmp_path, "accounts", *words).returncode == 0
    listed = run(program, tmp_path, "accounts", "list")
    assert [line.split("\t")[0] for line in listed.stdout.splitlines()] == ["lan", "mai"]
    told = json.loads(run(program, tmp_path, "accounts", "list", "--format", "json").stdout)
    assert [(one["name"], one["role"]) for one in told] == [("lan", "admin"), ("mai", "operator")]
    assert PHRASE not in str(told)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "lan"], "no terminal"),
        (["add", "lan", "--password-ref", PHRASE], "neither env:NAME nor file:PATH"),
        (["add", "lan", "--password-ref", "env:NOT_SET_HERE"], "NOT_SET_HERE"),
        (["add", "lan", "--password-ref", "env:PHRASE", "--role", "king"], "not one of viewer"),
        (["add", "lan", "--password-ref", "env:PHRASE", "--role", "viewer"], "first account is an administrator"),
        (["add", "lan", "--password-ref", "env:WEAK"], "too easy to guess"),
        (["unlock", "lan"], "there is no store"),
    ],
)
def test_accounts_mistake_is_one_clear_line(program: Ready, tmp_path: Path, words: list[str], said: str) -> None:
    made = run(program, tmp_path, "accounts", *words, PHRASE=PHRASE, WEAK="Daklak@2026!!")
    assert (made.returncode, said in made.stderr, "Traceback" in made.stderr) == (2, True, False), made.stderr
    assert PHRASE not in made.stderr
