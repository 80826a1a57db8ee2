"""``security.mail.dkim``: there are keys with which receivers can tell the agency's own mail (RFC 6376, RFC 8301)."""

from collections.abc import Iterator

from auditor.check import Place, check, says
from auditor.context import Context
from auditor.facts import undecided
from auditor.facts.dkim import Existence, Selector, existence, selector
from auditor.facts.names import canonical
from auditor.facts.spf import sends_nothing
from auditor.findings import Arg, Outcome, Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import LookupStatus, NameLookup

_STRONG, _BROKEN = 2048, 1024


@check(
    version=1,
    title="DKIM keys exist",
    why="Without DKIM, mail that is forwarded cannot be told from mail that only pretends to be the agency's.",
    fix="Publish the key of every system that signs the domain's mail, RSA of 2048 bits or Ed25519, and write its"
    " selector into the tags column of the inventory (dkim=SELECTOR).",
    references=("RFC 6376 §3.6", "RFC 8301 §3.2", "RFC 8463", "Internet.nl dkim (RFC 8020)"),
    needs=(NameLookup,),
    kinds=frozenset({Kind.MAIL}),
    vantage=frozenset({Place.INET, Place.INV}),
    transports=frozenset({"udp/53"}),
    clearance=Clearance.PASSIVE,
    messages={
        **undecided.DNS_CODES,
        "STRONG": says(Outcome.PASS, "The DKIM key {selector} of {name} is good: {algorithm}, {bits} bits."),
        "SHORT": says(Outcome.WARN, "The DKIM key {selector} of {name} has {bits} bits; 2048 are recommended."),
        "REVOKED_SPARE": says(
            Outcome.WARN,
            "The DKIM key {selector} of {name} is revoked; another declared selector is good.",
            fix="Take the selector out of the inventory.",
        ),
        "SEVERAL": says(
            Outcome.WARN,
            "{name} has more than one DKIM key at {selector}, so that nobody knows which one counts.",
            fix="Give every key a selector of its own.",
        ),
        "EXISTS": says(
            Outcome.WARN,
            "{name} has names for DKIM keys, but the inventory declares no selector, so that no key could be looked"
            " at.",
            fix="Write the selectors into the tags column of the inventory (dkim=SELECTOR).",
        ),
        "DENIED_YET_THERE": says(
            Outcome.WARN,
            "The name servers of {name} deny that there are DKIM keys, although there is one: {selector}.",
            fix="Write the selectors into the tags column of the inventory (dkim=SELECTOR).",
        ),
        "TOO_SHORT": says(Outcome.FAIL, "The DKIM key {selector} of {name} has only {bits} bits: receivers ignore it."),
        "REVOKED": says(Outcome.FAIL, "The DKIM key {selector} of {name} is revoked, and no declared one is good."),
        "MISSING": says(Outcome.FAIL, "{name} has no DKIM key at the declared selector {selector}."),
        "BROKEN": says(Outcome.FAIL, "What {name} has at the selector {selector} is no DKIM key: {term}."),
        "NO_KEYS": says(Outcome.FAIL, "{name} has no DKIM keys: there is nothing at _domainkey.{name}."),
        "WILDCARD": says(
            Outcome.INCONCLUSIVE,
            "{name} answers for every name (a wildcard), so that only declared selectors show whether it has DKIM"
            " keys.",
            fix="Write the selectors into the tags column of the inventory (dkim=SELECTOR).",
            reason=Reason.AMB,
        ),
        "NOT_SENDING": says(Outcome.NOT_APPLICABLE, "{name} declares that it sends no mail (v=spf1 -all)."),
    },
)
def dkim(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name = canonical(subject.host or subject.name)
    declared = tuple(dict.fromkeys(map(canonical, subject.tag_values("dkim"))))
    if declared:
        found = [selector(evidence, ctx, name, one) for one in declared]
        good = any(one.usable for one in found)
        yield from (_of_selector(name, one, others_good=good) for one in found)
    elif sends_nothing(evidence, ctx, name):
        yield Verdict(code="NOT_SENDING", args={"name": name})
    else:
        yield _undeclared(name, existence(evidence, ctx, name))


def _of_selector(name: str, found: Selector, *, others_good: bool) -> Verdict:
    look, key = found.look, found.key
    if not look.known:
        return undecided.dns(look, detail=found.name)
    args: dict[str, Arg] = {"name": name, "selector": found.name, "term": found.wrong}
    if found.several:
        code = "SEVERAL"
    elif key is None:
        code = "BROKEN" if found.wrong else "MISSING"
    elif key.revoked:
        code = "REVOKED_SPARE" if others_good else "REVOKED"
    else:
        args |= {"bits": key.bits, "algorithm": {"rsa": "RSA", "ed25519": "Ed25519"}[key.algorithm]}
        code = "STRONG" if key.algorithm == "ed25519" or key.bits >= _STRONG else "SHORT"
        code = "TOO_SHORT" if key.algorithm == "rsa" and key.bits < _BROKEN else code
    return Verdict(code=code, args=args, evidence=look.evidence, detail=found.name)


def _undeclared(name: str, found: Existence) -> Verdict:
    if found.unknown is not None:
        return undecided.dns(found.unknown)
    args: dict[str, Arg] = {"name": name, "selector": found.usual}
    if found.wildcard.status is not LookupStatus.NO_SUCH_NAME or found.look.chain:
        code = "WILDCARD"
    elif found.look.status is not LookupStatus.NO_SUCH_NAME:
        code = "EXISTS"
    else:
        code = "DENIED_YET_THERE" if found.usual else "NO_KEYS"
    return Verdict(code=code, args=args, evidence=found.evidence)
