"""Tests the vantages of an audit that names none, those of an addition to a run, and the time that workers have."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from auditor.service.config.model import Config
from auditor.service.scheduler import members as module
from auditor.service.scheduler.members import Members, deadline_of, default_vantages, vantages_again
from auditor.service.scheduler.stopping import StopSignal
from probes.framework.evidence import RunId

OWN = {"name": "net", "networks": ["internet"]}
OTHERS = {"hub": {"networks": ["tslcd"]}, "ipv6": {"networks": ["internet"]}}
CENTRE = Config.model_validate({"vantage": OWN, "vantages": OTHERS})
WITHOUT_OWN = Config.model_validate({"vantages": OTHERS})


def store_with(*vantages: str) -> Any:
    """Return a store of the runs of a round, and that round."""
    runs = {f"r-{number}": SimpleNamespace(vantage=name) for number, name in enumerate(vantages)}
    return SimpleNamespace(run=runs.__getitem__), SimpleNamespace(members=tuple(runs))


def test_audit_without_vantages_is_measured_here_or_by_all_workers() -> None:
    assert default_vantages(CENTRE) == ()
    assert default_vantages(WITHOUT_OWN) == ("hub", "ipv6")


@pytest.mark.parametrize(
    ("config", "measured", "again"),
    [
        (CENTRE, ("hub", "net"), ("hub", "net")),
        (CENTRE, ("hub", "gone"), ("hub",)),
        (CENTRE, ("gone",), ()),
        (CENTRE, (), ()),
        (WITHOUT_OWN, ("ipv6",), ("ipv6",)),
        (WITHOUT_OWN, ("gone",), ("hub", "ipv6")),
        (WITHOUT_OWN, (), ("hub", "ipv6")),
    ],
)
def test_addition_is_measured_from_the_vantages_of_its_round(
    config: Config, measured: tuple[str, ...], again: tuple[str, ...]
) -> None:
    store, run = store_with(*measured)
    assert vantages_again(run, store, config) == again


YEAR = timedelta(days=365)


class Wall(datetime):
    """Simulates the machine's clock, ``ahead`` of the true time."""

    ahead = timedelta()

    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + cls.ahead


class Waiting(Members):
    """Waits for a worker that never delivers; the clock is set at the second look."""

    looks = 0

    def _unfinished(self, whole: RunId) -> Any:
        object.__setattr__(self, "looks", self.looks + 1)
        if self.looks == 2:
            Wall.ahead = timedelta() if Wall.ahead else YEAR
        return [SimpleNamespace(vantage="hub")]

    def measured(self, whole: RunId) -> int:
        return 0

    def _cut_off(self, members: Any, state: Any) -> None:
        """Do nothing: there is no store in this test."""


@pytest.mark.parametrize("ahead", [timedelta(), YEAR])
async def test_workers_have_their_hours_whatever_is_done_to_the_clock(
    monkeypatch: pytest.MonkeyPatch, ahead: timedelta
) -> None:
    monkeypatch.setattr(module, "datetime", Wall)
    monkeypatch.setattr(module, "EVERY", 0.02)
    monkeypatch.setattr(Wall, "ahead", ahead)
    waiting: Any = Waiting(config=CENTRE, store=None, leases=None, wanted=("hub",))  # type: ignore[arg-type]
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(5):
        await waiting.wait(RunId("r"), deadline_of(None, 0.3 / 3600), StopSignal())
    assert asyncio.get_running_loop().time() - began >= 0.25


def test_round_that_a_clock_ahead_began_is_over_after_its_hours() -> None:
    now = datetime.now(UTC)
    assert timedelta() < deadline_of(now + YEAR, 24) - now <= timedelta(hours=24, seconds=5)
    assert deadline_of(now - YEAR, 24) < now
