"""Tests that a change of path is shown with both traces beside each other, in each language and as data."""

import json
from dataclasses import replace
from ipaddress import ip_address

from auditor.figures.mesh import grid
from auditor.figures.path_changes import PathChange, traced_path
from auditor.texts.translate import Texts
from probes.framework.evidence import EvidenceId, EvidenceSet, Failure, FailureKind
from probes.observations.dns import DnsExchange
from probes.observations.traces import PathTrace
from probes.observations.transport import EchoSeries, TcpConnect
from reports import path_lines
from reports.registry import renderer
from tests.golden.cases_tslcd import traced
from tests.golden.lab import NOW
from tests.unit.auditor.figures.test_mesh import UP, envelope, way
from tests.unit.reports.sample import MemorySink, SampleReport, province

SITE = "10.64.3.1"
EN, VI = Texts("en"), Texts("vi")
SCRIPT = "<script>alert(1)</script>\x1b[2J"


def path(*hops: str | None, reached: bool = True) -> PathTrace:
    (step,) = traced(SITE, *hops, reached=reached).steps
    assert isinstance(step, PathTrace)
    return step


def change(source: str = "hub") -> PathChange:
    sides = (path("10.64.0.1", "10.64.0.2"), path("10.64.0.1", None, "10.64.0.9", reached=False))
    before, after = (traced_path(side.probes, NOW) for side in sides)
    return PathChange(
        source=source,
        target="xa-3",
        mesh=False,
        address=ip_address(SITE),
        protocol="icmp",
        hop=3,
        before=before,
        after=after,
        evidence=EvidenceId("e1"),
    )


def measured() -> SampleReport:
    steps = (
        EchoSeries(address=ip_address(SITE), interval=0.2, payload_size=1392, rtts=(0.01,)),
        EchoSeries(address=ip_address(SITE), interval=0.2, payload_size=1472, rtts=(None,)),
        TcpConnect(address=ip_address(SITE), port=443, failure=Failure(kind=FailureKind.TIMEOUT)),
        DnsExchange(server=ip_address(SITE), transport="udp", qname=".", qtype="NS"),
        path("10.64.0.1", None),
    )
    one = envelope(replace(way("hub", "xa-3", 4, UP), round=True))
    found = grid(EvidenceSet([replace(one, steps=(*steps, *one.steps))]))
    return replace(province(), mesh=found, path_changes=(change(SCRIPT),))


def test_changes_stand_beside_each_other_in_both_languages() -> None:
    english, vietnamese = (list(path_lines.changes([change()], texts)) for texts in (EN, VI))
    assert [line.split() for line in english[-3:]] == [
        ["1", "10.64.0.1", "10.64.0.1"],
        ["2", "10.64.0.2", "no", "answer"],
        ["3", SITE, "10.64.0.9"],
    ]
    assert "hub to xa-3 (10.64.3.1, icmp): differs from hop 3 on" in english[4]
    assert "khác từ chặng 3" in vietnamese[4]
    assert list(path_lines.changes([], EN)) == []


def test_ways_tell_size_ports_and_hops() -> None:
    (line,) = list(path_lines.ways(measured().mesh.ways, EN))[2:]
    assert line.split("  ")[1:] == [
        "hub → xa-3",
        "IPv4",
        SITE,
        "MTU 1420",
        "tcp/443 no answer",
        "dns/udp open",
        "3 hops",
    ]


def test_json_holds_the_mesh_and_the_changes() -> None:
    sink = MemorySink()
    renderer("json")(measured(), sink)
    document = json.loads(sink.only)
    (way_told,) = document["mesh"]["measured"]
    assert (way_told["mtu"], way_told["ports"]) == (1420, {"tcp/443": "silent", "dns/udp": "open"})
    (told,) = document["path_changes"]
    assert (told["hop"], told["before"]["reached"], told["after"]["reached"]) == (3, True, False)
    assert [hop["sources"] for hop in told["after"]["hops"]] == [["10.64.0.1"], [], ["10.64.0.9"]]


def test_html_shows_both_traces_and_names_do_nothing() -> None:
    sink = MemorySink()
    renderer("html")(measured(), sink)
    text = sink.only
    assert 'id="paths"' in text
    assert "<script>alert(1)" not in text
    assert "\x1b" not in text
    assert '<caption><span lang="vi">' in text[text.index('id="paths"') :]
