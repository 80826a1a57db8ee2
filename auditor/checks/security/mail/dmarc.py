"""``security.mail.dmarc``: receivers are told to refuse or set aside mail that only pretends (RFC 9989)."""

from collections.abc import Iterator, Mapping

from auditor.check import check, says
from auditor.context import Context
from auditor.facts import undecided
from auditor.facts.exchangers import mail
from auditor.facts.names import canonical
from auditor.facts.replay import Replayed, replay
from auditor.findings import Arg, Outcome, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.wire.dmarc import Dmarc, Problem, evaluate

_PROBLEMS: Mapping[Problem, str] = {
    Problem.ABSENT: "NONE",
    Problem.MULTIPLE: "MULTIPLE",
    Problem.INVALID: "INVALID",
}


@check(
    version=2,
    title="DMARC is enforced",
    why="SPF and DKIM alone refuse nothing: DMARC tells receivers what to do with mail that pretends to be from the"
    " agency, and lets the agency see who sends in its name.",
    fix="Publish one DMARC record; move its policy from none to quarantine to reject as the reports show that all own"
    " mail passes.",
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
        **undecided.DNS_CODES,
        "ENFORCED": says(Outcome.PASS, "The DMARC policy for {name} is {policy}, by the record of {place}."),
        "POLICY_NONE": says(Outcome.WARN, "The DMARC policy for {name} is none, by the record of {place}: it watches."),
        "REJECT_IN_TEST": says(
            Outcome.WARN,
            "The DMARC policy for {name} is reject in test mode (t=y), by the record of {place}: receivers only set"
            " mail aside.",
            fix="Remove t=y once the reports show that all own mail passes.",
        ),
        "REPORTS_REFUSED": says(
            Outcome.WARN,
            "The DMARC policy for {name} is {policy}, but {hosts:list} {hosts/has/have} not agreed to take reports"
            " about {place}.",
            fix="Have the receiver of the reports publish the record that agrees, or send the reports to an address of"
            " the agency's own.",
        ),
        "PARKED_LAX": says(
            Outcome.WARN,
            "{name} declares that it takes no mail, yet its DMARC policy is {policy} and not reject.",
            fix='Publish "v=DMARC1; p=reject" for a domain without mail.',
        ),
        "QUARANTINE_IN_TEST": says(
            Outcome.FAIL,
            "The DMARC policy for {name} is quarantine in test mode (t=y), by the record of {place}: nothing is done.",
            fix="Remove t=y once the reports show that all own mail passes.",
        ),
        "NONE": says(Outcome.FAIL, "Neither {name} nor a domain above it has a DMARC record."),
        "MULTIPLE": says(
            Outcome.FAIL,
            "{place} has more than one DMARC record: receivers ignore them all.",
            fix="Keep one of the records.",
        ),
        "INVALID": says(Outcome.FAIL, "The DMARC record of {place} cannot be understood at {term}."),
    },
)
def dmarc(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name = canonical(subject.host or subject.name)
    found: Replayed[Dmarc] = replay(evaluate(name), evidence, ctx, "dmarc")
    said = found.value
    args: dict[str, Arg] = {"name": name, "place": said.place}
    if said.problem is not None:
        if said.problem is Problem.UNANSWERED and found.unknown is not None:
            yield undecided.dns(found.unknown)
            return
        args["term"] = "" if said.record is None else said.record.wrong
        yield Verdict(code=_PROBLEMS[said.problem], args=args, evidence=found.evidence)
        return
    yield _judge(subject, evidence, ctx, found)


def _judge(subject: Subject, evidence: EvidenceSet, ctx: Context, found: Replayed[Dmarc]) -> Verdict:
    said, name = found.value, canonical(subject.host or subject.name)
    policy = said.policy(name)
    args: dict[str, Arg] = {"name": name, "place": said.place, "policy": policy}
    code, ids = _strength(policy, testing=said.record is not None and said.record.testing), found.evidence
    if code == "ENFORCED" and policy == "quarantine":
        takes = mail(subject, evidence, ctx)
        if not takes.mx.known:
            return undecided.dns(takes.mx)
        ids = tuple(dict.fromkeys([*ids, *takes.mx.evidence]))
        code = "PARKED_LAX" if takes.null else code
    if code == "ENFORCED" and said.refused:
        code, args["hosts"] = "REPORTS_REFUSED", said.refused
    if code == "ENFORCED" and said.uncertain and found.unknown is not None:
        return undecided.dns(found.unknown)
    return Verdict(code=code, args=args, evidence=ids)


def _strength(policy: str, *, testing: bool) -> str:
    """In test mode every policy counts as the next weaker one (RFC 9989 §4.7)."""
    if policy == "none":
        return "POLICY_NONE"
    if testing:
        return "REJECT_IN_TEST" if policy == "reject" else "QUARANTINE_IN_TEST"
    return "ENFORCED"
