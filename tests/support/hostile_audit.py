"""Runs one audit of all hostile peers beside honest ones."""

import csv
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.peers import hostile
from containers.rehearsal.peers.hostile_device import COMMUNITY
from inventory.model import IPAddress
from tests.support import audits
from tests.support.audits import Document
from tests.support.hostile import Sent, counted, listening, sent

SECONDS = 1_800.0
"""The bound for all of them together, on a machine that is ten times as busy as one that does nothing else."""
HONEST = ("cong.sonlam.gov.vn", "dichvucong.sonlam.gov.vn", "sonlam.gov.vn", "rt-trungtam")
FORMATS = ("text", "jsonl", "csv", "html", "xlsx", "junit", "oscal", "ocsf")
Envelope = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Holds an audit of only the honest peers, then one of all."""

    before: Document
    said: audits.CommandResult
    document: Document
    evidence: list[Envelope]
    peers: dict[IPAddress, Sent]
    folder: Path


def audit_everybody(lab: Rehearsal, folder: Path) -> Outcome:
    """Audit the honest ones, then all of them; everything is written to ``folder``."""
    config = _configuration(lab, folder)
    honest, everybody = folder / "honest.csv", folder / "everybody.csv"
    _inventory(lab, honest, hostile_too=False)
    _inventory(lab, everybody, hostile_too=True)
    with listening(lab):
        before = _audit(lab, config, honest, folder / "before")
        lab.forget()
        with counted(lab):
            result = _audit(lab, config, everybody, folder / "all")
            peers = sent(lab)
    _report(lab, config, folder / "all")
    for peer, took in sorted(
        ((peers[place], name) for name, place in hostile.PEERS.items()), key=lambda pair: -pair[0].octets
    ):
        print(f"  {peer.octets:>10,} bytes {peer.connections:>4} connections  {took}")
    print(f"audit of {len(hostile.PEERS)} hostile peers beside honest ones: {result.seconds:.1f} s")
    assert before.code != audits.INTERNAL
    everything = folder / "all"
    lines = (everything / "evidence" / "evidence.jsonl").read_text("utf-8").splitlines()
    return Outcome(
        before=audits.read(folder / "before" / "result.json"),
        said=result,
        document=audits.read(everything / "result.json"),
        evidence=[one for line in lines if "probe" in (one := json.loads(line))],
        peers=peers,
        folder=everything,
    )


def _configuration(lab: Rehearsal, folder: Path) -> Path:
    (folder / "root.hints").write_text(hostile.HINTS, "utf-8")
    (folder / "community").write_text(COMMUNITY, "utf-8")
    (folder / "community").chmod(0o600)
    text = (
        (lab.dir / "auditor.toml").read_text("utf-8").replace(str(lab.dir / "root.hints"), str(folder / "root.hints"))
    )
    profile = f'[snmp.profiles.hostile]\nversion = "2c"\ncommunity = "file:{folder / "community"}"\n'
    path = folder / "auditor.toml"
    path.write_text(text + profile, "utf-8")
    return path


def _inventory(lab: Rehearsal, path: Path, *, hostile_too: bool) -> None:
    audits.inventory(lab, path, HONEST)
    if not hostile_too:
        return
    with path.open(encoding="utf-8", newline="") as written:
        columns = csv.DictReader(written).fieldnames or ()
    kinds = [(name, "portal") for name in (*hostile.WEB, *hostile.SERVICES, *hostile.FLOODING)]
    kinds += [(name, "zone") for name in hostile.ZONES]
    kinds += [(f"www.{name}", "portal") for name in hostile.ZONES]
    kinds += [(name, "mail") for name in hostile.MAIL]
    common = {"agency_code": "SL", "agency_name": "Ủy ban nhân dân tỉnh Sơn Lâm", "unit_level": "province"}
    rows = [{**common, "name": name, "kind": kind} for name, kind in kinds]
    rows += [
        {**common, "name": name, "kind": "router", "ipv6": str(address), "snmp_profile": "hostile"}
        for name, address in hostile.OVER_SNMP.items()
    ]
    with path.open("a", encoding="utf-8", newline="") as out:
        csv.DictWriter(out, columns, restval="").writerows(rows)


def _audit(lab: Rehearsal, config: Path, inventory: Path, out: Path) -> audits.CommandResult:
    out.mkdir()
    words = ("audit", inventory, "--profile", "quick", "--store", f"sqlite:///{out / 'runs.db'}")
    more = ("--format", f"json={out / 'result.json'}", "--evidence", out / "evidence")
    return audits.auditor(lab, "--config", config, *words, *more, timeout=SECONDS + 30)


def _report(lab: Rehearsal, config: Path, out: Path) -> None:
    """The same run in the other formats."""
    run = audits.read(out / "result.json")["run"]["id"]
    formats = [word for name in FORMATS for word in ("--format", f"{name}={out / f'result.{name}'}")]
    words = ("report", run, "--store", f"sqlite:///{out / 'runs.db'}", *formats)
    done = audits.auditor(lab, "--config", config, *words, timeout=SECONDS + 30)
    assert done.code in (audits.OK, audits.FINDINGS), done.err
