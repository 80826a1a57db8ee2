"""Whether what a round saw may be believed: the cheap part of the self-test, and the rule of the thirty percent.

A hub that has lost its network sees every point down at once. What was reachable in the last round that could be
believed is what can go down: where more than 30 % of it is down now, the round is the vantage's own outage (CHECKS
tslcd.site.reach), and stays so until enough of it is back. Points that were never reached are not counted there, or a
province that is half built could never be judged; but in the first day of sampling, when nothing is known yet, all are.
"""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from auditor.sampling.clock import Moment
from inventory.model import SubjectId
from probes.framework.recorder import Recorder
from probes.framework.vantage import SelfTest, self_test
from probes.net.api import Net
from probes.observations.vantage import ControlAnswer, VantageAddress

TOO_MANY = 0.3
NEW = timedelta(days=1)
DEADLINE = 30.0
"""Seconds for a self-test; it asks every control at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a vantage remembers of its rounds. ``up``: what answered in the last round that could be believed;
    ``pages``: the slot in which web sites were last looked at; ``even``: since when the clock went without a leap."""

    began: datetime
    slot: datetime
    moment: Moment
    up: frozenset[SubjectId] = field(default_factory=frozenset)
    pages: datetime | None = None
    even: datetime | None = None

    def to_json(self) -> bytes:
        return json.dumps(
            {
                "began": self.began.isoformat(),
                "slot": self.slot.isoformat(),
                "wall": self.moment.wall.isoformat(),
                "steady": self.moment.steady,
                "boot": self.moment.boot,
                "up": sorted(self.up),
                "pages": None if self.pages is None else self.pages.isoformat(),
                "even": None if self.even is None else self.even.isoformat(),
            },
            separators=(",", ":"),
        ).encode()

    @classmethod
    def from_json(cls, data: bytes) -> "Known | None":
        """What cannot be read is as good as nothing."""
        try:
            held = json.loads(data)
            return cls(
                began=_time(held["began"]),
                slot=_time(held["slot"]),
                moment=Moment(wall=_time(held["wall"]), steady=float(held["steady"]), boot=str(held["boot"])),
                up=frozenset(map(SubjectId, held["up"])),
                pages=None if held["pages"] is None else _time(held["pages"]),
                even=None if held.get("even") is None else _time(held["even"]),
            )
        except (ValueError, TypeError, KeyError):
            return None


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def outage(reached: Mapping[SubjectId, bool], known: Known | None, now: datetime) -> bool:
    """Whether so much is down at once that it must be us. ``reached`` leaves out what is under maintenance and what
    was kept from us."""
    young = known is None or now - known.began < NEW
    expected = reached.keys() if young or known is None else known.up & reached.keys()
    down = sum(not reached[one] for one in expected)
    return down > TOO_MANY * len(expected)


async def sick_families(test: SelfTest, net: Net) -> frozenset[int]:
    """The families of which this vantage has controls and none of them answers, or which it cannot send from."""
    rec = Recorder(asyncio.get_running_loop().time)
    try:
        async with asyncio.timeout(DEADLINE):
            await self_test(test, net, rec)
    except TimeoutError:
        pass  # what came until then decides
    answers: dict[int, list[bool]] = {}
    for step in rec.steps:
        if isinstance(step, ControlAnswer) and step.anchor:
            answers.setdefault(step.address.version, []).append(step.failure is None)
        elif isinstance(step, VantageAddress) and step.failure is not None:
            answers.setdefault(step.family, [])
    return frozenset(version for version, came in answers.items() if not any(came))
