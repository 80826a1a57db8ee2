"""Check that the domain publishes valid DKIM keys (RFC 6376, RFC 8301).

The name ``_domainkey`` itself decides nothing: servers deny it although there are names below it. A selector that is
missing from our list of usual ones is no defect.
"""

from collections.abc import Iterator, Sequence

from auditor.facts import not_judged
from auditor.facts.dns.names import Lookup, canonical
from auditor.facts.mail.dkim_selectors import Selector, UsualSelectors, selector_record, usual_selectors
from auditor.facts.mail.spf import sends_nothing
from auditor.framework.check import VantageKind, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.wire.mail.dkim import Key, is_key_record
from probes.wire.mail.spf.record import text_of

_STRONG, _BROKEN = 2048, 1024


@check(
    version=6,
    title="DKIM keys exist",
    problem="DKIM key is missing or unusable",
    problems={
        "SHORT": "DKIM key is shorter than recommended",
        "REVOKED_SPARE": "One of several DKIM keys is revoked",
        "SEVERAL": "Several DKIM keys are published at one selector",
        "TESTING": "DKIM key is in test mode",
        "ED25519_ALONE": "DKIM key type is not supported by large receivers",
        "FOUND_BROKEN": "DKIM key is malformed",
        "BROKEN": "DKIM key is malformed",
        "TOO_SHORT": "DKIM key is too short",
        "REVOKED": "DKIM key is revoked",
        "MISSING": "No DKIM key at the declared selector",
        "SHA1_ALONE": "DKIM key is limited to SHA-1",
        "NOT_FOR_MAIL": "DKIM key is not for mail",
    },
    why="Without DKIM, mail that is forwarded cannot be told from mail that only pretends to be the agency's.",
    fix="Publish the key of every system that signs the domain's mail, RSA of 2048 bits or Ed25519, and write its"
    " selector into the tags column of the inventory (dkim=SELECTOR).",
    references=("RFC 6376 §3.6", "RFC 8301 §3.2", "RFC 8463", "RFC 8301 §3.1", "Internet.nl dkim"),
    needs=(NameLookup,),
    kinds=frozenset({Kind.MAIL}),
    vantage=frozenset({VantageKind.INET, VantageKind.INV}),
    transports=frozenset({"udp/53"}),
    clearance=Clearance.PASSIVE,
    messages={
        **not_judged.DNS_CODES,
        "STRONG": passed("The DKIM key {selector} of {name} is good: {algorithm}, {bits} bits."),
        "SHORT": warn("The DKIM key {selector} of {name} has {bits} bits; 2048 are recommended."),
        "REVOKED_SPARE": warn(
            "The DKIM key {selector} of {name} is revoked; another one is good.",
            fix="Take the selector out of the inventory.",
        ),
        "SEVERAL": warn(
            "{name} has more than one DKIM key at {selector}, so that nobody knows which one counts.",
            fix="Give every key a selector of its own.",
        ),
        "TESTING": warn(
            "The DKIM key {selector} of {name} is in test mode (t=y): receivers treat the mail that it signs as"
            " unsigned.",
            fix="Take t=y out of the record.",
        ),
        "ED25519_ALONE": warn(
            "{name} has only DKIM keys of the algorithm Ed25519 ({selector}), which large receivers do not verify.",
            fix="Sign with an RSA key of 2048 bits too, with a selector of its own.",
        ),
        "FOUND_BROKEN": warn(
            "What {name} has at the usual selector {selector} is a DKIM key that cannot be read: {term}.",
            fix="Publish the whole key as the mail server made it, or take the record out.",
        ),
        "TOO_SHORT": fail("The DKIM key {selector} of {name} has only {bits} bits: receivers ignore it."),
        "REVOKED": fail("The DKIM key {selector} of {name} is revoked, and no other is good."),
        "MISSING": fail("{name} has no DKIM key at the declared selector {selector}."),
        "BROKEN": fail("What {name} has at the selector {selector} is not a DKIM key: {term}."),
        "SHA1_ALONE": fail(
            "The DKIM key {selector} of {name} is only for SHA-1 (h=sha1), which receivers must not accept.",
            fix="Take h=sha1 out of the record, and sign with rsa-sha256.",
        ),
        "NOT_FOR_MAIL": fail(
            "The DKIM key {selector} of {name} is for another service than mail (tag s=): receivers ignore it.",
            fix="Take the tag s= out of the record.",
        ),
        "WILDCARD": inconclusive(
            "{name} answers for every selector (a wildcard), so that only declared selectors show whether it has DKIM"
            " keys.",
            fix="Write the selectors into the tags column of the inventory (dkim=SELECTOR).",
            reason=Reason.AMB,
        ),
        "NOT_FOUND": inconclusive(
            "The inventory declares no DKIM selector of {name}, and there is no key at the usual ones.",
            fix="Write the selectors into the tags column of the inventory (dkim=SELECTOR); where there is no key yet,"
            " let the mail server sign and publish its key.",
            reason=Reason.INV,
        ),
        "NOT_SENDING": not_applicable("{name} declares that it sends no mail (v=spf1 -all)."),
    },
)
def dkim(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    name = canonical(subject.host or subject.name)
    names = tuple(dict.fromkeys(map(canonical, subject.tag_values("dkim"))))
    declared = [selector_record(evidence, ctx, name, text) for text in names]
    others = usual_selectors(evidence, ctx, name, names)
    selectors = others.own if others.wildcard.known else ()
    if not names and sends_nothing(evidence, ctx, name):
        yield Verdict(code="NOT_SENDING", args={"name": name})
    elif declared or selectors:
        verdicts = [_of_selector(name, selector, (*declared, *selectors)) for selector in declared or selectors]
        good = [] if declared else [verdict for verdict in verdicts if verdict.code == "STRONG"]
        unknown = next((selector.look for selector in declared if not selector.look.known), None) or others.unknown
        if not (declared or good) and unknown is not None:
            yield not_judged.dns(unknown)  # the key in use may be at the unknown name
        else:  # beside a strong key, others may be unused
            yield from (_unless_other(verdict, unknown) for verdict in good or verdicts)
    else:
        yield _undeclared(name, others)


def _unless_other(verdict: Verdict, unknown: Lookup | None) -> Verdict:
    """Return the verdict, or INCONCLUSIVE for a flaw of the only key if there may be another key."""
    if unknown is None or verdict.code not in ("REVOKED", "ED25519_ALONE"):
        return verdict
    return not_judged.dns(unknown, detail=verdict.detail)


def _undeclared(name: str, others: UsualSelectors) -> Verdict:
    """Return the verdict where no selector is declared and no key record that counts was found."""
    ids = tuple(dict.fromkeys(id_ for selector in others.every for id_ in selector.look.evidence))
    if others.wildcard.records:
        return Verdict(code="WILDCARD", args={"name": name}, evidence=others.wildcard.evidence)
    if others.found:
        return not_judged.dns(others.wildcard)
    broken = next(
        (selector for selector in others.every if selector.wrong and is_key_record(text_of(selector.look.records[0]))),
        None,
    )
    if broken is not None:
        args: dict[str, Arg] = {"name": name, "selector": broken.name, "term": broken.wrong}
        return Verdict(code="FOUND_BROKEN", args=args, detail=broken.name, evidence=broken.look.evidence)
    if others.unknown is not None:
        return not_judged.dns(others.unknown)
    return Verdict(code="NOT_FOUND", args={"name": name}, evidence=ids)


def _of_selector(name: str, found: Selector, every: Sequence[Selector]) -> Verdict:
    look, key = found.look, found.key
    if not look.known:
        return not_judged.dns(look, detail=found.name)
    args: dict[str, Arg] = {"name": name, "selector": found.name, "term": found.wrong}
    if found.several:
        code = "SEVERAL"
    elif key is None:
        code = "BROKEN" if found.wrong else "MISSING"
    elif key.revoked:
        code = "REVOKED_SPARE" if any(selector.usable for selector in every) else "REVOKED"
    else:
        args |= {"bits": key.bits, "algorithm": {"rsa": "RSA", "ed25519": "Ed25519"}[key.algorithm]}
        alone = not any(
            selector.usable and selector.key is not None and selector.key.algorithm == "rsa" for selector in every
        )
        code = _weakness(key, alone=alone) or "STRONG"
    return Verdict(code=code, args=args, evidence=look.evidence, detail=found.name)


def _weakness(key: Key, *, alone: bool) -> str:
    """Return the code of the worst flaw of a key, empty where it has none; ``alone``: no key of the domain is RSA."""
    rsa = key.algorithm == "rsa"
    flaws = (
        ("NOT_FOR_MAIL", not key.for_mail),
        ("SHA1_ALONE", not key.sha256),
        ("TOO_SHORT", rsa and key.bits < _BROKEN),
        ("TESTING", key.testing),
        ("SHORT", rsa and key.bits < _STRONG),
        ("ED25519_ALONE", alone),
    )
    return next((code for code, there in flaws if there), "")
