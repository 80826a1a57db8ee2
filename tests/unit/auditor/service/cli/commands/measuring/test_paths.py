"""Tests the few lines about the path that ``auditor probe`` shows beside the evidence."""

from ipaddress import ip_address

from auditor.service.cli.commands.measuring.paths import read_out
from probes.framework.evidence import Failure, FailureKind
from probes.observations.path import NOTHING_LOST, PmtudFlow, SegmentSeen
from probes.observations.transport import EchoSeries, TcpConnect
from tests.golden.cases_routers import CORE, EDGE, trace
from tests.golden.lab import V6, evidence


def test_hops_as_traceroute_shows_them() -> None:
    (shown,) = read_out(evidence("trace", trace(EDGE, None, CORE)))["traces"]
    assert (shown["address"], shown["protocol"], shown["port"], shown["reached"]) == (V6, "udp", 33434, True)
    assert shown["hops"] == [
        {"hop": 1, "from": [EDGE], "ms": [10.0], "said": ["time-exceeded"]},
        {"hop": 2, "from": [], "ms": [None], "said": []},
        {"hop": 3, "from": [CORE], "ms": [30.0], "said": ["time-exceeded"]},
        {"hop": 4, "from": [V6], "ms": [100.0], "said": ["reached"]},
    ]


def test_read_out_packet_too_big_results() -> None:
    flow = PmtudFlow(
        address=ip_address(V6),
        port=443,
        server_name=None,
        mtu=1400,
        ended="enough",
        errors_sent=2,
        first_error=0.5,
        heeded=0.52,
        segments=(SegmentSeen(t=0.5, seq=1, size=1500), SegmentSeen(t=0.52, seq=1, size=1400)),
    )
    refused = Failure(kind=FailureKind.NO_PERMISSION)
    unable = PmtudFlow(address=ip_address(V6), port=443, server_name=None, mtu=1400, failure=refused)
    plain = PmtudFlow(address=ip_address(V6), port=443, server_name=None, mtu=NOTHING_LOST, ended="enough")
    heeded, failed, watched = read_out(evidence("pmtud", flow, unable, plain))["pmtud"]
    assert heeded == {
        "address": V6,
        "port": 443,
        "link": 1400,
        "largest_packet": 1500,
        "packet_too_big_sent": 2,
        "heeded": True,
        "heeded_after_ms": 20.0,
        "ended": "enough",
        "failure": None,
    }
    assert (failed["heeded"], failed["failure"]) == (None, "no_permission")
    assert (watched["link"], watched["heeded"], watched["ended"]) == (None, None, "enough")


def test_read_out_size_that_fits() -> None:
    lost = EchoSeries(
        address=ip_address(V6),
        interval=0.2,
        payload_size=1452,
        rtts=(None,) * 5,
        error="2/0 from 2001:db8::1",
        mtu=1400,
    )
    (shown,) = read_out(evidence("path_mtu", lost))["path_mtu"]
    assert shown == {
        "address": V6,
        "size": 1500,
        "sent": 5,
        "received": 0,
        "error": "2/0 from 2001:db8::1",
        "mtu": 1400,
    }


def test_read_out_without_path_evidence_is_empty() -> None:
    assert read_out(evidence("tcp", TcpConnect(address=ip_address(V6), port=443))) == {}
