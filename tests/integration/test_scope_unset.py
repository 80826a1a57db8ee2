"""Tests redirects into the private network without ``[scope] allow``.

A redirect of a public target ends there, and that of a private target does not; the portals stand in a network
namespace of their own, across a wire from the auditor's.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support import private_net

SERVERS = """
import http.server, subprocess, sys, threading
print("there", flush=True)
sys.stdin.readline()
for address in ("198.51.100.10", "198.51.100.11", "10.9.9.8", "10.9.9.9"):
    subprocess.run(["ip", "addr", "add", f"{address}/24", "dev", "d1"], check=True)
subprocess.run(["ip", "link", "set", "d1", "up"], check=True)
LEADS = {
    ("198.51.100.10", 8081): "http://10.9.9.9:8080/reboot.cgi?now=1",
    ("198.51.100.11", 8081): "http://198.51.100.11:9200/_shutdown",
    ("10.9.9.8", 8081): "http://10.9.9.9:8080/page",
    ("10.9.9.9", 8080): None,
    ("198.51.100.11", 9200): None,
}
class Portal(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        to = LEADS[self.server.server_address]
        if to is None:
            print("asked", self.server.server_address[0], self.path, flush=True)
        self.send_response(302 if to else 200)
        if to:
            self.send_header("Location", to)
        self.send_header("Content-Length", "0")
        self.end_headers()
    def log_message(self, *_):
        pass
for place in LEADS:
    threading.Thread(target=http.server.ThreadingHTTPServer(place, Portal).serve_forever, daemon=True).start()
print("up", flush=True)
sys.stdin.readline()
print("end", flush=True)
"""
SETUP = """
ip link add d0 type veth peer name d1
ip addr add 198.51.100.1/24 dev d0
ip addr add 10.9.9.1/24 dev d0
ip link set d0 up
"""


@contextmanager
def portals() -> Iterator[list[str]]:
    """Yield a list that holds the requests to the servers across the wire once they have ended."""
    asked: list[str] = []
    with subprocess.Popen(
        ["unshare", "-n", sys.executable, "-c", SERVERS], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stdout.readline() == "there\n"
        subprocess.run(["ip", "link", "set", "d1", "netns", str(child.pid)], check=True)
        print(file=child.stdin, flush=True)
        assert child.stdout.readline() == "up\n"
        yield asked
        print(file=child.stdin, flush=True)
        asked += [line.strip() for line in child.stdout if line.startswith("asked")]


def probed(folder: Path, url: str) -> tuple[list[str], list[str]]:
    """Return the requests to the servers, and the details of refused hops, of the real command's probe of a URL."""
    (folder / "empty.toml").write_text("")
    command = [str(Path(sys.executable).with_name("auditor")), "--config", "empty.toml", "probe", "http", url]

    async def main() -> tuple[list[str], list[str]]:
        with portals() as asked:
            done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300)  # noqa: ASYNC221
        steps = [step for load in json.loads(done.stdout)["evidence"] for step in load["steps"]]
        failures = [step["failure"] for step in steps if step["failure"] is not None]
        return asked, [failure["detail"] for failure in failures if failure["kind"] == "out_of_scope"]

    return private_net.run(SETUP, main)


@pytest.mark.needs_root
@pytest.mark.parametrize(
    ("url", "asked", "kept"),
    [
        ("http://198.51.100.10:8081/", [], ["private"]),
        ("http://198.51.100.11:8081/", [], ["port 9200"]),
        ("http://10.9.9.8:8081/", ["asked 10.9.9.9 /page"], []),
    ],
)
def test_redirect_without_scope_leads_inside_from_inside_alone(
    tmp_path: Path, url: str, asked: list[str], kept: list[str]
) -> None:
    assert probed(tmp_path, url) == (asked, kept)
