"""Reads DKIM key records (RFC 6376 §3.6.2): those of declared selectors and of usual ones."""

from dataclasses import dataclass

from auditor.facts.dns.names import Lookup, lookup
from auditor.framework.context import Context
from probes.framework.evidence import EvidenceSet
from probes.wire.mail.dkim import UNLIKELY, USUAL_SELECTORS, Key, NotAKey, is_key_record, read
from probes.wire.mail.spf.record import text_of

_ROLE = "dkim"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Holds the key record of one selector.

    ``key`` is None if there is no record, or ``wrong`` describes the record's fault; ``several``: there is more than
    one.
    """

    name: str
    look: Lookup
    key: Key | None = None
    wrong: str = ""
    several: bool = False

    @property
    def usable(self) -> bool:
        return self.key is not None and not self.key.revoked and not self.several


@dataclass(frozen=True, slots=True, kw_only=True)
class UsualSelectors:
    """Holds the usual selectors.

    ``found`` have a valid key for mail; ``wildcard`` is the lookup of an unlikely selector.
    """

    found: tuple[Selector, ...]
    wildcard: Lookup
    every: tuple[Selector, ...]

    @property
    def own(self) -> tuple[Selector, ...]:
        """The selectors with a record other than a wildcard's, which is the same at every name (RFC 4592 §2.1)."""
        return tuple(selector for selector in self.found if selector.look.records != self.wildcard.records)

    @property
    def unknown(self) -> Lookup | None:
        """The first lookup that is not known or was never made: the key in use may be there."""
        return next((selector.look for selector in self.every if not selector.look.known), None)


def selector_record(evidence: EvidenceSet, ctx: Context, domain: str, name: str) -> Selector:
    """Return the key record of one selector (RFC 6376 §3.6.2)."""
    look = lookup(evidence, ctx, f"{name}._domainkey.{domain}", "TXT", _ROLE)
    texts = [text for text in map(text_of, look.records) if is_key_record(text)]
    if len(texts) != 1:
        wrong = "" if texts or not look.records else text_of(look.records[0])[:80]
        return Selector(name=name, look=look, several=len(texts) > 1, wrong=wrong)
    try:
        return Selector(name=name, look=look, key=read(texts[0]))
    except NotAKey as problem:
        return Selector(name=name, look=look, wrong=str(problem))


def usual_selectors(evidence: EvidenceSet, ctx: Context, domain: str, declared: tuple[str, ...]) -> UsualSelectors:
    """Return the usual selectors that are not declared; ``found`` omits revoked keys, as old keys should be revoked."""
    every = tuple(selector_record(evidence, ctx, domain, name) for name in USUAL_SELECTORS if name not in declared)
    selectors = tuple(
        selector for selector in every if selector.usable and selector.key is not None and selector.key.for_mail
    )
    return UsualSelectors(
        found=selectors, wildcard=lookup(evidence, ctx, f"{UNLIKELY}._domainkey.{domain}", "TXT", _ROLE), every=every
    )
