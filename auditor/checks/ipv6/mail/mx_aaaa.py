"""``ipv6.mail.mx-aaaa``: the domain's mail exchangers have IPv6 addresses."""

from collections.abc import Iterator

from auditor.check import Claim, check, says
from auditor.context import Context
from auditor.facts import undecided
from auditor.facts.exchangers import Mail, mail
from auditor.findings import Outcome, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import NameLookup


@check(
    version=1,
    title="Mail exchangers have IPv6 addresses",
    why="Mail from servers that have IPv6 alone cannot be delivered to a domain whose mail exchangers have none.",
    fix="Publish AAAA records for all mail exchangers, or receive mail through a gateway that has IPv6.",
    references=("RFC 5321 §5.1", "RFC 7505", "Internet.nl mx_aaaa"),
    needs=(NameLookup,),
    kinds=frozenset({Kind.MAIL}),
    claims=Claim.V6,
    transports=frozenset({"udp/53"}),
    presence=True,
    clearance=Clearance.PASSIVE,
    messages={
        **undecided.DNS_CODES,
        "ALL": says(Outcome.PASS, "Every mail exchanger of {name} has a usable IPv6 address: {exchangers:list}."),
        "BACKUP_WITHOUT": says(
            Outcome.WARN,
            "The preferred mail exchanger of {name} has IPv6, but {exchangers/this one has/these have} not:"
            " {exchangers:list}.",
        ),
        "BEST_WITHOUT": says(
            Outcome.FAIL,
            "The preferred mail exchanger of {name} has no usable IPv6 address ({exchangers:list}); only a backup has.",
        ),
        "NONE": says(Outcome.FAIL, "No mail exchanger of {name} has a usable IPv6 address: {exchangers:list}."),
        "NULL_MX": says(Outcome.NOT_APPLICABLE, "{name} declares that it takes no mail (Null MX)."),
        "NO_MX": says(Outcome.NOT_APPLICABLE, "{name} has no MX record."),
    },
)
def mx_aaaa(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = mail(subject, evidence, ctx)
    if not found.mx.known:
        yield undecided.dns(found.mx)
    elif not found.exchangers:
        code = "NULL_MX" if found.null else "NO_MX"
        yield Verdict(code=code, args={"name": found.mx.name}, evidence=found.mx.evidence)
    else:
        yield _judge(found)


def _judge(found: Mail) -> Verdict:
    preferred = min(one.preference for one in found.exchangers)
    best = [one for one in found.exchangers if one.preference == preferred]
    without = tuple(one.name for one in found.exchangers if one.usable is False)
    unknown = [one for one in found.exchangers if one.usable is None]

    def say(code: str, names: tuple[str, ...]) -> Verdict:
        return Verdict(code=code, args={"name": found.mx.name, "exchangers": names}, evidence=_evidence(found))

    if any(one.usable for one in best):
        if without:
            return say("BACKUP_WITHOUT", without)
        return undecided.dns(unknown[0].aaaa) if unknown else say("ALL", tuple(one.name for one in found.exchangers))
    undecided_best = [one for one in best if one.usable is None]
    if undecided_best:
        return undecided.dns(undecided_best[0].aaaa)
    if any(one.usable for one in found.exchangers):
        return say("BEST_WITHOUT", tuple(one.name for one in best))
    return undecided.dns(unknown[0].aaaa) if unknown else say("NONE", without)


def _evidence(found: Mail) -> tuple[EvidenceId, ...]:
    ids = [id_ for one in found.exchangers for id_ in one.aaaa.evidence]
    return tuple(dict.fromkeys([*found.mx.evidence, *ids]))
