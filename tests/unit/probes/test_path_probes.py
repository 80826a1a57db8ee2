"""What the probes of the path ask for, and when they stop."""

import asyncio
import errno
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from ipaddress import ip_address

import pytest

from auditor.facts.tslcd.delays import ENOUGH
from inventory.model import Endpoint, Service
from probes.echo_train import echo_train
from probes.fragments import TRIES as FRAGMENT_TRIES
from probes.fragments import fragments
from probes.framework.evidence import Failure, FailureKind
from probes.framework.objects import path_of
from probes.framework.recorder import Recorder
from probes.framework.tasks import DeviceTarget, EndpointTask, GroupTask, WebTarget
from probes.full_segments import full_segments
from probes.icmp_errors import TRIES, icmp_errors
from probes.large_transfer import large_transfer
from probes.net.api import HttpRequest, PmtudTrial
from probes.next_header import next_header
from probes.observations.path import (
    FILLS,
    NOTHING_LOST,
    SEGMENT_SIZES,
    TAUGHT,
    BulkTransfer,
    CraftedExchange,
    EchoTrain,
    FullSegment,
    PathTrace,
    PmtudFlow,
    SegmentSeen,
)
from probes.observations.transport import EchoSeries, StampSeries, TcpConnect, UdpKnock
from probes.path_mtu import path_mtu
from probes.pmtud import pmtud
from probes.probe_8335 import probe_8335
from probes.site_stamp import site_stamp
from probes.trace import trace
from tests.unit.probes.fake_net import REFUSED, Asked, FakeNet

HOST = "www.tinh-a.example"


def task(address: str, service: str | None = "https", device: DeviceTarget | None = None) -> EndpointTask:
    known = None if service is None else Service(name=service, port=443)
    endpoint = Endpoint(address=ip_address(address), port=443 if known else None, name=HOST)
    return EndpointTask(endpoint=endpoint, host=HOST, service=known, device=device)


def echoing(largest: int, fits: int | None = None) -> FakeNet:
    """Payloads of ``largest`` come back; a router says of those that do not what ``fits``."""

    def answer(asked: Asked) -> Asked:
        rtt = 0.01 if asked["payload_size"] <= largest else None
        return {"rtts": (rtt,) * asked["count"], "mtu": fits}

    return FakeNet(answers={"echo": answer})


def crafting(answers: dict[str, str]) -> FakeNet:
    """What answers crafted packets of a form."""
    return FakeNet(answers={"crafted": lambda asked: {"answer": answers.get(asked["form"])}})


async def test_ipv4_is_left_alone() -> None:
    fake = FakeNet()
    rec = Recorder(time.monotonic)
    await path_mtu(task("192.0.2.1", None), fake, rec)
    assert rec.steps == ()


async def test_echo_of_both_sizes() -> None:
    rec = Recorder(time.monotonic)
    await path_mtu(task("2001:db8::1", None), FakeNet(), rec)
    steps = [step for step in rec.steps if isinstance(step, EchoSeries)]
    assert [(step.payload_size + 48, step.sent) for step in steps] == [(1280, 5), (1500, 5)]


async def test_what_a_router_says_that_fits_is_sent_as_well() -> None:
    rec = Recorder(time.monotonic)
    await path_mtu(task("2001:db8::1", None), echoing(1_400 - 48, fits=1_400), rec)
    steps = [step for step in rec.steps if isinstance(step, EchoSeries)]
    assert [(step.payload_size + 48, step.received) for step in steps] == [(1280, 5), (1500, 0), (1400, 5)]


async def test_the_most_that_our_own_link_carries_is_sent_as_well() -> None:
    def fitting(asked: Asked) -> Asked:
        fits = asked["payload_size"] + 48 <= 1480
        too_large = Failure(kind=FailureKind.CUT_SHORT, errno=errno.EMSGSIZE)
        return {"rtts": (0.01,) * asked["count"]} if fits else {"rtts": (), "failure": too_large}

    rec = Recorder(time.monotonic)
    await path_mtu(task("2001:db8::1", None), FakeNet(answers={"echo": fitting}), rec)
    steps = [step for step in rec.steps if isinstance(step, EchoSeries)]
    assert [(step.payload_size + 48, step.received) for step in steps] == [(1280, 5), (1500, 0), (1492, 0), (1480, 5)]


@pytest.mark.parametrize(
    ("address", "net"),
    [("192.0.2.1", echoing(0)), ("2001:db8::1", FakeNet()), ("2001:db8::1", echoing(1400, fits=1448))],
)
async def test_where_echo_shows_the_path_no_packet_of_tcp_is_sent(address: str, net: FakeNet) -> None:
    rec = Recorder(time.monotonic)
    await full_segments(task(address), net, rec)
    assert rec.steps == ()


@pytest.mark.parametrize("echoed", [0, 56, 1232])
@pytest.mark.parametrize(("fits", "sent"), [(5_000, SEGMENT_SIZES), (1_400, (800, 1280, 1500, 1500)), (0, (800, 800))])
async def test_packets_of_tcp_grow_while_they_arrive(echoed: int, fits: int, sent: tuple[int, ...]) -> None:
    def sent_whole(asked: Asked) -> Asked:
        return {"failure": Failure(kind=FailureKind.TIMEOUT) if asked["size"] > fits else None}

    rec, net = Recorder(time.monotonic), echoing(echoed)
    net.answers |= {"segment": sent_whole}
    await full_segments(task("2001:db8::1"), net, rec)
    assert [step.size for step in rec.steps if isinstance(step, FullSegment)] == list(sent)


async def test_a_closed_port_that_refuses_is_knocked_at_once() -> None:
    rec = Recorder(time.monotonic)
    await icmp_errors(
        task("2001:db8::1", None), FakeNet(answers={"udp_closed_port": lambda asked: {"failure": REFUSED}}), rec
    )
    assert [type(step) for step in rec.steps] == [TcpConnect, UdpKnock]


async def test_silence_is_knocked_at_again() -> None:
    silence = Failure(kind=FailureKind.TIMEOUT)

    rec = Recorder(time.monotonic)
    net = FakeNet(answers={"udp_closed_port": lambda asked: {"failure": silence}})
    await icmp_errors(task("192.0.2.1", None), net, rec)
    assert len([step for step in rec.steps if isinstance(step, UdpKnock)]) == TRIES


async def test_an_unknown_next_header_is_for_ipv6() -> None:
    for address, asked in (("192.0.2.1", []), ("2001:db8::1", ["next-header"])):
        rec = Recorder(time.monotonic)
        await next_header(task(address, None), FakeNet(), rec)
        assert [step.form for step in rec.steps if isinstance(step, CraftedExchange)] == asked


async def test_a_trace_is_made_by_two_protocols() -> None:
    for address, protocols in (("192.0.2.1", []), ("2001:db8::1", ["udp", "tcp"])):
        rec = Recorder(time.monotonic)
        await trace(task(address, None), FakeNet(), rec)
        assert [step.protocol for step in rec.steps if isinstance(step, PathTrace)] == protocols


async def test_fragments_are_sent_again_while_nothing_comes_back() -> None:
    for crafts, count in (({}, FRAGMENT_TRIES), ({"fragments": "reply"}, 1)):
        rec = Recorder(time.monotonic)
        await fragments(task("2001:db8::1", None), crafting(crafts), rec)
        assert len(rec.steps) == count


async def test_a_device_is_asked_about_its_declared_uplinks() -> None:
    undeclared, declared = DeviceTarget(name="r"), DeviceTarget(name="r", uplinks=("eth0", "cổng 1", "a b", "wan1"))
    for device, asked in ((None, []), (undeclared, [""]), (declared, ["eth0", "wan1"])):
        rec = Recorder(time.monotonic)
        await probe_8335(task("2001:db8::1", None, device), crafting({"probe-8335": "reply"}), rec)
        assert [step.interface for step in rec.steps if isinstance(step, CraftedExchange)] == asked


async def test_what_comes_close_together_and_is_lost_is_asked_slowly_as_well() -> None:
    rtts = (*(None,) * 19, *(0.01,) * 11)
    net = FakeNet(answers={"echo": lambda asked: {"rtts": rtts} if asked["interval"] < 1 else {}})
    rec = Recorder(time.monotonic)
    await echo_train(task("2001:db8::1", None), net, rec)
    train, slow = rec.steps
    assert isinstance(train, EchoTrain)
    assert isinstance(slow, EchoSeries)
    assert (train.received, slow.interval, slow.sent) == (11, 1.0, 10)


async def test_both_families_get_the_same_train() -> None:
    for address in ("192.0.2.1", "2001:db8::1"):
        rec = Recorder(time.monotonic)
        await echo_train(task(address, None), FakeNet(), rec)
        (step,) = rec.steps
        assert isinstance(step, EchoTrain)
        assert (step.address, step.sent, step.received) == (ip_address(address), 30, 30)


async def test_a_stamp_responder_is_asked_at_its_own_port() -> None:
    net = FakeNet(answers={"stamp": lambda asked: {"rtts": (0.001,) * asked["count"]}})
    rec = Recorder(time.monotonic)
    await site_stamp(replace(task("2001:db8::1"), service=Service(name="stamp", port=862)), net, rec)
    (step,) = rec.steps
    assert isinstance(step, StampSeries)
    assert (step.port, step.sent, step.received) == (443, ENOUGH, ENOUGH)


FOUR, SIX = "192.0.2.1", "2001:db8::1"
URL = f"https://{HOST}/ban-do.svg"
STALLED = {"status": None, "received": 0, "whole": False, "failure": Failure(kind=FailureKind.TIMEOUT)}


def group(*addresses: str, file: str = "") -> GroupTask:
    endpoints = tuple(Endpoint(address=ip_address(one), port=443, name=HOST) for one in addresses)
    service = Service(name="https", port=443)
    return GroupTask(endpoints=endpoints, host=HOST, service=service, web=WebTarget(object_url=file))


def transfers(rec: Recorder) -> list[tuple[str, str]]:
    return [(str(step.address), step.url) for step in rec.steps if isinstance(step, BulkTransfer)]


async def test_what_the_inventory_names_is_fetched_from_every_address() -> None:
    rec = Recorder(time.monotonic)
    await large_transfer(group(FOUR, SIX, file=URL), FakeNet(), rec)
    assert transfers(rec) == [(FOUR, URL), (SIX, URL)]


async def test_a_transfer_that_stalls_is_tried_again() -> None:
    rec = Recorder(time.monotonic)
    stalls = FakeNet(answers={"transfer": lambda asked: STALLED if asked["address"].version == 6 else {}})
    await large_transfer(group(FOUR, SIX, file=URL), stalls, rec)
    assert transfers(rec) == [(FOUR, URL), (SIX, URL), (SIX, URL)]


async def test_a_transfer_that_goes_on_in_silence_is_not_waited_for_to_be_tried_again() -> None:
    rec, asked, again = Recorder(time.monotonic), list[str](), asyncio.Event()

    class Silent(FakeNet):
        async def transfer(
            self, rec: Recorder, request: HttpRequest, *, silent: asyncio.Event | None = None
        ) -> BulkTransfer:
            asked.append(str(request.endpoint.address))
            if silent is None:  # the second
                again.set()
            elif request.endpoint.address.version == 6:
                silent.set()
                await again.wait()
            done: BulkTransfer = await super().transfer(rec, request)
            return done

    net = Silent()
    await large_transfer(group(FOUR, SIX, file=URL), net, rec)
    assert asked == [FOUR, SIX, SIX]
    assert transfers(rec) == [(FOUR, URL), (SIX, URL), (SIX, URL)]


@pytest.mark.parametrize("elsewhere", ["https://cdn.example/x", "http://www.tinh-a.example/x", "https://[x"])
async def test_an_object_of_another_place_is_not_fetched_here(elsewhere: str) -> None:
    rec = Recorder(time.monotonic)
    page = '<img src="/nho.png"><script src="https://cdn.example/x.js"></script><img src="/lon.jpg">'
    sizes = {"/": 3_000, "/nho.png": 20_000, "/lon.jpg": 300_000}
    net = FakeNet(html=page, answers={"transfer": lambda asked: {"received": sizes[path_of(asked["url"])]}})
    await large_transfer(group(FOUR, SIX, file=elsewhere), net, rec)
    assert transfers(rec) == [(one, f"https://{HOST}/lon.jpg") for one in (FOUR, SIX)]


async def test_a_site_without_a_page_has_no_object() -> None:
    rec = Recorder(time.monotonic)
    await large_transfer(group(FOUR), FakeNet(pages=lambda request: (403, None)), rec)
    assert rec.steps == ()


def flows(heeded: bool, errors: int, ended: str = "enough", largest: int = 1500, plain: str = "enough") -> FakeNet:
    """``plain`` is how the ordinary connection ends."""

    def made(asked: Asked) -> Asked:
        segments = (SegmentSeen(t=0.0, seq=1, size=min(largest, 1500)),)
        watched = {"ended": plain, "segments": segments, "received": FILLS}
        if asked["mtu"] == NOTHING_LOST:
            return watched
        return watched | {"ended": ended, "errors_sent": errors, "heeded": 0.1 if heeded else None}

    return FakeNet(answers={"pmtud": made})


@pytest.mark.parametrize(
    ("net", "count"),
    [
        (flows(heeded=True, errors=1), 3),
        (flows(heeded=False, errors=0), 5),  # nothing was too large
        (flows(heeded=False, errors=3, ended="stall"), 5),
        (flows(heeded=True, errors=1, plain="reset"), 3),
        (flows(heeded=True, errors=1, plain="stall"), 5),  # at once: each may take as long
        (flows(heeded=False, errors=0, largest=1280), 0),  # it sends nothing that could be lost for its size
        (flows(heeded=False, errors=0, largest=72, plain="stall"), 5),
    ],
)
async def test_each_connection_is_behind_a_narrower_link(net: FakeNet, count: int) -> None:
    rec = Recorder(time.monotonic)
    await whole(group(FOUR, SIX), net, rec)
    steps = [step for step in rec.steps if isinstance(step, PmtudFlow)]
    assert [(str(step.address), step.mtu) for step in steps] == [(SIX, mtu) for mtu in (NOTHING_LOST, *TAUGHT[:count])]


@dataclass
class Repeating(FakeNet):
    """The first connection behind a narrow link repeats its packet in vain until all have begun."""

    begun: list[int] = field(default_factory=list)
    every: asyncio.Event = field(default_factory=asyncio.Event)

    async def pmtud(
        self, rec: Recorder, endpoint: Endpoint, trial: PmtudTrial, *, unheeded: asyncio.Event | None = None
    ) -> PmtudFlow:
        self.begun.append(trial.mtu)
        if len(self.begun) == 1 + len(TAUGHT):
            self.every.set()
        if trial.mtu == TAUGHT[0]:
            assert unheeded is not None
            unheeded.set()
            await self.every.wait()
        done: PmtudFlow = await super().pmtud(rec, endpoint, trial)
        return done


@pytest.mark.parametrize("heeded", [True, False])
async def test_what_goes_unheeded_is_not_waited_for(heeded: bool) -> None:
    """Nor is the rest, when the first finds out by itself in the end."""
    rec = Recorder(time.monotonic)
    net = Repeating(answers=flows(heeded=heeded, errors=4, ended="enough" if heeded else "stall").answers)
    async with asyncio.timeout(5):
        await whole(group(SIX), net, rec)
    assert net.begun == [NOTHING_LOST, *TAUGHT]
    assert {step.mtu for step in rec.steps if isinstance(step, PmtudFlow)} == set(net.begun)


async def whole(task: GroupTask, net: FakeNet, rec: Recorder) -> None:
    """Also what waits until nobody else measures."""
    narrower = await pmtud(task, net, rec)
    assert {step.mtu for step in rec.steps if isinstance(step, PmtudFlow)} <= {NOTHING_LOST}
    assert narrower is not None
    await narrower()


async def test_no_link_is_wider_than_what_the_server_sends() -> None:
    rec = Recorder(time.monotonic)
    await whole(group(SIX), flows(heeded=True, errors=1, largest=1374), rec)
    assert [step.mtu for step in rec.steps if isinstance(step, PmtudFlow)] == [NOTHING_LOST, 1348, 1322, 1296]


@pytest.mark.parametrize(
    ("pages", "asked"),
    [
        (lambda request: (200, None), "/lon.js"),
        (lambda request: (302, f"https://{HOST}/trang-chu") if request.hop == 0 else (200, None), "/lon.js"),
        (lambda request: (302, "https://elsewhere.example/"), None),
        (lambda request: (403, None), None),
    ],
)
async def test_where_the_page_fills_no_packet_a_part_of_it_does(
    pages: Callable[[HttpRequest], tuple[int, str | None]], asked: str | None
) -> None:
    """A page that a script makes, or that is only a redirect; what is too small itself is passed over."""
    sizes = {"/": 700, "/trang-chu": 700, "/nho.js": FILLS - 1, "/lon.js": FILLS}
    paths: list[str] = []

    def made(asked: Asked) -> Asked:
        paths.append(asked["path"])
        received = sizes[asked["path"]]
        segments = (SegmentSeen(t=0.0, seq=1, size=1500 if received >= FILLS else 900),)
        return {"ended": "end", "received": received, "segments": segments}

    net = FakeNet(
        html='<script src="/nho.js"></script><script src="/lon.js"></script>',
        pages=pages,
        answers={"pmtud": made, "transfer": lambda asked: {"received": sizes[path_of(asked["url"])]}},
    )
    rec = Recorder(time.monotonic)
    await whole(group(SIX), net, rec)
    assert paths == ["/"] + ([asked] * (1 + len(TAUGHT)) if asked else [])
    assert all(isinstance(step, PmtudFlow) for step in rec.steps)


async def test_without_the_right_one_connection_says_so() -> None:
    failure = Failure(kind=FailureKind.NO_PERMISSION)
    rec = Recorder(time.monotonic)
    await whole(group(SIX), FakeNet(answers={"pmtud": lambda asked: {"failure": failure}}), rec)
    assert len(rec.steps) == 1


@pytest.mark.parametrize(
    ("url", "path"), [("https://a.vn", "/"), ("https://a.vn/bản đồ?x=1", "/b%E1%BA%A3n%20%C4%91%E1%BB%93?x=1")]
)
def test_the_path_of_a_url_is_ascii(url: str, path: str) -> None:
    assert path_of(url) == path
