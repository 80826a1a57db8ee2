"""Declares the messages that several checks share for cases that the evidence does not decide."""

from collections.abc import Mapping

from auditor.facts.attribution import ours
from auditor.facts.dns.names import Lookup
from auditor.facts.dns.nameservers import Delegated, Zone
from auditor.facts.exposure.port_state import Port
from auditor.framework.check import Message, inconclusive, not_applicable, standard
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dnssec import ZoneAnswer

DNS_CODES: Mapping[str, Message] = standard(
    NO_DNS_ANSWER=inconclusive(
        "The name servers gave no usable answer for {name} ({rtype}).",
        fix="See the findings about the name servers of this zone and restore them. Where there are none, a name"
        " server, load balancer or firewall answers questions for {rtype} alone with an error or not at all: have it"
        " give the records or say that there are none. Then check again.",
        reason=Reason.DNS,
    ),
    DNS_CONTRADICTS=inconclusive(
        "The answers for {name} ({rtype}) contradict each other: some have records, some say there are none.",
        fix="Make every name server of the zone serve the same data, then check again.",
        reason=Reason.AMB,
    ),
    DNS_NOT_ASKED=inconclusive("The look-up of {name} ({rtype}) was not completed from here."),
)
CHAIN_CODES: Mapping[str, Message] = {code: DNS_CODES[code] for code in ("NO_DNS_ANSWER", "DNS_NOT_ASKED")}
NOT_DECIDED: Mapping[str, Message] = standard(
    NOT_DECIDED=inconclusive(
        "{address}, {transport}: what was measured does not decide this; it is not held against the service."
    )
)
NO_AAAA: Mapping[str, Message] = standard(NO_AAAA=not_applicable("{name} has no usable IPv6 address."))
NO_PAGE: Mapping[str, Message] = standard(
    NO_PAGE=not_applicable("{address} shows no page; see the finding on HTTP over IPv6.")
)
NOT_OPEN: Mapping[str, Message] = standard(
    NOT_OPEN=not_applicable("{address} accepts no connection; see the finding on reachability.")
)
NO_NAME: Mapping[str, Message] = standard(
    NO_NAME=not_applicable("The service is listed by address, so there is no name that could have an AAAA record.")
)
NULL_MX: Mapping[str, Message] = standard(NULL_MX=not_applicable("{name} declares that it takes no mail (Null MX)."))
NO_SENDERS: Mapping[str, Message] = standard(
    NOT_DECLARED=inconclusive(
        "The inventory does not say from which addresses {name} sends mail (sender=ADDRESS in its tags).",
        fix="Write every address that sends the domain's mail into the tags column as sender=ADDRESS.",
        reason=Reason.INV,
    )
)
NOT_DELEGATED: Mapping[str, Message] = standard(
    NOT_DELEGATED=not_applicable("{zone} is not delegated in the public DNS.")
)
RESOLVER_NOT_ASKED: Mapping[str, Message] = standard(
    NOT_ASKED=inconclusive("The resolver was not asked.", reason=Reason.CUT)
)
NO_SERVER_AAAA: Mapping[str, Message] = standard(
    NO_AAAA=not_applicable("No name server of {zone} has a usable IPv6 address.")
)
NO_IPV6_ADDRESS: Mapping[str, Message] = standard(NO_ADDRESS=not_applicable("{name} has no usable IPv6 address."))
DNS_LIMITED: Mapping[str, Message] = standard(
    LIMITED=inconclusive(
        "{address} stopped answering in the middle of the questions, or gave errors from then on: a rate limit or a"
        " line that loses packets; this decides nothing.",
        fix="Let the vantage through the rate limit, then check again.",
        reason=Reason.RATE,
    )
)
DNS_TRUNCATED: Mapping[str, Message] = standard(
    LIMITED=inconclusive(
        "{address} of {names:list} asks to repeat the question over TCP: a rate limit, which decides nothing.",
        reason=Reason.RATE,
    )
)
DNS_DROPS_SOME: Mapping[str, Message] = standard(
    DROPS_SOME=inconclusive(
        "{address} of {names:list} did not answer this question, but others about {zone} in the same run: a rate limit"
        " or an outage of the moment, which decides nothing.",
        fix="Let the vantage through the rate limit, then check again.",
        reason=Reason.RATE,
    )
)
"""Messages about a question that was not answered while others to the same server were."""
ONLY_LINK_LOCAL: Mapping[str, Message] = standard(
    ONLY_LINK_LOCAL=not_applicable("{name} has no IPv6 address beyond the link-local ones.")
)
NO_SUCH_INTERFACE: Mapping[str, Message] = standard(
    NO_SUCH_INTERFACE=inconclusive(
        "{name} has no interface, or several, of the name {interfaces:list}, which the inventory declares.",
        fix="Correct the names in the column tags.",
        reason=Reason.INV,
    )
)
PARENT_ALONE: Mapping[str, Message] = standard(
    PARENT_ALONE=not_applicable(
        "{address} of {names:list} does not answer for {zone} as it should, and the parent zone alone names it; see the"
        " finding on the delegation."
    )
)
NO_SSH: Mapping[str, Message] = standard(NO_SSH=not_applicable("{address} runs no SSH on port 22."))
NO_SMTP: Mapping[str, Message] = standard(NO_SMTP=not_applicable("{address} ({exchanger}) does not speak SMTP."))
NO_EXCHANGER_ADDRESS: Mapping[str, Message] = standard(
    NO_ADDRESS=not_applicable("No mail exchanger of {name} has an address to connect to.")
)
UNSIGNED: Mapping[str, Message] = standard(UNSIGNED=not_applicable("{zone} is not signed."))
NO_ANCHOR: Mapping[str, Message] = standard(
    NO_ANCHOR=inconclusive("There is no trust anchor to begin with.", reason=Reason.REF)
)
NO_ROOTS: Mapping[str, Message] = standard(
    NO_ROOTS=inconclusive("No trusted roots were available to judge the certificate.", reason=Reason.REF)
)
NO_MX: Mapping[str, Message] = standard(NO_MX=not_applicable("{name} has no MX record."))
NOT_MANAGED: Mapping[str, Message] = standard(
    NOT_MANAGED=not_applicable("The inventory says that {name} is not managed over SNMP.")
)


def dns(lookup: Lookup, *, detail: str | None = None, address: IPAddress | None = None) -> Verdict:
    """Return the verdict about a lookup without a usable answer; ``address`` is set if the check judges addresses."""
    args = {"name": lookup.name, "rtype": lookup.rtype}
    code = {Reason.DNS: "NO_DNS_ANSWER", Reason.AMB: "DNS_CONTRADICTS"}.get(lookup.reason or Reason.CUT)
    reason = lookup.reason if code is None else None
    return Verdict(
        code=code or "DNS_NOT_ASKED", args=args, evidence=lookup.evidence, detail=detail, address=address, reason=reason
    )


def delegation(zone: Zone) -> Verdict | None:
    """Return the verdict about a zone that is not delegated or has an unknown delegation; None if it is delegated.

    The message NOT_DELEGATED is the check's own.
    """
    if zone.delegated is Delegated.UNKNOWN:
        return dns(zone.as_lookup)
    if zone.delegated is Delegated.NO:
        return Verdict(code="NOT_DELEGATED", args={"zone": zone.name}, evidence=zone.evidence)
    return None


def port(port_state: Port) -> Verdict:
    """Return the verdict about a port of unknown state."""
    return Verdict(
        code="NOT_DECIDED",
        args={"address": str(port_state.address), "transport": f"tcp/{port_state.port}"},
        evidence=port_state.evidence,
        address=port_state.address,
        reason=port_state.reason or Reason.CUT,
    )


def at(address: IPAddress, transport: str, reason: Reason | None, evidence: tuple[EvidenceId, ...] = ()) -> Verdict:
    """Return the verdict about anything else at one address that is not known."""
    args = {"address": str(address), "transport": transport}
    return Verdict(code="NOT_DECIDED", args=args, address=address, reason=reason or Reason.CUT, evidence=evidence)


def unasked(ctx: Context, evidence: EvidenceSet, zone: str) -> Lookup:
    """Return a lookup with the reason why a zone's chain was not followed to its end: no answer, or not asked by us."""
    asked = list(evidence.of(ZoneAnswer))
    failed = [(envelope.id, step.failure) for envelope, step in asked if step.failure is not None]
    reasons = [ours(ctx, failure) or Reason.DNS for _, failure in failed]
    ids = tuple(sorted({id_ for id_, _ in failed}))
    return Lookup(
        name=zone, rtype="DNSKEY", reason=max(reasons, default=Reason.DNS if asked else Reason.CUT), evidence=ids
    )
