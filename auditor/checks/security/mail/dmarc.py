"""Check that DMARC tells receivers to refuse or set aside forged mail (RFC 9989)."""

from collections.abc import Iterator, Mapping

from auditor.facts import not_judged
from auditor.facts.dns.names import canonical, lookup
from auditor.facts.dns.replay import Replayed, replay
from auditor.facts.mail.exchangers import mail
from auditor.facts.mail.misspelt import MISSPELT_DMARC, meant
from auditor.facts.web.suffixes import registrable
from auditor.framework.check import check, fail, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.wire.mail.dmarc import Dmarc, DmarcProblem, climb, evaluate
from probes.wire.mail.misspelt import dmarc_slip

_PROBLEMS: Mapping[DmarcProblem, str] = {
    DmarcProblem.ABSENT: "NONE",
    DmarcProblem.MULTIPLE: "MULTIPLE",
    DmarcProblem.INVALID: "INVALID",
}


@check(
    version=7,
    title="DMARC is enforced",
    problem="DMARC record is invalid",
    problems={
        "POLICY_NONE": "DMARC only monitors (policy none)",
        "SUBDOMAINS_OPEN": "DMARC does not protect subdomains",
        "REJECT_IN_TEST": "DMARC policy is in test mode",
        "QUARANTINE_IN_TEST": "DMARC policy is in test mode",
        "REPORTS_REFUSED": "Recipient of DMARC reports has not agreed",
        "PARKED_LAX": "DMARC of a domain without mail is too lax",
        "NONE": "No DMARC record",
        "MULTIPLE": "Several DMARC records cancel each other",
    },
    why="SPF and DKIM by themselves refuse nothing: DMARC tells receivers what to do with mail that pretends to be"
    " from the agency, and lets the agency see who sends in its name.",
    fix="Publish one DMARC record; move its policy from none to quarantine to reject as the reports show that all own"
    " mail passes, and that for subdomains (sp, np) with it.",
    references=(
        "RFC 9989 §4.7",
        "RFC 9989 §4.10",
        "RFC 9990 §4",
        "Internet.nl dmarc, dmarc_policy",
        "QCVN 12:2026/BCA §3.10.2.2.5",
    ),
    needs=(NameLookup,),
    kinds=frozenset({Kind.MAIL}),
    transports=frozenset({"udp/53"}),
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        "ENFORCED": passed("The DMARC policy for {name} is {policy}, by the record of {place}."),
        "POLICY_NONE": warn("The DMARC policy for {name} is none, by the record of {place}: it watches."),
        "NO_REPORTS": passed(
            "The DMARC record of {place} asks for no reports (rua): the agency does not see who sends in its name."
        ),
        "REPORTS_NOWHERE": passed(
            "The DMARC record of {place} asks for reports at {term} (rua), which receivers cannot use: an address"
            " counts only as mailto:ADDRESS. The agency does not see who sends in its name."
        ),
        "PERCENT": passed(
            "The DMARC record of {place} has pct={percent}: receivers that follow RFC 7489 do as the policy says with"
            " that part of failing mail only."
        ),
        "SUBDOMAINS_OPEN": warn(
            "The DMARC policy for {name} is {policy}, but none for its subdomains ({tags:list}): anybody can write as"
            " one of them.",
            fix="Set {tags:list} to quarantine or reject, or take {tags/it/them} out: then the policy of the domain"
            " holds for subdomains too.",
        ),
        "REJECT_IN_TEST": warn(
            "The DMARC policy for {name} is reject in test mode (t=y), by the record of {place}: receivers only set"
            " mail aside.",
            fix="Remove t=y once the reports show that all own mail passes.",
        ),
        "REPORTS_REFUSED": warn(
            "The DMARC policy for {name} is {policy}, but {hosts:list} {hosts/has/have} not agreed to take reports"
            " about {place}.",
            fix="Have the receiver of the reports publish the record that agrees, or send the reports to an address of"
            " the agency's own.",
        ),
        "PARKED_LAX": warn(
            "{name} declares that it takes no mail, yet its DMARC policy is {policy} and not reject.",
            fix='Publish "v=DMARC1; p=reject" for a domain without mail.',
        ),
        "QUARANTINE_IN_TEST": fail(
            "The DMARC policy for {name} is quarantine in test mode (t=y), by the record of {place}: nothing is done.",
            fix="Remove t=y once the reports show that all own mail passes.",
        ),
        "NONE": fail("Neither {name} nor a domain above it has a DMARC record."),
        **MISSPELT_DMARC,
        "MULTIPLE": fail(
            "{place} has more than one DMARC record: receivers ignore them all.", fix="Keep one of the records."
        ),
        "INVALID": fail("The DMARC record of {place} cannot be understood at {term}."),
    },
)
def dmarc(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name = canonical(subject.host or subject.name)
    replayed: Replayed[Dmarc] = replay(evaluate(name), evidence, ctx, "dmarc")
    said = replayed.value
    args: dict[str, Arg] = {"name": name, "place": said.place}
    if said.problem is not None:
        if said.problem is DmarcProblem.UNANSWERED and replayed.unknown is not None:
            yield not_judged.dns(replayed.unknown)
            return
        args["term"] = "" if said.record is None else said.record.wrong
        record = _meant_near(evidence, ctx, name) if said.problem is DmarcProblem.ABSENT else None
        if record is not None:
            code, args["place"], args["record"] = record
        else:
            code = _PROBLEMS[said.problem]
        yield Verdict(code=code, args=args, evidence=replayed.evidence)
        return
    judged = _judge(subject, evidence, ctx, replayed)
    yield judged
    if judged.code == "ENFORCED":
        yield from _notes(replayed)


def _notes(replayed: Replayed[Dmarc]) -> Iterator[Verdict]:
    """Yield notes for the owner about a good record."""
    record = replayed.value.record
    if record is not None and not record.report_hosts:
        code, told = "NO_REPORTS", {"place": replayed.value.place}
        if record.reports:
            code, told["term"] = "REPORTS_NOWHERE", record.reports[:80]
        yield Verdict(code=code, args=told, detail="rua=", evidence=replayed.evidence)
    if record is not None and record.percent < 100:
        args: dict[str, Arg] = {"place": replayed.value.place, "percent": record.percent}
        yield Verdict(code="PERCENT", args=args, detail="pct=", evidence=replayed.evidence)


def _judge(subject: Subject, evidence: EvidenceSet, ctx: Context, replayed: Replayed[Dmarc]) -> Verdict:
    record, name = replayed.value, canonical(subject.host or subject.name)
    policy = record.policy(name)
    args: dict[str, Arg] = {"name": name, "place": record.place, "policy": policy}
    code, ids = _strength(policy, testing=record.record is not None and record.record.testing), replayed.evidence
    if code == "ENFORCED" and policy == "quarantine":
        takes = mail(subject, evidence, ctx)
        if not takes.mx.known:
            return not_judged.dns(takes.mx)
        ids = tuple(dict.fromkeys([*ids, *takes.mx.evidence]))
        code = "PARKED_LAX" if takes.null else code
    tags = _open_tags(record) if record.place == name else ()
    if code == "ENFORCED" and tags:
        code, args["tags"] = "SUBDOMAINS_OPEN", tags
    refused = tuple(host for host in record.refused if not _is_akin(host, record.place, ctx))
    if code == "ENFORCED" and refused:
        code, args["hosts"] = "REPORTS_REFUSED", refused
    if code == "ENFORCED" and record.uncertain and replayed.unknown is not None:
        return not_judged.dns(replayed.unknown)
    return Verdict(code=code, args=args, evidence=ids)


def _is_akin(host: str, place: str, ctx: Context) -> bool:
    """True if both are of one organisation by the list of public suffixes, though no record above them says so.

    Receivers that follow RFC 7489 send it reports without its consent.
    """
    organisation = registrable(place, ctx)
    return organisation is not None and organisation == registrable(host, ctx)


def _meant_near(evidence: EvidenceSet, ctx: Context, name: str) -> tuple[str, str, str] | None:
    """Return the code, the place and the text of the first record meant as DMARC, of the domain or above it."""
    for place in climb(name):
        pair = meant(lookup(evidence, ctx, f"_dmarc.{place}", "TXT", "dmarc").records, dmarc_slip)
        if pair is not None:
            return pair[0], place, pair[1]
    return None


def _open_tags(said: Dmarc) -> tuple[str, ...]:
    """Return the tags that leave subdomains open: those that exist, those that do not, or both."""
    if said.record is None:
        return ()
    pairs = (("sp=none", said.record.sp), ("np=none", said.record.np))
    return tuple(tag for tag, value in pairs if value == "none")


def _strength(policy: str, *, testing: bool) -> str:
    """Return the code for a policy; in test mode it counts as the next weaker one (RFC 9989 §4.7)."""
    if policy == "none":
        return "POLICY_NONE"
    if testing:
        return "REJECT_IN_TEST" if policy == "reject" else "QUARANTINE_IN_TEST"
    return "ENFORCED"
