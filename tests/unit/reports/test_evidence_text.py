"""Tests evidence as lines: the facts of each kind of observation are there, bounded, and harmless."""

import hashlib
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv6Address, IPv6Network, ip_address
from pathlib import Path

import pytest

from auditor.framework.message_format import clean
from probes.framework.codec import decode_evidence, decode_step
from probes.framework.evidence import OBSERVATIONS, Evidence, Failure, FailureKind, Observation
from probes.observations.dns import DnsExchange, LookupStatus, NameLookup
from probes.observations.exposure import PortReply, PortSweep, SmbNegotiate
from probes.observations.link import (
    AdvertisedDhcpServer,
    AdvertisedRouter,
    AnnouncedPrefix,
    LanWatch,
    SourceTrial,
    SourceValidation,
)
from probes.observations.mail import SmtpDialogue, SmtpReply, StartTls
from probes.observations.path import TunnelEntry
from probes.observations.routing import Announcement, DatedBy, RouteOrigin, Table
from probes.observations.snmp import SnmpAttempt, SnmpGet, SnmpSession, SnmpWalk, Varbind
from probes.observations.ssh import SshAuthMethods
from probes.observations.text import end, failure_text, octets
from probes.observations.throughput import ThroughputTest
from probes.observations.transport import EchoSeries, TcpConnect
from probes.observations.vantage import ResolverFact
from probes.observations.web import HttpExchange, TlsHandshake
from reports.evidence_text import (
    LONGEST_LINE,
    MOST_LINES,
    by_step,
    headlines,
    in_words,
    lines,
    machine_word,
    reader_word,
)
from tests.golden.cases_flows import heeds, ignores
from tests.golden.cases_routers import CORE, EDGE, trace
from tests.unit.reports.sample import ANSI, V6, certificate, dns_answer, make_evidence, portal_evidence

EVIDENCE = {
    envelope.probe + str(envelope.endpoint.address if envelope.endpoint else ""): envelope
    for envelope in portal_evidence("www.example")
}


TLS_HELLO = b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + b'"d"C)DM*w and more chance text in a key'
MIXED = b"\x14\x01curve25519-sha256\x00\x0bssh-ed25519\x07"


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def bracketed(text: str) -> str:
    return f"<{text}>" if text in set(FailureKind) else text


def shown(probe: str) -> str:
    return "\n".join(lines(EVIDENCE[probe]))


def test_dns_answers_are_decoded() -> None:
    text = shown("dns")
    assert "dns udp/53 2001:db8:53::53: www.example AAAA +dnssec +edns → NOERROR aa, 12 ms, 112 B" in text
    assert "  answer     www.so-xd.example 300 AAAA 2001:db8:10::10" in text
    assert '  authority  so-xd.example 300 TXT "\\027[2J" "<b>"' in text


@pytest.mark.parametrize("wire", [b"", b"\x00" * 5, dns_answer()[:40], b"\xff" * 600])
def test_an_unreadable_answer_is_shown_as_bytes(wire: bytes) -> None:
    step = DnsExchange(server=V6, qname="x.example", qtype="A", response=wire)
    (said,) = lines(make_evidence("x", "dns", step))
    assert f"unreadable answer of {len(wire)} bytes" in said


def test_no_answer_says_why() -> None:
    step = DnsExchange(server=V6, qname="x", qtype="A", t=2.0, failure=Failure(kind=FailureKind.TIMEOUT))
    assert lines(make_evidence("x", "dns", step), bracketed) == [
        "dns udp/53 2001:db8:10::10: x A +edns → <timeout>, 2.0 s"
    ]


@pytest.mark.parametrize(("seconds", "ending"), [(0.0001, "timeout"), (0.25, "timeout, 250 ms")])
def test_a_step_that_had_no_time_left_is_not_said_to_have_timed_out_at_once(seconds: float, ending: str) -> None:
    late = Failure(kind=FailureKind.TIMEOUT)
    step = TcpConnect(address=V6, port=443, t0=3.0, t=3.0 + seconds, failure=late)
    assert end(step, "open", str) == ending


def test_certificates_are_described() -> None:
    text = shown("tls2001:db8:10::10")
    for part in (
        "tls [2001:db8:10::10]:443 name www.example → TLSv1.3 TLS_AES_128_GCM_SHA256, 30 ms",
        "subject    CN=www.so-xd.example",
        "issuer     CN=www.so-xd.example",
        "*.so-xd.example",
        "unreadable (5 B)",
        "valid      2026-03-02 01:30 – 2026-03-23 01:30 UTC",
        "SHA-256",
    ):
        assert part in text


def test_a_handshakes_headline_names_its_certificate() -> None:
    (line,) = headlines(EVIDENCE["tls2001:db8:10::10"])
    assert line.endswith(", certificate CN=www.so-xd.example, 2026-03-02 01:30 – 2026-03-23 01:30 UTC")


@pytest.mark.parametrize("cut", [1, 50, 200])
def test_damaged_certificates_do_no_harm(cut: int) -> None:
    step = TlsHandshake(address=V6, port=443, server_name=None, chain=(certificate()[:-cut],) * 9)
    assert lines(make_evidence("x", "tls", step))


def test_echo_series_and_connects() -> None:
    assert shown("icmp62001:db8:10::10") == (
        "echo 2001:db8:10::10: 3 sent, 2 received, rtt min/avg/max 11 ms/12 ms/12 ms, hop limit 57"
    )
    assert shown("tcp203.0.113.10") == "tcp/443 203.0.113.10: open, 9 ms"
    assert shown("tcp2001:db8:10::11") == "tcp/443 2001:db8:10::11: timeout [errno 110], 2.0 s"


def test_headers_are_harmless_and_bounded() -> None:
    text = shown("http2001:db8:10::10")
    assert f"x-ansi: {clean(ANSI)}" in text
    assert max(map(len, text.splitlines())) <= LONGEST_LINE * 10  # an escape is longer than its character
    assert "\x1b" not in text
    many = HttpExchange(address=V6, port=443, url="https://x/", status=200, headers=(("A", "b"),) * 500)
    rest = "\n".join(["a: b"] * 480).encode()
    digest = hashlib.sha256(rest).hexdigest()[:16]
    assert lines(make_evidence("x", "http", many))[-1] == f"  … (+480: {len(rest)} B, sha256 {digest})"


def test_many_steps_are_cut_with_their_number_size_and_hash() -> None:
    envelope = EVIDENCE["tcp203.0.113.10"]
    cut = lines(replace(envelope, steps=envelope.steps * 1000))
    left = 1000 - MOST_LINES + 1
    rest = "\n".join([cut[0]] * left).encode()
    assert len(cut) == MOST_LINES
    assert cut[-1] == f"… (+{left}: {len(rest)} B, sha256 {hashlib.sha256(rest).hexdigest()[:16]})"


def test_long_line_is_cut_with_its_size_and_hash() -> None:
    step = DnsExchange(server=V6, qname="x." * 400, qtype="A", failure=Failure(kind=FailureKind.TIMEOUT))
    (whole,) = step.lines(machine_word)
    assert len(whole) > LONGEST_LINE
    (cut,) = lines(make_evidence("x", "dns", step))
    digest = hashlib.sha256(whole.encode()).hexdigest()[:16]
    assert cut.startswith(whole[: LONGEST_LINE - 1])
    assert cut.endswith(f"… ({len(whole.encode())} B, sha256 {digest})")


FILES = sorted((Path(__file__).parents[2] / "golden" / "evidence").glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_nothing_is_shown_as_the_program_writes_it_down(path: Path) -> None:
    """Evidence lines show no Python syntax, for every kind of observation with every field set."""
    document = json.loads(path.read_text("utf-8"))
    steps = decode_evidence(document).steps if "steps" in document else (decode_step(document),)
    text = "\n".join(lines(make_evidence("x", "any", *steps)))
    assert not re.search(r"[A-Z][a-z]+\w*\(|datetime|<\w+\.|b'|None|True|False|='", text), text


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_lines_in_another_language_are_as_many_and_keep_what_was_measured(path: Path) -> None:
    document = json.loads(path.read_text("utf-8"))
    steps = decode_evidence(document).steps if "steps" in document else (decode_step(document),)
    envelope = make_evidence("x", "any", *steps)
    vietnamese, english = (lines(envelope, reader_word(lang)) for lang in ("vi", "en"))
    assert len(vietnamese) == len(english)
    measured = re.compile(r"[0-9a-f]*(?:[:.][0-9a-f]+)+|\b\d{3,}\b")
    for one, other in zip(vietnamese, english, strict=True):
        with_points = re.sub(r"(?<=\d),(?=\d)", ".", one)
        assert sorted(measured.findall(with_points)) == sorted(measured.findall(other))
    assert [line for line in vietnamese if re.search(r"\bbytes\b", re.sub('"[^"]*"', "", line))] == []


@pytest.mark.parametrize(
    ("stopped", "vietnamese", "english"),
    [
        ("rows", "dừng do giới hạn số giá trị", "stopped by our limit of values"),
        ("failure", "dừng do lỗi", "stopped by an error"),
        (None, "", ""),
    ],
)
def test_reason_that_ended_a_walk_is_in_words(stopped: str | None, vietnamese: str, english: str) -> None:
    walk = SnmpWalk(address=V6, profile="p", port=161, root="1.3.6", stopped=stopped)
    for lang, ended in (("vi", vietnamese), ("en", english)):
        (line,) = lines(make_evidence("x", "snmp", walk), reader_word(lang))
        assert line.endswith(ended)


def test_icmp_error_of_an_echo_is_in_words() -> None:
    echo = EchoSeries(address=V6, payload_size=56, interval=1.0, rtts=(None,), error="1/3 from 2001:db8::1")
    shown = [lines(make_evidence("x", "echo", echo), reader_word(lang))[0] for lang in ("vi", "en")]
    assert [line.rpartition(", ")[2] for line in shown] == [
        "lỗi ICMP 1/3 từ 2001:db8::1",
        "ICMP error 1/3 from 2001:db8::1",
    ]


def test_lines_in_vietnamese_have_no_english_shorthand_and_names_as_they_are() -> None:
    timed_out = Failure(kind=FailureKind.TIMEOUT)
    steps = (
        NameLookup(name="answer.vn", rtype="AAAA", role="host", status=LookupStatus.NO_DATA, zone="from.vn"),
        DnsExchange(server=V6, qname="refused.vn", qtype="A", t=2.0, failure=timed_out),
    )
    assert lines(make_evidence("x", "dns", *steps), reader_word("vi")) == [
        "dns answer.vn AAAA → không có bản ghi (vùng from.vn)",
        "dns udp/53 2001:db8:10::10: refused.vn A +edns → hết thời gian chờ, 2,0 giây",
    ]
    assert lines(make_evidence("x", "dns", *steps), reader_word("en"))[0] == (
        "dns answer.vn AAAA → no such record (zone from.vn)"
    )


def test_parts_of_an_observation_are_words() -> None:
    step = RouteOrigin(
        address=V6,
        routes=Table(source="t", digest="d", taken=datetime(2026, 3, 2, tzinfo=UTC), dated_by=DatedBy.NAME, rows=9),
        announcements=(Announcement(prefix="2001:db8::/32", origin=64500, seen=97),),
    )
    assert lines(make_evidence("x", "route_origin", step)) == [
        f"origin {V6} → 2001:db8::/32 from AS64500",
        "  routes     t of 2026-03-02T00:00:00+00:00 (name), d",
        "  announced  2001:db8::/32 from AS64500, seen by 97 %",
    ]
    sweep = PortSweep(address=V6, replies=(PortReply(port=23, greeting=b"hi"), PortReply(port=80, ended=True)))
    assert lines(make_evidence("x", "ports", sweep)) == [
        f"sweep {V6}: 2 TCP ports → 2 open",
        '  tcp/23     open, greeting 2 B "hi"',
        "  tcp/80     closed without a word",
    ]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (
            ResolverFact(step="bogus", server=ip_address("192.0.2.53"), rcode="SERVFAIL", answered=True),
            ["resolver test bogus 192.0.2.53 udp → SERVFAIL, 0 records"],
        ),
        (
            SmtpDialogue(
                address=V6,
                port=25,
                server_name="mx.example",
                helo="probe.example",
                connected=True,
                replies=(
                    SmtpReply(code=220, lines=("220 mx.example ESMTP",)),
                    SmtpReply(said="EHLO probe.example", code=250, lines=("250-mx.example", "250 STARTTLS")),
                    SmtpReply(said="STARTTLS"),
                ),
                starttls=StartTls.FAILED,
                tls_failure=Failure(kind=FailureKind.RESET),
            ),
            [
                f"smtp [{V6}]:25 name mx.example as probe.example → dialogue, STARTTLS failed",
                "  < 220 mx.example ESMTP",
                "  > EHLO probe.example",
                "  < 250-mx.example",
                "  < 250 STARTTLS",
                "  > STARTTLS",
                "  < no whole reply",
                "  tls        <reset>",
            ],
        ),
        (
            SnmpSession(
                address=V6,
                port=161,
                attempts=(SnmpAttempt("operators", "3", rejected=True), SnmpAttempt("readers", "2c")),
                profile="readers",
                version="2c",
            ),
            [
                f"snmp session [{V6}]:161 → profile readers, version 2c",
                "  profile operators, version 3: rejected",
                "  profile readers, version 2c: accepted",
            ],
        ),
        (
            SshAuthMethods(address=V6, port=22, user="x", methods=("publickey",)),
            [f"ssh login methods [{V6}]:22 user x → publickey"],
        ),
        (
            SmbNegotiate(address=V6, port=445, version=2, accepted=True, dialect=0x311),
            [f"smb version 2 [{V6}]:445 → accepted, dialect 0x0311"],
        ),
        (
            ThroughputTest(address=V6, port=443, url="https://x/", wanted=9, failure=Failure(kind=FailureKind.TIMEOUT)),
            [f"throughput GET https://x/ at [{V6}]:443 → <timeout>"],
        ),
    ],
    ids=lambda value: value.KIND if isinstance(value, Observation) else "",
)
def test_lines_of_a_kind_are_its_own(step: Observation, said: list[str]) -> None:
    assert lines(make_evidence("x", "any", step), bracketed) == said


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_lines_the_first_one_tells_of_a_failure(path: Path) -> None:
    document = json.loads(path.read_text("utf-8"))
    steps = decode_evidence(document).steps if "steps" in document else (decode_step(document),)
    for step in steps:
        failed = replace(step, failure=Failure(kind=FailureKind.PROHIBITED))
        assert "<prohibited>" in lines(make_evidence("x", "any", failed), bracketed)[0]


def test_failures_come_first_in_headlines() -> None:
    good, bad = EVIDENCE["tcp203.0.113.10"], EVIDENCE["tcp2001:db8:10::11"]
    both = replace(good, steps=good.steps + bad.steps)
    assert [line.split()[1] for line in headlines(both)] == ["2001:db8:10::11:", "203.0.113.10:"]


def test_what_a_finding_speaks_of_comes_before_that_and_conclusions_before_questions() -> None:
    asked, concluded = EVIDENCE["dns"], EVIDENCE["names"]
    both = replace(asked, steps=asked.steps + concluded.steps)
    assert headlines(both)[0] == (
        "dns www.example AAAA → answer: 2001:db8:10::10, 2001:db8:10::11 (zone so-xd.example)"
    )
    good, bad = EVIDENCE["tcp203.0.113.10"], EVIDENCE["tcp2001:db8:10::11"]
    assert headlines(replace(good, steps=bad.steps + good.steps), about="203.0.113.10")[0].startswith("tcp/443 203.")


def test_a_failed_probe_says_so() -> None:
    failed: Evidence = replace(EVIDENCE["tcp203.0.113.10"], steps=(), failure=Failure(kind=FailureKind.CUT_SHORT))
    assert lines(failed) == ["tcp: cut_short"]
    assert headlines(failed) == []


def test_there_are_kinds_to_show() -> None:
    assert {"tcp-connect", "dns-exchange", "tls-handshake", "http-exchange", "echo-series"} <= set(OBSERVATIONS)


def test_what_was_heard_on_a_lan_is_told_sender_by_sender() -> None:
    announced = AnnouncedPrefix(prefix=IPv6Network("fd00:bad::/64"), on_link=True, autonomous=True, valid=86_400)
    router = AdvertisedRouter(
        source=IPv6Address("fe80::bad"),
        mac="02:00:00:00:0b:ad",
        count=2,
        lifetime=1800,
        preference="high",
        managed=True,
        prefixes=(announced,),
        rdnss=(IPv6Address("fd00:bad::53"),),
    )
    server = AdvertisedDhcpServer(
        source=IPv6Address("fe80::bad"), mac="02:00:00:00:0b:ad", duid="0004", dns=router.rdnss
    )
    step = LanWatch(site="xa-a", interface="eth1", seconds=6.0, solicited=True, routers=(router,), servers=(server,))
    assert lines(make_evidence("x", "lan", step)) == [
        "LAN xa-a: asked and listened 6 s at eth1 → 1 router advertisements, 1 DHCPv6 offers",
        "  RA fe80::bad (02:00:00:00:0b:ad) ×2: lifetime 1800 s, preference high, flags M;"
        " fd00:bad::/64 (LA valid 86400 s); RDNSS fd00:bad::53",
        "  DHCPv6 fe80::bad (02:00:00:00:0b:ad) ×1: DUID 0004, DNS fd00:bad::53",
    ]


def test_what_got_out_under_forged_sources_is_told() -> None:
    near, ours = ip_address("10.77.1.42"), ip_address("192.0.2.9")
    trials = (
        SourceTrial(form="neighbour", source=near, sent=3, arrived=0, rewritten=(ours,)),
        SourceTrial(form="bogon", source=ip_address("198.18.7.9"), sent=3, arrived=2),
    )
    step = SourceValidation(
        site="xa-a", interface="eth1", receiver=ip_address("192.0.2.66"), port=18620, confirmed=True, trials=trials
    )
    assert lines(make_evidence("x", "forged_sources", step)) == [
        "LAN xa-a: forged sources at eth1 to 192.0.2.66:18620 → our own packets arrived before and after",
        "  neighbour 10.77.1.42: 3 sent, 0 arrived, under 192.0.2.9 instead",
        "  bogon 198.18.7.9: 3 sent, 2 arrived",
    ]


def test_a_packet_that_came_back_is_told() -> None:
    step = TunnelEntry(address=IPv6Address("2001:db8::1"), protocol="gre", answer="arrived")
    assert lines(make_evidence("x", "tunnel_entry", step)) == ["gre to 2001:db8::1 → the packet came back to us"]


def test_octets_of_an_snmp_object_show_the_text_in_them() -> None:
    rows = (
        Varbind("1.3.6.1.2.1.1.5.0", "octets", b"d-suoimay".hex()),
        Varbind("1.3.6.1.2.1.2.2.1.6.1", "octets", "zz"),
    )
    step = SnmpGet(address=V6, port=161, profile="core", oids=(), rows=rows)
    assert lines(make_evidence("x", "snmp", step))[1:] == [
        '  1.3.6.1.2.1.1.5.0 octets 9 B "d-suoimay"',
        "  1.3.6.1.2.1.2.2.1.6.1 octets zz",
    ]


@pytest.mark.parametrize(
    ("record", "text"),
    [
        (rf"\# 17 {(bytes([0, 5]) + b'issueca.example').hex()}", '0 issue "ca.example"'),
        (r"\# 4 00ff6973", "4 B 00 ff 69 73"),
        (r"\# 1 00", "1 B 00"),
        ("192.0.2.1", "192.0.2.1"),
    ],
    ids=["issue", "tag beyond the end", "too short", "no generic form"],
)
def test_caa_record_is_shown_by_its_tag_and_value(record: str, text: str) -> None:
    step = NameLookup(name="x", rtype="CAA", role="caa", status=LookupStatus.ANSWER, records=(record,))
    assert lines(make_evidence("x", "dns", step)) == [f"dns x CAA → answer: {text} (caa)"]


def test_a_trace_reads_as_traceroute_does() -> None:
    step = trace(EDGE, None, CORE)
    assert lines(make_evidence("x", "trace", step)) == [
        "trace udp/33434 2001:db8:a::10: 4 hops → reached",
        "  1          2001:db8:a:1::1 10.0 ms",
        "  2           *",
        "  3          2001:db8:a:2::1 30.0 ms",
        "  4          2001:db8:a::10 100.0 ms",
    ]


def test_packets_that_were_too_big_are_counted_and_listed() -> None:
    heeded, ignored = lines(make_evidence("x", "pmtud", heeds(0)))[:2], lines(make_evidence("x", "pmtud", ignores(0)))
    assert heeded == [
        "pmtud [2001:db8:a::10]:443 name www.tinh-a.example: link of 1400 bytes, 1 Packet Too Big sent, 16384 bytes"
        " received → heeded 10 ms after the first Packet Too Big",
        "  packets    1500 1400 1400",
    ]
    assert ignored[0].endswith("3 Packet Too Big sent, 0 bytes received → not heeded, stall")


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (None, "no bytes"),
        (b"", "0 B"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", '21 B "SSH-2.0-OpenSSH_9.6"'),
        (MIXED, f'33 B, sha256 {_hash(MIXED)} "curve25519-sha256 … ssh-ed25519"'),
        (b"\x17\x03\x01ab\xff", "6 B 17 03 01 61 62 ff"),
        (TLS_HELLO, f"{len(TLS_HELLO)} B, sha256 {_hash(TLS_HELLO)} a handshake of TLS"),
        (b"\x15\x03\x03\x00\x02\x02\x28", f"7 B, sha256 {_hash(bytes.fromhex('15030300020228'))} an alert of TLS"),
        (b"\xff" * 30, f"30 B, sha256 {_hash(bytes([255] * 30))} {' '.join(['ff'] * 24)}"),
        (b"x" * 200, f'200 B, sha256 {_hash(b"x" * 200)} "{"x" * 79}…"'),
    ],
    ids=[
        "nothing",
        "empty",
        "greeting",
        "names between octets",
        "octets",
        "TLS",
        "an alert of TLS",
        "many octets",
        "long",
    ],
)
def test_octets_show_the_text_in_them_and_otherwise_hexadecimal(data: bytes | None, said: str) -> None:
    assert octets(data, machine_word) == said


def test_steps_in_other_words_are_as_if_made_in_them() -> None:
    answered = DnsExchange(server=V6, qname="www.example", qtype="AAAA", response=dns_answer())
    silent = replace(answered, failure=Failure(kind=FailureKind.TIMEOUT), response=None)
    evidence = make_evidence("x", "dns", answered, silent, answered)
    ours = tuple(by_step(evidence, reader_word("vi")))
    theirs = in_words(ours, reader_word("en"))
    assert [each.lines for each in theirs] == [each.lines for each in by_step(evidence, reader_word("en"))]
    assert [new is old for new, old in zip(theirs, ours, strict=True)] == [True, False, True]
    assert in_words(ours, reader_word("vi")) is ours


def test_failure_names_a_detail_unless_it_says_what_the_word_says() -> None:
    silent = Failure(kind=FailureKind.TIMEOUT, detail="no answer in time")
    assert failure_text(silent, reader_word("vi")) == "hết thời gian chờ"
    assert failure_text(replace(silent, detail="no echo reply"), machine_word) == "timeout (no echo reply)"
