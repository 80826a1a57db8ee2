"""Audits of a part of the province from a vantage that cannot see everything, or not for all of the time."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from containers.rehearsal.lab import Rehearsal
from tests.support import audits
from tests.support.audits import ENVIRONMENT, Document, brief, command, only

SUBJECTS = (
    "cong",
    "khetrang",
    "thanhtra",
    "xaydung",
    "congthuong",
    "giaoduc",
    "nongnghiep",
    "dantoc",
    "caugo",
    "thacbac",
    "nahong",
    "benngoc",
    "dongche",
    "congbao",
    "thu-yte",
    "thu-giaoduc",
    "giaothong",
    "luutru",
    "thuviendientu",
    "khuyencong",
)
"""Some subjects of every kind and with every sort of defect; ``test_province`` audits the whole province."""


def audit_words(lab: Rehearsal, folder: Path, *options: str) -> tuple[object, ...]:
    kept = ("--store", f"sqlite:///{folder / 'runs.db'}", "--format", f"json={folder / 'result.json'}", "--force")
    names = {f"{label}.sonlam.gov.vn" for label in SUBJECTS} | {"sonlam.gov.vn"}
    rows = audits.inventory(lab, folder / "inventory.csv", names)
    return ("audit", rows, "--profile", "quick", "--timeout", 3, *kept, *options)


def accused_wrongly(lab: Rehearsal, document: Document) -> list[str]:
    """Return the fails and warnings that neither are a planted defect nor follow from one."""
    expected: dict[str, Any] = json.loads((lab.dir / "expected.json").read_text("utf-8"))
    parts = ("defects", "consequences", "derived", "derived_consequences")
    known = {(s, c) for part in parts for s, checks in expected[part].items() for c in checks}
    return brief(one for one in only(document, "fail", "warn") if (one["subject"], one["check"]) not in known)


def interrupted(lab: Rehearsal, folder: Path, fault: str, *, begins: Callable[[], None]) -> tuple[int, Document]:
    """Run an audit, begin a fault of the vantage while it runs, and return exit code and result."""
    process = lab.popen(
        command(lab, *audit_words(lab, folder, "--evidence", str(folder / "evidence"))), env=ENVIRONMENT
    )
    with process:
        begins()
        with lab.fault(fault, "vantage"):
            assert process.poll() is None
            code = process.wait(1_800)  # behind a filter every address of every site is waited for
    return code, audits.in_time(audits.read(folder / "result.json"))


def wait_for_evidence(folder: Path, envelopes: int) -> None:
    """Wait until ``envelopes`` envelopes of evidence have been written."""
    path, until = folder / "evidence" / "evidence.jsonl", time.monotonic() + 240
    while not path.exists() or path.read_bytes().count(b'"probe"') < envelopes:
        assert time.monotonic() < until
        time.sleep(0.02)
