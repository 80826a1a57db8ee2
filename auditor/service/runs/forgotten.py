"""Finds names under the province's own domains that a run's evidence shows and that no inventory row has.

Nothing is sent. Such a name is a system that nobody audits, or one that nobody runs any more.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import dns.exception
import dns.message
import dns.rdatatype
import dns.rdtypes.ANY.TXT
from cryptography import x509

from inventory.cells.names import looks_like_name
from inventory.model import Kind, Subject
from probes.framework.evidence import Evidence, Observation
from probes.observations.dns import Delegation, DnsExchange, NameLookup
from probes.observations.mail import SmtpDialogue
from probes.observations.pages import LandingPage, PageParts
from probes.observations.web import HttpExchange, TlsHandshake
from probes.wire.certificates.errors import UNREADABLE

MOST, MOST_PLACES = 5_000, 20
"""Maximum number of names, and of places listed for one name; the rest is only counted."""
_CHAIN, _TEXT = 20, 255
_SPF_TERMS = ("include:", "redirect=", "a:", "mx:", "exists:")
Seen = tuple[str, str, Kind]


@dataclass(slots=True)
class ForgottenName:
    """Holds a name that no row has. ``seen`` holds how it was seen, each with the id of the subject."""

    name: str
    kind: Kind
    seen: dict[tuple[str, str], None] = field(default_factory=dict)
    more: int = 0

    def row(self) -> Mapping[str, str]:
        """Return the name as a proposal, in the columns of the inventory."""
        return {
            "name": self.name,
            "kind": self.kind.value,
            "ipv4": "",
            "ipv6": "",
            "fqdn": self.name,
            "note": "; ".join(f"{way}: {subject}" for way, subject in self.seen),
        }


@dataclass(slots=True)
class ForgottenNames:
    """Holds the names, in order; ``more`` is the number of names beyond the maximum."""

    names: tuple[ForgottenName, ...] = ()
    more: int = 0


def own_suffixes(subjects: Iterable[Subject], named: Iterable[str]) -> tuple[str, ...]:
    """Return the named domains, or else those of the inventory's zones; a provider's domain is not a suffix."""
    given = [name for text in named if (name := looks_like_name(text.strip(".")))]
    zones = [each.host for each in subjects if each.host and Kind.ZONE in each.kinds]
    return tuple(dict.fromkeys(given or zones))


def forgotten(evidence: Iterable[Evidence], subjects: Iterable[Subject], suffixes: Iterable[str]) -> ForgottenNames:
    """Collect the names under ``suffixes`` that the evidence shows and no subject has."""
    known, ends = _known(subjects), tuple(f".{suffix}" for suffix in suffixes)
    found: dict[tuple[str, Kind], ForgottenName] = {}
    more: set[tuple[str, Kind]] = set()
    for envelope in evidence:
        for way, name, kind in _all_seen(envelope.steps):
            key = name, kind
            if not f".{name}".endswith(ends) or key in known or (kind is Kind.HOST and _is_known(name, known)):
                continue
            if key not in found and len(found) >= MOST:
                if len(more) < MOST:
                    more.add(key)
                continue
            entry = found.setdefault(key, ForgottenName(name, kind))
            place = way, envelope.subject
            if place not in entry.seen and len(entry.seen) >= MOST_PLACES:
                entry.more += 1
            else:
                entry.seen[place] = None
    return ForgottenNames(tuple(sorted(found.values(), key=lambda each: (each.name, each.kind))), len(more))


def _known(subjects: Iterable[Subject]) -> frozenset[tuple[str, Kind]]:
    known: set[tuple[str, Kind]] = set()
    for subject in subjects:
        for name in (subject.host, looks_like_name(subject.name)):
            if name:
                known |= {(name, kind if kind in (Kind.ZONE, Kind.MAIL) else Kind.HOST) for kind in subject.kinds}
    return frozenset(known)


def _is_known(name: str, known: frozenset[tuple[str, Kind]]) -> bool:
    return (name, Kind.HOST) in known or (name, Kind.ZONE) in known


def _all_seen(steps: Iterable[Observation]) -> Iterator[Seen]:
    for step in steps:
        for way, text, kind in _seen(step):
            name = looks_like_name(text) if len(text) <= _TEXT and "*" not in text and "_" not in text else None
            if name:
                yield way, name, kind


def _seen(step: Observation) -> Iterator[Seen]:
    match step:
        case NameLookup():
            yield from _of_lookup(step)
        case Delegation():
            yield "zone", step.zone, Kind.ZONE
            yield from (("NS", name, Kind.HOST) for name in (*step.parent_ns, *step.child_ns))
        case DnsExchange(qtype="TXT", response=bytes() as response):
            yield from (("SPF", name, Kind.HOST) for name in _of_spf(response))
        case TlsHandshake() | SmtpDialogue():
            yield from (("certificate", name, Kind.HOST) for name in _of_certificate(step.chain))
        case HttpExchange() | PageParts() | LandingPage():
            yield from _of_page(step)
        case _:
            return


def _of_lookup(lookup: NameLookup) -> Iterator[Seen]:
    if lookup.zone:
        yield "zone", lookup.zone, Kind.ZONE
    yield from (("CNAME", name, Kind.HOST) for name in lookup.chain[:_CHAIN])
    if lookup.rtype == "MX":
        if lookup.records:
            yield "MX", lookup.name, Kind.MAIL
        yield from (("MX", record.rpartition(" ")[2], Kind.HOST) for record in lookup.records)
    elif lookup.rtype == "NS":
        yield from (("NS", record, Kind.HOST) for record in lookup.records)


def _of_spf(response: bytes) -> Iterator[str]:
    """Yield the names in the mechanisms and modifiers of SPF records; macros are skipped."""
    try:
        message = dns.message.from_wire(response, ignore_trailing=True)
    except (dns.exception.DNSException, ValueError):
        return
    for rrset in message.answer:
        for rdata in rrset:
            if isinstance(rdata, dns.rdtypes.ANY.TXT.TXT):
                words = b"".join(rdata.strings).decode("ascii", "replace").casefold().split()
                terms = [word.lstrip("+-~?") for word in words[1:]] if words[:1] == ["v=spf1"] else []
                for term in terms:
                    prefix = next((each for each in _SPF_TERMS if term.startswith(each)), None)
                    if prefix and "%" not in term:
                        yield term.removeprefix(prefix).partition("/")[0]


def _of_certificate(chain: tuple[bytes, ...]) -> Iterator[str]:
    try:
        leaf = x509.load_der_x509_certificate(chain[0])
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (IndexError, x509.ExtensionNotFound, *UNREADABLE):
        return
    yield from names.get_values_for_type(x509.DNSName)


def _of_page(page: HttpExchange | PageParts | LandingPage) -> Iterator[Seen]:
    if page.onward:
        try:
            host = urlsplit(page.onward).hostname
        except ValueError:
            host = None
        if host:
            yield "redirect", host, Kind.HOST
    if isinstance(page, PageParts):
        yield from (("page", part.host, Kind.HOST) for part in page.parts)
    elif isinstance(page, LandingPage):
        yield from (("page", taken.host, Kind.HOST) for taken in page.taken)
        yield from (("link", link.host, Kind.HOST) for link in page.links)
