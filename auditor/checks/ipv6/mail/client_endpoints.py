"""``ipv6.mail.client-endpoints``: what mail programs connect to over IPv4 is there over IPv6 too.

Webmail is a web site of its own and judged as one.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from auditor.facts import inconclusive
from auditor.facts.mail import clients
from auditor.facts.mail.exchangers import mail
from auditor.framework.check import FamilyClaim, VantageKind, check, says
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Outcome, Reason, Verdict
from inventory.model import Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.transport import TcpConnect


@check(
    version=1,
    title="Submission, IMAP and webmail are reachable over IPv6",
    why="Officials read and send mail from networks that will have IPv6 alone; a mail program that finds no IPv6"
    " address there cannot connect.",
    fix="Publish AAAA records for the hosts that mail programs use, have the mail server listen on IPv6, and open the"
    " same ports in the firewall.",
    references=("RFC 6186", "RFC 8314", "TT 39/2017/TT-BTTTT 4.4, 4.5"),
    needs=(NameLookup, TcpConnect),
    kinds=frozenset({Kind.MAIL}),
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.BOTH,
    transports=frozenset({"tcp/465", "tcp/587", "tcp/993", "tcp/995"}),
    presence=True,
    messages={
        **inconclusive.DNS_CODES,
        **inconclusive.NOT_DECIDED,
        "ALL": says(Outcome.PASS, "Mail programs reach all that {name} offers them over IPv6: {endpoints:list}."),
        "MISSING": says(
            Outcome.WARN,
            "Mail programs of {name} reach {missing/this/these} over IPv4 but not over IPv6: {missing:list}.",
        ),
        "NONE_ON_IPV6": says(
            Outcome.FAIL,
            "Mail programs of {name} reach nothing over IPv6; over IPv4 there {missing/is/are} {missing:list}.",
        ),
        "NOT_CONNECTED": says(
            Outcome.INCONCLUSIVE,
            "{endpoints:list} of {name} {endpoints/stands on an unusual port/stand on unusual ports}, to which no"
            " connection is made from here.",
            fix="Use the registered ports (465, 587, 993, 995), or list the services in the inventory with their"
            " ports.",
            reason=Reason.SCOPE,
        ),
        "IPV6_ONLY": says(
            Outcome.NOT_APPLICABLE,
            "{name} offers mail programs IPv6 alone ({endpoints:list}); there is nothing to compare with.",
        ),
        "ALL_CLOSED": says(
            Outcome.NOT_APPLICABLE, "Nothing that {name} names for mail programs accepts connections on either family."
        ),
        "NO_ENDPOINT": says(
            Outcome.NOT_APPLICABLE,
            "Neither SRV records nor the inventory name a host that mail programs of {name} connect to.",
        ),
        "NULL_MX": says(Outcome.NOT_APPLICABLE, "{name} declares that it takes no mail (Null MX)."),
    },
)
def client_endpoints(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = mail(subject, evidence, ctx)
    if found.mx.known and found.null:
        yield Verdict(code="NULL_MX", args={"name": found.mx.name}, evidence=found.mx.evidence)
    else:
        yield _judge(found.mx.name, clients.places(subject, evidence, ctx))


def _judge(name: str, found: clients.Places) -> Verdict:
    """A defect that may be all there is, or not, is a warning as long as other places are not known."""
    there = [one for one in found.places if one.v6.open]
    missing = [one for one in found.places if one.missing]
    unknown = [family for one in found.places if (family := one.unknown) is not None]

    def say(code: str, places: Iterable[clients.Place]) -> Verdict:
        listed = list(places)
        labels = tuple(one.client.label for one in listed)
        ids = (id_ for one in listed for family in (one.v4, one.v6) for id_ in family.evidence)
        args: dict[str, Arg] = {"name": name, "missing" if code in ("MISSING", "NONE_ON_IPV6") else "endpoints": labels}
        return Verdict(code=code, args=args, evidence=tuple(dict.fromkeys(ids)) or found.asked)

    if missing:
        alone = not (there or unknown or found.unasked or found.others)
        return say("NONE_ON_IPV6" if alone else "MISSING", missing)
    if found.unasked:
        return inconclusive.dns(found.unasked[0])
    if unknown:
        return replace(unknown[0].verdict(), address=None)
    if found.others:
        labels = tuple(one.label for one in found.others)
        return Verdict(code="NOT_CONNECTED", args={"name": name, "endpoints": labels}, evidence=found.asked)
    if there:
        return say("IPV6_ONLY" if all(one.v4.shut for one in there) else "ALL", there)
    return say("ALL_CLOSED" if found.places else "NO_ENDPOINT", found.places)
