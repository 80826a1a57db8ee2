"""Decides whether a round can be believed: the cheap part of the self-test, and the rule of thirty percent.

A hub that has lost its network sees every point down at once. Only sites that were reachable in the last round that
could be believed can go down: if more than 30 % of them are down now, the round is the vantage's own outage (CHECKS
tslcd.site.reach), and stays so until enough of them are back. Of fewer than five sites one is more than that: there a
control that answers decides, and without one only the silence of all of them is our own. Points that were never reached
are not counted, or a province that is half built could never be judged; but in the first day of sampling, when nothing
is known yet, all are.
"""

import asyncio
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from auditor.service.sampling.clock import Moment
from inventory.model import Subject, SubjectId
from probes.framework.recorder import Recorder
from probes.framework.vantage import SelfTest, self_test
from probes.net.api import Net
from probes.observations.vantage import ControlAnswer, VantageAddress

TOO_MANY = 0.3
FEW_SITES = 5
"""Sites below which a share says nothing."""
NEW = timedelta(days=1)
DEADLINE = 30.0
"""Seconds for a self-test; it asks every control at once."""


EACH: Mapping[SubjectId, str] = {}
"""Makes every subject a site of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VantageMemory:
    """Holds the facts that a vantage remembers of its rounds.

    ``up``: the subjects that answered in the last round that could be believed; ``pages``: the slot in which web sites
    were last sampled; ``even``: the time since which the clock was not set.
    """

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
    def from_json(cls, data: bytes) -> "VantageMemory | None":
        """Read stored facts; None if they cannot be read."""
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


def outage(
    reached: Mapping[SubjectId, bool],
    known: VantageMemory | None,
    now: datetime,
    *,
    sites: Mapping[SubjectId, str] = EACH,
    controlled: bool = True,
) -> bool:
    """True if so much is down at once that the cause must be on our side.

    ``reached`` leaves out subjects under maintenance and those that we could not ask. ``sites``: the site of each
    subject; one that is not named is a site of its own. ``controlled``: a control answered in this round.
    """
    young = known is None or now - known.began < NEW
    expected = reached.keys() if young or known is None else known.up & reached.keys()
    alive: dict[str, bool] = {}
    for subject in expected:
        site = sites.get(subject, subject)
        alive[site] = alive.get(site, False) or reached[subject]
    down = sum(not answers for answers in alive.values())
    if len(alive) < FEW_SITES:
        return bool(down) and down == len(alive) and not controlled
    return down > TOO_MANY * len(alive)


def sites(subjects: Iterable[Subject]) -> dict[SubjectId, str]:
    """Return each subject's site: the one that its row names, else the row of its device, else the subject itself."""
    listed = tuple(subjects)
    ids = {listed_subject.id for listed_subject in listed}
    devices = {
        listed_subject.id: listed_subject.declared.device
        for listed_subject in listed
        if listed_subject.declared.device in ids
    }
    named = {
        listed_subject.id: f"{listed_subject.agency}\n{listed_subject.declared.site}"
        for listed_subject in listed
        if listed_subject.declared.site
    }
    return {
        listed_subject.id: named.get(listed_subject.id) or devices.get(listed_subject.id, listed_subject.id)
        for listed_subject in listed
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyHealth:
    """Holds the health of the address families at this vantage.

    ``sick``: families with controls none of which answers, or from which the vantage cannot send. ``answered``:
    families over which a control answered.
    """

    sick: frozenset[int] = frozenset()
    answered: frozenset[int] = frozenset()

    def worse(self, other: "FamilyHealth") -> "FamilyHealth":
        """Return the health over a whole round, from the self-tests before and after it."""
        return FamilyHealth(sick=self.sick | other.sick, answered=self.answered & other.answered)


async def families(test: SelfTest, net: Net) -> FamilyHealth:
    """Ask the controls now; return the families over which they answer, and those over which they do not."""
    rec = Recorder(asyncio.get_running_loop().time)
    try:
        async with asyncio.timeout(DEADLINE):
            await self_test(test, net, rec)
    except TimeoutError:
        pass  # the answers until then decide
    answers: dict[int, list[bool]] = {}
    for step in rec.steps:
        if isinstance(step, ControlAnswer) and step.anchor:
            answers.setdefault(step.address.version, []).append(step.is_control)
        elif isinstance(step, VantageAddress) and step.failure is not None:
            answers.setdefault(step.family, [])
    answered = frozenset(version for version, came in answers.items() if any(came))
    return FamilyHealth(sick=frozenset(answers) - answered, answered=answered)
