"""Tests ``auditor probe snmp DEVICE``: the evidence of a device, with the addresses that it declares."""

import asyncio
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.snmp_agent import Recording, Serving

SECRET = "cong-dong-bi-mat"
V6 = "32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1"
RECORDING = Recording.of(
    "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.9.1.1\n1.3.6.1.2.1.1.3.0|67|4711\n"
    f"1.3.6.1.2.1.4.34.1.3.2.16.{V6}|2|3\n1.3.6.1.2.1.4.34.1.6.2.16.{V6}|2|2\n1.3.6.1.2.1.4.34.1.7.2.16.{V6}|2|1\n"
    f"1.3.6.1.2.1.4.34.1.5.2.16.{V6}|6|0.0\n"
    "1.3.6.1.2.1.4.20.1.2.192.0.2.1|2|3\n1.3.6.1.2.1.4.20.1.3.192.0.2.1|64|255.255.255.0\n"
)
ADDRESSES = [
    {
        "address": "192.0.2.1",
        "prefix_length": 24,
        "if_index": 3,
        "origin": None,
        "status": None,
        "source": "ipAddrTable",
    },
    {
        "address": "2001:db8::1",
        "prefix_length": None,
        "if_index": 3,
        "origin": "manual",
        "status": "preferred",
        "source": "ipAddressTable",
    },
]


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """Run an agent in a thread of its own and yield its port."""
    ports: list[int] = []
    ready, over = threading.Event(), threading.Event()

    async def main() -> None:
        async with Serving({SECRET: RECORDING}) as serving:
            ports.append(serving.port)
            ready.set()
            await asyncio.to_thread(over.wait)

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    ready.wait(300)
    yield ports[0]
    over.set()
    thread.join()


def run_probe(
    tmp_path: Path, port: int, *arguments: str, engine: str = "gufo", **environment: str
) -> "subprocess.CompletedProcess[str]":
    (tmp_path / "auditor.toml").write_text(
        f'[scope]\nallow = ["127.0.0.0/8"]\n[snmp]\nengine = "{engine}"\n'
        '[snmp.profiles.thu]\nversion = "2c"\ncommunity = "env:CONG_DONG"\n'
        '[snmp.profiles.khac]\nversion = "2c"\ncommunity = "env:KHAC"\n',
        "utf-8",
    )
    command = [
        sys.executable,
        "-m",
        "auditor.service.cli.main",
        "--lang",
        "en",
        "probe",
        "snmp",
        f"127.0.0.1:{port}",
        *arguments,
    ]
    inherited = {name: text for name, text in os.environ.items() if not name.startswith("AUDITOR_")}  # not our settings
    env = {**inherited, "PYTHONPATH": str(Path(__file__).parents[2]), **environment}
    return subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=240, check=False)


@pytest.mark.parametrize("engine", ["gufo", "pysnmp"])
def test_addresses_are_read_out(tmp_path: Path, port: int, engine: str) -> None:
    done = run_probe(tmp_path, port, "--snmp-profile", "thu", engine=engine, CONG_DONG=SECRET)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["addresses"] == ADDRESSES
    assert document["evidence"][0]["addresses"] == ADDRESSES
    assert document["evidence"][0]["steps"][0]["profile"] == "thu"
    assert SECRET not in done.stdout + done.stderr


def test_a_variable_that_is_not_set_is_the_operators(tmp_path: Path, port: int) -> None:
    done = run_probe(tmp_path, port, "--snmp-profile", "thu", KHAC=SECRET)
    assert done.returncode == 2
    assert "snmp.profiles.thu.community: the environment variable CONG_DONG is not set" in done.stderr
    assert SECRET not in done.stdout + done.stderr


def test_the_wrong_community_says_nothing_of_the_device(tmp_path: Path, port: int) -> None:
    done = run_probe(tmp_path, port, "--snmp-profile", "khac", "--timeout", "2", KHAC="khong-phai")
    document = json.loads(done.stdout)
    assert document["addresses"] == []
    assert document["evidence"][0]["steps"][0]["attempts"][0]["failure"]["kind"] == "timeout"
    assert "khong-phai" not in done.stdout + done.stderr
