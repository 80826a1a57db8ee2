"""Check that the domain's mail exchangers have IPv6 addresses.

It reads only DNS, which IPv4 gives in full. An exchanger without any address is the finding of ``security.mail.mx``.
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
    version=3,
    title="Mail exchangers have IPv6 addresses",
    problem="Mail servers (MX) have no IPv6 address",
    problems={
        "BACKUP_WITHOUT": "One of the mail servers (MX) has no IPv6 address",
        "BEST_WITHOUT": "The preferred mail server has no IPv6 address",
    },
    why="Mail from servers that have only IPv6 cannot be delivered to a domain whose mail exchangers have none.",
    fix="Publish AAAA records for all mail exchangers, or receive mail through a gateway that has IPv6. At Microsoft"
    " 365 the domain's administrator switches it on (Enable-IPv6ForAcceptedDomain).",
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
            "A preferred mail exchanger of {name} has IPv6, but {exchangers/this one has/these have} not:"
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
    mail_domain = mail(subject, evidence, ctx)
    if not mail_domain.mx.known:
        yield not_judged.dns(mail_domain.mx)
    elif not mail_domain.exchangers:
        code = "NULL_MX" if mail_domain.null else "NO_MX"
        yield Verdict(code=code, args={"name": mail_domain.mx.name}, evidence=mail_domain.mx.evidence)
    else:
        yield _judge(mail_domain)


def _judge(mail_facts: Mail) -> Verdict:
    """Return the verdict on the exchangers that have any address."""
    left = [exchanger for exchanger in mail_facts.exchangers if not (exchanger.literal or exchanger.homeless)]

    def say(code: str, names: Iterable[str]) -> Verdict:
        return Verdict(
            code=code, args={"name": mail_facts.mx.name, "exchangers": tuple(names)}, evidence=_evidence(mail_facts)
        )

    if not left:
        return say("NO_ADDRESS", (exchanger.name for exchanger in mail_facts.exchangers))
    best = [exchanger for exchanger in left if exchanger.preference == min(exchanger.preference for exchanger in left)]
    code, about = _weighed(left, best)
    return (
        not_judged.dns(about[0].unknown or about[0].aaaa)
        if code is None
        else say(code, (exchanger.name for exchanger in about))
    )


def _weighed(left: list[Exchanger], best: list[Exchanger]) -> tuple[str | None, list[Exchanger]]:
    """Return the code and the exchangers that it is about; without a code the first of them is not known."""
    unknown = [exchanger for exchanger in left if exchanger.unknown is not None]
    without = [exchanger for exchanger in left if exchanger.usable is False and exchanger not in unknown]
    if any(exchanger.usable for exchanger in best):
        if without:
            return "BACKUP_WITHOUT", without
        return (None, unknown) if unknown else ("ALL", left)
    if any(exchanger in unknown for exchanger in best):
        return None, [exchanger for exchanger in best if exchanger in unknown]
    if any(exchanger.usable for exchanger in left):
        return "BEST_WITHOUT", best
    return (None, unknown) if unknown else ("NONE", without)


def _evidence(mail_facts: Mail) -> tuple[EvidenceId, ...]:
    ids = [id_ for exchanger in mail_facts.exchangers for id_ in exchanger.aaaa.evidence]
    return tuple(dict.fromkeys([*mail_facts.mx.evidence, *ids]))
