"""Runs the auditor as its users do, in a process of its own at a vantage of the rehearsal, and reads its output."""

import csv
import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.framework import catalogue
from auditor.framework.check import CheckScope
from auditor.framework.findings import WORST_FIRST
from containers.rehearsal import lans
from containers.rehearsal.lab import Rehearsal

Document = dict[str, Any]
Finding = dict[str, Any]

SOURCE = Path(__file__).resolve().parents[2]
PROGRAM = (sys.executable, "-m", "auditor.service.cli.main")
ENVIRONMENT = {"PYTHONPATH": str(SOURCE), "PYTHONUNBUFFERED": "1", "AUDITOR_LANG": "vi", "PYTHONDONTWRITEBYTECODE": ""}
"""An installed program has its bytecode; one that may write none compiles itself anew at every start."""
ENVIRONMENT["AUDITOR_SUBJECT_SECONDS"] = "1200"
"""More than any profile's: a machine that runs other tests at the same time may need several times as long."""
CONFIGURATION = {"vantage": "auditor.toml", "vantage-v4": "auditor-v4.toml", "vantage-v6": "auditor-v6.toml"}
CONFIGURATION |= {lans.VANTAGE: lans.FILE}
OK, INTERNAL, USAGE, FINDINGS, INCOMPLETE, INTERRUPTED = 0, 1, 2, 3, 4, 130

PROGRESS = ("đang kiểm tra ", "đã đo ", "checking ", "measured ")
"""First words of progress lines: a check prints its target, and a run of over ten seconds its progress, without a
terminal too. Their order and number depend on the speed of the machine.
"""

_WORST = [outcome.value for outcome in WORST_FIRST]


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandResult:
    """Holds the result of one call of the auditor: exit code, output and seconds."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def document(self) -> Document:
        """Return standard output as one JSON document."""
        found: Document = json.loads(self.out)
        return found

    @property
    def lines(self) -> list[str]:
        """Return the lines of standard error."""
        return self.err.splitlines()

    @property
    def told(self) -> list[str]:
        """Return the lines of standard error that do not depend on the speed of the machine."""
        return without_progress(self.err)


def without_progress(err: str) -> list[str]:
    """Return the lines of standard error without the lines that report progress."""
    return [line for line in err.splitlines() if not line.startswith(PROGRESS)]


def auditor(
    lab: Rehearsal,
    *words: object,
    vantage: str = "vantage",
    timeout: float = 1_800,
    env: Mapping[str, str] | None = None,
    input: str | None = None,
) -> CommandResult:
    """Call the auditor with the configuration of its vantage and wait for it."""
    began = time.monotonic()
    done = lab.run(command(lab, *words, vantage=vantage), vantage, timeout, {**ENVIRONMENT, **(env or {})}, input)
    return CommandResult(code=done.returncode, out=done.stdout, err=done.stderr, seconds=time.monotonic() - began)


def together(lab: Rehearsal, *calls: Sequence[object], vantage: str = "vantage") -> list[CommandResult]:
    """Run several calls at the same time and return the results in order; most of each call is waiting."""
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(lambda words: auditor(lab, *words, vantage=vantage), calls))


def command(lab: Rehearsal, *words: object, vantage: str = "vantage") -> list[str]:
    """Return the command line for callers that start the auditor themselves."""
    return [*PROGRAM, "--config", str(lab.dir / CONFIGURATION[vantage]), *map(str, words)]


def read(path: Path) -> Document:
    """Read a result document."""
    found: Document = json.loads(path.read_text("utf-8"))
    return found


def worst(findings: Iterable[Finding]) -> str:
    """Return the worst outcome (INTERFACE) of the findings of one check on one subject, as CHECKS defines it."""
    return min((str(finding["outcome"]) for finding in findings), key=_WORST.index)


def verdicts(document: Document) -> dict[tuple[str, str], str]:
    """Return the worst outcome for each subject and check."""
    grouped: dict[tuple[str, str], list[Finding]] = {}
    for finding in document["findings"]:
        grouped.setdefault((finding["subject"], finding["check"]), []).append(finding)
    return {key: worst(found) for key, found in grouped.items()}


def only(document: Document, *outcomes: str) -> list[Finding]:
    """Return the findings of these outcomes."""
    return [finding for finding in document["findings"] if finding["outcome"] in outcomes]


def brief(findings: Iterable[Finding]) -> list[str]:
    """Return findings as lines that a failed assertion can show."""
    return sorted(
        f"{finding['subject']} {finding['check']} {finding['address'] or ''} {finding['outcome']}"
        f" {finding['code']} {finding['reason'] or ''}"
        for finding in findings
    )


def essence(document: Document) -> Document:
    """Return the parts that two audits of unchanged hosts share: no run id, times, measured values or evidence ids."""
    return {
        "subjects": sorted(document["subjects"], key=lambda subject: str(subject["id"])),
        "findings": sorted((_essential(finding) for finding in document["findings"]), key=lambda one: str(one["id"])),
        "summary": document["summary"],
        "not_tested": sorted(document["not_tested"], key=json.dumps),
        "limits": document["limits"],
        "vantages": [
            {key: value for key, value in vantage.items() if key != "selftest"}
            | {"selftest": [(one["check"], one["code"]) for one in vantage["selftest"]]}
            for vantage in document["run"]["vantages"]
        ],
    }


def differing(first: Document, second: Document) -> list[str]:
    """Return the findings that only one of two documents has, as lines that a failed assertion can show."""
    lines = [
        {
            f"{one['subject']} {one['check']} {one['address']} {one['code']} {one['reason']} {one['args']}"
            for one in found
        }
        for found in (essence(first)["findings"], essence(second)["findings"])
    ]
    return sorted(lines[0] ^ lines[1])


NO_TIME = frozenset({"U-CUT", "COUNTED_ANEW"})
"""Reasons and codes of a machine that was too busy: a measurement was cut short, or an answer was read late."""


def in_time(document: Document) -> Document:
    """Return a document without the findings that report too little time: their number depends on this machine."""
    return document | {"findings": [one for one in document["findings"] if not _is_hurried(one)]}


def hurried(document: Document) -> set[tuple[str, str]]:
    """Return the subjects and checks for which a document reports too little time."""
    return {(one["subject"], one["check"]) for one in document["findings"] if _is_hurried(one)}


def _is_hurried(finding: Finding) -> bool:
    return bool(NO_TIME & {finding["reason"], finding["code"]})


def without_hurried(
    first: Document, second: Document, *, apart: frozenset[str] = frozenset()
) -> tuple[Document, Document]:
    """Return both documents without the subjects for which either of them reports that time ran out, and ``apart``.

    Nor with those of which only one reports that it has too few answers: this machine lost some.
    """
    hurried = {
        finding["subject"] for document in (first, second) for finding in document["findings"] if _is_hurried(finding)
    }
    hurried |= {subject for subject, *_ in _of_too_few(first) ^ _of_too_few(second)} | apart

    def without(document: Document) -> Document:
        kept = {
            part: [entry for entry in document[part] if entry[key] not in hurried]
            for part, key in (("subjects", "id"), ("findings", "subject"), ("not_tested", "subject"))
        }
        return document | kept | {"summary": Counter(finding["outcome"] for finding in kept["findings"])}

    return without(first), without(second)


def _of_too_few(document: Document) -> set[tuple[str, str, str]]:
    """Return subject, check and address of what too few answers left undecided."""
    few = (one for one in document["findings"] if one["reason"] == "U-SMPL")
    return {(one["subject"], one["check"], str(one["address"])) for one in few}


def assert_same(first: Document, second: Document, about: object = "") -> None:
    """Assert that two audits of the same hosts agree on every subject that both had the time for."""
    before, after = without_hurried(first, second)
    assert before["subjects"], f"no subject was measured in time: {about}"
    assert not (changed := differing(before, after)), "\n".join((str(about), *changed))
    assert essence(before) == essence(after), about


COUNTED = frozenset(
    {"received", "errors", "no_routes", "header_errors", "fragment_failures", "v6_rate", "v4_rate", "hours", "days"}
)
"""Arguments that hold the value of a counter or of the calendar at the time of the run."""


BANNED = "BANNED"
"""The code for a host that has banned its client after connects to too many ports."""


def _essential(finding: Finding) -> Finding:
    args = finding["args"]
    measured = {name for name, value in args.items() if isinstance(value, float) or name in COUNTED}
    if finding["code"] == BANNED:
        measured |= {"ports"}  # how many were asked before a host banned us is how fast both of us were
    kept = {key: value for key, value in finding.items() if key not in {"evidence", "args"}}
    if measured:  # the texts name it
        kept = {key: value for key, value in kept.items() if key not in {"message", "remedy"}}
    return kept | {"args": {key: value for key, value in args.items() if key not in measured}}


def implemented() -> frozenset[str]:
    """Return the ids of the checks of subjects that this program has."""
    return frozenset(check.id for check in catalogue.load().select((), ()))


def vantage_checks() -> frozenset[str]:
    """Return the ids of the checks of the vantage itself; they are never findings."""
    return frozenset(check.id for check in catalogue.load().checks.values() if check.scope is CheckScope.VANTAGE)


def inventory(lab: Rehearsal, path: Path, names: Iterable[str]) -> Path:
    """A part of the province's inventory: the rows of these names."""
    wanted = set(names)
    with (lab.dir / "inventory.csv").open(encoding="utf-8", newline="") as whole:
        rows = csv.DictReader(whole)
        with path.open("w", encoding="utf-8", newline="") as part:
            writer = csv.DictWriter(part, rows.fieldnames or ())
            writer.writeheader()
            writer.writerows(row for row in rows if row["name"] in wanted)
    return path
