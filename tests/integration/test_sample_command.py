"""Tests ``auditor sample`` as cron starts it, against listeners on loopback; needs no privilege."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.inventories import Inventories, pack
from auditor.service.store.records import Series
from inventory.loader import load_sent
from inventory.model import SubjectId
from probes.observations.series import REACH

ROOT = Path(__file__).resolve().parents[2]
CONFIG = """
lang = "en"
[vantage]
name = "hub"
networks = ["tslcd"]
[scope]
allow = ["127.0.0.0/8", "::1/128"]
"""
HEAD = "name,kind,agency_code,agency_name,ipv4,ipv6,network,services,tags,valid_to"


@pytest.fixture
def port() -> Iterator[int]:
    """Listen on one port of the IPv4 and the IPv6 loopback, and yield it."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        yield int(server.getsockname()[1])


def sample(folder: Path, *rows: str, named: str = "points.csv") -> subprocess.CompletedProcess[str]:
    (folder / "auditor.toml").write_text(CONFIG, encoding="utf-8")
    (folder / "points.csv").write_text("\n".join((HEAD, *rows)) + "\n", encoding="utf-8")
    argv = [sys.executable, "-m", "auditor.service.cli.main", "sample", named]
    env = {**os.environ, "PYTHONPATH": str(ROOT), "AUDITOR_LANG": "en"}
    return subprocess.run(argv, cwd=folder, env=env, capture_output=True, text=True, check=False, timeout=300)


def reached(folder: Path, subject: str, family: int = 0) -> list[float | None]:
    now = datetime.now(UTC)
    with open_sqlite(folder / "auditor.db") as store:
        series = Series(subject=SubjectId(subject), metric=REACH, vantage="hub", family=family)
        return [sample.value for sample in store.samples(series, now - timedelta(hours=1), now + timedelta(hours=1))]


def test_a_round_of_points(tmp_path: Path, port: int) -> None:
    rows = (
        f"xa-1,connection-point,X1,Xã 1,127.0.0.1,::1,tslcd,https:{port},no-echo,",
        f"xa-2,connection-point,X2,Xã 2,127.0.0.2,,tslcd,https:{port},no-echo,",
        f"xa-3,connection-point,X3,Xã 3,127.0.0.3,,tslcd,https:{port},no-echo,2025-06-30",
    )
    done = sample(tmp_path, *rows)
    assert (done.returncode, "2 points and devices: 2 answered, 0 did not, 0 set aside" in done.stdout) == (0, True)
    assert [reached(tmp_path, "xa-1", family) for family in (0, 4, 6)] == [[1.0], [1.0], [1.0]]
    assert (reached(tmp_path, "xa-2"), reached(tmp_path, "xa-3")) == ([1.0], [])
    again = sample(tmp_path, *rows)
    assert again.returncode == 0
    assert again.stdout.count("was sampled already") + again.stdout.count("2 answered") == 1  # or the next slot began
    assert len(reached(tmp_path, "xa-1")) in (1, 2)


def test_a_round_of_an_inventory_that_the_store_keeps(tmp_path: Path, port: int) -> None:
    row = f"xa-1,connection-point,X1,Xã 1,127.0.0.1,::1,tslcd,https:{port},no-echo,"
    unknown = sample(tmp_path, named="điểm kết nối")
    assert (unknown.returncode, "điểm kết nối" in unknown.stderr) == (2, True)
    with open_sqlite(tmp_path / "auditor.db") as store:
        made = load_sent([("points.csv", f"{HEAD}\n{row}\n".encode())]).inventory
        Inventories(store.database).add("điểm kết nối", pack(made), who="an", now=datetime.now(UTC), on=0)
    done = sample(tmp_path, named="điểm kết nối")
    assert (done.returncode, "1 point or device: 1 answered" in done.stdout) == (0, True), done.stderr
    assert reached(tmp_path, "xa-1") == [1.0]


def test_a_tag_that_says_nothing_stops_it_before_anything_is_sent(tmp_path: Path, port: int) -> None:
    row = f"xa-1,connection-point,X1,Xã 1,127.0.0.1,,tslcd,https:{port},maintenance=soon,"
    done = sample(tmp_path, row)
    assert done.returncode == 2
    assert "points.csv:2: the tag maintenance=soon is not BEGIN/END" in done.stderr
    assert not (tmp_path / "auditor.db").exists()
