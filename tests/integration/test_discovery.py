"""Tests ``auditor inventory discover`` on data of real daemons: lldpd's neighbours and the kernel's address table.

Net-SNMP serves both. Proposed addresses are inside the allowed prefixes and were sent no packet.
"""

import csv
import json
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.province import PROVINCE
from containers.rehearsal.routers import NEIGHBOUR
from tests.support import audits
from tests.support.audits import auditor

pytest_plugins = ("tests.support.rehearsal",)
pytestmark = pytest.mark.needs_root

KNOWING = {device.label for device in PROVINCE.devices if device.lldp or device.lan}
ONLY = ("--only", "ipv6.device.lldp-topology", "--only", "ipv6.device.neighbours")
Row = Mapping[str, str]


def _measured(lab: Rehearsal, folder: Path) -> tuple[Path, str]:
    """Audit an inventory of the devices with neighbours; return its file and the store."""
    rows = list(csv.DictReader((lab.dir / "inventory.csv").read_text("utf-8-sig").splitlines()))
    few, store = folder / "few.csv", f"sqlite:///{folder / 'runs.db'}"
    with few.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(row for row in rows if row["name"] in KNOWING)
    kept = ("--store", store, "--evidence", folder / "evidence", "--format", f"json={folder / 'result.json'}")
    done = auditor(lab, "audit", few, "--profile", "quick", *ONLY, *kept)
    assert done.code in (audits.OK, audits.FINDINGS), done.err
    return few, store


def _proposed(lab: Rehearsal, few: Path, store: str, config: Path) -> list[Row]:
    command = [*audits.PROGRAM, "--config", str(config), "inventory", "discover", str(few), "--store", store]
    done = lab.run(command, "vantage", 60, audits.ENVIRONMENT)
    assert done.returncode == audits.OK, done.stderr
    return list(csv.DictReader(done.stdout.splitlines()))


def test_what_devices_know_is_proposed_and_left_alone(lab: Rehearsal, tmp_path: Path) -> None:
    few, store = _measured(lab, tmp_path)
    rows = {row["name"]: row for row in _proposed(lab, few, store, lab.dir / "auditor.toml")}
    told = rows[NEIGHBOUR]
    assert (told["kind"], "lldpRemTable" in told["note"]) == ("router", True)
    assert told["ipv6"].startswith("2001:db8:")
    heard = [row for row in rows.values() if "ipNetToPhysicalTable" in row["note"]]
    assert {row["kind"] for row in heard} == {"host"}
    assert len(heard) >= sum(len(device.lan) for device in PROVINCE.devices if device.label == "rt-lomac")
    assert not {row["name"] for row in rows.values()} & KNOWING

    lines = (tmp_path / "evidence" / "evidence.jsonl").read_text("utf-8").splitlines()
    asked = {one["endpoint"]["address"] for one in map(json.loads, lines[1:]) if one.get("endpoint")}
    assert asked
    assert not asked & {row[family] for row in rows.values() for family in ("ipv4", "ipv6")}


def test_what_may_not_be_audited_is_not_proposed(lab: Rehearsal, tmp_path: Path) -> None:
    few, store = _measured(lab, tmp_path)
    rows = _proposed(lab, few, store, lab.dir / "auditor.toml")
    inside = next(row["ipv6"] for row in rows if row["kind"] == "host")
    narrow = tmp_path / "narrow.toml"
    text = re.sub(
        r"(?m)^allow = .*$", f'allow = ["{inside}/128"]', (lab.dir / "auditor.toml").read_text("utf-8"), count=1
    )
    narrow.write_text(text, "utf-8")
    assert [row["ipv6"] for row in _proposed(lab, few, store, narrow)] == [inside]
