"""Check that a CAA record at the name or above it restricts the issuers of certificates (RFC 8659 §3)."""

import re
from collections.abc import Iterator

import dns.exception
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from dns.rdtypes.ANY.CAA import CAA

from auditor.facts import not_judged
from auditor.facts.dns.error_answers import error_answers
from auditor.facts.dns.names import Lookup, canonical, lookup, own
from auditor.framework.check import check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Verdict
from inventory.model import WEB_KINDS, Clearance, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import DnsExchange, LookupStatus, NameLookup

_KNOWN = frozenset({"issue", "issuewild", "issuemail", "issuevmc", "iodef", "contactemail", "contactphone"})
_ISSUING = frozenset({"issue", "issuewild"})
_CRITICAL = 128
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_ISSUER = re.compile(rf"[ \t]*+({_LABEL}(\.{_LABEL})*)?[ \t]*+(;[\x20-\x7e\t]*)?")


@check(
    version=4,
    title="CAA restricts certificate issuance",
    problem="No CAA record limits who may issue certificates",
    problems={
        "NO_ISSUER": "CAA does not say who may issue certificates",
        "WILD_ONLY": "CAA limits wildcard certificates only",
        "UNKNOWN_CRITICAL": "CAA blocks every certificate authority",
        "SYNTAX": "CAA record is malformed",
        "ANSWERS_ERROR": "Name servers answer questions for CAA with an error",
    },
    why="Without CAA every certification authority in the world may issue a certificate for the name if it is "
    "deceived; with CAA only those that the agency names.",
    fix="Publish a CAA record at the zone that names the authority which issues the agency's certificates.",
    references=("RFC 8659 §4.2–4.3", "Internet.nl caa"),
    needs=(NameLookup, DnsExchange),
    kinds=WEB_KINDS,
    transports=frozenset({"udp/53"}),
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        "RESTRICTED": passed("CAA at {place} names who may issue certificates for {name}: {issuers:list}."),
        "NONE": warn("Neither {name} nor any name above it has a CAA record."),
        "NO_ISSUER": warn("CAA at {place} does not restrict which authorities may issue certificates for {name}."),
        "WILD_ONLY": warn(
            "CAA at {place} says only who may issue wildcard certificates ({issuers:list}): for {name} itself any"
            " authority may.",
            fix="Publish an issue property beside issuewild.",
        ),
        "UNKNOWN_CRITICAL": warn(
            "CAA at {place} marks {tags:list} as critical, which no authority knows: none will issue for {name}.",
            fix="Correct the misspelt property, or clear its critical flag.",
        ),
        "SYNTAX": fail(
            "CAA at {place} has a record that cannot be understood, so that authorities may refuse {name}: {record}.",
            fix='Correct the record: flags, property and value, such as 0 issue "ca.example".',
        ),
        "ANSWERS_ERROR": warn(
            "The name servers know the addresses of {name}, but answer with an error ({rcodes:list}) when asked for its"
            " CAA records: authorities that cannot look CAA up may refuse to issue or renew its certificate.",
            fix="Have the name servers, or the load balancer or firewall in front of them, say that there is no such"
            " record (NOERROR with the SOA record) for types that they have none of.",
        ),
        "NO_ADDRESS": not_applicable("{name} has no address, so nothing there needs a certificate."),
        "NO_NAME": not_applicable("The service is listed by address, and CAA speaks of names."),
    },
)
def caa(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    if subject.host is None:
        yield Verdict(code="NO_NAME")
        return
    name = canonical(subject.host)
    own_lookups = [own(subject, evidence, ctx, rtype) for rtype in ("A", "AAAA")]
    if all(look.known and not look.records for look in own_lookups):
        ids = tuple(dict.fromkeys(id_ for look in own_lookups for id_ in look.evidence))
        yield Verdict(code="NO_ADDRESS", args={"name": name}, evidence=ids)
        return
    seen: list[EvidenceId] = []
    for place in _ancestors(name):
        lookup_facts = lookup(evidence, ctx, place, "CAA", "caa", authoritative=True)
        seen += lookup_facts.evidence
        if not lookup_facts.known:
            addressed = place == name and any(look.known and look.records for look in own_lookups)
            refused = _refused(name, evidence, ctx) if addressed else None
            yield refused or not_judged.dns(lookup_facts)
            return
        if lookup_facts.status is LookupStatus.ANSWER:
            yield _judge(name, lookup_facts)
            return
    if seen:
        yield Verdict(code="NONE", args={"name": name}, evidence=tuple(dict.fromkeys(seen)))
    else:
        yield not_judged.dns(lookup(evidence, ctx, name, "CAA", "caa"))


def _refused(name: str, evidence: EvidenceSet, ctx: Context) -> Verdict | None:
    """Return the verdict for a name if all its servers answered the question for CAA with an error, else None."""
    found = error_answers(evidence, ctx, name, "CAA")
    if found is None:
        return None
    return Verdict(code="ANSWERS_ERROR", args={"name": name, "rcodes": found.rcodes}, evidence=found.evidence)


def _ancestors(name: str) -> Iterator[str]:
    """Yield the name and all names above it except the root, where RFC 8659 stops climbing."""
    while name:
        yield name
        name = name.partition(".")[2]


def _judge(name: str, lookup_facts: Lookup) -> Verdict:
    args: dict[str, Arg] = {"name": name, "place": lookup_facts.name}
    properties: list[tuple[int, str, str]] = []
    for record in lookup_facts.records:
        read = _read(record)
        if read is None:
            return Verdict(code="SYNTAX", args={**args, "record": record[:80]}, evidence=lookup_facts.evidence)
        properties.append(read)
    unknown = tuple(sorted({tag for flags, tag, _ in properties if flags & _CRITICAL and tag not in _KNOWN}))
    issuers = tuple(sorted({value for _, tag, value in properties if tag in _ISSUING}))
    if unknown:
        return Verdict(code="UNKNOWN_CRITICAL", args={**args, "tags": unknown}, evidence=lookup_facts.evidence)
    if not issuers:
        return Verdict(code="NO_ISSUER", args=args, evidence=lookup_facts.evidence)
    if not any(tag == "issue" for _, tag, _ in properties):
        return Verdict(code="WILD_ONLY", args={**args, "issuers": issuers}, evidence=lookup_facts.evidence)
    return Verdict(code="RESTRICTED", args={**args, "issuers": issuers}, evidence=lookup_facts.evidence)


def _read(record: str) -> tuple[int, str, str] | None:
    """Return flags, property and value; None for an invalid record (RFC 8659 §4.1 and §4.2)."""
    try:
        rdata = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.CAA, record)
        if not isinstance(rdata, CAA):
            return None
        flags, tag, value = rdata.flags, rdata.tag.decode("ascii").lower(), rdata.value.decode("ascii")
    except (dns.exception.DNSException, ValueError):
        return None
    if tag in _ISSUING and not _ISSUER.fullmatch(value):
        return None
    return flags, tag, value
