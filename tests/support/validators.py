"""Runs inside a rehearsal: every zone of it validated three times, by us, by BIND's delv and by libunbound.

python -m containers.rehearsal run -- .venv/bin/python -m tests.support.validators    prints the table
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from containers.rehearsal.addressing import RESOLVER
from containers.rehearsal.province import PROVINCE
from containers.rehearsal.zones import BOGUS, CONTROL_ZONE

ZONES = (CONTROL_ZONE, BOGUS, *(PROVINCE.fqdn(zone.label) for zone in PROVINCE.zones))
CHECK = "security.dns.dnssec"
_STATES = {"pass": "secure", "warn": "insecure", "fail": "bogus"}
Row = tuple[str, str, str, str, str]
"""Zone, our state, our code, delv's state, unbound's state."""


def rows(lab: Path) -> list[Row]:
    """Return one row for each zone."""
    found = ours(lab)
    with tempfile.TemporaryDirectory() as folder:
        anchors, settings = _files(lab, Path(folder))
        return [(zone, *found[zone], delv(anchors, zone), unbound(settings, zone)) for zone in ZONES]


def ours(lab: Path) -> dict[str, tuple[str, str]]:
    """Return our state and code of each zone."""
    program = Path(sys.executable).with_name("auditor")
    targets = [f"ns://{zone}" for zone in ZONES]
    text = _run(
        [str(program), "--config", str(lab / "auditor.toml"), "check", "--only", CHECK, "--format", "json", *targets]
    )
    findings = [load for load in json.loads(text)["findings"] if load["check"] == CHECK and load["detail"] is None]
    states = {
        finding["subject"]: (_STATES.get(finding["outcome"], finding["outcome"]), finding["code"])
        for finding in findings
    }
    return {
        zone: next(state for subject, state in states.items() if subject in (zone, f"ns://{zone}")) for zone in ZONES
    }


def delv(anchors: Path, zone: str) -> str:
    text = _run(["delv", f"@{RESOLVER.v6[0]}", "-a", str(anchors), zone, "SOA"])
    if "; fully validated" in text:
        return "secure"
    return "insecure" if "; unsigned answer" in text else "bogus" if "resolution failed" in text else text


def unbound(settings: Path, zone: str) -> str:
    text = _run(["unbound-host", "-v", "-C", str(settings), "-t", "SOA", zone])
    return next((word for word in ("secure", "insecure", "bogus") if f"({word}" in text.lower()), text)


def _files(lab: Path, folder: Path) -> tuple[Path, Path]:
    anchors, settings = folder / "anchors", folder / "unbound.conf"
    ds = (lab / "root.ds").read_text("ascii").split(" DS ")[1].split()
    anchors.write_text(f'trust-anchors {{ . static-ds {" ".join(ds[:3])} "{"".join(ds[3:])}"; }};\n', "ascii")
    settings.write_text(
        f'server:\n  root-hints: "{lab / "root.hints"}"\n  trust-anchor-file: "{lab / "root.ds"}"\n', "ascii"
    )
    return anchors, settings


def _run(argv: Sequence[str]) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300)
    return done.stdout + (done.stderr if argv[0] in ("delv", "unbound-host") else "")


if __name__ == "__main__":
    if sys.argv[1:] == ["json"]:
        print(json.dumps(rows(Path(os.environ["AUDITOR_REHEARSAL"]))))
    else:
        head = ("zone", "ours", "code", "delv", "unbound")
        for row in (head, *rows(Path(os.environ["AUDITOR_REHEARSAL"]))):
            print("{:34} {:9} {:14} {:9} {}".format(*row))
