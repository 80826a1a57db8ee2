"""Samples one connection point or device: whether it answers, over which family, and how well.

Every address of both families is asked. Three echo requests come first; of a family that answers, 97 more go to the
address that did, so that loss is a share of a hundred. Where the inventory declares a STAMP responder, its packets come
before echo, which a device on the way may limit. An address that answers neither may still answer SNMP, or a connect to
a service that the inventory declares; a refusal is an answer too. Silence that this machine caused is not held against
the subject. A subject that may only be measured passively is asked over SNMP only, and its silence there means nothing;
a subject that answers no echo by policy, and declares nothing else, is not sampled.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from auditor.service.sampling.echo_quality import quality
from inventory.model import Clearance, Endpoint, IPAddress, Subject
from probes.framework.evidence import Attribution, Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import EchoShape, Net
from probes.net.stamp_sender import send_stamp
from probes.observations.series import LOSS_SLOW
from probes.observations.snmp import SnmpSession
from probes.observations.transport import EchoSeries, StampSeries

FIRST = EchoShape(count=3, interval=0.5, size=56)
REST = EchoShape(count=97, interval=0.02, size=56, together=True)
"""100 requests of 64 bytes, 20 ms apart (CHECKS tslcd.site.loss)."""
NO_ECHO = "no-echo"
SNMP, STAMP = "snmp", "stamp"
_Series = EchoSeries | StampSeries
_Ask = Callable[[IPAddress, EchoShape], Coroutine[None, None, _Series]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilySample:
    """Holds the sample of one family of a subject.

    ``reached`` is None if the cause of the failure is on our side. ``address`` is one that answered.
    """

    reached: bool | None
    address: IPAddress | None = None
    quality: Mapping[str, float | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointSample:
    families: Mapping[int, FamilySample]

    @property
    def reached(self) -> bool | None:
        """True if any family answered; None if none did and one could not be asked, or nothing was asked."""
        told = {family.reached for family in self.families.values()}
        return True if True in told else None if None in told or not told else False

    def order(self, subject: Subject) -> tuple[IPAddress, ...]:
        """Return the subject's addresses, with those first that answered."""
        answered = {family.address for family in self.families.values()}
        return tuple(sorted(subject.addresses, key=lambda address: address not in answered))


class PointSampler:
    """Samples subjects through one Net. ``clock``: monotonic seconds."""

    def __init__(self, net: Net, clock: Callable[[], float], clearance: Clearance) -> None:
        self._net = net
        self._clock = clock
        self._clearance = clearance

    async def look(self, subject: Subject) -> PointSample:
        families = {version: [a for a in subject.addresses if a.version == version] for version in (4, 6)}
        async with asyncio.TaskGroup() as group:
            tasks = {
                version: group.create_task(self._family(subject, some)) for version, some in families.items() if some
            }
        found = {version: task.result() for version, task in tasks.items()}
        return PointSample(
            families={version: family_sample for version, family_sample in found.items() if family_sample is not None}
        )

    def _may_dial(self, subject: Subject) -> bool:
        return subject.clearance.covers(Clearance.NORMAL) and self._clearance.covers(Clearance.NORMAL)

    async def _family(self, subject: Subject, addresses: Sequence[IPAddress]) -> FamilySample | None:
        ours, may_dial = False, self._may_dial(subject)
        if not subject.services and subject.has_tag(NO_ECHO):
            return None
        for ask in self._series(subject) if may_dial else ():
            async with asyncio.TaskGroup() as group:
                tasks = [group.create_task(ask(address, FIRST)) for address in addresses]
            firsts = [task.result() for task in tasks]
            answered = next((first for first in firsts if first.received), None)
            if answered is not None:
                measured = await self._quality(answered, ask)
                return FamilySample(reached=True, address=answered.address, quality=measured)
            ours = ours or any(_ours(first.failure) for first in firsts)
        for address in addresses:
            found = await self._answers(subject, address)
            if found:
                return FamilySample(reached=True, address=address)
            ours = ours or found is None
        return FamilySample(reached=None if ours else False) if may_dial else None

    def _series(self, subject: Subject) -> Iterator[_Ask]:
        """Yield the series of packets that a subject may answer, the most telling first."""
        for service in subject.services:
            if service.name == STAMP:
                yield partial(self._stamp, service.port)
        if not subject.has_tag(NO_ECHO):
            yield self._echo

    async def _quality(self, first: _Series, ask: _Ask) -> Mapping[str, float | None]:
        """Measure loss, delay and jitter; return nothing if the rest of the requests could not all be sent.

        The loss of slow requests is for echo only: a rate limit on echo spares them.
        """
        rest = await ask(first.address, REST)
        if _ours(rest.failure) or rest.sent != REST.count:
            return {}
        measured = quality(first.rtts, rest.rtts)
        return {**measured, LOSS_SLOW: None} if isinstance(first, StampSeries) else measured

    async def _echo(self, address: IPAddress, shape: EchoShape) -> EchoSeries:
        return await self._net.echo(Recorder(self._clock, limit=0), address, shape)

    async def _stamp(self, port: int, address: IPAddress, shape: EchoShape) -> StampSeries:
        endpoint = Endpoint(address=address, port=port)
        return await send_stamp(self._net, Recorder(self._clock, limit=0), endpoint, shape)

    async def _answers(self, subject: Subject, address: IPAddress) -> bool | None:
        """True if the address answers by any other method that the inventory declares; None if we could not ask."""
        kept = False
        for service in (service for service in subject.services if service.name != STAMP):
            if service.name != SNMP and not self._may_dial(subject):
                continue
            endpoint = Endpoint(address=address, port=service.port)
            failure = await self._ask_snmp(subject, endpoint) if service.name == SNMP else await self._connect(endpoint)
            if failure is None or failure.kind.attribution is Attribution.THEIRS:
                return True
            kept = kept or _ours(failure)
        return None if kept else False

    async def _connect(self, endpoint: Endpoint) -> Failure | None:
        return (await self._net.tcp(Recorder(self._clock, limit=0), endpoint)).failure

    async def _ask_snmp(self, subject: Subject, endpoint: Endpoint) -> Failure | None:
        """Ask a device over SNMP; return None if it answered, also by rejecting the request, else the failure."""
        rec = Recorder(self._clock)
        async with self._net.snmp(rec, endpoint, profiles(subject), device=subject.id):
            pass
        session = next((step for step in rec.steps if isinstance(step, SnmpSession)), None)
        if session is None or any(attempt.rejected for attempt in session.attempts):
            return None
        if session.failure is not None and not session.attempts:
            return _SILENT  # no profile to ask with: nothing was asked, and nothing failed
        return session.failure


_SILENT = Failure(kind=FailureKind.TIMEOUT, detail="not asked")


def profiles(subject: Subject) -> tuple[str, ...]:
    return () if subject.snmp_profile is None else tuple(subject.snmp_profile.split(","))


def _ours(failure: Failure | None) -> bool:
    return failure is not None and failure.kind.attribution is Attribution.OURS
