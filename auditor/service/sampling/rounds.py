"""Samples everything that is due in a slot, judges it against the vantage's own health, and stores it at once.

A round is stored whole or not at all: one that ends half-way leaves a gap, which does not count, and no half that looks
like an outage of the rest.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from auditor.service.pipeline.plan.plan import Plan
from auditor.service.runs.forgetting import even_since, is_trusted
from auditor.service.sampling import channels
from auditor.service.sampling.channels import ChannelReader, DeviceReading
from auditor.service.sampling.clock import Clock, Moment, slot, today
from auditor.service.sampling.points import PointSample, PointSampler
from auditor.service.sampling.settings import SamplerSettings
from auditor.service.sampling.upkeep import roll_up
from auditor.service.sampling.vantage import FamilyHealth, VantageMemory, families, outage, sites
from auditor.service.store.api import Store
from auditor.service.store.records import Quality, Sample, Series
from inventory.model import DEVICE_KINDS, Kind, Network, Subject, SubjectId
from inventory.scope import reach_of
from probes.framework.pool import Pool
from probes.framework.profile import QUICK
from probes.framework.reach import within
from probes.framework.vantage import ControlNames
from probes.net.api import Net
from probes.observations.series import CADENCE, CHANGES, LOSS, MACHINE_RESTARTS, REACH, RESTARTS

OpenNet = Callable[[Plan], AbstractAsyncContextManager[Net]]
OnBug = Callable[[Subject, Exception], None]
KINDS = DEVICE_KINDS | {Kind.CONNECTION_POINT, Kind.DATACENTRE}
VANTAGE_NOTE = ":vantage"
_DEVICE = ":device:"
_COUNTED = frozenset({*channels.COUNTED, CHANGES, RESTARTS, MACHINE_RESTARTS})
"""The metrics of events since the last reading, however long ago that was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPoint:
    """Holds one subject in one round. ``after`` is None if its device gave nothing."""

    subject: Subject
    look: PointSample
    before: DeviceReading | None = None
    after: DeviceReading | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundResult:
    """Holds the result of one round. ``taken`` False: this slot had been sampled already.

    ``aside``: set aside because the vantage was sick or work had been announced; ``sick`` are families, 0 where too
    much was down at once.
    """

    slot: datetime
    taken: bool
    points: int = 0
    reached: int = 0
    silent: int = 0
    aside: int = 0
    samples: int = 0
    sick: frozenset[int] = frozenset()
    clock_step: float = 0.0
    missed: int = 0


@dataclass(frozen=True, slots=True)
class RoundSampler:
    """Takes rounds of one plan. ``store`` calls leave the event loop; ``open_net`` opens the network for each round."""

    plan: Plan
    store: Store
    settings: SamplerSettings
    open_net: OpenNet
    clock: Clock
    on_bug: OnBug | None = None
    """Called with a bug of ours at one subject, which then has a gap; without it the bug is raised."""

    async def take(self) -> RoundResult:
        """Sample everything of the present slot, unless it was sampled already."""
        began = self.clock()
        at = slot(began.wall, CADENCE)
        notes = await asyncio.to_thread(self.store.recall, self.plan.vantage.name)
        known = VantageMemory.from_json(notes[VANTAGE_NOTE]) if VANTAGE_NOTE in notes else None
        if known is not None and known.slot == at:
            return RoundResult(slot=at, taken=False)
        subjects = self.subjects(at)
        seen, health = await self._look(subjects, notes)
        return await asyncio.to_thread(self._store, at, began, seen, health, known)

    def subjects(self, at: datetime) -> tuple[Subject, ...]:
        """Return the subjects to sample, and the other points of the mesh.

        Such a subject is in force on the day, like its unit, is in a network of this vantage, and has addresses.
        """
        day, units = today(at), self.plan.inventory.organisation
        subjects = []
        for subject in self.plan.inventory.in_force(day):
            unit = units.unit(subject.agency)
            if (
                subject.kinds & KINDS
                and subject.addresses
                and subject.network.value in self.plan.vantage.networks
                and (unit is None or unit.in_force(day))
            ):
                subjects.append(subject)
        return (*subjects, *(self.plan.mesh or ()))

    async def _look(
        self, subjects: Sequence[Subject], notes: Mapping[str, bytes]
    ) -> tuple[list[ReadPoint], FamilyHealth]:
        plan = replace(self.plan, pace=self.settings.pace, profile=QUICK)
        test = replace(
            plan.selftest,
            roots=plan.selftest.roots if Network.INTERNET.value in plan.vantage.networks else (),
            own_way=False,
            resolvers=(),
            names=ControlNames(),
            clocks=(),
            transports=frozenset({"icmp"}),
            swept=(),
        )
        seen: list[ReadPoint] = []
        async with self.open_net(plan) as net:
            points = PointSampler(net, lambda: self.clock().steady, plan.clearance)
            devices = ChannelReader(net, self.clock)

            async def work(subject: Subject) -> None:
                try:
                    seen.append(await one(subject))
                except Exception as error:
                    if self.on_bug is None:
                        raise
                    self.on_bug(subject, error)

            async def one(subject: Subject) -> ReadPoint:
                held = notes.get(_DEVICE + subject.id)
                before = None if held is None else DeviceReading.from_json(held)
                with within(reach_of(subject, plan.inside_prefixes)):
                    look = await points.look(subject)
                    after = await devices.read(subject, look.order(subject), before)
                return ReadPoint(subject=subject, look=look, before=before, after=after)

            if not subjects:
                return seen, FamilyHealth()
            before = await families(test, net)
            await Pool(subjects).run(min(self.settings.concurrency, len(subjects)), work)
            return seen, before.worse(await families(test, net))

    def _store(
        self, at: datetime, began: Moment, seen: Sequence[ReadPoint], health: FamilyHealth, known: VantageMemory | None
    ) -> RoundResult:
        judged = _Judged(at, seen, health, known, self.settings)
        rows = [(series, sample) for series, sample in judged.samples(self.plan.vantage.name)]
        even = at if known is None or known.even is None else even_since(known.even, known.slot, at)
        now = VantageMemory(
            began=at if known is None else known.began,
            slot=at,
            moment=began,
            up=judged.up(known),
            pages=None if known is None else known.pages,
            even=even,
        )
        with self.store.batch():
            self.store.add_round(rows)
            self.store.remember(self.plan.vantage.name, {VANTAGE_NOTE: now.to_json(), **judged.notes()})
        self.store.secure()
        if known is None or slot(at, 3_600) != slot(known.slot, 3_600):
            keep = self.settings.keep if is_trusted(even, at) else None
            roll_up(self.store, at, keep)
        return judged.told(len(rows), began, known)


class _Judged:
    """Judges the samples of a round by the vantage's own health."""

    def __init__(
        self,
        at: datetime,
        seen: Sequence[ReadPoint],
        health: FamilyHealth,
        known: VantageMemory | None,
        settings: SamplerSettings,
    ) -> None:
        self._at = at
        self._seen = seen
        self._settings = settings
        self._end = at + timedelta(seconds=CADENCE)
        self._closed = {point.subject.id for point in seen if settings.is_closed(point.subject, at, self._end)}
        # Other vantages are few, and each may be cut off by itself: of three, one is more than 30 %. While any
        # of them answers, what the rest of them do is their own too.
        self._apart = any(point.look.reached for point in seen if not point.subject.kinds & KINDS)
        reached = {
            point.subject.id: point.look.reached
            for point in seen
            if point.subject.id not in self._closed and point.look.reached is not None and point.subject.kinds & KINDS
        }
        where = sites(point.subject for point in seen)
        ours = outage(reached, known, at, sites=where, controlled=bool(health.answered))
        self._sick = health.sick | ({0} if ours else set())

    def samples(self, vantage: str) -> Iterator[tuple[Series, Sample]]:
        for point in self._seen:
            subject, closed = point.subject.id, point.subject.id in self._closed
            of_work = _COUNTED if self._was_closed(point) else frozenset[str]()
            for metric, family, interface, value, quality in self._of(point):
                series = Series(subject=subject, metric=metric, vantage=vantage, family=family, interface=interface)
                aside = Quality.MAINTENANCE if closed or metric in of_work else quality
                yield series, Sample(time=self._at, value=value, quality=aside)

    def _was_closed(self, point: ReadPoint) -> bool:
        """True if work was announced for any of the time since the last reading, so that counts may come from it."""
        if point.before is None or point.after is None:
            return False
        since = min(datetime.fromisoformat(point.before.wall), self._at)
        return self._settings.is_closed(point.subject, since, self._end)

    def _of(self, read_point: ReadPoint) -> Iterator[tuple[str, int, str, float | None, Quality]]:
        look = read_point.look
        for version, family in look.families.items():
            quality = self._quality(read_point.subject, version, reached=family.reached)
            yield REACH, version, "", _number(family.reached), quality
            for metric, value in family.quality.items():
                yield metric, version, "", value, quality if value is not None else Quality.GAP
            if not family.quality and family.reached:
                yield LOSS, version, "", None, Quality.GAP
        if look.families:
            yield REACH, 0, "", _number(look.reached), self._over_any(read_point)
        if read_point.after is not None and (
            read_point.before is None or not channels.too_soon(read_point.before, read_point.after)
        ):
            for metric, version, interface, value in channels.samples(read_point.before, read_point.after):
                yield metric, version, interface, value, Quality.GAP if value is None else Quality.OK

        if read_point.after is None and read_point.before is not None:
            # Without an answer there is no count; its quality tells whether the cause is on our side.
            quality = Quality.VANTAGE if self._over_any(read_point) is Quality.VANTAGE else Quality.GAP
            for metric, version, interface, _ in channels.missing(read_point.before):
                yield metric, version, interface, None, quality

    def _all_set_aside(self, subject: Subject) -> bool:
        """True if too much was down at once in this round for a sample of the subject to count."""
        return 0 in self._sick and (bool(subject.kinds & KINDS) or not self._apart)

    def _quality(self, subject: Subject, version: int, *, reached: bool | None) -> Quality:
        if reached is None or version in self._sick or self._all_set_aside(subject):
            return Quality.VANTAGE
        return Quality.OK

    def _over_any(self, read_point: ReadPoint) -> Quality:
        """Return the quality over all families: an answer counts over a trusted family, silence if all are trusted."""
        look = read_point.look
        if look.reached is None or self._all_set_aside(read_point.subject):
            return Quality.VANTAGE
        believed = {version for version in look.families if version not in self._sick}
        if any(look.families[version].reached for version in believed):
            return Quality.OK
        return Quality.OK if believed == set(look.families) else Quality.VANTAGE

    def up(self, known: VantageMemory | None) -> frozenset[SubjectId]:
        """Return the subjects that answered; of those set aside or not sampled, the ones that answered before."""
        before = frozenset() if known is None else known.up
        believed = {point.subject.id for point in self._seen if not self._is_aside(point)}
        return (before - believed) | {point.subject.id for point in self._seen if point.look.reached} & believed

    def notes(self) -> Mapping[str, bytes]:
        """Return the readings of devices for the next round; after one that came too soon the one before is kept."""
        return {
            _DEVICE + point.subject.id: point.after.to_json()
            for point in self._seen
            if point.after is not None and (point.before is None or not channels.too_soon(point.before, point.after))
        }

    def told(self, samples: int, began: Moment, known: VantageMemory | None) -> RoundResult:
        asides = [point for point in self._seen if self._is_aside(point)]
        counted = [point for point in self._seen if not self._is_aside(point)]
        between = 0 if known is None else (self._at - known.slot) // timedelta(seconds=CADENCE)
        return RoundResult(
            slot=self._at,
            taken=True,
            points=len(self._seen),
            reached=sum(point.look.reached is True for point in counted),
            silent=sum(point.look.reached is False for point in counted),
            aside=len(asides),
            samples=samples,
            sick=frozenset(self._sick),
            clock_step=0.0 if known is None else began.step(known.moment),
            missed=max(0, between - 1),
        )

    def _is_aside(self, read_point: ReadPoint) -> bool:
        return read_point.subject.id in self._closed or self._over_any(read_point) is not Quality.OK


def maintained(
    samples: Iterable[tuple[Series, Sample]], subjects: Iterable[Subject], settings: SamplerSettings, seconds: int
) -> tuple[tuple[Series, Sample], ...]:
    """Return the samples of slots of so many seconds, with those during announced work set aside."""
    by_id = {subject.id: subject for subject in subjects}

    def kept(series: Series, sample: Sample) -> Sample:
        closed = settings.is_closed(by_id[series.subject], sample.time, sample.time + timedelta(seconds=seconds))
        return replace(sample, quality=Quality.MAINTENANCE) if closed else sample

    return tuple((series, kept(series, sample)) for series, sample in samples)


def _number(reached: bool | None) -> float | None:
    return None if reached is None else float(reached)
