"""Tests the lines that a finding rests on: those with its values or of the failed steps; no doubtful mark is made."""

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address

import pytest

from auditor.framework.check import load
from auditor.framework.findings import Arg, CheckId, Finding, Outcome
from inventory.model import Kind
from probes.framework.evidence import Failure, FailureKind, Observation
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.exposure import PortReply, PortSweep, SmbNegotiate
from probes.observations.snmp import SnmpCommunity, SnmpGet, SnmpSession, SnmpWalk, Varbind
from probes.observations.text import Word
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange
from reports.deciding_lines import MOST_BESIDE, MOST_MARKED, DecidingLines
from tests.unit.auditor.stored import Brief, row
from tests.unit.reports.sample import make_evidence

SITE = row("www.tinh.vn", Kind.PORTAL, "S1")
V4, V6 = ip_address("192.0.2.1"), ip_address("2001:db8::1")
REFUSED = Failure(kind=FailureKind.REFUSED)
CHECKS = load()


def finding(check: str, address: str | None = None, outcome: Outcome = Outcome.FAIL, **args: Arg) -> Finding:
    made = Brief(check=check, outcome=outcome, code="ANY", address=address, args=args).of(SITE.id)
    return replace(made, evidence=(make_evidence(SITE.id, "probe").id,))


def texts(made: Finding, *steps: Observation) -> list[str]:
    """Return the marked lines of one piece of evidence with these steps."""
    envelope = make_evidence(SITE.id, "probe", *steps)
    deciding = DecidingLines(SITE, {envelope.id: envelope})
    marks = deciding.of(made, CHECKS.get(made.check))
    return [line for line, decides in deciding.marked(envelope.id, marks.get(envelope.id, ())) if decides]


def test_of_marks_the_open_port_that_the_finding_names() -> None:
    closed = PortSweep(address=V4, replies=(PortReply(port=21, failure=FailureKind.REFUSED),))
    opened = PortSweep(address=V6, replies=(PortReply(port=21, greeting=b"220 FTP ready"), PortReply(port=221)))
    made = finding("security.ports.v4v6-parity", ports=("21 (FTP: (FTP ready))",), name=SITE.id)
    (marked,) = texts(made, closed, opened)
    assert marked == '  tcp/21     open, greeting 13 B "220 FTP ready"'


def test_of_marks_the_step_at_the_address_that_failed() -> None:
    steps = (TcpConnect(address=V4, port=443, failure=REFUSED), TcpConnect(address=V6, port=443, failure=REFUSED))
    assert texts(finding("ipv6.web.reach", "2001:db8::1"), *steps) == ["tcp/443 2001:db8::1: refused"]


def test_of_marks_no_step_that_failed_for_a_reason_of_ours() -> None:
    late = TcpConnect(address=V4, port=443, failure=Failure(kind=FailureKind.CUT_SHORT))
    open_port = TcpConnect(address=V4, port=80)
    many = [replace(open_port, port=number) for number in range(80, 90)]
    assert texts(finding("ipv6.web.reach", address=str(V4)), late, *many) == []
    (line,) = texts(finding("ipv6.web.reach", address=str(V4)), late, open_port)
    assert "80" in line


def test_lines_of_a_step_are_made_once_for_marks_excerpt_and_evidence(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[TcpConnect] = []
    whole = TcpConnect.lines

    def counted(step: TcpConnect, word: Word) -> Iterator[str]:
        calls.append(step)
        return whole(step, word)

    monkeypatch.setattr(TcpConnect, "lines", counted)
    envelope = make_evidence(SITE.id, "probe", TcpConnect(address=V6, port=443, failure=REFUSED))
    deciding = DecidingLines(SITE, {envelope.id: envelope})
    marks = deciding.of_all([finding("ipv6.web.reach", "2001:db8::1"), finding("ipv6.web.tls-parity")], CHECKS)
    assert deciding.excerpt(marks) == ["tcp/443 2001:db8::1: refused"]
    assert deciding.marked(envelope.id, marks[envelope.id]) == [("tcp/443 2001:db8::1: refused", True)]
    assert len(calls) == 1


def test_of_marks_the_status_that_the_finding_names_and_no_longer_number() -> None:
    steps = tuple(HttpExchange(address=V6, port=443, url=f"https://{SITE.id}/", status=each) for each in (200, 502))
    (marked,) = texts(finding("ipv6.web.http-ok", "2001:db8::1", status="502"), *steps)
    assert "502" in marked


@pytest.mark.parametrize(
    ("location", "marked"),
    [
        ("/old/Login.PHP?next=1", True),
        ("/xlogin.php/login.php", True),
        ("/old/login.php-1", False),
        ("/old/a.login.php", False),
        ("/old/login.phps", False),
        ("/old/đlogin.php", False),
        ("/old/logín.php", False),
    ],
)
def test_of_marks_a_value_that_stands_alone_in_any_case(location: str, marked: bool) -> None:
    steps = [HttpExchange(address=V6, port=443, url=f"https://{SITE.id}{path}", status=200) for path in ("/", location)]
    marks = texts(finding("ipv6.web.http-ok", "2001:db8::1", path="login.php"), *steps)
    assert (len(marks) == 1) is marked  # both where neither has the value


def test_of_marks_the_lookups_of_the_purpose_of_the_check() -> None:
    made = finding("security.mail.dmarc", name=SITE.id)
    lookups = [
        NameLookup(name=name, rtype="TXT", role=role, status=LookupStatus.NO_SUCH_NAME)
        for name, role in (("_dmarc.tinh.vn", "dmarc"), ("tinh.vn", "spf"), ("s._domainkey.tinh.vn", "dkim"))
    ]
    assert texts(made, *lookups) == ["dns _dmarc.tinh.vn TXT → no_such_name (dmarc)"]


def test_of_marks_nothing_where_many_lines_say_the_same() -> None:
    steps = [TcpConnect(address=V6, port=port) for port in range(1, 40)]
    assert texts(finding("ipv6.web.reach", "2001:db8::1"), *steps) == []


def test_of_marks_nothing_of_what_is_no_defect() -> None:
    step = TcpConnect(address=V6, port=443, failure=REFUSED)
    assert texts(finding("ipv6.web.reach", "2001:db8::1", Outcome.INCONCLUSIVE), step) == []


def test_of_marks_a_bounded_number_of_lines_and_none_that_is_cut_off() -> None:
    steps = [TcpConnect(address=V6, port=443, failure=REFUSED)] * 500
    marked = texts(finding("ipv6.web.reach", "2001:db8::1"), *steps)
    assert len(marked) == MOST_MARKED


def test_excerpt_gives_each_text_once_and_harmless() -> None:
    steps = [TcpConnect(address=V6, port=port, failure=REFUSED) for port in (443, 443, 80, 81, 82)]
    hostile = Failure(kind=FailureKind.REFUSED, detail="\x1b[2J")
    envelope = make_evidence(SITE.id, "probe", replace(steps[0], failure=hostile), *steps)
    deciding = DecidingLines(SITE, {envelope.id: envelope})
    made = finding("ipv6.web.reach", "2001:db8::1")
    excerpt = deciding.excerpt(deciding.of(made, CHECKS[CheckId("ipv6.web.reach")]))
    assert len(excerpt) == len(set(excerpt)) == MOST_BESIDE
    assert "\x1b" not in "".join(excerpt)


def test_of_all_joins_the_lines_of_several_findings() -> None:
    envelope = make_evidence(
        SITE.id, "probe", TcpConnect(address=V4, port=443, failure=REFUSED), TcpConnect(address=V6, port=443)
    )
    deciding = DecidingLines(SITE, {envelope.id: envelope})
    both = [finding("ipv6.web.reach", "192.0.2.1"), finding("ipv6.web.reach", "2001:db8::1")]
    assert deciding.of_all(both, CHECKS) == {envelope.id: frozenset({0, 1})}


def test_of_marks_what_answered_where_nothing_should_and_no_step_that_failed() -> None:
    closed = PortSweep(address=V4, replies=(PortReply(port=23, failure=FailureKind.REFUSED),))
    opened = PortSweep(address=V4, replies=(PortReply(port=445, ended=True),))
    old = SmbNegotiate(address=V4, port=445, version=1, accepted=True)
    broken = Failure(kind=FailureKind.PROTOCOL, detail="closed before the end of the answer")
    newer = SmbNegotiate(address=V4, port=445, version=2, failure=broken)
    (marked,) = texts(finding("security.ports.smb", str(V4)), closed, opened, old, newer)
    assert marked.startswith("smb version 1 192.0.2.1:445 → accepted")


def test_of_marks_what_answered_at_an_open_port_in_evidence_of_another_kind() -> None:
    sweep = make_evidence(SITE.id, "ports", PortSweep(address=V4, replies=(PortReply(port=445, ended=True),)))
    spoken = make_evidence(SITE.id, "smb", SmbNegotiate(address=V4, port=445, version=1, accepted=True))
    made = finding("security.ports.mgmt-exposed", str(V4), ports=("445 (SMB)",))
    made = replace(made, evidence=(sweep.id, spoken.id))
    deciding = DecidingLines(SITE, {each.id: each for each in (sweep, spoken)})
    assert [line.partition("  ")[0] for line in deciding.excerpt(deciding.of(made, CHECKS.get(made.check)))] == [
        "tcp/445",
        "smb version 1 192.0.2.1:445 → accepted",
    ]


WALK = SnmpWalk(
    address=V4,
    port=161,
    profile="core",
    root="1.3.6.1.2.1.4.34.1",
    rows=(
        Varbind(oid="1.3.6.1.2.1.4.34.1.3.1.4.192.0.2.1", type="int", value="2"),
        Varbind(oid=f"1.3.6.1.2.1.4.34.1.3.2.16.{'.'.join(map(str, V6.packed))}", type="int", value="2"),
    ),
)
ROUTER = replace(SITE, id=SITE.id, addresses=(V4, V6))
OTHERS = tuple(SnmpWalk(address=V4, port=161, profile="core", root=f"1.3.6.1.2.1.2.2.1.{n}") for n in range(2, 10))


def test_of_marks_an_own_address_in_the_name_of_an_object() -> None:
    made = finding("ipv6.device.address-state", addresses=(str(V6),), name=SITE.id)
    (line,) = texts(made, *OTHERS, WALK)
    assert "4.34.1.3.2.16.32.1.13.184." in line


def test_of_marks_the_table_of_a_check_that_names_no_value_in_it() -> None:
    (line,) = texts(finding("ipv6.device.global-address", name=SITE.id), *OTHERS, WALK)
    assert line.startswith("snmp walk 1.3.6.1.2.1.4.34.1 ")


def test_of_marks_the_object_that_was_asked_by_name() -> None:
    rows = (
        Varbind(oid="1.3.6.1.2.1.1.3.0", type="int", value="1"),
        Varbind(oid="1.3.6.1.2.1.4.25.0", type="int", value="2"),
    )
    get = SnmpGet(address=V4, port=161, profile="core", oids=("1.3.6.1.2.1.4.25.0",), rows=rows)
    assert texts(finding("ipv6.device.forwarding", name=SITE.id), *OTHERS, get) == ["  1.3.6.1.2.1.4.25.0 int 2"]


def test_of_marks_what_answered_a_version_of_snmp_that_the_finding_names() -> None:
    silent = SnmpCommunity(address=V4, port=161, version="2c", profile="legacy", answered="silent")
    heard = SnmpCommunity(address=V4, port=161, version="2c", community="public", answered="value")
    taken = SnmpSession(address=V4, port=161, profile="core", version="3")
    made = finding("security.snmp.v1v2-off", versions=("SNMPv2c",), tried=("v2c public",), name=SITE.id)
    assert texts(made, *(taken,) * 4, silent, heard) == ["snmp version 2c 192.0.2.1:161 with community public → value"]


def test_of_marks_the_reverse_name_of_the_address_that_the_finding_is_about() -> None:
    others = [NameLookup(name=f"a{n}.tinh.vn", rtype="A", role="spf", status=LookupStatus.ANSWER) for n in range(9)]
    lookup = NameLookup(name=V6.reverse_pointer, rtype="PTR", role="ptr", status=LookupStatus.NO_SUCH_NAME)
    (line,) = texts(finding("security.mail.sender-ptr", "2001:db8::1", name=SITE.id), *others, lookup)
    assert f"{V6.reverse_pointer} PTR → no_such_name" in line


def test_of_marks_addresses_within_the_network_that_the_finding_names() -> None:
    steps = [
        NameLookup(name=f"ns{n}.tinh.vn", rtype="A", role="ns-address", status=LookupStatus.ANSWER, records=(address,))
        for n, address in enumerate(("192.0.2.7", *(f"198.51.100.{last}" for last in range(9))))
    ]
    (line,) = texts(finding("security.dns.ns-diversity", prefixes=("192.0.2.0/24",), zone="tinh.vn"), *steps)
    assert "ns0.tinh.vn" in line
    assert texts(finding("security.dns.ns-diversity", prefixes=("0.0.0.0/0",), zone="tinh.vn"), *steps) == []


def test_excerpt_has_a_deciding_line_that_the_evidence_leaves_out() -> None:
    many = tuple(replace(WALK, root=f"1.3.6.1.2.1.2.2.1.{n}", rows=WALK.rows[:1] * 20) for n in range(9))
    envelope = make_evidence(SITE.id, "probe", *many, WALK)
    deciding = DecidingLines(ROUTER, {envelope.id: envelope})
    made = finding("ipv6.device.address-state", addresses=(str(V6),), name=SITE.id)
    marks = deciding.of(made, CHECKS[made.check])
    (line,) = deciding.excerpt(marks)
    assert "4.34.1.3.2.16.32.1.13.184." in line
    assert [shown for shown, decides in deciding.marked(envelope.id, marks.get(envelope.id, ())) if decides] == []
