"""A judged run of two communes' connection points with samples: one answers, of the other an hour is missing."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine

from auditor.framework import catalogue
from auditor.service.config.model import Config
from auditor.service.pipeline.judging.evaluating import evaluate
from auditor.service.pipeline.measuring.collecting import start_run
from auditor.service.pipeline.plan.plan import plan
from auditor.service.store.api import Store
from auditor.service.store.records import Quality, Sample, Series
from auditor.service.web.connection_points.slot_series import slot_of
from inventory.loader import load_with_warnings
from inventory.model import SubjectId
from probes.framework.evidence import RunId
from probes.observations.series import CADENCE, IN_RATE, LOSS, REACH, RTT_MEDIAN

RUN = RunId("20260401T013000Z-aaabbb")
NOW = datetime(2026, 4, 1, 1, 30, tzinfo=UTC)
OURS, THEIRS = "diem-xa-mot", "diem-xa-hai"
AGENCY, OTHER, OTHER_NAME = "XA-1", "XA-2", "Xã Hai kín"
ROWS = f"""agency_code,agency_name,parent_code,unit_level,name,kind,ipv4,ipv6,network,bandwidth_mbps
{AGENCY},Xã Một,,commune,{OURS},connection-point,10.0.0.1,fd00::1,tslcd,100
{OTHER},{OTHER_NAME},,commune,{THEIRS},connection-point,10.0.0.2,fd00::2,tslcd,100
"""
INTERFACE = "ge0<1>"


@contextmanager
def hour_begun() -> Iterator[None]:
    """Set the clock back to the beginning of the hour, from where it goes on: no slot, hour or day ends in a test."""
    with time_machine.travel(datetime.now(UTC).replace(minute=0, second=5, microsecond=0), tick=True):
        yield


def fill(store: Store, until: datetime | None = None, days: int = 1) -> None:
    """Add samples that end before ``until``, by default now."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "inventory.csv")
        path.write_text(ROWS, "utf-8")
        loaded = load_with_warnings([path])
    known = catalogue.load()
    made = plan(loaded.inventory, Config(), known, profile="quick", name="TSLCD", now=NOW, run=RUN)
    start_run(made, store, NOW)
    store.finish_run(RUN, NOW)
    evaluate(RUN, store, known, now=NOW)
    end = slot_of(until or datetime.now(UTC))
    vantage = store.run(RUN).vantage
    rows = []
    for number in range(days * 86_400 // CADENCE):
        when = end - timedelta(seconds=CADENCE) * (number + 1)
        for subject in (OURS, THEIRS):
            rows += [(series, sample) for series, sample in _samples(SubjectId(subject), vantage, when, number)]
    store.add_round(rows)


def _samples(subject: SubjectId, vantage: str, when: datetime, number: int) -> list[tuple[Series, Sample]]:
    if subject == OURS and 24 <= number < 36:
        return []
    down = subject == THEIRS and number < 12
    quality = Quality.MAINTENANCE if 60 <= number < 66 else Quality.OK
    values = {
        (REACH, 0, ""): 0.0 if down else 1.0,
        (LOSS, 6, ""): 0.01 * (number % 3),
        (RTT_MEDIAN, 6, ""): 0.004 + 0.001 * (number % 7),
        (RTT_MEDIAN, 4, ""): 0.003,
        (IN_RATE, 0, INTERFACE): 1e6 * (number % 90),
    }
    return [
        (
            Series(subject=subject, metric=metric, vantage=vantage, family=family, interface=interface),
            Sample(time=when, value=value, quality=quality),
        )
        for (metric, family, interface), value in values.items()
        if not down or metric == REACH
    ]
