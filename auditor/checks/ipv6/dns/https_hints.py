"""Check that the IPv6 addresses that HTTPS records hint at are those of the AAAA records.

Clients connect to hints before, or instead of, the addresses in AAAA (RFC 9460 §7.3). A hint that is also in AAAA is
judged there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address

from auditor.facts import not_judged
from auditor.facts.dns.names import Lookup, canonical, lookup, own
from auditor.facts.exposure.port_state import OpenState, Port, port_state
from auditor.framework.check import FamilyClaim, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import WEB_KINDS, Clearance, Subject, written
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.transport import TcpConnect
from probes.wire.dns import svcb


@dataclass(frozen=True, slots=True, kw_only=True)
class _HttpsRecords:
    """Holds the HTTPS records of a name; ``found`` is the look-up of the records themselves."""

    subject: Subject
    evidence: EvidenceSet
    ctx: Context
    found: Lookup

    def bindings(self) -> list[tuple[str, svcb.Binding | None]]:
        """Return each record as found with its meaning; None for one that cannot be parsed."""
        return [(record, svcb.read(record)) for record in self.found.records]

    def addresses(self, host: str | None, rtype: str) -> Lookup | None:
        """Return the addresses of a target; those of the subject itself where the target is the subject."""
        if host is None:
            return None
        if canonical(host) in {self.found.name, *map(canonical, self.found.chain)}:
            return own(self.subject, self.evidence, self.ctx, rtype)
        return lookup(self.evidence, self.ctx, host, rtype, "https-target", authoritative=True)


_DIALLED = frozenset({443, 8443})


@check(
    version=2,
    title="HTTPS/SVCB IPv6 hints agree with AAAA",
    problem="IPv6 hint in the HTTPS record differs from AAAA",
    problems={
        "DEAD": "IPv6 hint in the HTTPS record leads to a dead address",
        "ALIAS_TO_NOTHING": "HTTPS record leads to a name without an address",
        "UNREADABLE": "HTTPS record is malformed",
    },
    why="Browsers connect to the addresses that an HTTPS record hints at, often before they know the AAAA records: an"
    " old hint leads visitors to a server that is no longer there.",
    fix="Write the HTTPS record anew from the AAAA records, or leave ipv6hint out.",
    references=("RFC 9460 §7.3", "RFC 9460 §2.4.2"),
    needs=(NameLookup, TcpConnect),
    kinds=WEB_KINDS,
    claims=FamilyClaim.V6,
    transports=frozenset({"udp/53", "tcp/443"}),
    clearance=Clearance.NORMAL,
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "AGREES": passed("The HTTPS records of {name} hint only at IPv6 addresses that AAAA has too."),
        "NO_HINT": passed("The HTTPS records of {name} hint at no IPv6 address."),
        "DIFFERS": warn(
            "An HTTPS record of {name} hints at {addresses:list}, which AAAA does not have;"
            " {addresses/it answers/they answer}."
        ),
        "DEAD": fail(
            "An HTTPS record of {name} hints at {addresses:list}, which AAAA does not have and which"
            " {addresses/does/do} not answer on port {port}."
        ),
        "ALIAS_TO_NOTHING": warn(
            "An HTTPS record of {name} is an alias to {target}, which has no address.",
            fix="Correct the target of the HTTPS record, or remove the record.",
        ),
        "UNREADABLE": warn(
            "An HTTPS record of {name} cannot be understood, so that browsers ignore it: {record}.",
            fix="Correct the HTTPS record.",
        ),
        "NO_RECORD": not_applicable("{name} has no HTTPS record."),
        "NO_NAME": not_applicable("The service is listed by address and has no HTTPS record."),
    },
)
def https_hints(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    if subject.host is None:
        yield Verdict(code="NO_NAME")
        return
    look = lookup(evidence, ctx, subject.host, "HTTPS", "https", authoritative=True)
    if not look.known:
        yield not_judged.dns(look)
        return
    if look.status is not LookupStatus.ANSWER:
        yield Verdict(code="NO_RECORD", args={"name": look.name}, evidence=look.evidence)
        return
    yield _judge(_HttpsRecords(subject=subject, evidence=evidence, ctx=ctx, found=look))


def _judge(records: _HttpsRecords) -> Verdict:
    """Return the worst verdict of all records."""
    verdicts = [verdict for text, binding in records.bindings() for verdict in _one(records, text, binding)]
    if verdicts:
        return min(verdicts, key=lambda verdict: _ORDER.index(verdict.code))
    hints = any(binding is not None and binding.hints for _, binding in records.bindings())
    code = "AGREES" if hints else "NO_HINT"
    return Verdict(code=code, args={"name": records.found.name}, evidence=records.found.evidence)


_ORDER = (
    "DEAD",
    *("NO_DNS_ANSWER", "DNS_CONTRADICTS", "DNS_NOT_ASKED", "NOT_DECIDED"),
    *("DIFFERS", "ALIAS_TO_NOTHING", "UNREADABLE"),
)


def _one(records: _HttpsRecords, text: str, binding: svcb.Binding | None) -> Iterator[Verdict]:
    args = {"name": records.found.name}
    if binding is None:
        yield Verdict(code="UNREADABLE", args={**args, "record": text[:80]}, evidence=records.found.evidence)
        return
    host = binding.host(records.found.chain[-1] if records.found.chain else records.found.name)
    looked = [look for rtype in ("AAAA", "A") if (look := records.addresses(host, rtype)) is not None]
    if binding.is_alias:
        if not any(lookup.records for lookup in looked):
            unknown = next((lookup for lookup in looked if not lookup.known), None)
            args |= {"target": binding.target}
            ids = (*records.found.evidence, *(id_ for lookup in looked for id_ in lookup.evidence))
            alias = Verdict(code="ALIAS_TO_NOTHING", args=args, evidence=tuple(dict.fromkeys(ids)))
            yield alias if unknown is None else not_judged.dns(unknown)
    elif binding.hints and looked:
        yield from _hints(records, binding, looked[0])


def _hints(records: _HttpsRecords, binding: svcb.Binding, aaaa: Lookup) -> Iterator[Verdict]:
    if not aaaa.known:
        yield not_judged.dns(aaaa)
        return
    astray = [hint for hint in binding.hints if hint not in aaaa.v6]
    if not astray:
        return
    if binding.port not in _DIALLED:
        yield not_judged.at(astray[0], f"tcp/{binding.port}", Reason.SCOPE, records.found.evidence)
        return
    ports = [port_state(records.evidence, records.ctx, hint, binding.port) for hint in astray]
    dead = [port for port in ports if port.shut]
    unknown = next((port for port in ports if port.state is OpenState.UNKNOWN), None)
    if dead:
        yield _said("DEAD", records, dead)
    elif unknown is not None:
        yield not_judged.port(unknown)
    else:
        yield _said("DIFFERS", records, ports)


def _said(code: str, records: _HttpsRecords, ports: Sequence[Port]) -> Verdict:
    ids: list[EvidenceId] = [*records.found.evidence, *(id_ for port in ports for id_ in port.evidence)]
    addresses = tuple(written(address) for port in ports if isinstance(address := port.address, IPv6Address))
    args: dict[str, str | tuple[str, ...]] = {"name": records.found.name, "addresses": addresses}
    if code == "DEAD":
        args["port"] = str(ports[0].port)
    return Verdict(code=code, args=args, evidence=tuple(dict.fromkeys(ids)))
