"""Check that the domain's SPF authorises the IPv6 addresses that send its mail (RFC 7208 §4, §5.6)."""

from collections.abc import Iterator
from ipaddress import IPv6Address, ip_address

from auditor.facts import not_judged
from auditor.facts.dns.names import canonical
from auditor.facts.mail.exchangers import mail
from auditor.facts.mail.spf import of_sender
from auditor.framework.check import Granularity, VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Kind, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.wire.mail.spf.walk import SpfProblem

_RESULTS = {"+": "AUTHORISED", "-": "REJECTED", "~": "SOFTFAIL", "?": "NEUTRAL"}
_PROBLEMS = {SpfProblem.ABSENT: "NO_SPF", SpfProblem.DEPENDS: "DEPENDS"}


@check(
    version=2,
    title="SPF authorises the IPv6 senders",
    problem="SPF does not authorise the IPv6 sending address",
    problems={
        "SOFTFAIL": "SPF does not name the IPv6 sending address",
        "NEUTRAL": "SPF does not name the IPv6 sending address",
        "INVALID": "SPF is invalid for the IPv6 sending address",
    },
    why="A server that sends over IPv6 without being named in SPF sees its mail refused or put among the spam.",
    fix="Add the address to the SPF record with ip6:, or include a record that covers it.",
    references=("RFC 7208 §4", "RFC 7208 §5.6"),
    needs=(NameLookup,),
    kinds=frozenset({Kind.MAIL}),
    vantage=frozenset({VantageKind.INET, VantageKind.INV}),
    transports=frozenset({"udp/53"}),
    unit=Granularity.ADDRESS,
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        "AUTHORISED": passed("The SPF of {name} authorises {address}."),
        "SOFTFAIL": warn("The SPF of {name} does not name {address}: receivers are told ~all (softfail)."),
        "NEUTRAL": warn("The SPF of {name} says nothing about {address} (neutral)."),
        "REJECTED": fail("The SPF of {name} tells receivers to refuse mail from {address}."),
        "INVALID": fail(
            "The SPF of {name} is invalid for {address}, at {term} of {place}; see the finding on SPF.",
            fix="Correct the SPF record.",
        ),
        "NO_SPF": not_applicable("{name} has no SPF record; see the finding on SPF."),
        "DEPENDS": inconclusive(
            "Whether the SPF of {name} authorises {address} hangs on who writes (a macro).", reason=Reason.AMB
        ),
        **not_judged.NO_SENDERS,
        "NO_IPV6": not_applicable("No IPv6 address sends mail for {name}, the inventory says."),
        "NO_MAIL": not_applicable("{name} declares that it has no mail (Null MX)."),
    },
)
def spf_ip6(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name = canonical(subject.host or subject.name)
    declared = [ip_address(text) for text in subject.tag_values("sender")]
    senders = dict.fromkeys(a for a in declared if isinstance(a, IPv6Address) and a.ipv4_mapped is None)
    takes = mail(subject, evidence, ctx)
    if takes.mx.known and takes.null:
        yield Verdict(code="NO_MAIL", args={"name": name}, evidence=takes.mx.evidence)
    elif not senders:
        yield Verdict(code="NO_IPV6" if declared else "NOT_DECLARED", args={"name": name})
    elif not takes.mx.known:
        yield not_judged.dns(takes.mx)
    else:
        yield from (_judge(evidence, ctx, name, address) for address in senders)


def _judge(evidence: EvidenceSet, ctx: Context, name: str, address: IPv6Address) -> Verdict:
    receiver_result = of_sender(evidence, ctx, name, address)
    spf = receiver_result.spf
    args: dict[str, Arg] = {"name": name, "address": written(address)}
    if receiver_result.unknown is not None and spf.result != "+":
        return not_judged.dns(receiver_result.unknown, address=address)
    if spf.depends and spf.result != "+":
        code = "DEPENDS"
    elif spf.problem is None:
        code = _RESULTS[spf.result]
    else:
        code = _PROBLEMS.get(spf.problem, "INVALID")
    if code == "INVALID":
        args |= {"place": spf.place, "term": spf.term[:80] or spf.place}
    return Verdict(code=code, args=args, address=address, evidence=receiver_result.evidence)
