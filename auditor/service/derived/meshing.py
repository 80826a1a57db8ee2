"""Decides which vantages this one measures, and records the paths between them as evidence of a run.

Every vantage samples the others into its store (``auditor sample``, ``auditor serve``). A run records the samples of
every path in the last hour and day, and for its own paths one measuring round, which counts where there are no samples.
Only that round also measures full packets, TCP ports, DNS, and the route itself.
"""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from auditor.figures.mesh import FAMILIES
from auditor.framework.sample_periods import nearest_rank, period
from auditor.judging.vantage import vantage_subject
from auditor.service.config.model import Config, MeshSection
from auditor.service.derived import earlier_ways
from auditor.service.derived.earlier_paths import earlier_paths
from auditor.service.derived.mesh_look import DNS, PeerMeasurement
from auditor.service.derived.windows import Window, seen_through
from auditor.service.store.api import Store
from auditor.service.store.records import Series
from inventory.model import Network, Service, Subject, SubjectId
from probes.framework.codec import evidence_id
from probes.framework.evidence import Evidence, Observation, RunId
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.observations import series as names
from probes.observations.earlier_path import EarlierPath
from probes.observations.mesh import PROBE, MeshPath
from probes.observations.series import HOURLY, SampleSummary, SeriesWindow

MESH = SubjectId(PROBE)
"""The subject of the mesh in the evidence of a run."""
_DAY = Window(metrics=(names.REACH, names.LOSS, names.RTT_MEDIAN), days=1, step=HOURLY)


def peers(config: Config) -> tuple[Subject, ...]:
    """Return the other vantages as subjects to be sampled."""
    return tuple(
        _peer(name, mesh_section) for name, mesh_section in sorted(config.mesh.items()) if name != config.vantage.name
    )


def _peer(name: str, mesh_section: MeshSection) -> Subject:
    made = vantage_subject(name)
    return Subject(
        id=made.id,
        kind=made.kind,
        kinds=made.kinds,
        name=name,
        addresses=tuple(dict.fromkeys(each.address for each in mesh_section.addresses)),
        services=(
            *(Service(name="tcp", port=port) for port in mesh_section.ports),
            *(() if mesh_section.dns is None else (Service(name=DNS, port=mesh_section.dns),)),
        ),
        network=Network.TSLCD,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Meshing:
    """Records the mesh with a run. ``clock``: monotonic seconds."""

    run: RunId
    vantage: str
    mesh: tuple[Subject, ...]
    clock: Callable[[], float]

    async def evidence(self, net: Net, store: Store) -> Sequence[Evidence]:
        """Return an envelope for each known path; empty if the run has them already or there is no mesh."""
        if not self.mesh or store.evidence_ids(self.run, MESH):
            return ()
        now = datetime.now(UTC)
        known = await asyncio.to_thread(self._known, store, now)
        async with asyncio.TaskGroup() as group:
            looks = [
                group.create_task(self._look(net, peer, family, now, known))
                for peer in self.mesh
                for family in FAMILIES
            ]
        measured = [envelope for task in looks if (envelope := task.result()) is not None]
        return (*measured, *await asyncio.to_thread(lambda: list(self._sampled(store, now))))

    def _known(self, store: Store, now: datetime) -> Sequence[EarlierPath]:
        return earlier_paths(store, earlier_ways.earlier_runs_of_vantage(store, self.vantage, now), MESH)

    async def _look(
        self, net: Net, peer: Subject, family: int, now: datetime, known: Sequence[EarlierPath]
    ) -> Evidence | None:
        """Measure each address that one vantage has in one family; None if it has none."""
        addresses = [address for address in peer.addresses if address.version == family]
        if not addresses:
            return None
        rec = Recorder(self.clock)
        look = PeerMeasurement(net, rec)
        await look.run(addresses, peer.services)
        counted = [] if look.ours and not look.answered else [float(look.answered)]
        way = self._of_round(peer, family, look.rtts, period(now, counted))
        earlier = (earlier_path for earlier_path in known if earlier_path.address in addresses)
        return self._envelope(f"round:{peer.name}:{family}", (*rec.steps, *earlier, way), now)

    def _of_round(self, peer: Subject, family: int, rtts: Sequence[float | None], hour: SampleSummary) -> MeshPath:
        came = sorted(rtt for rtt in rtts if rtt is not None)
        return MeshPath(
            source=self.vantage,
            target=peer.name,
            family=family,
            round=True,
            hour=hour,
            day=period(hour.start, ()),
            loss=1 - len(came) / len(rtts) if came else None,
            rtt=nearest_rank(came, 0.5) if came else None,
        )

    def _sampled(self, store: Store, now: datetime) -> Iterator[Evidence]:
        """Yield the sampled paths between all vantages, and the paths to a vantage without an address of a family."""
        points = [vantage_subject(self.vantage), *self.mesh]
        for source in points:
            for target in points:
                known = store.series(target.id, source.name) if source.name != target.name else ()
                for family in FAMILIES:
                    addressed = not target.addresses or any(address.version == family for address in target.addresses)
                    sampled = any((series.metric, series.family) == (names.REACH, family) for series in known)
                    if source.name != target.name and (sampled or not addressed):
                        way = _way(store, source.name, target, family, now, addressed=addressed)
                        yield self._envelope(f"samples:{source.name}:{target.name}:{family}", (way,), now)

    def _envelope(self, task: str, steps: tuple[Observation, ...], now: datetime) -> Evidence:
        return Evidence(
            id=evidence_id(self.run, MESH, PROBE, task, 1),
            run=self.run,
            subject=MESH,
            endpoint=None,
            task=task,
            probe=PROBE,
            probe_version=1,
            attempt=1,
            vantage=self.vantage,
            started=now,
            queued=0.0,
            steps=steps,
        )


def _way(store: Store, source: str, target: Subject, family: int, now: datetime, *, addressed: bool) -> MeshPath:
    def seen(metric: str) -> SeriesWindow:
        series = Series(subject=target.id, metric=metric, vantage=source, family=family)
        return seen_through(_DAY, PROBE, series, store, now)

    def hour(window: SeriesWindow) -> SampleSummary:
        return window.periods[-1] if window.periods else period(now, ())

    reach, loss, rtt = (seen(metric) for metric in _DAY.metrics)
    return MeshPath(
        source=source,
        target=target.name,
        family=family,
        addressed=addressed,
        hour=hour(reach),
        day=reach.whole,
        loss=hour(loss).mean,
        rtt=hour(rtt).median,
    )
