"""Runs inside a rehearsal: compares libunbound's results for every zone over one address family with ours.

python -m containers.rehearsal run -- .venv/bin/python -m tests.support.one_family    prints the table
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from containers.rehearsal.province import PROVINCE

ZONES = tuple(PROVINCE.fqdn(zone.label) for zone in PROVINCE.zones)
CHECK = "ipv6.dns.v6-only-resolve"
Row = tuple[str, str, str, list[str], list[str]]
"""Zone, our outcome and code, the questions that Unbound cannot resolve over IPv6 alone, and over IPv4 alone."""


def rows(lab: Path) -> list[Row]:
    """Return one row for each zone."""
    found = ours(lab)
    with tempfile.TemporaryDirectory() as folder:
        six, four = (_settings(lab, Path(folder), family) for family in (6, 4))
        return [(zone, *found[zone], unresolved(six, zone), unresolved(four, zone)) for zone in ZONES]


def ours(lab: Path) -> dict[str, tuple[str, str]]:
    """Return our outcome and code of each zone."""
    program = str(Path(sys.executable).with_name("auditor"))
    targets = [f"ns://{zone}" for zone in ZONES]
    words = ("--config", str(lab / "auditor.toml"), "check", "--only", CHECK, "--format", "json")
    findings = [load for load in json.loads(_run([program, *words, *targets]))["findings"] if load["check"] == CHECK]
    said = {finding["subject"].removeprefix("ns://"): (finding["outcome"], finding["code"]) for finding in findings}
    return {zone: said[zone] for zone in ZONES}


def unresolved(settings: Path, zone: str) -> list[str]:
    """Return the questions of visitors and of mail that Unbound answers with neither records nor a denial."""
    questions = [(zone, "SOA"), (zone, "NS"), (zone, "MX"), (f"www.{zone}", "A"), (f"www.{zone}", "AAAA")]
    said = {
        f"{name} {rtype}": _run(["unbound-host", "-C", str(settings), "-t", rtype, name]) for name, rtype in questions
    }
    return [question for question, text in said.items() if "SERVFAIL" in text or "error" in text]


def _settings(lab: Path, folder: Path, family: int) -> Path:
    path = folder / f"unbound{family}.conf"
    other = 10 - family
    path.write_text(f'server:\n  root-hints: "{lab / "root.hints"}"\n  do-ip{other}: no\n', "ascii")
    return path


def _run(argv: Sequence[str]) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300)
    return done.stdout + (done.stderr if argv[0] == "unbound-host" else "")


if __name__ == "__main__":
    if sys.argv[1:] == ["json"]:
        print(json.dumps(rows(Path(os.environ["AUDITOR_REHEARSAL"]))))
    else:
        for row in rows(Path(os.environ["AUDITOR_REHEARSAL"])):
            print("{:34} {:16} {:16} {} {}".format(*row[:3], row[3] or "-", row[4] or "-"))
