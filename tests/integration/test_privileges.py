"""Tests which processes may send raw packets: after dropping privileges, as ordinary user, with systemd's socket."""

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from containers.rehearsal.addressing import lay_out
from containers.rehearsal.lab import SOURCE, Rehearsal
from containers.rehearsal.province import PROVINCE
from inventory.model import written
from tests.support import audits

pytest_plugins = ("tests.support.rehearsal",)
pytestmark = pytest.mark.needs_root

PORTAL = PROVINCE.fqdn("cong")
ADDRESS = written(lay_out(PROVINCE).portals[PORTAL].v6[0])
# A real other user. If the interpreter or the laboratory is in root's home, it may only read there.
NOBODY = (
    "setpriv",
    "--reuid=65534",
    "--regid=65534",
    "--clear-groups",
    "--inh-caps=-all,+dac_read_search",
    "--ambient-caps=-all,+dac_read_search",
    "--bounding-set=-all,+dac_read_search",
)
AUDITOR = str(Path(sys.executable).with_name("auditor"))


def as_nobody(lab: Rehearsal, *words: str, **env: str) -> tuple[int, dict[str, Any]]:
    named = {"AUDITOR_CONFIG": str(lab.dir / "auditor.toml"), **env}
    ran = lab.run([*NOBODY, AUDITOR, *words], "vantage", env=named)
    assert ran.stdout, ran.stderr
    assert "Traceback" not in ran.stderr, ran.stderr
    found = json.loads(ran.stdout)
    assert isinstance(found, dict)
    return ran.returncode, found


def test_what_was_privileged_is_not_any_longer_and_still_sends(lab: Rehearsal) -> None:
    ran = lab.run([sys.executable, "-m", "tests.support.dropped", ADDRESS], "vantage")
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert int(found["before"], 16) >> 13 & 1
    assert {int(value, 16) for value in found["after"].values()} == {0}
    assert found["opens_raw"] is False
    assert (found["reached"], found["echo"]) == (True, 2)
    assert str(found["error"]).startswith("1/0 from ")


def test_an_ordinary_user_is_told_what_could_not_be_tested(lab: Rehearsal) -> None:
    only = ("--only", "ipv6.path", "--only", "ipv6.web.reach", "--format", "json")
    code, document = as_nobody(lab, "check", *only, PORTAL)
    assert code not in (audits.INTERNAL, 2)
    triples = {(one["check"], one["outcome"], one["reason"]) for one in document["findings"]}
    assert ("ipv6.web.reach", "pass", None) in triples
    assert ("ipv6.path.large-transfer", "pass", None) in triples  # needs no privilege
    for check in ("min-mtu", "tunnel", "icmp-errors"):  # these use acknowledged TCP packets, and connects
        assert (f"ipv6.path.{check}", "pass", None) in triples
    for check in ("echo", "pmtud", "time-exceeded"):
        assert {(outcome, reason) for id_, outcome, reason in triples if id_ == f"ipv6.path.{check}"} == {
            ("inconclusive", "U-PRIV")
        }
    lacking = next(one for one in document["findings"] if one["check"] == "ipv6.path.pmtud")
    assert "CAP_NET_RAW" in lacking["remedy"]["vi"]
    assert "CAP_NET_RAW" in lacking["remedy"]["en"]


def test_doctor_tells_an_ordinary_user_what_to_grant(lab: Rehearsal) -> None:
    named = {"AUDITOR_CONFIG": str(lab.dir / "auditor.toml")}
    told = {
        language: lab.run([*NOBODY, AUDITOR, "--lang", language, "doctor"], "vantage", env=named).stdout
        for language in ("vi", "en")
    }
    assert "no traceroute and no crafted packets without CAP_NET_RAW; run as root, or enable" in told["en"]
    for text in told.values():
        assert text.count("CAP_NET_RAW") == 1
        assert text.count('sysctl -w net.ipv4.ping_group_range="0 2147483647"') == 1
    root = lab.run([AUDITOR, "--lang", "en", "doctor"], "vantage", env=named).stdout
    assert "traceroute and crafted packets can be sent" in root
    assert "ICMP: echo can be sent" in root


def test_an_ordinary_user_sends_echoes_where_the_kernel_lets_users(lab: Rehearsal) -> None:
    """An ordinary user sends only echoes: checks that need crafted packets stay inconclusive."""
    ours = "net.ipv4.ping_group_range"
    before = lab.run(["sysctl", "-n", ours], "vantage").stdout.strip()
    lab.run(["sysctl", "-qw", f"{ours}=0 65534"], "vantage")
    try:
        _, document = as_nobody(lab, "check", "--only", "ipv6.path", "--format", "json", PORTAL)
    finally:
        lab.run(["sysctl", "-qw", f"{ours}={before}"], "vantage")
    triples = {(one["check"], one["outcome"], one["reason"]) for one in document["findings"]}
    assert {triple for triple in triples if triple[0] == "ipv6.path.echo"} == {("ipv6.path.echo", "pass", None)}
    for check in ("pmtud", "time-exceeded"):
        assert {triple[1:] for triple in triples if triple[0] == f"ipv6.path.{check}"} == {("inconclusive", "U-PRIV")}
    assert any("NO_PRIVILEGE" in limit for limit in document["limits"])


PROGRAM = [sys.executable, "-m", "probes.rawpkt"]


@pytest.fixture(params=["systemd", "its own"])
def listening(lab: Rehearsal, request: pytest.FixtureRequest) -> Iterator[Path]:
    """Yield the socket of the raw packet program in the vantage's namespace, started in two ways.

    As systemd does by auditor/service/units/auditor-rawpkt.socket, and as a container does without systemd.
    """
    path = lab.dir / "rawpkt.sock"
    words = {
        "systemd": ["systemd-socket-activate", "--accept", "--inetd", "-E", f"PYTHONPATH={SOURCE}", "-l", str(path)],
        "its own": ["env", f"PYTHONPATH={SOURCE}"],
    }
    end = [] if request.param == "systemd" else ["--listen", str(path)]
    process = lab.popen([*words[request.param], *PROGRAM, *end], "vantage")
    try:
        deadline = time.monotonic() + 300
        while not path.is_socket() and time.monotonic() < deadline:
            time.sleep(0.02)
        path.chmod(0o666)
        yield path
    finally:
        process.kill()
        process.wait()
        path.unlink(missing_ok=True)


def test_an_ordinary_user_sends_through_a_socket(lab: Rehearsal, listening: Path) -> None:
    _, found = as_nobody(lab, "probe", "trace", ADDRESS, AUDITOR_RAWPKT_SOCKET=str(listening))
    assert [one["reached"] for one in found["traces"]] == [True, True]
    _, found = as_nobody(lab, "probe", "icmp6", ADDRESS, AUDITOR_RAWPKT_SOCKET=str(listening))
    assert None not in found["evidence"][0]["steps"][0]["rtts"]


def _left(then: Callable[[socket.socket], object]) -> tuple[int, str]:
    """Return the program's exit code and errors, if its caller runs ``then`` after the greeting and disconnects."""
    ours, theirs = socket.socketpair()
    end, pipe = theirs.fileno(), subprocess.PIPE
    with subprocess.Popen(PROGRAM, stdin=end, stdout=end, stderr=pipe, text=True, cwd=SOURCE) as program:
        theirs.close()
        with ours:
            assert ours.recv(1_000).startswith(b'{"icmp"')
            ours.sendall(b'{"allow":[],"deny":[],"interfaces":[],"receivers":[]}\n')
            then(ours)
        _, said = program.communicate(timeout=300)
    return program.returncode, said


def test_the_program_ends_quietly_when_its_caller_goes() -> None:
    def asks_much(ours: socket.socket) -> None:
        assert ours.recv(1_000) == b'{"ready":true}\n'
        ours.sendall(b'{"id":1,"junk":1}\n' * 500)

    assert _left(asks_much) == (0, "")


def test_the_program_ends_quietly_when_its_caller_goes_and_has_not_read_all() -> None:
    """The kernel then reports a reset connection (unix(7)) instead of a closed one."""

    def reads_nothing(ours: socket.socket) -> None:
        assert ours.recv(1_000, socket.MSG_PEEK) == b'{"ready":true}\n'
        time.sleep(0.5)  # until the program reads

    assert _left(reads_nothing) == (0, "")
