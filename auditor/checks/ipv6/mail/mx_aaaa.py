"""Check that the domain's mail exchangers have IPv6 addresses.

It reads the DNS alone, which IPv4 gives in full. An exchanger without any address is the finding of
``security.mail.mx``.
"""

from collections.abc import Iterable, Iterator

from auditor.facts import not_judged
from auditor.facts.mail.exchangers import NO_EXCHANGERS, Exchanger, Mail, mail
from auditor.framework.check import check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import NameLookup


@check(
    version=2,
    title="Mail exchangers have IPv6 addresses",
    why="Mail from servers that have IPv6 alone cannot be delivered to a domain whose mail exchangers have none.",
    fix="Publish AAAA records for all mail exchangers, or receive mail through a gateway that has IPv6.",
    references=("RFC 5321 §5.1", "RFC 7505", "Internet.nl mx_aaaa"),
    needs=(NameLookup,),
    kinds=frozenset({Kind.MAIL}),
    transports=frozenset({"udp/53"}),
    presence=True,
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        "ALL": passed("Every mail exchanger of {name} has a usable IPv6 address: {exchangers:list}."),
        "BACKUP_WITHOUT": warn(
            "The preferred mail exchanger of {name} has IPv6, but {exchangers/this one has/these have} not:"
            " {exchangers:list}."
        ),
        "BEST_WITHOUT": fail(
            "The preferred mail exchanger of {name} has no usable IPv6 address ({exchangers:list}); only a backup has."
        ),
        "NONE": fail("No mail exchanger of {name} has a usable IPv6 address: {exchangers:list}."),
        **NO_EXCHANGERS,
        "NO_ADDRESS": not_applicable("No mail exchanger of {name} has an address of either family: {exchangers:list}."),
    },
)
def mx_aaaa(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = mail(subject, evidence, ctx)
    if not found.mx.known:
        yield not_judged.dns(found.mx)
    elif not found.exchangers:
        code = "NULL_MX" if found.null else "NO_MX"
        yield Verdict(code=code, args={"name": found.mx.name}, evidence=found.mx.evidence)
    else:
        yield _judge(found)


def _judge(found: Mail) -> Verdict:
    """What the exchangers come to that have an address at all."""
    left = [one for one in found.exchangers if not (one.literal or one.homeless)]

    def say(code: str, names: Iterable[str]) -> Verdict:
        return Verdict(code=code, args={"name": found.mx.name, "exchangers": tuple(names)}, evidence=_evidence(found))

    if not left:
        return say("NO_ADDRESS", (one.name for one in found.exchangers))
    best = [one for one in left if one.preference == min(one.preference for one in left)]
    code, about = _weighed(left, best)
    return not_judged.dns(about[0].aaaa) if code is None else say(code, (one.name for one in about))


def _weighed(left: list[Exchanger], best: list[Exchanger]) -> tuple[str | None, list[Exchanger]]:
    """The code and the exchangers that it is about; without a code the first of them is not known."""
    without = [one for one in left if one.usable is False]
    unknown = [one for one in left if one.usable is None]
    if any(one.usable for one in best):
        if without:
            return "BACKUP_WITHOUT", without
        return (None, unknown) if unknown else ("ALL", left)
    if any(one.usable is None for one in best):
        return None, [one for one in best if one.usable is None]
    if any(one.usable for one in left):
        return "BEST_WITHOUT", best
    return (None, unknown) if unknown else ("NONE", without)


def _evidence(found: Mail) -> tuple[EvidenceId, ...]:
    ids = [id_ for one in found.exchangers for id_ in one.aaaa.evidence]
    return tuple(dict.fromkeys([*found.mx.evidence, *ids]))
