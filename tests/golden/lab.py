"""Builds typed observations for golden cases, as probes would record them in a small invented province.

Keys, dates and names are fixed, so that building twice gives the same bytes.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, NameOID

from inventory.model import Endpoint, Kind, Service, Subject, SubjectId
from probes.framework.evidence import Evidence, EvidenceId, Failure, FailureKind, Observation, RunId
from probes.observations.dns import Delegation, DnsExchange, LookupStatus, NameLookup
from probes.observations.transport import EchoSeries, TcpConnect
from probes.observations.web import HttpExchange, TlsHandshake

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
RUN = RunId("golden")
ZONE = "tinh-a.example"
WEB = "www.tinh-a.example"
V4, V4B = "198.51.100.10", "198.51.100.11"
V6, V6B = "2001:db8:a::10", "2001:db8:a::11"

WELL_BEHAVED = (
    ("Strict-Transport-Security", "max-age=63072000"),
    ("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'"),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
)

TIMEOUT = FailureKind.TIMEOUT
REFUSED = FailureKind.REFUSED


def site(**changes: object) -> Subject:
    """Return the province's portal."""
    fields: dict[str, object] = {
        "id": SubjectId(WEB),
        "kind": Kind.PORTAL,
        "kinds": frozenset({Kind.PORTAL}),
        "name": WEB,
        "host": WEB,
    }
    return Subject(**{**fields, **changes})  # type: ignore[arg-type]


def zone() -> Subject:
    return site(id=SubjectId(f"zone:{ZONE}"), kind=Kind.ZONE, kinds=frozenset({Kind.ZONE}), name=ZONE, host=ZONE)


def mail() -> Subject:
    return site(id=SubjectId(f"mail:{ZONE}"), kind=Kind.MAIL, kinds=frozenset({Kind.MAIL}), name=ZONE, host=ZONE)


def router(*addresses: str, **changes: object) -> Subject:
    fields: dict[str, object] = {
        "id": SubjectId("router-1"),
        "kind": Kind.ROUTER,
        "kinds": frozenset({Kind.ROUTER}),
        "name": "router-1",
        "host": None,
        "addresses": tuple(ip_address(a) for a in addresses),
    }
    return site(**{**fields, **changes})


def vantage() -> Subject:
    return site(id=SubjectId("vantage:tinh-a"), kind=Kind.HOST, kinds=frozenset({Kind.HOST}), name="tinh-a", host=None)


def services(*pairs: tuple[str, int]) -> tuple[Service, ...]:
    return tuple(Service(name=name, port=port) for name, port in pairs)


def evidence(
    probe: str,
    *steps: Observation,
    task: str = "",
    endpoint: Endpoint | None = None,
    attempt: int = 1,
    failure: Failure | None = None,
    minutes: int = 0,
) -> Evidence:
    """Return one envelope; its id is a readable text here, a digest in a real run."""
    name = f"{probe} {task}".strip() + (f" attempt {attempt}" if attempt > 1 else "")
    return Evidence(
        id=EvidenceId(name),
        run=RUN,
        subject=SubjectId("golden"),
        endpoint=endpoint,
        task=task,
        probe=probe,
        probe_version=1,
        attempt=attempt,
        vantage="tinh-a",
        started=NOW + timedelta(minutes=minutes),
        queued=0.0,
        steps=steps,
        failure=failure,
    )


def why(kind: FailureKind | None) -> Failure | None:
    return None if kind is None else Failure(kind=kind)


def look(
    name: str,
    rtype: str,
    role: str,
    *records: str,
    status: LookupStatus | None = None,
    failure: FailureKind | None = None,
    chain: tuple[str, ...] = (),
    via: str = "iterative",
    zone: str | None = None,
) -> NameLookup:
    """Return a look-up; without records it found no data, unless ``status`` says otherwise."""
    return NameLookup(
        name=name,
        rtype=rtype,
        role=role,
        status=status or (LookupStatus.ANSWER if records else LookupStatus.NO_DATA),
        records=records,
        chain=chain,
        via=via,
        zone=zone,
        failure=why(failure),
    )


def names(v6: Sequence[str] = (), v4: Sequence[str] = (V4,), name: str = WEB) -> Evidence:
    """Return the portal's own addresses as the name probe records them."""
    return evidence("dns", look(name, "A", "host", *v4), look(name, "AAAA", "host", *v6), task=name)


def unanswered(rtype: str, role: str, name: str, failure: FailureKind = TIMEOUT) -> NameLookup:
    return look(name, rtype, role, status=LookupStatus.NO_ANSWER, failure=failure)


def delegated(servers: dict[str, Sequence[str]], *extra: Observation) -> Evidence:
    """Return a zone's delegation, the same at parent and child, with the AAAA of each name server."""
    cut = Delegation(zone=ZONE, parent="example", parent_ns=tuple(servers), child_ns=tuple(servers))
    lookups = (look(name, "AAAA", "ns-address", *addresses) for name, addresses in servers.items())
    return evidence("dns", cut, *lookups, *extra, task=ZONE)


def soa(
    server: str,
    *,
    rcode: str = "NOERROR",
    aa: bool = True,
    answer: str | None = ZONE,
    asked: str = ZONE,
    tc: bool = False,
    failure: FailureKind | None = None,
    source: str | None = None,
    attempt: int = 1,
    transport: str = "udp",
    edns_size: int = 1232,
) -> Evidence:
    """Return ``SOA zone`` as asked of one name server address."""
    address = ip_address(server)
    wire = None
    if failure is None and source is None:
        wire = soa_wire(asked, answer, rcode=rcode, aa=aa, tc=tc)
    step = DnsExchange(
        server=address,
        transport=transport,
        qname=ZONE,
        qtype="SOA",
        edns_size=edns_size,
        response=wire,
        failure=why(failure or (TIMEOUT if source else None)),
        answered_from=None if source is None else ip_address(source),
    )
    endpoint = Endpoint(address=address, port=53)
    probe = "nameserver" if transport == "udp" else "nameserver_tcp"
    return evidence(probe, step, task=f"{server}#53 {ZONE}", endpoint=endpoint, attempt=attempt)


def asked(
    probe: str,
    server: str,
    question: tuple[str, str],
    *answer: str,
    flags: str = "",
    rcode: str = "NOERROR",
    transport: str = "udp",
    recursion: bool = False,
    failure: FailureKind | None = None,
    wire: bytes | None = None,
    attempt: int = 1,
    minutes: int = 0,
    edns_size: int = 1232,
    dnssec_ok: bool = False,
) -> Evidence:
    """Return a question to one name server address; ``answer``: records in presentation form, with their owners."""
    address = ip_address(server)
    message = dns.message.make_response(dns.message.make_query(*question, id=4711))
    message.set_rcode(dns.rcode.from_text(rcode))
    message.flags |= dns.flags.from_text(flags)
    for record in answer:
        owner, rtype, text = record.split(" ", 2)
        message.answer.append(dns.rrset.from_text(f"{owner}.", 3600, "IN", rtype, text))
    step = DnsExchange(
        server=address,
        transport=transport,
        qname=question[0],
        qtype=question[1],
        recursion_desired=recursion,
        edns_size=edns_size,
        dnssec_ok=dnssec_ok,
        response=None if failure is not None else wire or message.to_wire(),
        failure=why(failure),
    )
    endpoint = Endpoint(address=address, port=53)
    task = f"{server}#53 {ZONE}"
    return evidence(probe, step, task=task, endpoint=endpoint, attempt=attempt, minutes=minutes)


def soa_wire(asked: str, answer: str | None, *, rcode: str = "NOERROR", aa: bool = True, tc: bool = False) -> bytes:
    message = dns.message.make_response(dns.message.make_query(asked, "SOA", id=4711))
    message.set_rcode(dns.rcode.from_text(rcode))
    message.flags |= (dns.flags.AA if aa else 0) | (dns.flags.TC if tc else 0)
    if answer is not None:
        text = f"ns1.{ZONE}. hostmaster.{ZONE}. 2026030201 7200 3600 1209600 3600"
        message.answer.append(dns.rrset.from_text(f"{answer}.", 3600, "IN", "SOA", text))
    return message.to_wire()


def at(address: str, port: int | None, host: str | None = WEB) -> Endpoint:
    return Endpoint(address=ip_address(address), port=port, name=host)


def tcp(address: str, port: int, failure: FailureKind | None = None, *, attempt: int = 1) -> Evidence:
    step = TcpConnect(address=ip_address(address), port=port, failure=why(failure))
    return evidence("tcp", step, task=f"{address}#{port}", endpoint=at(address, port), attempt=attempt)


def ports(address: str, *opened: int, shut: FailureKind = REFUSED, tried: Iterable[int] = (80, 443)) -> list[Evidence]:
    """Return connects to the usual web ports: ``opened`` are open, the others fail with ``shut``."""
    return [tcp(address, port, None if port in opened else shut) for port in sorted({*tried, *opened})]


def answer(
    address: str,
    status: int | None,
    *,
    port: int = 443,
    hop: int = 0,
    url: str | None = None,
    location: str | None = None,
    failure: FailureKind | None = None,
    headers: tuple[tuple[str, str], ...] = (),
) -> HttpExchange:
    scheme = "http" if port == 80 else "https"
    return HttpExchange(
        address=ip_address(address),
        port=port,
        url=url or f"{scheme}://{WEB}/",
        hop=hop,
        status=status,
        location=location,
        failure=why(failure),
        headers=headers,
        body=b"<title>Tinh A</title>" if status == 200 else b"",
        body_size=21 if status == 200 else 0,
    )


def http(address: str, *steps: Observation, port: int = 443, failure: Failure | None = None) -> Evidence:
    return evidence("http", *steps, task=f"{address}#{port}", endpoint=at(address, port), failure=failure)


def page(address: str, status: int | None, *, port: int = 443, failure: FailureKind | None = None) -> Evidence:
    return http(address, answer(address, status, port=port, failure=failure), port=port)


def echo(
    address: str, received: int, sent: int = 5, failure: FailureKind | None = None, interval: float = 0.2
) -> Evidence:
    step = EchoSeries(
        address=ip_address(address),
        interval=interval,
        payload_size=56,
        rtts=tuple(0.011 if n < received else None for n in range(sent)),
        hop_limits=(57,) * received,
        failure=why(failure),
    )
    return evidence("icmp6", step, task=address, endpoint=at(address, None))


def tls(
    address: str,
    chain: Sequence[x509.Certificate | bytes],
    *,
    failure: FailureKind | None = None,
    version: str = "TLSv1.3",
    cipher: str = "TLS_AES_256_GCM_SHA384",
    port: int = 443,
    attempt: int = 1,
) -> Evidence:
    done = bool(chain) or failure is None
    step = TlsHandshake(
        address=ip_address(address),
        port=port,
        server_name=WEB,
        version=version if done else None,
        cipher=cipher if done else None,
        chain=tuple(one if isinstance(one, bytes) else one.public_bytes(Encoding.DER) for one in chain),
        failure=why(failure),
    )
    return evidence("tls", step, task=f"{address}#{port}", endpoint=at(address, port), attempt=attempt)


# Certificates: one trusted authority, one declared by the agency, one nobody knows.


@cache
def key(number: int) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(number, ec.SECP256R1())


def _name(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def certificate(
    common: str,
    issuer: str,
    *,
    number: int,
    signer: int,
    days: tuple[int, int] = (-30, 60),
    names: Sequence[str] = (),
    ca: bool = False,
    fetch: bool = False,
    client: bool = False,
    more: Iterable[tuple[x509.ExtensionType, bool]] = (),
) -> x509.Certificate:
    """Return a certificate; ``days``: its validity around NOW; ``more``: further extensions, each with its criticality.

    Signed deterministically (RFC 6979)."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(common))
        .issuer_name(_name(issuer))
        .public_key(key(number).public_key())
        .serial_number(number * 1000 + signer)
        .not_valid_before(NOW + timedelta(days=days[0]))
        .not_valid_after(NOW + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(n) for n in names]), critical=False)
    if fetch:
        where = x509.UniformResourceIdentifier("http://ca.example/intermediate.der")
        access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, where)
        builder = builder.add_extension(x509.AuthorityInformationAccess([access]), critical=False)
    for extension, critical in more:
        builder = builder.add_extension(extension, critical=critical)
    if client:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
    return builder.sign(key(signer), hashes.SHA256(), ecdsa_deterministic=True)


ROOT = certificate("Lab Root", "Lab Root", number=1, signer=1, days=(-3000, 3000), ca=True)
NATIONAL = certificate("National Root", "National Root", number=2, signer=2, days=(-3000, 3000), ca=True)
STRANGER = certificate("Stranger Root", "Stranger Root", number=3, signer=3, days=(-3000, 3000), ca=True)
MIDDLE = certificate("Lab Intermediate", "Lab Root", number=4, signer=1, days=(-1000, 1000), ca=True)
OLD_MIDDLE = certificate("Lab Intermediate", "Lab Root", number=4, signer=1, days=(-1000, -1), ca=True)
TRUSTED = ROOT.public_bytes(Encoding.PEM).decode()
DECLARED = NATIONAL.public_bytes(Encoding.PEM).decode()


def leaf(
    *names: str,
    days: tuple[int, int] = (-30, 60),
    number: int = 10,
    issuer: str = "Lab Intermediate",
    signer: int = 4,
    fetch: bool = False,
    client: bool = False,
    more: Iterable[tuple[x509.ExtensionType, bool]] = (),
) -> x509.Certificate:
    return certificate(
        "server", issuer, number=number, signer=signer, days=days, names=names, fetch=fetch, client=client, more=more
    )


GOOD = (leaf(WEB), MIDDLE)
