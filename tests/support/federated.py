"""Makes files of provinces that were never audited, as provinces would send them to a national centre."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from auditor.service.runs import sealed_file
from auditor.service.runs.federation_files import KIND

STARTED = datetime(2026, 10, 1, 1, tzinfo=UTC)
ROUND = "2026-10"


def head(number: int, **changed: Any) -> dict[str, Any]:
    """Return the first line of province ``number``."""
    fields = {
        "province": f"T{number:02}",
        "name": f"Tỉnh {number:02}",
        "round": ROUND,
        "run": f"run-{number}",
        "judgement": f"run-{number}.1",
        "started": STARTED.isoformat(),
        "judged_at": (STARTED + timedelta(hours=2)).isoformat(),
        "issued": (STARTED + timedelta(hours=3)).isoformat(),
        "catalogue": "1",
        "policy": "sha256:" + "0" * 64,
        "version": "0.2.0",
        "vantages": ["trung-tam"],
        "subjects": 100,
    }
    return fields | changed


def figure(name: str = "K08", of: int = 100, met: int = 60, unknown: int = 10, **changed: Any) -> dict[str, Any]:
    return {"figure": {"name": name, "of": of, "met": met, "unknown": unknown, "exempt": 0} | changed}


def defect(number: int = 0, **changed: Any) -> dict[str, Any]:
    fields = {
        "id": f"{number:016x}",
        "check": "ipv6.web.reach",
        "code": "UNREACHABLE",
        "outcome": "fail",
        "severity": "critical",
        "level": "required",
        "subject": f"www.so-{number}.example",
        "agency": "Sở Nội vụ",
        "address": "2001:db8::1",
        "detail": "",
        "waived": False,
        "args": [{"name": "port", "value": 443}, {"name": "hosts", "value": ["a", "b"]}],
    }
    return {"defect": fields | changed}


def count(outcome: str = "pass", number: int = 500, **changed: Any) -> dict[str, Any]:
    fields = {"outcome": outcome, "severity": "high", "level": "required", "waived": False, "count": number}
    return {"count": fields | changed}


def target(compliance: str = "met", requirement: str = "r1") -> dict[str, Any]:
    return {"target": {"framework": "plan", "requirement": requirement, "compliance": compliance}}


def lines(number: int, defects: int = 3) -> Iterator[dict[str, Any]]:
    """A province that is the better the higher its number."""
    yield figure(met=40 + number)
    yield figure("K09", of=50, met=number, unknown=0)
    yield target()
    yield target("not_met", "r2")
    yield target("undecided", "r3")
    yield count("pass", 400 + number)
    yield count("fail", defects, severity="critical")
    yield count("inconclusive", 100 - number)
    yield from (defect(each) for each in range(defects))


def write(path: Path, first: dict[str, Any], content: Iterable[dict[str, Any]], key: Path | None = None) -> Path:
    with path.open("wb") as file:
        sealed_file.write(file, KIND, {"head": first}, (sealed_file.dump(line) for line in content), key)
    return path
