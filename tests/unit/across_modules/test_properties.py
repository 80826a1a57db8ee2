"""Checks never raise on any evidence, ignore its order, and give no better verdict for failures."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import timedelta
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from auditor.framework.check import Check, SilenceMeaning, load
from auditor.framework.context import Context
from auditor.framework.findings import Outcome, Verdict
from inventory.model import Kind, Subject, SubjectId
from probes.framework.codec import decode_evidence, encode_evidence
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, Failure, FailureKind, Observation
from probes.observations.dns import Delegation, DnsExchange, LookupStatus, NameLookup
from probes.observations.isolation import AnchorReach, ManagementReach
from probes.observations.link import AdvertisedDhcpServer, AdvertisedRouter, LanWatch, SourceTrial, SourceValidation
from probes.observations.mail import PolicyFetch, RelayTry, SmtpDialogue, SmtpRelay, SmtpReply, StartTls
from probes.observations.pages import FrontPage, PageParts, Pair, PairedConnects, Part, PartKind, SecurityTxt
from probes.observations.path import (
    SEGMENT_SIZES,
    BulkTransfer,
    CraftedExchange,
    EchoTrain,
    FullSegment,
    PmtudFlow,
    SegmentSeen,
    SegmentSize,
    SourceRoute,
    TunnelEntry,
)
from probes.observations.routing import Announcement, Authorisation, DatedBy, RouteOrigin, Table
from probes.observations.rows import DeclaredPoint, DeclaredUnit, RowPosition
from probes.observations.series import (
    CHANGES,
    CHANNEL_ERRORS,
    CHANNEL_LOAD,
    IN_RATE,
    LOSS,
    POINT_QUALITY,
    POINT_REACH,
    REACH,
    WEB_OK,
    CounterPoint,
    SampleSummary,
    SeriesCounter,
    SeriesWeeks,
    SeriesWindow,
    Week,
)
from probes.observations.snmp import (
    SnmpAccess,
    SnmpAttempt,
    SnmpCommunity,
    SnmpDiscovery,
    SnmpGet,
    SnmpGroup,
    SnmpLevel,
    SnmpSession,
    SnmpUser,
    SnmpWalk,
    Varbind,
)
from probes.observations.tls import (
    Answer,
    RenegotiationEnd,
    Stopped,
    TlsRenegotiation,
    TlsSupport,
    TlsWeakness,
    VersionSupport,
)
from probes.observations.traces import HopProbe, PathTrace
from probes.observations.transport import EchoSeries, StampSeries, TcpConnect, UdpPortTest
from probes.observations.vantage import ControlAnswer, ResolverFact, VantageAddress
from probes.observations.web import HttpExchange, TlsHandshake
from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.totals import METRICS
from probes.wire.tls.suites import by_name
from tests.golden import lab, lab_snmp
from tests.golden.case import HERE, Case, Loaded, dump, findings, stored_case
from tests.golden.case import load as load_case

CHECKS: Mapping[str, Check] = {str(id_): check for id_, check in load().items()}
FILES = sorted(path for path in HERE.glob("*/*.json") if path.parent.name in CHECKS)

# Few values, so that observations meet: the same names, addresses and ports again and again.
NAMES = st.sampled_from(
    [
        lab.WEB,
        lab.ZONE,
        f"_dmarc.{lab.ZONE}",
        f"_domainkey.{lab.ZONE}",
        f"ns1.{lab.ZONE}",
        f"ns2.{lab.ZONE}",
        f"mx.{lab.ZONE}",
        "",
        ".",
        "ü..x",
    ]
)
V6S = st.sampled_from([ip_address(a) for a in (lab.V6, lab.V6B, "fd00::1", "2002::1", "::ffff:1.2.3.4", "::")])
V4S = st.sampled_from([ip_address(a) for a in (lab.V4, lab.V4B, "0.0.0.0")])
ADDRESSES = V6S | V4S
PORTS = st.sampled_from([25, 53, 80, 443, 8080, 8443])
FAILURES = st.none() | st.builds(Failure, kind=st.sampled_from(FailureKind))
TEXT = st.text(max_size=8)
URLS = st.sampled_from([f"https://{lab.WEB}/", f"http://{lab.WEB}/", "https://[::1", "//", "https://192.0.2.1/"]) | TEXT
RECORDS = st.tuples() | st.lists(
    ADDRESSES.map(str)
    | NAMES
    | st.sampled_from(
        [
            "10 mx.example",
            "0 .",
            "x y",
            "² mx",
            '"v=spf1 mx -all"',
            f'"v=spf1 include:{lab.ZONE} ~all"',
            '"v=DMARC1; p=reject"',
        ]
    ),
    max_size=3,
).map(tuple)
WIRES = (
    st.none()
    | st.binary(max_size=40)
    | st.sampled_from(
        [
            lab.soa_wire(lab.ZONE, lab.ZONE),
            lab.soa_wire(lab.ZONE, None, aa=False),
            lab.soa_wire(lab.ZONE, None, tc=True),
            lab.soa_wire(lab.ZONE, None, rcode="REFUSED"),
            lab.soa_wire(lab.ZONE, lab.ZONE)[:-4],
        ]
    )
)
CERTIFICATES = [
    certificate.public_bytes(Encoding.DER)
    for certificate in (*lab.GOOD, lab.leaf(lab.WEB, days=(-9, -1)), lab.leaf(), lab.STRANGER, lab.OLD_MIDDLE)
]
CHAINS = st.lists(st.sampled_from(CERTIFICATES) | st.binary(max_size=20), max_size=3).map(tuple)
SMALL = st.integers(-1, 9)
POINTS = st.builds(
    DeclaredPoint,
    subject=st.sampled_from([SubjectId("a"), SubjectId("b")]),
    addresses=st.lists(ADDRESSES, max_size=2).map(tuple),
    channel=TEXT,
    bandwidth_mbps=st.none() | st.just(10.0),
    secondary=st.booleans(),
)
HOPS = st.builds(
    HopProbe,
    hop=st.integers(1, 4),
    source=st.none() | ADDRESSES,
    answer=st.none() | st.sampled_from(["time-exceeded", "reached", "unreachable"]),
    type=st.none() | st.just(3),
    code=st.none() | st.just(0),
)
SEGMENTS = st.builds(SegmentSeen, t=st.just(0.1), seq=st.integers(0, 1), size=st.sampled_from([60, 1280, 1500]))
VERSIONS = st.builds(
    VersionSupport,
    version=st.sampled_from(["TLSv1.3", "TLSv1.2", "TLSv1.0", "SSLv2"]) | TEXT,
    answer=st.sampled_from(Answer),
    suites=st.lists(st.sampled_from(sorted(by_name())) | TEXT, max_size=3).map(tuple),
    ordered=st.none() | st.booleans(),
    complete=st.booleans(),
    failure=FAILURES,
)
GROUPS = st.lists(st.sampled_from(["x25519", "X25519MLKEM768", "ffdhe2048", "secp224r1", "0x1234"]), max_size=3).map(
    tuple
)
SCHEMES = st.lists(st.sampled_from(["rsa_sha256", "rsa_sha224", "ecdsa_sha1", "0x1234"]), max_size=2).map(tuple)
REPLIES = st.lists(
    st.builds(
        SmtpReply,
        said=st.sampled_from(["", "EHLO x", "STARTTLS", "QUIT"]) | TEXT,
        code=st.none() | st.sampled_from([220, 250, 421, 451, 454, 550, 554]) | SMALL,
        lines=st.lists(st.sampled_from(["220 mx", "554 5.7.1 denied"]) | TEXT, max_size=2).map(tuple),
    ),
    max_size=4,
).map(tuple)
TRIES = st.builds(
    RelayTry,
    form=st.sampled_from(["plain", "own-sender", "local", "percent"]),
    sender=TEXT,
    recipient=st.sampled_from(["a@example.com", "b@example.net"]),
    code=st.none() | st.sampled_from([250, 252, 450, 454, 550, 554]),
    text=TEXT,
)
PARTS = st.lists(st.builds(Part, kind=st.sampled_from(PartKind), host=NAMES, port=PORTS), max_size=3).map(tuple)
TIMES = st.sampled_from([lab.NOW - timedelta(days=days) for days in (1, 8, 50)])
WEEKS = st.lists(
    st.builds(Week, start=TIMES, counted=st.integers(0, 30), good=st.integers(0, 30), aside=st.integers(0, 9)),
    min_size=1,
    max_size=8,
).map(tuple)
SAMPLED = st.floats(0, 1e9) | st.sampled_from([0.0, 0.5, 1.0])
PERIODS = st.builds(
    SampleSummary,
    start=TIMES,
    counted=st.integers(0, 2_016),
    gaps=st.integers(0, 300),
    vantage=st.integers(0, 9),
    maintenance=st.integers(0, 9),
    total=st.none() | SAMPLED,
    minimum=st.none() | SAMPLED,
    maximum=st.none() | SAMPLED,
    median=st.none() | SAMPLED,
    p95=st.none() | SAMPLED,
)
PREFIXES = st.sampled_from(["2001:db8:a::/48", "2001:db8::/32", "198.51.100.0/24", "::/0", "no prefix"])
ANNOUNCEMENTS = st.builds(Announcement, prefix=PREFIXES, origin=st.none() | SMALL, seen=st.none() | st.integers(0, 100))
TABLES = st.builds(
    Table,
    source=TEXT,
    digest=TEXT,
    taken=st.sampled_from([lab.NOW, lab.NOW - timedelta(days=9)]),
    dated_by=st.sampled_from(DatedBy),
    rows=st.sampled_from([0, 500_000]),
)
PAIRS = st.builds(
    Pair,
    address4=V4S,
    address6=V6S,
    seconds4=st.none() | st.just(0.01),
    seconds6=st.none() | st.just(0.02),
    failure4=st.none() | st.sampled_from(FailureKind),
    failure6=st.none() | st.sampled_from(FailureKind),
)


TUPLES = [value for name, value in vars(oids).items() if name.isupper() and isinstance(value, tuple)]
ROOTS = sorted({value for value in TUPLES if all(isinstance(part, int) for part in value)})
"""Single OIDs; some names stand for several."""
INDEXES = st.sampled_from([(), (1,), (2,), lab_snmp.index_of(lab.V6), lab_snmp.index_of("fe80::1"), (2, 16), (300, 1)])
VALUES = st.one_of(
    st.tuples(st.just("int"), st.integers(-1, 8).map(str) | TEXT),
    st.tuples(st.just("octets"), st.sampled_from(["eth0", "lo0"]).map(lambda text: text.encode().hex()) | TEXT),
    st.tuples(st.just("oid"), st.sampled_from(["0.0", "1.3.6.1.4.1.9.1", "1.3.6.1.4.1.99999"]) | TEXT),
    st.tuples(st.sampled_from(["ip", "null", "cut", "?"]), TEXT),
)
ROWS = st.lists(
    st.builds(
        lambda root, column, index, value: Varbind(dotted((*root, *column, *index)), *value),
        st.sampled_from(ROOTS),
        st.sampled_from([(), (3,), (5,), (6,), (7,)]),
        INDEXES,
        VALUES,
    ),
    max_size=6,
).map(tuple)
ATTEMPTS = st.lists(
    st.builds(SnmpAttempt, profile=st.just("core"), version=st.just("3"), rejected=st.booleans(), failure=FAILURES),
    max_size=2,
).map(tuple)

LINK_LOCALS = [IPv6Address(text) for text in ("fe80::1", "fe80::bad")]
ROUTERS = [
    AdvertisedRouter(source=link_local, mac="02:00:00:00:00:01", lifetime=life)
    for link_local in LINK_LOCALS
    for life in (0, 1800)
]
TRIALS = st.builds(
    SourceTrial,
    form=st.sampled_from(["own", "neighbour", "bogon"]),
    source=ADDRESSES,
    sent=st.sampled_from([0, 3]),
    arrived=st.sampled_from([0, 0, 2]),
)
SERVERS = [AdvertisedDhcpServer(source=link_local, mac="") for link_local in LINK_LOCALS]
PROTOCOLS = st.sampled_from(["1.3.6.1.6.3.10.1.1.2", "1.3.6.1.6.3.10.1.1.5", "1.3.6.1.6.3.10.1.2.2", ""])
SUBTREES = st.lists(st.sampled_from(["1", "1.3.6.1.2.1.1.6", ""]), max_size=2).map(tuple)
SNMP_GROUPS = st.builds(
    SnmpGroup,
    model=st.integers(0, 4),
    level=st.integers(0, 4),
    members=st.integers(0, 2),
    reads=SUBTREES,
    writes=SUBTREES,
)


def _observations() -> st.SearchStrategy[Observation]:
    common: dict[str, st.SearchStrategy[Any]] = {"failure": FAILURES, "because": st.none() | TEXT}
    lookups = st.builds(
        NameLookup,
        name=NAMES,
        rtype=st.sampled_from(["A", "AAAA", "MX", "NS", "TXT", "PTR", "HTTPS"]),
        role=st.sampled_from(
            [
                "host",
                "ns-address",
                "mx",
                "mx-address",
                "redirect",
                "ptr",
                "https",
                "spf",
                "dmarc",
                "dkim",
                "mta-sts",
                "tlsa",
                "resource",
            ]
        ),
        status=st.sampled_from(LookupStatus),
        chain=st.just(()) | st.tuples(NAMES),
        records=RECORDS,
        via=st.sampled_from(["iterative", "resolver"]),
        **common,
    )
    servers = st.lists(NAMES, max_size=3).map(tuple)
    return st.one_of(
        lookups,
        lookups,
        st.builds(Delegation, zone=NAMES, parent=NAMES, parent_ns=servers, child_ns=servers, **common),
        st.builds(
            DnsExchange,
            server=ADDRESSES,
            qname=NAMES,
            qtype=st.sampled_from(["SOA", "A"]),
            transport=st.sampled_from(["udp", "tcp"]),
            response=WIRES,
            answered_from=st.none() | ADDRESSES,
            **common,
        ),
        st.builds(TcpConnect, address=ADDRESSES, port=PORTS, **common),
        st.builds(
            EchoSeries,
            address=ADDRESSES,
            interval=st.just(0.2),
            payload_size=st.sampled_from([56, 1232, 1452]),
            rtts=st.lists(st.none() | st.just(0.01), max_size=20).map(tuple),
            mtu=st.none() | st.just(1280),
            **common,
        ),
        st.builds(
            StampSeries,
            address=ADDRESSES,
            port=PORTS,
            interval=st.just(0.02),
            rtts=st.lists(st.none() | st.just(0.01), max_size=60).map(tuple),
            **common,
        ),
        st.builds(UdpPortTest, address=ADDRESSES, port=PORTS, **common),
        st.builds(AnchorReach, address=ADDRESSES, transport=st.sampled_from(["icmp", "tcp/443"]), **common),
        st.builds(ManagementReach, address=ADDRESSES, port=PORTS, **common),
        st.builds(RowPosition, source=TEXT, row=st.none() | SMALL, **common),
        st.builds(
            DeclaredUnit,
            code=TEXT,
            level=st.sampled_from(["commune", "department", ""]),
            listed=SMALL,
            points=st.lists(POINTS, max_size=2).map(tuple),
            **common,
        ),
        st.builds(
            CraftedExchange,
            address=ADDRESSES,
            form=st.sampled_from(["echo", "fragments", "next-header", "routing-header-0", "probe-8335"]),
            answer=st.none() | st.sampled_from(["reply", "icmp"]),
            active=st.none() | st.booleans(),
            ipv6=st.none() | st.booleans(),
            **common,
        ),
        st.builds(
            SourceRoute,
            address=ADDRESSES,
            answer=st.none() | st.sampled_from(["arrived", "icmp", "reply", "?"]),
            **common,
        ),
        st.builds(
            TunnelEntry,
            address=ADDRESSES,
            protocol=st.sampled_from(["proto-41", "gre", "teredo"]),
            answer=st.none() | st.sampled_from(["arrived", "icmp", "reply", "?"]),
            **common,
        ),
        st.builds(
            LanWatch,
            site=st.sampled_from(["xa-ea-sup", ""]),
            interface=st.just("eth1"),
            seconds=st.just(6.0),
            routers=st.lists(st.sampled_from(ROUTERS), max_size=3).map(tuple),
            servers=st.lists(st.sampled_from(SERVERS), max_size=2).map(tuple),
            **common,
        ),
        st.builds(
            SourceValidation,
            site=st.sampled_from(["xa-ea-sup", ""]),
            interface=st.just("eth1"),
            receiver=ADDRESSES,
            port=st.just(18_620),
            confirmed=st.booleans(),
            trials=st.lists(TRIALS, max_size=3).map(tuple),
            **common,
        ),
        st.builds(
            PathTrace,
            address=ADDRESSES,
            protocol=st.sampled_from(["udp", "tcp", "icmp"]),
            port=PORTS,
            probes=st.lists(HOPS, max_size=6).map(tuple),
            **common,
        ),
        st.builds(
            FullSegment,
            address=ADDRESSES,
            port=PORTS,
            server_name=st.none(),
            size=st.sampled_from(SEGMENT_SIZES),
            connected=st.booleans(),
            mtu=st.none() | st.just(1280),
            **common,
        ),
        st.builds(
            SegmentSize,
            address=ADDRESSES,
            port=PORTS,
            mss=st.none() | st.sampled_from([1220, 1440]),
            mtu=st.just(1500),
            **common,
        ),
        st.builds(
            BulkTransfer,
            address=ADDRESSES,
            port=PORTS,
            url=URLS,
            status=st.none() | st.sampled_from([200, 429]),
            connected=st.booleans(),
            received=SMALL | st.just(150_000),
            whole=st.booleans(),
            seconds=st.sampled_from([0.1, 4.0, 20.0]),
            **common,
        ),
        st.builds(
            EchoTrain,
            address=ADDRESSES,
            interval=st.just(0.2),
            rtts=st.lists(st.none() | st.sampled_from([0.01, 0.1]), max_size=25).map(tuple),
            **common,
        ),
        st.builds(
            PmtudFlow,
            address=ADDRESSES,
            port=PORTS,
            server_name=st.none() | NAMES,
            mtu=st.just(1300),
            ended=st.sampled_from(["connect", "tls", "stall", "reset", "enough", "end", ""]),
            received=SMALL | st.just(9_000),
            errors_sent=SMALL,
            heeded=st.none() | st.just(0.1),
            segments=st.lists(SEGMENTS, max_size=6).map(tuple),
            **common,
        ),
        st.builds(
            TlsHandshake,
            address=ADDRESSES,
            port=PORTS,
            server_name=st.none() | NAMES,
            version=st.none() | st.sampled_from(["TLSv1", "TLSv1.3"]) | TEXT,
            chain=CHAINS,
            **common,
        ),
        st.builds(
            TlsSupport,
            address=ADDRESSES,
            port=PORTS,
            server_name=st.none() | NAMES,
            versions=st.lists(VERSIONS, max_size=4).map(tuple),
            curves=GROUPS,
            groups=GROUPS,
            primes=st.lists(st.binary(max_size=2), max_size=2).map(tuple),
            signatures=SCHEMES,
            weak_signatures=SCHEMES,
            extended_master_secret=st.none() | st.booleans(),
            secure_renegotiation=st.none() | st.booleans(),
            compression=st.none() | st.booleans(),
            hellos=SMALL,
            stopped=st.sampled_from(Stopped),
            **common,
        ),
        st.builds(
            TlsRenegotiation,
            address=ADDRESSES,
            port=PORTS,
            server_name=st.none() | NAMES,
            count=st.integers(0, 11),
            ended=st.none() | st.sampled_from(RenegotiationEnd),
            **common,
        ),
        st.builds(
            TlsWeakness,
            address=ADDRESSES,
            port=PORTS,
            server_name=st.none() | NAMES,
            weakness=st.sampled_from(["heartbleed", "early-ccs", "?"]),
            tries=st.lists(st.none() | st.booleans(), max_size=3).map(tuple),
            **common,
        ),
        st.builds(
            HttpExchange,
            address=ADDRESSES,
            port=PORTS,
            url=URLS,
            hop=SMALL,
            status=st.none() | st.sampled_from([200, 301, 302, 304, 401, 403, 404, 429, 503]) | SMALL,
            headers=st.just(()) | st.tuples(st.tuples(st.sampled_from(["CF-Mitigated", "x"]), TEXT)),
            location=st.none() | URLS,
            **common,
        ),
        st.builds(
            PolicyFetch,
            address=ADDRESSES,
            port=PORTS,
            url=st.sampled_from([f"https://mta-sts.{lab.ZONE}/", "https://[", ""]),
            status=st.none() | st.sampled_from([200, 404, 503]),
            content_type=st.sampled_from(["text/plain", "text/html"]) | TEXT,
            body=st.sampled_from([b"version: STSv1\nmode: enforce\nmx: *.x\nmax_age: 1"]) | st.binary(max_size=9),
            truncated=st.booleans(),
            chain=CHAINS,
            **common,
        ),
        st.builds(
            SmtpDialogue,
            address=ADDRESSES,
            port=PORTS,
            server_name=st.none() | NAMES,
            connected=st.booleans(),
            replies=REPLIES,
            extensions=st.lists(st.sampled_from(["STARTTLS", "SIZE", "XXXXXXXA"]) | TEXT, max_size=3).map(tuple),
            starttls=st.sampled_from(StartTls),
            tls_failure=FAILURES,
            chain=CHAINS,
            **common,
        ),
        st.builds(
            SnmpSession,
            address=ADDRESSES,
            port=st.just(161),
            attempts=ATTEMPTS,
            profile=st.none() | st.just("core"),
            version=st.none() | st.sampled_from(["1", "2c", "3"]),
            auth=st.sampled_from(["", "md5", "sha256"]),
            priv=st.sampled_from(["", "des", "aes128"]),
            **common,
        ),
        st.builds(SnmpDiscovery, address=ADDRESSES, port=st.just(161), engine_id=st.none() | st.binary(), **common),
        st.builds(
            SnmpCommunity,
            address=ADDRESSES,
            port=st.just(161),
            version=st.sampled_from(["1", "2c", "4"]),
            community=st.sampled_from(["", "public", "private"]),
            profile=st.sampled_from(["", "legacy"]),
            answered=st.none() | st.sampled_from(["value", "other", "empty", "silent"]),
            **common,
        ),
        st.builds(
            SnmpLevel,
            address=ADDRESSES,
            port=st.just(161),
            profile=st.just("core"),
            level=st.sampled_from(["noAuthNoPriv", "authNoPriv"]),
            accepted=st.booleans(),
            **common,
        ),
        st.builds(
            SnmpAccess,
            address=ADDRESSES,
            port=st.just(161),
            profile=st.just("core"),
            groups=st.none() | st.lists(SNMP_GROUPS, max_size=3).map(tuple),
            users=st.none() | st.lists(st.builds(SnmpUser, TEXT, PROTOCOLS, PROTOCOLS), max_size=2).map(tuple),
            communities=st.none() | st.integers(0, 3),
            **common,
        ),
        st.builds(
            SnmpGet,
            address=ADDRESSES,
            port=st.just(161),
            profile=st.just("core"),
            oids=st.just(()),
            rows=ROWS,
            **common,
        ),
        st.builds(
            SnmpWalk,
            address=ADDRESSES,
            port=st.just(161),
            profile=st.just("core"),
            root=st.sampled_from(ROOTS).map(dotted),
            rows=ROWS,
            stopped=st.none() | st.just("rows"),
            **common,
        ),
        st.builds(
            SmtpRelay,
            address=ADDRESSES,
            port=PORTS,
            server_name=st.none() | NAMES,
            domain=NAMES,
            connected=st.booleans(),
            replies=REPLIES,
            tries=st.lists(TRIES, max_size=4).map(tuple),
            **common,
        ),
        st.builds(
            SecurityTxt,
            address=ADDRESSES,
            port=PORTS,
            url=URLS,
            hop=SMALL,
            legacy=st.booleans(),
            status=st.none() | st.sampled_from([200, 301, 403, 404, 503]),
            content_type=st.sampled_from(["text/plain", "text/plain; charset=utf-8", "text/html"]) | TEXT,
            location=st.none() | URLS,
            body=st.binary(max_size=20) | st.just(b"Contact: mailto:a@b.vn\nExpires: 2027-01-01T00:00:00Z\n"),
            **common,
        ),
        st.builds(
            PageParts,
            address=V6S,
            port=PORTS,
            url=URLS,
            hop=SMALL,
            status=st.none() | st.sampled_from([200, 301, 403, 404, 503]),
            location=st.none() | URLS,
            parts=PARTS,
            truncated=st.booleans(),
            **common,
        ),
        st.builds(
            FrontPage,
            address=ADDRESSES,
            port=PORTS,
            url=URLS,
            status=st.none() | st.sampled_from([200, 301, 401, 403, 429]),
            authenticate=st.just("") | st.just('Basic realm="level_15_access"') | TEXT,
            names=st.just(()) | st.just(("cf-mitigated",)),
            cookies=st.just(()) | st.just(("APSCOOKIE",)),
            body=st.just(b"<title>phpMyAdmin</title>") | st.binary(max_size=20),
            **common,
        ),
        st.builds(
            SeriesWeeks, metric=st.just(WEB_OK), family=st.sampled_from([4, 6]), first=TIMES, weeks=WEEKS, **common
        ),
        st.builds(
            SeriesWindow,
            window=st.sampled_from([POINT_REACH, POINT_QUALITY, CHANNEL_LOAD, CHANNEL_ERRORS]),
            metric=st.sampled_from([REACH, LOSS, IN_RATE, CHANGES]),
            family=st.sampled_from([0, 4, 6]),
            interface=st.sampled_from(["", "eth0", "?"]),
            since=TIMES,
            until=TIMES,
            first=st.none() | TIMES,
            whole=PERIODS,
            periods=st.lists(PERIODS, max_size=8).map(tuple),
            points=st.lists(st.none() | SAMPLED, max_size=20).map(tuple),
            **common,
        ),
        st.builds(
            SeriesCounter,
            metric=st.sampled_from(METRICS),
            family=st.sampled_from([0, 4, 6]),
            points=st.lists(st.builds(CounterPoint, time=TIMES, value=SMALL, age=SMALL), max_size=3).map(tuple),
            **common,
        ),
        st.builds(PairedConnects, port=PORTS, pairs=st.lists(PAIRS, max_size=31).map(tuple), **common),
        st.builds(
            RouteOrigin,
            address=ADDRESSES,
            routes=st.none() | TABLES,
            announcements=st.lists(ANNOUNCEMENTS, max_size=3).map(tuple),
            roas=st.none() | TABLES,
            authorisations=st.lists(
                st.builds(Authorisation, prefix=PREFIXES, max_length=SMALL, asn=SMALL), max_size=3
            ).map(tuple),
            **common,
        ),
        st.builds(
            VantageAddress, family=st.sampled_from([4, 6]), source=st.none() | ADDRESSES, toward=st.none(), **common
        ),
        st.builds(
            ControlAnswer,
            address=ADDRESSES,
            transport=st.sampled_from(["icmp", "tcp/443", "aaaa-only"]),
            anchor=st.booleans(),
            **common,
        ),
        st.builds(
            ResolverFact,
            step=st.sampled_from(["dns64", "signed", "bogus", "nxdomain", "root", "?"]),
            transport=st.sampled_from(["udp", "tcp"]),
            answered=st.booleans(),
            rcode=st.sampled_from(["NOERROR", "SERVFAIL", "NXDOMAIN", ""]),
            authentic=st.booleans(),
            authoritative=st.booleans(),
            records=SMALL,
            **common,
        ),
    )


STEPS = st.lists(st.lists(_observations(), max_size=4), max_size=6)
"""Built once: Hypothesis looks through so large a strategy anew wherever it is built for an example."""
MINUTES = st.integers(0, 9)


@st.composite
def envelopes(draw: st.DrawFn) -> list[Evidence]:
    """Return several probe runs with any steps; ids are unique, as in a store."""
    found = []
    for number, steps in enumerate(draw(STEPS)):
        envelope = lab.evidence("any", *steps, task=str(number), minutes=draw(MINUTES))
        found.append(replace(envelope, id=EvidenceId(f"e{number}"), failure=draw(FAILURES)))
    return found


KINDS = st.sampled_from([Kind.PORTAL, Kind.ZONE, Kind.MAIL, Kind.ROUTER, Kind.HOST])
HOSTS = st.none() | NAMES
FEW_ADDRESSES = st.lists(ADDRESSES, max_size=2).map(tuple)
SERVICES = st.sampled_from(
    [(), lab.services(("http", 80)), lab.services(("https", 8443), ("smtp", 25)), lab.services(("snmp", 161))]
)


@st.composite
def subjects(draw: st.DrawFn) -> Subject:
    kind = draw(KINDS)
    return Subject(
        id=SubjectId("any"),
        kind=kind,
        kinds=frozenset({kind}),
        name=draw(NAMES),
        host=draw(HOSTS),
        addresses=draw(FEW_ADDRESSES),
        services=draw(SERVICES),
    )


def _context(**changes: Any) -> Context:
    case = Case(check="ipv6.web.aaaa", code="", about="", subject=lab.site(), evidence=(), expect=(), **changes)
    return load_case(case.check, dump(case, CHECKS)).ctx


CONTEXTS = st.sampled_from([_context(), _context(controls=(), trust_roots=False), _context(families=frozenset({4}))])


def _keys(verdicts: list[Verdict]) -> list[tuple[object, object]]:
    return [(verdict.address, verdict.detail) for verdict in verdicts]


def _run(check: Check, subject: Subject, evidence: Iterable[Evidence], ctx: Context) -> list[Verdict]:
    return list(check.run(subject, EvidenceSet(evidence), ctx))


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(evidence=envelopes(), subject=subjects(), ctx=CONTEXTS)
def test_no_evidence_makes_a_check_raise(evidence: list[Evidence], subject: Subject, ctx: Context) -> None:
    known = {envelope.id for envelope in evidence}
    for check in CHECKS.values():
        verdicts = _run(check, subject, evidence, ctx)
        assert verdicts, f"{check.id}: nothing that applies is without a finding"
        assert len(set(_keys(verdicts))) == len(verdicts), check.id
        for verdict in verdicts:
            message = check.messages[verdict.code]
            reason = verdict.reason or message.reason
            assert (reason is not None) == (message.outcome is Outcome.INCONCLUSIVE), (check.id, verdict)
            assert set(verdict.evidence) <= known, (check.id, verdict)
            if message.outcome in (Outcome.PASS, Outcome.WARN, Outcome.FAIL):
                assert verdict.evidence, (check.id, verdict)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(evidence=envelopes(), subject=subjects(), ctx=CONTEXTS, data=st.data())
def test_neither_order_nor_storing_matters(
    evidence: list[Evidence], subject: Subject, ctx: Context, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(evidence))
    read_back = [decode_evidence(encode_evidence(envelope)) for envelope in evidence]
    for check in CHECKS.values():
        verdicts = _run(check, subject, evidence, ctx)
        assert _run(check, subject, shuffled, ctx) == verdicts, check.id
        assert _run(check, subject, read_back, ctx) == verdicts, check.id


# Failed steps. The better a verdict, the lower its number; not applicable hands the defect on to another check, which
# the last test here sees to.
_RANK = {Outcome.PASS: 0, Outcome.WARN: 1, Outcome.FAIL: 2}
_HANDS_ON = (
    "ipv6.web.http-ok",  # not open, to reach
    "ipv6.web.same-content",  # not open, to reach; no page, to http-ok
    "ipv6.web.redirect-chain",
    "ipv6.web.domain-scheme",  # no site there, to reach and http-ok
    "ipv6.web.tls-parity",  # one family alone, to port-parity
    "security.tls.",  # no TLS there, to https-exists and http-ok
    "security.mail.starttls",  # no SMTP there, to mx
    "ipv6.mail.mx-reach",  # nothing greets over either family, to mx
    "ipv6.dns.large-response",  # no answer to small questions either, to ns-reach
    "ipv6.dns.ns-reach",  # dead, and named by the parent alone, to delegation
    "ipv6.mail.starttls-parity",  # nor over one family; no TLS anywhere, to starttls
    "security.http.https-exists",  # nothing answers, to reach
    "security.http.hsts",  # no answer over HTTPS, to https-exists and http-ok
    "security.http.cookies",
    "security.http.headers",
    "security.http.csp",
    "security.http.security-txt",
    "ipv6.web.latency-parity",  # not open, to reach
    "ipv6.web.resources",  # no page, to http-ok
    "ipv6.path.time-exceeded",  # no sign of life, to echo and reach
    "ipv6.path.large-transfer",  # no connection for it, to reach and http-ok
)
_COMPARES_THE_REST = frozenset(
    {"ipv6.mail.starttls-parity"}  # of several addresses those that greet; the others are mx-reach's
)
_SHOWN_BESIDE = frozenset(
    {
        "ipv6.dns.aaaa-behaviour/APEX_ALIAS.json",  # by answers about the zone, beside those that the check is about
        "ipv6.path.echo/LOSSY-large-ones-answered.json",  # by large requests, where the series of small ones failed
    }
)
_NAMES = "ipv6.web.domain-scheme"  # judges the name, whatever answers there
_CLOSING_HELPS = frozenset(
    {"ipv6.web.port-parity"}  # a port that is open over IPv6 alone is what it warns of
)


def _outcomes(case: Loaded, check: Check, evidence: Iterable[Evidence]) -> dict[tuple[object, object], Outcome]:
    found = findings(replace(case, evidence=EvidenceSet(evidence)), check)
    return {(finding.address, finding.detail): finding.outcome for finding in found}


def _fails(step: Observation, kind: FailureKind) -> Observation | None:
    """Return the step as it would be had it failed; None for steps that are not over IPv6 or have failed already."""
    own = next((getattr(step, f.name) for f in fields(step) if f.name in {"address", "server"}), None)
    if step.failure is not None or not isinstance(own, IPv6Address):
        return None
    failure = Failure(kind=kind)
    match step:
        case TcpConnect():
            return replace(step, failure=failure)
        case EchoSeries():
            return replace(step, failure=failure, rtts=(None,) * step.sent, hop_limits=())
        case TlsHandshake():
            return replace(step, failure=failure, chain=(), version=None, cipher=None)
        case TlsSupport():
            blank = TlsSupport(address=step.address, port=step.port, server_name=step.server_name)
            return replace(blank, failure=failure)
        case HttpExchange() | SecurityTxt() | PageParts() | FrontPage():
            return replace(step, failure=failure, status=None, location=None)
        case DnsExchange():
            return replace(step, failure=failure, response=None)
        case TlsRenegotiation() | TlsWeakness():
            return _tls_fails(step, failure)
        case PolicyFetch() | SmtpDialogue():
            return _mail_fails(step, failure)
        case _:
            return _path_fails(step, failure)


def _tls_fails(step: TlsRenegotiation | TlsWeakness, failure: Failure) -> Observation:
    if isinstance(step, TlsWeakness):
        return replace(step, failure=failure, tries=())
    return replace(step, failure=failure, count=0, ended=None)


def _path_fails(step: Observation, failure: Failure) -> Observation | None:
    match step:
        case PmtudFlow():
            return replace(step, failure=failure, ended="", received=0, errors_sent=0, heeded=None, segments=())
        case EchoTrain() | StampSeries():
            return replace(step, failure=failure, rtts=(None,) * step.sent)
        case PathTrace():
            return replace(step, failure=failure, probes=())
        case CraftedExchange():
            return replace(step, failure=failure, answer=None, type=None, code=None, active=None, ipv6=None)
        case FullSegment():
            return replace(step, failure=failure, mtu=None)
        case SegmentSize():
            return replace(step, failure=failure, mss=None, mtu=None)
        case BulkTransfer():
            return replace(step, failure=failure, connected=False, received=0, whole=False, seconds=0.0, status=None)
        case _:
            return None


def _mail_fails(step: Observation, failure: Failure) -> Observation | None:
    match step:
        case PolicyFetch():
            return replace(step, failure=failure, status=None, body=b"", chain=())
        case SmtpDialogue():
            silent = SmtpDialogue(address=step.address, port=step.port, server_name=step.server_name)
            return replace(silent, failure=failure)
        case _:
            return None


def _with_one_more_failure(evidence: Sequence[Evidence]) -> Iterator[tuple[str, list[Evidence]]]:
    for place, envelope in enumerate(evidence):
        if envelope.attempt > 1:  # what a later attempt alone has seen nobody knows who did not make it
            continue
        for number, step in enumerate(envelope.steps):
            for kind in (FailureKind.TIMEOUT, FailureKind.REFUSED, FailureKind.CUT_SHORT):
                failed = _fails(step, kind)
                if failed is not None:
                    steps = (*envelope.steps[:number], failed, *envelope.steps[number + 1 :])
                    changed = [*evidence[:place], replace(envelope, steps=steps), *evidence[place + 1 :]]
                    yield f"{envelope.id}: {kind}", changed


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(path.parents[1])))
def test_more_failed_steps_never_improve_a_verdict(path: Path) -> None:
    """Except to inconclusive. Every golden case, with each of its IPv6 steps made to fail in three ways."""
    check = CHECKS[path.parent.name]
    case = stored_case(path)
    if check.question is SilenceMeaning.EXPOSURE or case.gated or case.check in _CLOSING_HELPS:
        return
    before = _outcomes(case, check, case.evidence)
    for how, worse in _with_one_more_failure(tuple(case.evidence)):
        after = _outcomes(case, check, worse)
        for key, outcome in before.items():
            now = after.get(key, Outcome.INCONCLUSIVE)
            if now is Outcome.PASS and (
                case.check in _COMPARES_THE_REST or f"{case.check}/{path.name}" in _SHOWN_BESIDE
            ):
                continue
            if outcome in _RANK and now in _RANK:
                assert _RANK[now] >= _RANK[outcome], f"{how}: {key}"
            elif outcome in _RANK and now is Outcome.NOT_APPLICABLE:
                assert case.check.startswith(_HANDS_ON), f"{how}: {key}"


def test_nothing_open_over_ipv6_is_one_fail() -> None:
    """Reach reports the defect for the other checks; port-parity, which compares answers, may report it too."""
    ctx = _context()
    missing = {("ipv6.web.port-parity", "MISSING_ON_IPV6")}
    for kind, code, beside in ((FailureKind.REFUSED, "REFUSED", missing), (FailureKind.TIMEOUT, "SILENT", set())):
        dead = [lab.names([lab.V6]), *lab.ports(lab.V4, 80, 443), *lab.ports(lab.V6, shut=kind)]
        works = [lab.http(lab.V4, lab.answer(lab.V4, 200, headers=lab.WELL_BEHAVED)), lab.tls(lab.V4, lab.GOOD)]
        failed = set()
        for check in CHECKS.values():
            if Kind.PORTAL in check.kinds:
                said = check.run(lab.site(), EvidenceSet(dead + works), ctx) if check.id != _NAMES else ()
                failed |= {
                    (check.id, verdict.code) for verdict in said if check.messages[verdict.code].outcome is Outcome.FAIL
                }
        assert failed == {("ipv6.web.reach", code), *beside}
