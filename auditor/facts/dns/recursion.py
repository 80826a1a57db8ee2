"""Compares a recursive resolver's answers for the control names with those of the authoritative servers."""

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
from dns.rdtypes.ANY.TXT import TXT

from auditor.facts.dns.exchanges import QuestionAttempt, heard
from auditor.facts.dns.names import Lookup, canonical, lookup
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import DnsExchange, NameLookup

PLAIN, IN_V6, OTHER = "control-plain", "control-v6", "control"
"""Roles of a control name: an ordinary one, one in a zone with name servers on IPv6 only, any other."""
_OF_STRANGERS = "A"  # type of the questions that test for an open resolver; a declared resolver is asked for AAAA
_DECIDED = frozenset({dns.rcode.NOERROR, dns.rcode.NXDOMAIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class RecursionReply:
    """Holds the best of several attempts to resolve a name.

    ``found``: the addresses, None if no answer stated them; ``reason`` is then why that proves nothing, None if it
    does. ``declined``: it answered that it does no recursion for us, which does not show which names it could resolve.
    """

    found: tuple[IPv6Address, ...] | None = None
    rcode: str = ""
    declined: bool = False
    reason: Reason | None = None
    evidence: tuple[EvidenceId, ...] = ()

    @property
    def denies_name(self) -> bool:
        """True if the resolver answers that the name does not exist, which denies more than its AAAA records."""
        return self.rcode == "NXDOMAIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """Holds the answers for one control name at one resolver address.

    ``truth``: the AAAA answer of the name's own name servers.
    """

    name: str
    role: str
    truth: Lookup
    udp: RecursionReply
    tcp: RecursionReply


def addresses(evidence: EvidenceSet) -> tuple[IPAddress, ...]:
    """Return the addresses that were asked as a resolver, IPv6 first."""
    asked = {
        envelope.endpoint.address
        for envelope, step in evidence.of(DnsExchange)
        if envelope.endpoint is not None and step.recursion_desired and step.qtype != _OF_STRANGERS
    }
    return tuple(sorted(asked, key=lambda address: (-address.version, int(address))))


def controls(evidence: EvidenceSet, ctx: Context, address: IPAddress) -> tuple[Control, ...]:
    """Return every control name with the answers of one resolver address."""
    roles = {
        canonical(step.name): step.role
        for _, step in evidence.of(NameLookup)
        if step.role in (PLAIN, IN_V6, OTHER) and step.rtype == "AAAA"
    }
    return tuple(
        Control(
            name=name,
            role=role,
            truth=lookup(evidence, ctx, name, "AAAA", role, authoritative=True),
            udp=_reply(heard(evidence, ctx, address, (name, "AAAA"), "udp", rd=True)),
            tcp=_reply(heard(evidence, ctx, address, (name, "AAAA"), "tcp", rd=True)),
        )
        for name, role in sorted(roles.items())
    )


def source_of(evidence: EvidenceSet, ctx: Context, address: IPAddress, name: str) -> IPAddress | Reason | None:
    """Return the source address that the control zone saw, as its TXT record states it.

    None if no answer states it; a reason if no answer came.
    """
    tries = heard(evidence, ctx, address, (name, "TXT"), "udp", rd=True)
    if tries and all(attempt.message is None for attempt in tries):
        return min((attempt.reason or Reason.AMB for attempt in tries), default=Reason.AMB)
    for reply in tries:
        for rrset in () if reply.message is None else reply.message.answer:
            for record in rrset:
                if isinstance(record, TXT):
                    try:
                        return ip_address(b"".join(record.strings).decode("ascii"))
                    except ValueError:
                        continue
    return None


def _reply(tries: Sequence[QuestionAttempt]) -> RecursionReply:
    ids = tuple(dict.fromkeys(attempt.evidence for attempt in tries))
    if not tries:
        return RecursionReply(reason=Reason.CUT)
    read = [(reply, reply.message) for reply in tries if reply.message is not None]
    whole = [(reply, message) for reply, message in read if not message.flags & dns.flags.TC]
    for reply, message in whole:
        if message.rcode() in _DECIDED and not _declines(message):
            rrsets = [rrset for rrset in message.answer if rrset.rdtype == dns.rdatatype.AAAA]
            found = sorted({IPv6Address(str(record)) for rrset in rrsets for record in rrset})
            return RecursionReply(found=tuple(found), rcode=reply.rcode, evidence=(reply.evidence,))
    if whole:
        declined = all(_declines(message) for _, message in whole)
        return RecursionReply(rcode=whole[0][0].rcode, declined=declined, evidence=ids)
    if read:  # truncated: records that it leaves out may exist
        return RecursionReply(reason=Reason.AMB, evidence=ids)
    reasons = [Reason.AMB if attempt.unreadable else attempt.reason for attempt in tries]
    known = [reason for reason in reasons if reason is not None]
    return RecursionReply(reason=min(known) if known else None, evidence=ids)


def _declines(message: dns.message.Message) -> bool:
    """True if the answer shows that no recursion is done for us.

    That is REFUSED, or only a referral, as BIND sends to clients that may only read its cache.
    """
    if message.rcode() == dns.rcode.REFUSED:
        return True
    denial = any(rrset.rdtype == dns.rdatatype.SOA for rrset in message.authority)
    own = message.flags & (dns.flags.RA | dns.flags.AA)
    return message.rcode() == dns.rcode.NOERROR and not own and not message.answer and not denial
