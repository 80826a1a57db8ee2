"""The service as a process: who may make the first account, under which names it answers, and what it holds open."""

import os
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.service.web import server

ROOT = Path(__file__).parents[2]

PROGRAM = [sys.executable, "-P", "-c", "from auditor.service.cli.main import main; raise SystemExit(main())"]
OURS = "Host: localhost\r\nConnection: close\r\n\r\n"
PHRASE = "một mật khẩu đủ dài"


def run(folder: Path, *words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "AUDITOR_LANG": "en", **variables}
    return subprocess.run(
        [*PROGRAM, *words, "--store", f"sqlite:///{folder}/a.db"],
        cwd=folder,
        env=environment,
        text=True,
        capture_output=True,
        timeout=120,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.fixture
def service(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [*PROGRAM, "serve", "--listen", f"127.0.0.1:{port}", "--https", "--store", f"sqlite:///{tmp_path}/a.db"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "AUDITOR_LANG": "en"}
    process = subprocess.Popen(
        words, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert str(port) in process.stdout.readline()
    yield process, port
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=60)


def asked(port: int, request: str) -> str:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
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
    _, said = process.communicate(timeout=60)
    assert code in said
    assert not file.exists()


def test_serve_answers_under_its_own_names_alone(service: tuple[subprocess.Popen[str], int]) -> None:
    _, port = service
    for path in ("/login", "/setup", "/metrics", "/login/oidc", "/api/v1/me", "/static/style.css", "/nowhere"):
        answer = asked(port, f"GET {path} HTTP/1.1\r\nHost: evil.example:{port}\r\nConnection: close\r\n\r\n")
        assert answer.startswith("HTTP/1.1 421 "), path
    for host in (f"localhost:{port}", "127.0.0.1"):
        assert " 200 " in asked(port, f"GET /setup HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")[:20]
    answer = asked(port, "GET /healthz HTTP/1.1\r\nHost: 192.0.2.1\r\nConnection: close\r\n\r\n")
    assert answer.startswith("HTTP/1.1 200 ")
    assert "Strict-Transport-Security: max-age=31536000; includeSubDomains" in answer


def test_serve_with_https_sets_cookies_that_no_other_host_can_set(service: tuple[subprocess.Popen[str], int]) -> None:
    answer = asked(service[1], f"GET /language/en HTTP/1.1\r\n{OURS}")
    (cookie,) = [line for line in answer.splitlines() if line.startswith("Set-Cookie")]
    assert cookie.startswith("Set-Cookie: __Host-lang=en;")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))


def test_serve_every_answer_says_what_browsers_may_do_with_it(service: tuple[subprocess.Popen[str], int]) -> None:
    for path in ("/login", "/static/site.css", "/static/vendor/htmx.min.js", "/nowhere", "/api/v1/me"):
        head = asked(service[1], f"GET {path} HTTP/1.1\r\n{OURS}").partition("\r\n\r\n")[0].lower()
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
def test_serve_body_whose_end_is_in_doubt_is_refused(service: tuple[subprocess.Popen[str], int], sent: str) -> None:
    assert asked(service[1], sent).split()[1] == "400"


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "OPTIONS"])
def test_serve_method_that_nothing_uses_is_refused(service: tuple[subprocess.Popen[str], int], method: str) -> None:
    assert asked(service[1], f"{method} /login HTTP/1.1\r\n{OURS}").split()[1] == "405"


@pytest.mark.parametrize(
    "path", ["/static/", "/static/vendor", "/.git/config", "/static/../app.py", "/static/%2e%2e/app.py"]
)
def test_serve_lists_no_folder_and_leaves_none(service: tuple[subprocess.Popen[str], int], path: str) -> None:
    assert asked(service[1], f"GET {path} HTTP/1.1\r\n{OURS}").split()[1] in ("403", "404")


def test_serve_path_that_breaks_lines_begins_no_line_of_the_log(service: tuple[subprocess.Popen[str], int]) -> None:
    process, port = service
    asked(port, "GET /login HTTP/1.1\r\nHost: a.example\x1b[2J\r\nConnection: close\r\n\r\n")
    asked(port, "GET /login HTTP/1.1\r\nHost: b.example\r\nConnection: close\r\n\r\n")
    process.send_signal(signal.SIGTERM)
    _, said = process.communicate(timeout=60)
    lines = [line for line in said.splitlines() if "b.example" in line]
    assert len(lines) == 1
    datetime.strptime(lines[0].split()[0], "%Y-%m-%dT%H:%M:%SZ").astimezone(UTC)
    assert "\x1b" not in said


def test_serve_what_is_no_request_tells_no_version(service: tuple[subprocess.Popen[str], int]) -> None:
    _, port = service
    answer = asked(port, "nonsense\r\n\r\n")
    assert answer.startswith("HTTP/1.0 400") or answer.startswith("HTTP/1.1 400")
    assert "aiohttp" not in answer
    assert "Python" not in answer


@pytest.mark.parametrize("sent", ["", "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: "])
def test_serve_half_a_request_is_let_go(service: tuple[subprocess.Popen[str], int], sent: str) -> None:
    began = time.monotonic()
    asked(service[1], sent)
    assert time.monotonic() - began < server.HEAD + 5


def test_serve_half_a_second_request_is_let_go(service: tuple[subprocess.Popen[str], int]) -> None:
    with socket.create_connection(("127.0.0.1", service[1]), timeout=60) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 200")
        began = time.monotonic()
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: ")
        while connection.recv(65_536):
            pass
        assert time.monotonic() - began < server.HEAD + 5


def test_accounts_add_first_is_an_administrator_and_others_what_is_said(tmp_path: Path) -> None:
    made = run(tmp_path, "accounts", "add", "lan", "--password-ref", "env:PHRASE", PHRASE=PHRASE)
    assert (made.returncode, "administrator" in made.stdout.lower()) == (0, True), made.stderr
    (tmp_path / "phrase").write_text(f"{PHRASE}\n", "utf-8")
    file = f"file:{tmp_path / 'phrase'}"
    made = run(tmp_path, "accounts", "add", "mai", "--role", "operator", "--password-ref", file)
    assert (made.returncode, "operator" in made.stdout.lower()) == (0, True), made.stderr
    for words in (["unlock", "lan"], ["drop-factor", "mai"], ["password", "mai", "--password-ref", file]):
        assert run(tmp_path, "accounts", *words).returncode == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "lan"], "no terminal"),
        (["add", "lan", "--password-ref", PHRASE], "neither env:NAME nor file:PATH"),
        (["add", "lan", "--password-ref", "env:NOT_SET_HERE"], "NOT_SET_HERE"),
        (["add", "lan", "--password-ref", "env:PHRASE", "--role", "king"], "none of viewer"),
        (["add", "lan", "--password-ref", "env:PHRASE", "--role", "viewer"], "first account is an administrator"),
        (["add", "lan", "--password-ref", "env:WEAK"], "too easy to guess"),
        (["unlock", "lan"], "there is no store"),
    ],
)
def test_accounts_mistake_is_one_clear_line(tmp_path: Path, words: list[str], said: str) -> None:
    made = run(tmp_path, "accounts", *words, PHRASE=PHRASE, WEAK="Daklak@2026!!")
    assert (made.returncode, said in made.stderr, "Traceback" in made.stderr) == (2, True, False), made.stderr
    assert PHRASE not in made.stderr
