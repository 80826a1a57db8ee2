"""Tests gathers over a whole run: the facts of every gatherer arrive in the context in which subjects are judged."""

import tracemalloc
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from ipaddress import ip_address, ip_network

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from auditor.framework.context import Context, ReferenceData
from auditor.framework.policy import default
from auditor.judging.run_wide import RunWide
from auditor.judging.vantage import unknown_health
from inventory.model import Network, SubjectId
from probes.framework.evidence import Evidence, EvidenceId, Observation
from probes.observations.exposure import UNUSED, PortReply, PortSweep
from probes.observations.mail import SmtpDialogue, SmtpReply
from probes.observations.pages import Pair, PairedConnects
from probes.observations.path import EchoTrain
from probes.observations.traces import HopProbe, PathTrace
from probes.observations.transport import TcpConnect
from probes.observations.vantage import ControlAnswer
from probes.observations.web import HttpExchange, TlsHandshake
from probes.wire.snmp import oids
from tests.golden.lab import certificate
from tests.golden.lab_snmp import polled, router, scalars
from tests.golden.lab_tslcd import echoes, point
from tests.unit.auditor.contexts import A4, A6, NOON, REFUSED, SITE, TIMEOUT, context, evidence
from tests.unit.auditor.judging.test_vantage import CHECKS

POINT = replace(point("10.64.1.1"), id=SubjectId("xa-1"))
DEVICE = replace(router("198.51.100.1"), id=SubjectId("rt-1"))
SITES = (SITE, POINT, DEVICE)
ROUTER = ip_address("2001:db8:a::1")
REFERENCE = ReferenceData(networks={Network.TSLCD: (ip_network("2001:db8:a::/48"),)})


def in_networks(step: Observation, count: int) -> list[Evidence]:
    """Return the same step at ``count`` addresses of different owners."""
    return [evidence(replace(step, address=ip_address(f"198.51.{number}.1"))) for number in range(count)]  # type: ignore[call-arg]


def dated() -> HttpExchange:
    return HttpExchange(address=A4, port=80, url="http://x/", headers=(("Date", format_datetime(NOON, usegmt=True)),))


def resigned(number: int) -> Evidence:
    name = f"www{number}.example.vn"
    leaf = certificate("x", "Firewall", number=42, signer=77, names=(name,)).public_bytes(Encoding.DER)
    address = ip_address(f"198.51.{number}.1")
    return evidence(TlsHandshake(address=address, port=443, server_name=name, version="TLSv1.3", chain=(leaf,)))


def greeted(number: int) -> Evidence:
    replies = (SmtpReply(code=220, lines=("220 relay.isp.example ESMTP ready",)),)
    address, name = ip_address(f"198.51.{number}.1"), f"mail.agency{number}.gov.vn"
    return evidence(SmtpDialogue(address=address, port=25, server_name=name, connected=True, replies=replies))


def led_away(number: int) -> Evidence:
    address, url = ip_address(f"198.51.{number}.1"), f"http://www.agency{number}.gov.vn/"
    portal = "http://login.isp.example/"
    return evidence(HttpExchange(address=address, port=80, url=url, status=302, location=portal))


def shut_out() -> list[Evidence]:
    connects = [(0, None), (1, TIMEOUT), (2, TIMEOUT)]
    return [
        replace(
            evidence(TcpConnect(address=A4, port=443, failure=failure), minutes=minutes), id=EvidenceId(str(minutes))
        )
        for minutes, failure in connects
    ]


def gathered(found: Sequence[Evidence]) -> Context:
    health = unknown_health("here", frozenset(Network))
    whole = RunWide(replace(context(health), policy=default(), reference=REFERENCE), SITES)
    for piece in found:
        whole.add(piece)
    return whole.context([], CHECKS)


@pytest.mark.parametrize(
    ("field", "found"),
    [
        ("answers", [evidence(TcpConnect(address=A6, port=443))]),
        ("controls", [evidence(ControlAnswer(address=A6, transport="icmp"))]),
        ("turned_away", in_networks(TcpConnect(address=A4, port=25, failure=REFUSED), 3)),
        ("accepted_here", in_networks(PortSweep(address=A4, replies=tuple(PortReply(port=p) for p in UNUSED)), 3)),
        ("accepted_here", [greeted(number) for number in range(3)]),
        ("accepted_here", [led_away(number) for number in range(5)]),
        (
            "shared",
            [evidence(PairedConnects(port=443, pairs=(Pair(address4=A4, address6=A6, seconds4=0.1, seconds6=0.9),)))],
        ),
        ("shut_out", shut_out()),
        (
            "routers",
            [
                evidence(
                    PathTrace(
                        address=A6,
                        protocol="udp",
                        port=33434,
                        probes=(HopProbe(hop=1, source=ROUTER, answer="time-exceeded"),),
                    )
                )
            ],
        ),
        ("inspection", [resigned(number) for number in range(3)]),
        ("web_time", [replace(piece, probe="http") for piece in in_networks(dated(), 5)]),
    ],
)
def test_run_wide_tells_the_health_of_the_vantage_what_was_gathered(field: str, found: Sequence[Evidence]) -> None:
    assert of(found, field) != of((), field)


def of(found: Sequence[Evidence], field: str) -> object:
    return getattr(gathered(found).vantage, field)


def test_run_wide_tells_how_sites_and_devices_stand_to_each_other() -> None:
    site = replace(echoes("10.64.1.1", 50), subject=POINT.id)
    device = replace(polled(scalars({oids.LLDP_LOC_CHASSIS: "\0abcde"})), subject=DEVICE.id)
    ctx = gathered([site, device])
    assert (ctx.sites.asked, ctx.estate.chassis) == (1, frozenset({"00:61:62:63:64:65"}))


def told_of(number: int) -> list[Evidence]:
    """Return the evidence of a site with IPv4 and IPv6: a port that refuses, one that accepts, pages, delays."""
    own = ip_address(f"198.{18 + (number >> 8)}.{number & 255}.1"), ip_address(f"2001:db8:{number:x}::1")
    pair = Pair(address4=own[0], address6=own[1], seconds4=0.01 + number / 1e6, seconds6=0.02 + number / 1e6)
    steps: list[Observation] = [PairedConnects(port=443, pairs=(pair,) * 3)]
    for address in own:
        steps += [TcpConnect(address=address, port=25, failure=REFUSED, t=0.1), TcpConnect(address=address, port=443)]
        for port in (443, 80):
            page = replace(dated(), address=address, port=port, url=f"http://{address}/", status=200, t=0.2)
            steps.append(replace(page, body_sha256="the same page", body_size=9))
        steps.append(EchoTrain(address=address, interval=0.2, rtts=(0.01 + number / 1e6, 0.02)))
    subject, since = SubjectId(f"s{number}"), NOON + timedelta(seconds=number)
    return [
        replace(evidence(step), probe="http", subject=subject, started=since + timedelta(milliseconds=place))
        for place, step in enumerate(steps)
    ]


def test_gathering_keeps_little_of_an_ordinary_site() -> None:
    """Little is kept of each site, since twenty thousand are gathered before the first of them is judged."""
    sites = [replace(SITE, id=SubjectId(f"s{number}")) for number in range(1_200)]
    gathering = RunWide(context(), sites)
    for number in range(200):
        add(gathering, told_of(number))
    tracemalloc.start()
    for number in range(200, len(sites)):
        add(gathering, told_of(number))
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held / 1_000 < 2_800  # bytes


def add(gathering: RunWide, found: Sequence[Evidence]) -> None:
    for one in found:
        gathering.add(one)
