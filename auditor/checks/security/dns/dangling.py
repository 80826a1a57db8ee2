"""Check that no NS, MX, CNAME or DNAME record leads to a name that does not exist.

An exchanger that is missing in a domain that exists is ``security.mail.mx``'s finding.
"""

from collections.abc import Iterator

from auditor.facts import not_judged
from auditor.facts.dns.dangling import NamedTarget, NameEnd, targets
from auditor.facts.dns.names import Lookup
from auditor.framework.check import check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import WEB_KINDS, Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup


@check(
    version=4,
    title="No record leads to a name that does not exist",
    problem="A record leads to a domain that anyone can register",
    problems={"GONE": "A record leads to a name that no longer exists"},
    why="Anyone who registers a domain that a record still leads to answers for the zone, takes its mail or serves "
    "its pages: this is how gambling pages appear on government names.",
    fix="Remove the record now, or register the domain again.",
    references=("RFC 1034 §4.2.2", "RFC 8020", "Liu et al., All Your DNS Records Point to Us, CCS 2016"),
    needs=(NameLookup,),
    kinds=WEB_KINDS | {Kind.ZONE, Kind.MAIL},
    transports=frozenset({"udp/53"}),
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        "EXIST": passed("Every name that records of {name} lead to exists: {targets:list}."),
        "UNOWNED": fail(
            "{rtype} of {name} leads to {target}, and the domain {domain} does not exist: anyone who registers it "
            "takes over what the record leads to."
        ),
        "GONE": warn(
            "{rtype} of {name} leads to {target}, which does not exist: at some providers anybody may claim such a"
            " name.",
            fix="Remove the record, or create the name that it leads to.",
        ),
        "NO_SUFFIXES": inconclusive(
            "{rtype} of {name} leads to {target}, which does not exist; whether its domain is still registered was not"
            " told apart without a list of public suffixes.",
            fix="Remove the record, or create the name that it leads to.",
            reason=Reason.REF,
        ),
        "NO_RECORD": not_applicable("No record of {name} leads to another name."),
    },
)
def dangling(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name = subject.host or subject.name
    found = targets(evidence, ctx)
    wrong = [target for target in found if target.end in _CODES and not _of_mail(target)]
    yield from (_say(name, target) for target in wrong)
    open_ = [target for target in found if target.end is NameEnd.UNKNOWN]
    for target in open_:
        look = Lookup(name=target.name, rtype="A", reason=target.reason, evidence=target.evidence)
        yield not_judged.dns(look, detail=f"{target.rtype} {target.name}")
    if wrong or open_:
        return
    ids = tuple(dict.fromkeys(id_ for target in found for id_ in target.evidence))
    exist = tuple(dict.fromkeys(target.name for target in found if target.end is NameEnd.EXISTS))
    if exist:
        yield Verdict(code="EXIST", args={"name": name, "targets": exist}, evidence=ids)
    else:
        yield Verdict(code="NO_RECORD", args={"name": name}, evidence=ids)


_CODES = {NameEnd.UNOWNED: "UNOWNED", NameEnd.GONE: "GONE", NameEnd.NO_LIST: "NO_SUFFIXES"}


def _of_mail(target: NamedTarget) -> bool:
    return target.rtype == "MX" and target.end is NameEnd.GONE


def _say(name: str, target: NamedTarget) -> Verdict:
    args = {"name": target.owner or name, "rtype": target.rtype, "target": target.name}
    args |= {"domain": target.domain} if target.end is NameEnd.UNOWNED else {}
    return Verdict(code=_CODES[target.end], args=args, detail=f"{target.rtype} {target.name}", evidence=target.evidence)
