"""A small signed tree for golden cases: the root, ``example`` and the province's zone, signed with Ed25519.

Keys come from fixed seeds and Ed25519 has no chance in it, so that building twice gives the same bytes.
"""

import base64
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from ipaddress import ip_address

import dns.dnssec
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from dns.rdtypes.ANY.DNSKEY import DNSKEY

from probes.framework.evidence import Evidence, Failure, FailureKind, Observation
from probes.observations.dnssec import SecondOpinion, ZoneAnswer
from tests.golden import lab
from tests.golden.lab import NOW, ZONE

PARENT = "example"
TTL = 3600
Window = tuple[timedelta, timedelta]
FRESH: Window = (timedelta(days=-7), timedelta(days=14))
Sets = Sequence[dns.rrset.RRset]


@cache
def private(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(seed.encode().ljust(32, b".")[:32])


@cache
def public(seed: str) -> DNSKEY:
    return dns.dnssec.make_dnskey(private(seed).public_key(), "ED25519", flags=257)


def dot(name: str) -> str:
    return name if name == "." else f"{name}."


def rrset(name: str, rtype: str, *records: str) -> dns.rrset.RRset:
    return dns.rrset.from_text_list(dot(name), TTL, "IN", rtype, list(records))


def ds(zone: str, seed: str = "", digest: str = "SHA256") -> str:
    made = dns.dnssec.make_ds(dot(zone), public(seed or zone), digest, policy=dns.dnssec.allow_all_policy)
    return made.to_text()


ANCHOR = ds(".")


def sign(one: dns.rrset.RRset, zone: str, *, seed: str = "", window: Window = FRESH) -> list[dns.rrset.RRset]:
    """Return the set and its signature."""
    begin, end = (NOW + offset for offset in window)
    key = public(seed or zone)
    made = dns.dnssec.sign(
        one, private(seed or zone), dns.name.from_text(dot(zone)), key, inception=_stamp(begin), expiration=_stamp(end)
    )
    return [one, dns.rrset.from_rdata(one.name, TTL, made)]


def _stamp(when: datetime) -> int:
    return int(when.timestamp())


def answer(
    zone: str,
    qname: str,
    qtype: str,
    *sections: Sets,
    rcode: str = "NOERROR",
    server: str = "2001:db8:a::53",
    failure: FailureKind | None = None,
    authoritative: bool = True,
) -> ZoneAnswer:
    """``sections``: answer and authority."""
    message = dns.message.make_response(dns.message.make_query(dot(qname), qtype, id=4711, want_dnssec=True))
    message.set_rcode(dns.rcode.from_text(rcode))
    message.flags |= dns.flags.AA if authoritative else 0
    for section, sets in zip((message.answer, message.authority), sections, strict=False):
        section.extend(sets)
    return ZoneAnswer(
        zone=zone,
        qname=qname,
        qtype=qtype,
        server=None if failure else ip_address(server),
        response=None if failure else _wire(message),
        failure=None if failure is None else Failure(kind=failure),
    )


def _wire(message: dns.message.Message) -> bytes:
    """dnspython shuffles sets of several records; here they must come out the same every time."""
    before = random.getstate()
    random.seed(0)
    try:
        return message.to_wire(max_size=65_535)
    finally:
        random.setstate(before)


def keys(
    zone: str, *more: DNSKEY, seed: str = "", window: Window = FRESH, server: str = "2001:db8:a::53"
) -> ZoneAnswer:
    held = dns.rrset.from_rdata(dot(zone), TTL, public(seed or zone), *more)
    return answer(zone, zone, "DNSKEY", sign(held, zone, seed=seed, window=window), server=server)


def delegation(above: str, zone: str, *records: str, window: Window = FRESH) -> ZoneAnswer:
    """Return the DS of a zone; without records, the proof that there is none."""
    if records:
        return answer(above, zone, "DS", sign(rrset(zone, "DS", *records), above, window=window))
    return denied(above, zone, "DS", nsec(zone, f"zz.{above}".rstrip("."), "NS RRSIG NSEC"), window=window)


def nsec(owner: str, next_: str, types: str) -> dns.rrset.RRset:
    return rrset(owner, "NSEC", f"{dot(next_)} {types}")


def soa(zone: str) -> dns.rrset.RRset:
    return rrset(zone, "SOA", f"ns1.{ZONE}. hostmaster.{ZONE}. 2026030201 7200 3600 1209600 3600")


def denied(
    zone: str, qname: str, qtype: str, *proofs: dns.rrset.RRset, rcode: str = "NOERROR", window: Window = FRESH
) -> ZoneAnswer:
    sets = [rrset for proof in (soa(zone), *proofs) for rrset in sign(proof, zone, window=window)]
    return answer(zone, qname, qtype, [], sets, rcode=rcode)


def above(*records: str, window: Window = FRESH) -> list[Observation]:
    """Return the chain down to the province's DS, and the DS."""
    return [
        keys(".", window=window),
        delegation(".", PARENT, ds(PARENT), window=window),
        keys(PARENT),
        delegation(PARENT, ZONE, *records),
    ]


def zone_soa(*, seed: str = "", window: Window = FRESH, server: str = "2001:db8:a::53") -> ZoneAnswer:
    return answer(ZONE, ZONE, "SOA", sign(soa(ZONE), ZONE, seed=seed, window=window), server=server)


def own(*, window: Window = FRESH) -> list[Observation]:
    """Return the zone's own answers: its SOA, a denial of MX, and a denial of a name that does not exist."""
    apex = nsec(ZONE, f"ns1.{ZONE}", "NS SOA RRSIG NSEC DNSKEY")
    return [
        zone_soa(window=window),
        denied(ZONE, ZONE, "MX", apex, window=window),
        denied(ZONE, f"auditor-x.{ZONE}", "A", apex, rcode="NXDOMAIN", window=window),
    ]


def opinion(
    *,
    rcode: str = "NOERROR",
    authentic: bool = True,
    unchecked: str = "",
    validates: bool = True,
    qname: str = ZONE,
    qtype: str = "SOA",
) -> SecondOpinion:
    return SecondOpinion(
        server=ip_address("2001:db8:53::53"),
        qname=qname,
        qtype=qtype,
        rcode=rcode,
        authentic=authentic,
        validates=validates,
        unchecked=unchecked,
    )


def nsec3(name: str, types: str, zone: str = ZONE, *, opt_out: bool = False, width: int = 1) -> dns.rrset.RRset:
    """Return an NSEC3 record of ``name`` that also covers the next ``width`` hash values."""
    start = _hash(name)
    return _nsec3(start, start + width, types, zone, opt_out)


def nsec3_over(name: str, types: str, zone: str = ZONE, *, opt_out: bool = False) -> dns.rrset.RRset:
    """Return an NSEC3 record of another name that covers ``name``."""
    middle = _hash(name)
    return _nsec3(middle - 1, middle + 1, types, zone, opt_out)


def _nsec3(start: int, end: int, types: str, zone: str, opt_out: bool) -> dns.rrset.RRset:
    return rrset(f"{_base32(start)}.{zone}", "NSEC3", f"1 {int(opt_out)} 0 - {_base32(end)} {types}")


def _hash(name: str) -> int:
    return int.from_bytes(base64.b32hexdecode(dns.dnssec.nsec3_hash(dot(name), None, 0, 1)))


def _base32(number: int) -> str:
    return base64.b32hexencode(number.to_bytes(20)).decode("ascii").lower()


def later(step: ZoneAnswer, seconds: float) -> ZoneAnswer:
    return replace(step, t0=seconds, t=seconds)


def chain(*steps: Observation, minutes: int = 0, attempt: int = 1) -> Evidence:
    return lab.evidence("dnssec", *steps, task=ZONE, minutes=minutes, attempt=attempt)


def of_server(address: str, *steps: ZoneAnswer, attempt: int = 1) -> Evidence:
    return lab.evidence(
        "dnssec_server", *steps, task=f"{address}#53 {ZONE}", endpoint=lab.at(address, 53, None), attempt=attempt
    )


def rsa_key(bits: int, algorithm: int) -> DNSKEY:
    """Return a key that signs nothing; only its kind and size count."""
    modulus = (1 << (bits - 1) | 1).to_bytes((bits + 7) // 8)
    return made(algorithm, b"\x03\x01\x00\x01" + modulus)


def odd_key(algorithm: int) -> DNSKEY:
    return made(algorithm, bytes(range(64)))


def made(algorithm: int, key: bytes) -> DNSKEY:
    text = f"256 3 {algorithm} {base64.b64encode(key).decode('ascii')}"
    record = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.DNSKEY, text)
    assert isinstance(record, DNSKEY)
    return record


def bare(*records: DNSKEY) -> dns.rrset.RRset:
    """Return keys of the zone without a signature."""
    return dns.rrset.from_rdata(dot(ZONE), TTL, *records)
