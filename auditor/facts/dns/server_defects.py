"""Declares the defects of a name server over UDP, with the codes and remedies for IPv4 or IPv6."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from auditor.facts.dns.soa import SoaAnswer, SoaReply
from auditor.framework.check import Message, fail, warn
from auditor.framework.findings import Arg


class Defect(NamedTuple):
    """Holds a message code, the predicate of its sentence about the address, and the fix."""

    code: str
    text: str
    fix: str


_LOAD_ZONE = "Load the zone on this server (check the zone transfer), or take it out of the NS records."
_EDNS = "Let EDNS pass (DNS inspection in the firewall, see RFC 6891), or update the name server."
_SOURCE = "Bind the name server to each of its addresses, so that it answers from the address that was asked."


def over_udp(family: str) -> Mapping[SoaReply, Defect]:
    """Return the defect for each faulty reply; ``family`` is ``IPv4`` or ``IPv6``."""
    open_port = f"Open UDP port 53 for {family} in the firewall and let the name server listen on its {family} address."
    error = "ICMP" if family == "IPv4" else "ICMPv6"
    dropped = "does not answer questions with EDNS, as resolvers put them, though it answers others"
    return {
        SoaReply.SILENT: Defect("SILENT", "does not answer over UDP", open_port),
        SoaReply.EDNS_DROPPED: Defect("EDNS_DROPPED", dropped, _EDNS),
        SoaReply.REJECTED: Defect("REJECTED", f"rejects the question (port closed or an {error} error)", open_port),
        SoaReply.BAD_RCODE: Defect("BAD_RCODE", "answers {rcode}", _LOAD_ZONE),
        SoaReply.NOT_AUTHORITATIVE: Defect(
            "NOT_AUTHORITATIVE", "answers, but without authority (AA is not set)", _LOAD_ZONE
        ),
        SoaReply.WRONG: Defect("WRONG_ANSWER", "answers something else than was asked", _LOAD_ZONE),
        SoaReply.ELSEWHERE: Defect(
            "WRONG_SOURCE", "answers from another address, {source}, which resolvers discard", _SOURCE
        ),
    }


def messages(defects: Iterable[Defect], alone: str, beside: str) -> dict[str, Message]:
    """Return each defect as a fail, and as a warning ``SOME_…`` that is used if enough other servers work.

    ``alone`` and ``beside`` are the sentences of the two.
    """
    found = tuple(defects)
    return {
        **{defect.code: fail(alone % defect.text, fix=defect.fix) for defect in found},
        **{f"SOME_{defect.code}": warn(beside % defect.text, fix=defect.fix) for defect in found},
    }


def values(answer: SoaAnswer) -> dict[str, Arg]:
    """Return the arguments of the defect messages other than the address."""
    if answer.reply is SoaReply.BAD_RCODE:
        return {"rcode": answer.rcode}
    return {"source": answer.source} if answer.reply is SoaReply.ELSEWHERE else {}
