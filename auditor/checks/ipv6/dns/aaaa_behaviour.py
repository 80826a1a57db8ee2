"""Check that a name server treats a question for AAAA, and for HTTPS, as it treats one for A.

Load balancers that know only A answer such a question with an error or not at all, and visitors wait or are told that
the name does not exist. A name server that does not answer for A either is ``ns-reach``'s finding.
"""

from collections.abc import Iterator, Mapping, Sequence

from auditor.facts import not_judged
from auditor.facts.dns import every_server
from auditor.facts.dns.aaaa_behaviour import Conduct, Handling, handlings
from auditor.facts.dns.error_limits import ASKING, ERRS_AT_TIMES, errs_at_times
from auditor.facts.dns.every_server import ServerAddress
from auditor.facts.dns.zone_copies import alias_beside_mail
from auditor.facts.targets import for_each
from auditor.framework.check import FamilyClaim, Granularity, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, IPAddress, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import Delegation, DnsExchange, EdnsAnswer, NameLookup

_FAILS = {Conduct.DROPPED: "DROPPED", Conduct.NAME_ERROR: "NAME_ERROR", Conduct.BAD_RCODE: "BAD_RCODE"}
_WARNS = {Conduct.OTHER_RCODE: "OTHER_RCODE", Conduct.NO_SOA: "NO_SOA"}
_HTTPS = {Conduct.DROPPED: "HTTPS_DROPPED", Conduct.NAME_ERROR: "HTTPS_BAD_RCODE", Conduct.BAD_RCODE: "HTTPS_BAD_RCODE"}
_HTTPS_FIX = "Update the DNS load balancer or name server so that it answers for record types that it does not know."


@check(
    version=7,
    title="Authoritative servers handle AAAA queries correctly",
    problem="Name server handles AAAA queries wrongly",
    problems={
        "NAME_ERROR": "Name server denies that a name exists when asked for AAAA",
        "DROPPED": "Name server does not answer AAAA queries",
        "HTTPS_BAD_RCODE": "Name server answers HTTPS record queries with an error",
        "HTTPS_DROPPED": "Name server does not answer HTTPS record queries",
        "OTHER_RCODE": "Name server answers AAAA and A queries differently",
        "NO_SOA": "Negative answers lack the SOA record",
        "APEX_ALIAS": "The domain itself is an alias (CNAME) beside its mail records",
    },
    why="A load balancer that answers a question for AAAA with an error, or not at all, makes visitors wait or lets"
    " them believe that the name does not exist, also those who would have been content with IPv4.",
    fix="Update or replace the DNS load balancer or firewall in front of the name server: where there is no AAAA it"
    " must answer NOERROR with the SOA record of the zone.",
    references=("RFC 4074", "RFC 8020", "RFC 2308 §2.2", "Zonemaster NAMESERVER05"),
    needs=(Delegation, NameLookup, DnsExchange),
    beside=(EdnsAnswer,),
    kinds=frozenset({Kind.ZONE}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"udp/53"}),
    unit=Granularity.ADDRESS,
    clearance=Clearance.PASSIVE,
    excused_by=dict.fromkeys(("NAME_ERROR", "BAD_RCODE", "HTTPS_BAD_RCODE", "OTHER_RCODE"), ASKING),
    messages={
        **every_server.NO_SERVER,
        "HANDLED": passed("{address} answers questions for AAAA and HTTPS in {zone} as it answers for A."),
        "NAME_ERROR": fail(
            "{address} says NXDOMAIN when asked for AAAA of {name}, which has A records: resolvers then believe that"
            " the name does not exist."
        ),
        "BAD_RCODE": fail("{address} answers {rcode} when asked for AAAA of {name}, which has A records."),
        "DROPPED": fail(
            "{address} does not answer when asked for AAAA of {name}, though it answers for A before and after."
        ),
        "HTTPS_BAD_RCODE": warn(
            "{address} handles AAAA, but answers {rcode} when asked for HTTPS records of {name} ({expected} for A).",
            fix=_HTTPS_FIX,
        ),
        "HTTPS_DROPPED": warn(
            "{address} handles AAAA, but does not answer when asked for HTTPS records of {name}.", fix=_HTTPS_FIX
        ),
        "OTHER_RCODE": warn("{address} answers {rcode} for AAAA of {name}, and {expected} for A."),
        "NO_SOA": warn(
            "{address} says that {name} has no {rtype} without the SOA record, so that resolvers cannot remember it."
        ),
        "APEX_ALIAS": warn(
            "{address} answers with an alias (CNAME) when asked for addresses of {zone} itself, which has MX records"
            " beside it: resolvers that remember the alias look for the mail servers at its target, and mail is lost.",
            fix="Put A and AAAA records, or a record of the DNS provider that follows another name (ALIAS, ANAME), in"
            " place of the CNAME at the name of the zone (RFC 2181 §10.1).",
        ),
        **not_judged.DNS_LIMITED,
        **ERRS_AT_TIMES,
        "NO_BASIS": not_applicable(
            "{address} gives no usable answer for A of any name in {zone} either, which other findings are about."
        ),
    },
)
def aaaa_behaviour(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    def judge(server: ServerAddress) -> Verdict:
        zone, address = server.zone, server.address
        basis = handlings(evidence, ctx, zone.name, address)
        alias = alias_beside_mail(evidence, zone.name, address)
        verdict = _worst(evidence, address, basis.handlings) if basis.reason is None else None
        if verdict is None and alias is not None:
            args = {"address": str(address), "zone": zone.name}
            return Verdict(code="APEX_ALIAS", args=args, address=address, evidence=(alias,))
        if basis.reason is Reason.DNS:
            args = {"address": str(address), "zone": zone.name}
            return Verdict(code="NO_BASIS", args=args, address=address, evidence=basis.evidence)
        if basis.reason is not None:
            return not_judged.at(address, "udp/53", basis.reason, basis.evidence)
        return verdict or Verdict(
            code="HANDLED", args={"address": str(address), "zone": zone.name}, address=address, evidence=basis.evidence
        )

    yield from for_each(every_server.targets(subject, evidence, ctx), judge)


def _worst(evidence: EvidenceSet, address: IPAddress, every: Sequence[Handling]) -> Verdict | None:
    """Return the worst verdict at one address: a failure first, then the undecided, then warnings; None if sound."""
    aaaa = [handling for handling in every if handling.rtype == "AAAA"]
    https = [handling for handling in every if handling.rtype == "HTTPS"]
    open_ = next((handling for handling in every if handling.conduct is Conduct.UNKNOWN), None)
    errs = next((handling for handling in every if handling.conduct is Conduct.ERRS_AT_TIMES), None)
    return (
        _first(address, aaaa, _FAILS)
        or (errs_at_times(evidence, address, errs.rcode, errs.evidence) if errs else None)
        or _first(address, every, {Conduct.LIMITED: "LIMITED"})
        or (not_judged.at(address, "udp/53", open_.reason, open_.evidence) if open_ else None)
        or _first(address, aaaa, _WARNS)
        or _first(address, https, {**_HTTPS, **_WARNS})
    )


def _first(address: IPAddress, among: Sequence[Handling], codes: Mapping[Conduct, str]) -> Verdict | None:
    handling = next((handling for handling in among if handling.conduct in codes), None)
    return None if handling is None else _say(codes[handling.conduct], address, handling)


_ARGS = {
    "NAME_ERROR": ("name",),
    "BAD_RCODE": ("name", "rcode"),
    "DROPPED": ("name",),
    "HTTPS_BAD_RCODE": ("name", "rcode", "expected"),
    "HTTPS_DROPPED": ("name",),
    "OTHER_RCODE": ("name", "rcode", "expected"),
    "NO_SOA": ("name", "rtype"),
    "LIMITED": (),
}


def _say(code: str, address: IPAddress, handling: Handling) -> Verdict:
    values = {"name": handling.name, "rcode": handling.rcode, "expected": handling.expected, "rtype": handling.rtype}
    args = {"address": str(address), **{name: values[name] for name in _ARGS[code]}}
    return Verdict(code=code, args=args, address=address, evidence=handling.evidence)
