"""Check that the web service's name has an IPv6 address that can be used."""

from collections.abc import Iterator

from auditor.facts import not_judged
from auditor.facts.dns.names import Lookup, own, usable_v6
from auditor.framework.check import FamilyClaim, check, fail, passed
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Verdict
from inventory.model import WEB_KINDS, Clearance, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import LookupStatus, NameLookup


@check(
    version=3,
    title="Website has an IPv6 address",
    problem="Website has no IPv6 address",
    problems={
        "NO_SUCH_NAME": "Website's name does not exist in DNS",
        "REJECTED": "Website's IPv6 addresses are unusable on the Internet",
    },
    why="Without an AAAA record nobody reaches the site over IPv6, whatever its servers can do; citizens on networks "
    "with only IPv6 depend on their provider's translation.",
    fix="Let the service answer on IPv6, then publish an AAAA record for its name.",
    references=(
        "khoản 4 Điều 11 Nghị định số 224/2026/NĐ-CP",
        "khoản 4 Điều 15 Thông tư số 32/2017/TT-BTTTT",
        "Quyết định số 38/QĐ-BTTTT (IPv6 For Gov)",
        "Internet.nl web_ipv6_ws_aaaa",
    ),
    needs=(NameLookup,),
    kinds=WEB_KINDS,
    claims=FamilyClaim.AAAA,
    transports=frozenset({"udp/53"}),
    presence=True,
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        "PUBLISHED": passed(
            "{name} leads to {addresses/an IPv6 address/IPv6 addresses} that can be used: {addresses:list}."
        ),
        "MISSING": fail("{name} has no AAAA record."),
        "NO_SUCH_NAME": fail(
            "{name} does not exist in the DNS.",
            fix="If the name is misspelt, correct it; otherwise register it and publish its A and AAAA records.",
        ),
        "REJECTED": fail(
            "{name} has AAAA records, but none that the Internet can use: {addresses:list}.",
            fix="Replace them with addresses from the block assigned to the agency or its provider.",
        ),
        **not_judged.NO_NAME,
    },
)
def aaaa(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    if subject.host is None:
        yield Verdict(code="NO_NAME")
        return
    look = own(subject, evidence, ctx, "AAAA")
    usable = tuple(map(written, usable_v6(subject, evidence, ctx)))
    if not look.known:
        yield not_judged.dns(look)
    elif usable:
        args: dict[str, Arg] = {"name": look.name, "addresses": usable}
        yield Verdict(code="PUBLISHED", args=args, evidence=look.evidence)
    elif look.v6:
        args = {"name": look.name, "addresses": tuple(map(written, look.v6))}
        yield Verdict(code="REJECTED", args=args, evidence=look.evidence)
    else:
        code = "NO_SUCH_NAME" if _is_absent(look, own(subject, evidence, ctx, "A")) else "MISSING"
        yield Verdict(code=code, args={"name": look.name}, evidence=look.evidence)


def _is_absent(*looked: Lookup) -> bool:
    """True if the name itself does not exist: not its alias's target, and not for only one type.
    Some load balancers deny a name that has A records for other types (RFC 4074 §4.2)."""
    return all(look.status is LookupStatus.NO_SUCH_NAME and not look.chain for look in looked)
