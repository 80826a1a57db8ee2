"""Implements the path calls of ``Net``: traces, crafted packets, flows behind a narrow link, large transfers."""

import asyncio
from dataclasses import replace
from functools import partial

from inventory.model import Endpoint, IPAddress
from probes.framework.recorder import Recorder
from probes.net.api import EchoShape, HttpRequest, PmtudTrial
from probes.net.core.full_size import FullSize
from probes.net.core.rules import Timing
from probes.net.core.steps import Steps, port_of
from probes.net.http.downloads import Downloads
from probes.net.http.transfers import Transfers
from probes.net.raw import requests
from probes.net.raw.program import Crafted
from probes.net.stamp_sender import Session
from probes.net.tls.segments import Segments
from probes.net.udp_closed_port import ClosedPorts
from probes.observations.path import BulkTransfer, CraftedExchange, FullSegment, PathTrace, PmtudFlow, SegmentSize
from probes.observations.throughput import ThroughputTest
from probes.observations.transport import StampSeries, UdpKnock
from probes.observations.vantage import FullSizeTransfer


class PathMeasurements(Steps):
    """Implements the path calls of ``Net`` under the rules of the class that inherits it."""

    def __init__(
        self,
        crafted: Crafted,
        timing: Timing,
        downloads: Downloads,
        segments: Segments,
        full_size: FullSize,
        transfers: Transfers,
    ) -> None:
        self._crafted = crafted
        self._segments = segments
        self._full_size = full_size
        self._downloads = downloads
        self._answer_wait = timing.echo_wait
        self._closed_ports = ClosedPorts(timing.dns_udp)
        self._transfers = transfers

    async def trace(self, rec: Recorder, endpoint: Endpoint, protocol: str) -> PathTrace:
        port = endpoint.port or 0 if protocol == "icmp" else port_of(endpoint)
        blank = PathTrace(address=endpoint.address, protocol=protocol, port=port)
        return await self._step(rec, endpoint.address, blank, lambda: requests.trace(self._crafted, blank))

    async def crafted(self, rec: Recorder, address: IPAddress, form: str, interface: str = "") -> CraftedExchange:
        blank = CraftedExchange(address=address, form=form, interface=interface)
        return await self._step(rec, address, blank, lambda: requests.exchange(self._crafted, blank, self._answer_wait))

    async def pmtud(
        self, rec: Recorder, endpoint: Endpoint, trial: PmtudTrial, *, unheeded: asyncio.Event | None = None
    ) -> PmtudFlow:
        blank = PmtudFlow(address=endpoint.address, port=port_of(endpoint), server_name=endpoint.name, mtu=trial.mtu)
        return await self._step(
            rec, endpoint.address, blank, lambda: requests.pmtud(self._crafted, blank, trial, unheeded)
        )

    async def transfer(
        self, rec: Recorder, request: HttpRequest, *, silent: asyncio.Event | None = None
    ) -> BulkTransfer:
        blank = BulkTransfer(address=request.endpoint.address, port=port_of(request.endpoint), url=request.url)
        get = self._transfers.get
        return await self._step(rec, blank.address, blank, lambda: get(request.endpoint, blank, silent))

    async def throughput(self, rec: Recorder, request: HttpRequest, wanted: int) -> ThroughputTest:
        blank = ThroughputTest(
            address=request.endpoint.address, port=port_of(request.endpoint), url=request.url, wanted=wanted
        )
        return await self._step(rec, blank.address, blank, lambda: self._downloads.get(blank))

    async def segment(self, rec: Recorder, endpoint: Endpoint, size: int) -> FullSegment:
        blank = FullSegment(address=endpoint.address, port=port_of(endpoint), server_name=endpoint.name, size=size)
        return await self._step(rec, endpoint.address, blank, lambda: self._segments.send(blank))

    async def full_size(self, rec: Recorder, endpoint: Endpoint, way: str) -> FullSizeTransfer:
        blank = FullSizeTransfer(address=endpoint.address, port=port_of(endpoint), way=way)
        run = partial(self._full_size.transfer, blank)
        return await self._step(rec, endpoint.address, blank, run, transport=f"tcp/{blank.port}")

    async def stamp(self, rec: Recorder, endpoint: Endpoint, shape: EchoShape) -> StampSeries:
        blank = StampSeries(address=endpoint.address, port=port_of(endpoint), interval=shape.interval)

        async def send() -> StampSeries:
            session = Session(endpoint.address, blank.port)
            await session.run(shape.count, shape.interval, self._answer_wait)
            return replace(blank, rtts=tuple(session.rtts), failure=session.failure)

        return await self._step(rec, endpoint.address, blank, send, packets=shape.count, transport=f"udp/{blank.port}")

    async def segment_size(self, rec: Recorder, endpoint: Endpoint) -> SegmentSize:
        blank = SegmentSize(address=endpoint.address, port=port_of(endpoint))
        return await self._step(rec, endpoint.address, blank, lambda: self._segments.agreed(blank))

    async def udp_closed_port(self, rec: Recorder, endpoint: Endpoint) -> UdpKnock:
        blank = UdpKnock(address=endpoint.address, port=port_of(endpoint))

        async def wait_for_error() -> UdpKnock:
            await self._closed_ports.ask(endpoint.address, port_of(endpoint))
            return blank

        return await self._step(rec, endpoint.address, blank, wait_for_error)
