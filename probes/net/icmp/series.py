"""Records series of echo requests, paced request by request or admitted as a whole."""

import asyncio
import socket
from collections.abc import Mapping

from inventory.model import IPAddress
from probes.framework.budget import LEDGER
from probes.framework.evidence import Failure
from probes.framework.recorder import Recorder
from probes.net.api import EchoShape
from probes.net.core import faults
from probes.net.core.own_limits import OwnLimits
from probes.net.core.rules import refusal
from probes.net.icmp.echo import Echo, RunningEchoes
from probes.net.icmp.trains import Trains
from probes.net.setting import Setting
from probes.observations.transport import EchoSeries


class Echoes:
    """Holds the echo sockets for IPv4 and IPv6; opened once, closed with ``close``."""

    def __init__(self, setting: Setting, own_limits: OwnLimits) -> None:
        self._setting = setting
        self._own_limits = own_limits
        self._engines = {family: Echo(family, wait=setting.timing.echo_wait) for family in (4, 6)}
        self._trains: dict[tuple[int, float], Trains] = {}

    def open(self, handed: Mapping[int, socket.socket]) -> None:
        """Use the sockets in ``handed``, by family, and open the others if this process may."""
        for version, engine in self._engines.items():
            engine.open(handed.get(version))

    def start(self) -> None:
        for engine in self._engines.values():
            engine.start()

    def close(self) -> None:
        for trains in self._trains.values():
            trains.close()
        for engine in self._engines.values():
            engine.close()

    async def send(self, rec: Recorder, address: IPAddress, shape: EchoShape | None) -> EchoSeries:
        """Send one series and record its replies; each request is admitted, so the series as a whole is not."""
        timing = self._setting.timing
        wanted = shape or EchoShape(count=timing.echo_count, interval=timing.echo_interval, size=timing.echo_size)
        series = RunningEchoes(address, wanted.heard)
        t0, since = rec.now(), asyncio.get_running_loop().time()
        failure = refusal(self._setting.scope, address, transport="icmp")
        try:
            if failure is None:
                await self._run(series, wanted)
        except (faults.Fault, OSError) as problem:
            failure = faults.from_exception(problem, local=True)
        except asyncio.CancelledError:
            rec.record(_recorded(series, wanted, faults.CUT_SHORT), t0=t0)
            raise
        step = _recorded(series, wanted, failure)
        if failure is not None:
            step = self._own_limits.believed(step, since, address.version)
        elif step.received < step.sent:
            step = self._own_limits.blamed(step, since, address.version)
        return rec.record(step, t0=t0)

    async def _run(self, series: RunningEchoes, shape: EchoShape) -> None:
        engine, ledger = self._engines[series.address.version], LEDGER.get()
        if ledger is not None:
            engine.count(series, ledger.of(series.packed))
        if shape.together:
            await self._setting.limits.admit(series.address, shape.count)
            key = (series.address.version, shape.interval)
            trains = self._trains.setdefault(key, Trains(engine, shape.interval))
            await trains.run(series, shape.count, shape.size)
        else:
            for number in range(shape.count):
                if number:
                    await asyncio.sleep(shape.interval)
                await self._setting.limits.admit(series.address)
                await engine.send(series, shape.size)
        await series.settled()


def _recorded(series: RunningEchoes, shape: EchoShape, failure: Failure | None) -> EchoSeries:
    return EchoSeries(
        address=series.address,
        interval=shape.interval,
        payload_size=shape.size,
        rtts=series.rtts,
        hop_limits=series.hop_limits,
        error=series.error,
        mtu=series.mtu,
        failure=failure,
    )
