"""What stands at the DKIM selectors of a domain: those that the inventory declares, and those that are usual."""

from dataclasses import dataclass

from auditor.facts.dns.names import Lookup, lookup
from auditor.framework.context import Context
from probes.framework.evidence import EvidenceSet
from probes.wire.dkim import UNLIKELY, USUAL_SELECTORS, Key, NotAKey, is_key_record, read
from probes.wire.spf.record import text_of

_ROLE = "dkim"
_STRONG, _BROKEN = 2048, 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """``key`` None: there is none, or ``wrong`` says what is wrong with the record; ``several``: more than one."""

    name: str
    look: Lookup
    key: Key | None = None
    wrong: str = ""
    several: bool = False

    @property
    def usable(self) -> bool:
        return self.key is not None and not self.key.revoked and not self.several


def selector(evidence: EvidenceSet, ctx: Context, domain: str, name: str) -> Selector:
    """The key record of one selector (RFC 6376 §3.6.2)."""
    look = lookup(evidence, ctx, f"{name}._domainkey.{domain}", "TXT", _ROLE)
    texts = [text for text in map(text_of, look.records) if is_key_record(text)]
    if len(texts) != 1:
        wrong = "" if texts or not look.records else text_of(look.records[0])[:80]
        return Selector(name=name, look=look, several=len(texts) > 1, wrong=wrong)
    try:
        return Selector(name=name, look=look, key=read(texts[0]))
    except NotAKey as problem:
        return Selector(name=name, look=look, wrong=str(problem))


@dataclass(frozen=True, slots=True, kw_only=True)
class Usual:
    """The usual selectors. ``found`` have a key for mail that is in force; ``wildcard`` is a selector nobody has."""

    found: tuple[Selector, ...]
    wildcard: Lookup
    every: tuple[Selector, ...]

    @property
    def unknown(self) -> Lookup | None:
        """The first look-up that is not known."""
        return next((one.look for one in self.every if not one.look.known), None)


def usual(evidence: EvidenceSet, ctx: Context, domain: str, declared: tuple[str, ...]) -> Usual:
    """What is at the usual selectors beside the declared ones. A revoked one is what an old selector should be."""
    every = tuple(selector(evidence, ctx, domain, name) for name in USUAL_SELECTORS if name not in declared)
    found = tuple(one for one in every if one.usable and one.key is not None and one.key.for_mail)
    return Usual(
        found=found, wildcard=lookup(evidence, ctx, f"{UNLIKELY}._domainkey.{domain}", "TXT", _ROLE), every=every
    )


def weakness(key: Key, *, alone: bool) -> str:
    """The code of the worst flaw of a key, empty where it has none; ``alone``: no key of the domain is RSA."""
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
