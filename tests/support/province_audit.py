"""Audits the whole province, and fills its store with earlier samples."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from auditor.service.store.api import Store
from auditor.service.store.records import Sample, Series
from auditor.service.store.url import open_store
from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.province import PROVINCE
from inventory.model import SubjectId
from probes.observations.series import WEB_OK
from probes.wire.snmp.totals import FRAGMENT_FAILURES, HEADER_ERRORS, IP_OCTETS, NO_ROUTES, RECEIVED
from tests.support import audits
from tests.support.audits import CommandResult, Document, auditor

WORDS = ("--profile", "quick", "--clearance", "intrusive")
SAMPLED = {"cong.sonlam.gov.vn": True, "nongnghiep.sonlam.gov.vn": False}
"""Subjects with seven weeks of earlier samples in the store: True if always up, False if never."""
_COUNTED = [device.label for device in PROVINCE.devices if device.load is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Audited:
    """Holds one audit of the province; ``expected`` lists the planted defects."""

    said: CommandResult
    folder: Path
    document: Document
    expected: dict[str, Any]

    @property
    def evidence(self) -> Path:
        """Return the folder of its evidence."""
        return _evidence(self.folder)


def audit_province(lab: Rehearsal, out: Path) -> Audited:
    """Audit all of it; reports are written to ``out``."""
    store = f"sqlite:///{out}.db"
    remember(store)
    kept = ("--store", store, "--evidence", _evidence(out))
    said = auditor(lab, "audit", lab.dir / "inventory.csv", *WORDS, *kept, "--out", out, timeout=1_800)
    assert "Traceback" not in said.err
    assert said.code != audits.INTERNAL, said.err
    expected = json.loads((lab.dir / "expected.json").read_text("utf-8"))
    return Audited(said=said, folder=out, document=audits.read(out / "result.json"), expected=expected)


def remember(url: str) -> None:
    """Add the earlier samples to a store."""
    with open_store(url) as store:
        for subject, up in SAMPLED.items():
            _sample_weeks(store, subject, up=up)
        for label in _COUNTED:
            _count_before(store, label)


def _evidence(out: Path) -> Path:
    return out.with_name(f"{out.name}.evidence")


def _sample_weeks(store: Store, subject: str, *, up: bool) -> None:
    """Add four samples a day for seven weeks."""
    now = datetime.now(UTC)
    series = Series(subject=SubjectId(subject), metric=WEB_OK, vantage="dien-tap", family=6)
    times = (now - timedelta(hours=6 * number, minutes=1) for number in range(7 * 28))
    store.add_samples(series, [Sample(time=time, value=float(up)) for time in times])


def _count_before(store: Store, label: str) -> None:
    """Add the counters of a device as of 25 hours ago: zero, 300 days less 25 hours after its start."""
    time, age = datetime.now(UTC) - timedelta(hours=25), float((300 * 24 - 25) * 360_000)
    names = [(IP_OCTETS, family, "") for family in (4, 6)]
    names += [(metric, 6, "") for metric in (RECEIVED, HEADER_ERRORS, NO_ROUTES, FRAGMENT_FAILURES)]

    def series(name: str, family: int, interface: str) -> Series:
        return Series(subject=SubjectId(label), metric=name, vantage="dien-tap", family=family, interface=interface)

    for metric, family, interface in names:
        store.add_samples(series(metric, family, interface), [Sample(time=time, value=0.0)])
        store.add_samples(series(f"{metric}-age", family, interface), [Sample(time=time, value=age)])
