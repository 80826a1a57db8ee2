"""Makes a small province in memory, with each part that a report may show, including hostile texts from targets."""

import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from typing import Any, BinaryIO

import dns.message
import dns.rrset
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from auditor.figures.causes import Cause
from auditor.figures.compliance import FrameworkResult
from auditor.figures.held_states import DefectAge
from auditor.figures.mesh import Grid
from auditor.figures.movement import Standings
from auditor.figures.path_changes import PathChange
from auditor.figures.rollup import Rollup
from auditor.figures.scoring import Ladder, by_check, scores
from auditor.framework.check import (
    Check,
    CheckScope,
    FamilyClaim,
    Granularity,
    Message,
    SilenceMeaning,
    VantageKind,
    fail,
    passed,
    warn,
)
from auditor.framework.context import Health
from auditor.framework.findings import (
    Arg,
    CheckId,
    Finding,
    FindingId,
    Level,
    LevelBasis,
    Outcome,
    Reason,
    Severity,
    Waiver,
    finding_id,
)
from inventory.model import AgencyId, Clearance, Coordinates, Endpoint, IPAddress, Kind, Subject, SubjectId
from probes.framework.evidence import Evidence, EvidenceId, Failure, FailureKind, Observation, RunId
from probes.observations.dns import DnsExchange, LookupStatus, NameLookup
from probes.observations.transport import EchoSeries, TcpConnect
from probes.observations.web import HttpExchange, TlsHandshake
from reports.document import (
    AgencyReport,
    InventoryInfo,
    ReportHeader,
    Statement,
    SubjectReport,
    VantageReport,
    not_tested,
)
from reports.earlier_runs import EarlierRuns, Timelines

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
V6 = ip_address("2001:db8:10::10")
V6_DEAD = ip_address("2001:db8:10::11")
V4 = ip_address("203.0.113.10")
VANTAGE = "trung-tam-tinh"

SCRIPT = "<script>window.hacked=1</script><img src=x onerror=alert(1)>"
ANSI = "\x1b[2J\x1b]0;owned\x07"
BIDI = "abc\u202egnp.exe\u2066"
FORMULA = '=HYPERLINK("http://evil.example/","x")'
LONG = "A" * 10_000
HOSTILE = (SCRIPT, ANSI, BIDI, FORMULA, LONG, "'\"><b>", "{{ 7*7 }}{% raw %}", "]]>&lt;\x00\u2028\ud83d")


def _nothing(*_: object) -> Iterator[object]:
    return iter(())


PROBLEMS = {"ipv6.web.reach": "Website cannot be reached over IPv6"}


def make_check(check: str, title: str, messages: Mapping[str, Message]) -> Check:
    return Check(
        id=CheckId(check),
        version=1,
        title=title,
        why=f"Citizens on IPv6-only networks depend on it ({check}).",
        fix="Open the port for IPv6 on the firewall, or remove the AAAA record.",
        references=("RFC 8504 §5.1", "TT 06/2026/TT-BKHCN Đ7"),
        needs=(TcpConnect,),
        kinds=frozenset({Kind.PORTAL}),
        vantage=frozenset({VantageKind.INET}),
        claims=FamilyClaim.V6,
        transports=frozenset(),
        unit=Granularity.SUBJECT,
        presence=False,
        window=None,
        clearance=Clearance.NORMAL,
        question=SilenceMeaning.SERVICE,
        scope=CheckScope.SUBJECT,
        messages=dict(messages),
        problem=PROBLEMS.get(check, ""),
        run=_nothing,  # type: ignore[arg-type]
    )


CHECKS = {
    check.id: check
    for check in (
        make_check(
            "ipv6.web.aaaa",
            "Website has an IPv6 address",
            {
                "PUBLISHED": passed("{n:n} IPv6 addresses are published: {addresses:list}."),
                "NONE": fail("No AAAA record is published.", fix="Publish an AAAA record."),
            },
        ),
        make_check(
            "ipv6.web.reach",
            "Every IPv6 address accepts TCP 443",
            {
                "OPEN": passed("TCP {port} is open."),
                "UNREACHABLE": fail("TCP {port} gave no answer in {attempts:n} attempts."),
            },
        ),
        make_check(
            "ipv6.web.same-content",
            "Same website over IPv4 and IPv6",
            {"DIFFERENT": warn("The page differs: {v4_bytes:n} and {v6_bytes:n} bytes, title {title}.")},
        ),
        make_check(
            "ipv6.dns.ns-aaaa",
            "At least two name servers have an IPv6 address",
            {
                "TWO_OR_MORE": passed("{n:n} name servers have an IPv6 address."),
                "ONLY_ONE": fail("Only {name} has an IPv6 address."),
            },
        ),
        make_check(
            "security.tls.cert-expiry",
            "Certificate is not about to expire",
            {
                "SOON": warn("The certificate ends on {until:date}, in {days:n} days."),
                "EXPIRED": fail("The certificate ended on {until:date}."),
                "GOOD": passed("The certificate is valid until {until:date}."),
            },
        ),
        make_check("security.http.headers", "Basic response headers", {"ODD": fail("Header {name} is {value}.")}),
        make_check("ipv6.path.pmtud", "Path MTU discovery works", {"WORKS": passed("It works.")}),
        make_check(
            "ipv6.path.echo",
            "Host answers ICMPv6 echo",
            {"ANSWERS": passed("{ratio:percent} of the requests were answered.")},
        ),
        make_check(
            "tslcd.site.reach",
            "Connection point is reachable through TSLCD",
            {"SILENT": fail("No answer to {sent:n} requests."), "ANSWERS": passed("Answers.")},
        ),
        make_check(
            "meta.selftest.egress",
            "Vantage may send what each check sends",
            {"BLOCKED": fail("TCP {port} is blocked here.")},
        ),
    )
}


@cache
def certificate(name: str = "www.so-xd.example") -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), 4711, NOW, NOW + timedelta(days=21))
    names = x509.SubjectAlternativeName([x509.DNSName(name), x509.DNSName("*.so-xd.example")])
    return (
        builder.add_extension(names, critical=False).sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    )


def dns_answer() -> bytes:
    message = dns.message.make_query("www.so-xd.example", "AAAA", id=4711)
    message.flags |= 0x8400
    message.answer.append(dns.rrset.from_text("www.so-xd.example.", 300, "IN", "AAAA", str(V6), str(V6_DEAD)))
    message.authority.append(dns.rrset.from_text("so-xd.example.", 300, "IN", "TXT", '"\\027[2J" "<b>"'))
    return message.to_wire()


def make_evidence(subject: str, probe: str, *steps: Observation, address: IPAddress | None = None) -> Evidence:
    digest = hashlib.sha256(f"{subject} {probe} {address}".encode()).hexdigest()[:16]
    return Evidence(
        id=EvidenceId(digest),
        run=RunId("2026Q1-01"),
        subject=SubjectId(subject),
        endpoint=None if address is None else Endpoint(address=address, port=443),
        task=str(address or subject),
        probe=probe,
        probe_version=1,
        attempt=1,
        vantage=VANTAGE,
        started=NOW,
        queued=0.0,
        steps=steps,
    )


def portal_evidence(name: str) -> tuple[Evidence, ...]:
    timeout = Failure(kind=FailureKind.TIMEOUT, errno=110)
    headers = (("Server", SCRIPT), ("X-Ansi", ANSI), ("X-Bidi", BIDI), ("X-Formula", FORMULA), ("X-Long", LONG))
    refused = Failure(kind=FailureKind.PROTOCOL, detail=ANSI + SCRIPT)
    return (
        make_evidence(
            name,
            "dns",
            DnsExchange(
                server=ip_address("2001:db8:53::53"),
                qname=name,
                qtype="AAAA",
                t=0.012,
                dnssec_ok=True,
                response=dns_answer(),
            ),
        ),
        make_evidence(
            name,
            "names",
            NameLookup(
                name=name,
                rtype="AAAA",
                role="host",
                status=LookupStatus.ANSWER,
                records=(str(V6), str(V6_DEAD)),
                zone="so-xd.example",
            ),
        ),
        make_evidence(name, "tcp", TcpConnect(address=V6_DEAD, port=443, t=2.0, failure=timeout), address=V6_DEAD),
        make_evidence(name, "tcp", TcpConnect(address=V4, port=443, t=0.009), address=V4),
        make_evidence(
            name,
            "tls",
            TlsHandshake(
                address=V6,
                port=443,
                server_name=name,
                version="TLSv1.3",
                t=0.03,
                cipher="TLS_AES_128_GCM_SHA256",
                chain=(certificate(), b"\x30\x03abc"),
            ),
            address=V6,
        ),
        make_evidence(
            name,
            "http",
            HttpExchange(
                address=V6,
                port=443,
                url=f"https://{name}/",
                status=200,
                reason="OK",
                headers=headers,
                body_size=48_211,
                body_sha256="ab" * 32,
                t=0.12,
            ),
            address=V6,
        ),
        make_evidence(name, "smtp", TcpConnect(address=V6, port=25, failure=refused), address=V6),
        make_evidence(
            name,
            "icmp6",
            EchoSeries(address=V6, interval=0.2, payload_size=56, hop_limits=(57, 57), rtts=(0.011, None, 0.012)),
            address=V6,
        ),
    )


@dataclass(frozen=True)
class Says:
    """Holds a finding in short."""

    check: str
    code: str
    outcome: Outcome
    args: Mapping[str, Arg] = field(default_factory=dict)
    severity: Severity = Severity.HIGH
    address: IPAddress | None = None
    detail: str | None = None
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()
    waived: Waiver | None = None

    def of(self, subject: str) -> Finding:
        check = CheckId(self.check)
        return Finding(
            id=finding_id(SubjectId(subject), check, self.address, self.detail, "internet"),
            check=check,
            check_version=1,
            code=self.code,
            outcome=self.outcome,
            severity=self.severity,
            level=Level.REQUIRED,
            level_basis=LevelBasis.UNVERIFIED if self.check.startswith("tslcd") else LevelBasis.VERIFIED,
            subject=SubjectId(subject),
            address=self.address,
            detail=self.detail,
            vantage=VANTAGE,
            reason=self.reason,
            args=self.args,
            evidence=self.evidence,
            waived=self.waived,
        )


def _subject(
    name: str,
    kind: Kind,
    agency: str | None,
    findings: list[Says],
    addresses: tuple[IPAddress, ...],
    ladders: Mapping[str, Ladder],
    evidence: tuple[Evidence, ...],
) -> SubjectReport:
    found = tuple(finding.of(name) for finding in findings)
    return SubjectReport(
        subject=Subject(
            id=SubjectId(name),
            kind=kind,
            kinds=frozenset({kind}),
            agency=None if agency is None else AgencyId(agency),
            name=name,
            host=name if kind is Kind.PORTAL else None,
        ),
        addresses=addresses,
        findings=found,
        scores=scores(by_check(found)),
        ladders=ladders,
        evidence={envelope.id: envelope for envelope in evidence},
    )


def bad_portal(name: str, agency: str | None, extra: tuple[str, ...] = HOSTILE) -> SubjectReport:
    evidence = portal_evidence(name)
    dns_, names, dead, v4, tls, http, smtp, echo = (envelope.id for envelope in evidence)
    F, W, P = Outcome.FAIL, Outcome.WARN, Outcome.PASS
    findings = [
        Says("ipv6.web.aaaa", "PUBLISHED", P, {"n": 2, "addresses": (str(V6), str(V6_DEAD))}, evidence=(dns_, names)),
        Says("ipv6.web.reach", "OPEN", P, {"port": 443}, address=V6, evidence=(tls,)),
        Says(
            "ipv6.web.reach",
            "UNREACHABLE",
            F,
            {"port": 443, "attempts": 2},
            Severity.CRITICAL,
            V6_DEAD,
            evidence=(dead, v4),
        ),
        Says(
            "ipv6.web.same-content",
            "DIFFERENT",
            W,
            {"v4_bytes": 48_211, "v6_bytes": 1284, "title": SCRIPT},
            Severity.MEDIUM,
            evidence=(http,),
        ),
        Says(
            "ipv6.dns.ns-aaaa",
            "ONLY_ONE",
            F,
            {"name": "ns1.so-xd.example"},
            evidence=(dns_,),
            waived=Waiver(reason="Đang chuyển máy chủ", owner="Sở Xây dựng", until=date(2026, 10, 30)),
        ),
        Says(
            "security.tls.cert-expiry", "SOON", W, {"until": "2026-03-23T01:30:00+00:00", "days": 21}, evidence=(tls,)
        ),
        Says("ipv6.path.echo", "ANSWERS", P, {"ratio": 0.9999}, Severity.LOW, V6, evidence=(echo,)),
        Says("ipv6.path.pmtud", "U_PRIV", Outcome.INCONCLUSIVE, {}, reason=Reason.PRIV),
        Says("ipv6.path.pmtud", "U_AMB", Outcome.INCONCLUSIVE, {}, address=V6, reason=Reason.AMB, evidence=(echo,)),
        Says("tslcd.site.reach", "EXEMPT", Outcome.NOT_APPLICABLE, {"reason": SCRIPT, "signatory": ""}),
    ]
    findings += [
        Says(
            "security.http.headers",
            "ODD",
            F,
            {"name": text, "value": text},
            Severity.LOW,
            detail=f"{number} {text[:80]}".replace("\ud83d", ""),
            evidence=(http, smtp),
        )
        for number, text in enumerate(extra)
    ]
    return _subject(
        name,
        Kind.PORTAL,
        agency,
        findings,
        (V4, V6, V6_DEAD),
        {"service": Ladder(level=1, at_least=False, blocked_by=(CheckId("ipv6.web.reach"),))},
        evidence,
    )


def good_portal(name: str, agency: str | None) -> SubjectReport:
    evidence = portal_evidence(name)
    findings = [
        Says("ipv6.web.aaaa", "PUBLISHED", Outcome.PASS, {"n": 1, "addresses": (str(V6),)}, evidence=(evidence[0].id,)),
        Says("ipv6.web.reach", "OPEN", Outcome.PASS, {"port": 443}, address=V6, evidence=(evidence[4].id,)),
        Says("ipv6.dns.ns-aaaa", "TWO_OR_MORE", Outcome.PASS, {"n": 3}, evidence=(evidence[0].id,)),
        Says("security.tls.cert-expiry", "GOOD", Outcome.PASS, {"until": "2027-01-31"}, evidence=(evidence[4].id,)),
    ]
    return _subject(
        name, Kind.PORTAL, agency, findings, (V4, V6), {"service": Ladder(level=3, at_least=True)}, evidence
    )


def point(name: str, agency: str, *, works: bool) -> SubjectReport:
    echo = make_evidence(
        name, "icmp6", EchoSeries(address=V4, interval=0.2, payload_size=56, rtts=(None,) * 5), address=V4
    )
    outcome = Outcome.PASS if works else Outcome.FAIL
    findings = [
        Says(
            "tslcd.site.reach",
            "ANSWERS" if works else "SILENT",
            outcome,
            {} if works else {"sent": 5},
            Severity.CRITICAL,
            evidence=(echo.id,),
        ),
        Says("ipv6.path.echo", "BUG", Outcome.ERROR),
    ]
    ladders = {"point": Ladder(level=2 if works else 1, at_least=False)}
    return _subject(name, Kind.CONNECTION_POINT, agency, findings, (V4,), ladders, (echo,))


def header(limits: tuple[Statement, ...] = ()) -> ReportHeader:
    blocked = Says("meta.selftest.egress", "BLOCKED", Outcome.FAIL, {"port": 25}).of(VANTAGE)
    return ReportHeader(
        run=RunId("2026Q1-01"),
        name="Quý I/2026",
        started=NOW,
        finished=NOW + timedelta(minutes=11),
        version="0.1.0",
        catalogue="2026.1",
        policy="sha256:" + "ab" * 32,
        profile="audit",
        vantages=(
            VantageReport(
                name=VANTAGE,
                ipv4=Health.OK,
                ipv6=Health.OK,
                dns=Health.OK,
                sources=(ip_address("2001:db8:a::10"), ip_address("192.0.2.10")),
                selftest=(blocked,),
            ),
            VantageReport(name="tslcd-yt", ipv4=Health.OK, ipv6=Health.NONE, dns=Health.IMPAIRED),
        ),
        limits=(Statement(code="VANTAGE_NO_IPV6", args={"vantage": "tslcd-yt"}), *limits),
        inventory=InventoryInfo(source="danh-muc-2026.xlsx", digest="sha256:" + "cd" * 32, as_of=date(2026, 2, 1)),
        judged_at=NOW + timedelta(minutes=12),
        period=(date(2026, 1, 1), date(2026, 3, 31)),
    )


@dataclass(frozen=True)
class SampleReport:
    """Holds a report made from tuples."""

    groups: tuple[AgencyReport, ...]
    header: ReportHeader
    checks: Mapping[CheckId, Check] = field(default_factory=lambda: dict(CHECKS))
    rollup: Rollup | None = None
    frameworks: tuple[FrameworkResult, ...] = ()
    lives: Mapping[FindingId, DefectAge] = field(default_factory=dict)
    history: EarlierRuns = field(default_factory=EarlierRuns)
    timelines: Timelines = field(default_factory=Timelines)
    mesh: Grid = field(default_factory=Grid)
    positions: Mapping[AgencyId, Coordinates] = field(default_factory=dict)
    path_changes: Sequence[PathChange] = ()
    standings: Standings = field(default_factory=dict)
    causes: Sequence[Cause] = ()

    def agencies(self) -> Iterator[AgencyReport]:
        for group in self.groups:
            yield replace(group, subjects=iter(tuple(group.subjects)))

    def stream_findings(self) -> Iterator[Finding]:
        return iter(self.findings)

    def stream_untested(self) -> Iterator[Finding]:
        return filter(not_tested, self.findings)

    def stream_subjects(self) -> Iterator[SubjectReport]:
        for group in self.groups:
            yield from (replace(subject, findings=(), evidence={}) for subject in group.subjects)

    @property
    def results(self) -> Counter[str]:
        """Count findings as reports show them: untested apart from measured but undecided."""
        return Counter(
            "not_tested" if each.outcome is Outcome.INCONCLUSIVE and not each.evidence else each.outcome.value
            for each in self.findings
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(f for group in self.groups for subject in group.subjects for f in subject.findings)

    @property
    def summary(self) -> Mapping[Outcome, int]:
        return Counter(finding.outcome for finding in self.findings)


def province(extra: tuple[str, ...] = HOSTILE) -> SampleReport:
    top = ("UBND tỉnh",)
    return SampleReport(
        header=header(),
        groups=(
            AgencyReport(
                agency=AgencyId("so-xd"),
                name="Sở Xây dựng",
                level="department",
                path=top,
                subjects=(bad_portal("www.so-xd.example", "so-xd", extra), good_portal("dvc.so-xd.example", "so-xd")),
            ),
            AgencyReport(
                agency=AgencyId("so-yt"),
                name="Sở Y tế",
                level="department",
                path=top,
                subjects=(good_portal("www.so-yt.example", "so-yt"),),
            ),
            AgencyReport(
                agency=AgencyId("xa-01"),
                name="Xã Ea Kao",
                level="commune",
                path=(*top, "Các xã, phường"),
                subjects=(point("diem-01", "xa-01", works=False), point("diem-02", "xa-01", works=True)),
            ),
            AgencyReport(agency=None, name="", level="", path=(), subjects=(good_portal("mx:mail.example", None),)),
        ),
    )


def unauthorised(report: SampleReport) -> SampleReport:
    """Return the same report with nothing measured, since no owner authorised it."""
    said: dict[str, Any] = {"code": "U_SCOPE", "outcome": Outcome.INCONCLUSIVE, "reason": Reason.SCOPE, "evidence": ()}
    groups = (
        replace(
            group,
            subjects=[
                replace(subject, findings=tuple(replace(one, **said) for one in subject.findings))
                for subject in group.subjects
            ],
        )
        for group in report.groups
    )
    return replace(report, groups=tuple(groups))


class MemorySink:
    """Keeps the written files, by name."""

    def __init__(self, *, many: bool = True) -> None:
        self.many = many
        self.files: dict[str, bytes] = {}
        self.open_files: list[io.BytesIO] = []

    @contextmanager
    def open(self, name: str) -> Iterator[BinaryIO]:
        buffer = io.BytesIO()
        self.open_files.append(buffer)
        yield buffer
        self.files[name] = buffer.getvalue()

    @property
    def only(self) -> str:
        (content,) = self.files.values()
        return content.decode()
