"""What stands at a DKIM selector, and whether a domain has selectors at all."""

from dataclasses import dataclass

from auditor.context import Context
from auditor.facts.names import Lookup, lookup
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import LookupStatus
from probes.wire.dkim import UNLIKELY, USUAL_SELECTORS, Key, NotAKey, is_key_record, read
from probes.wire.spf.record import text_of

_ROLE = "dkim"


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
class Existence:
    """Whether there are names below ``_domainkey`` (RFC 8020). ``usual``: a selector found although that was denied."""

    look: Lookup
    wildcard: Lookup
    usual: str = ""
    unknown: Lookup | None = None
    evidence: tuple[EvidenceId, ...] = ()


def existence(evidence: EvidenceSet, ctx: Context, domain: str) -> Existence:
    """What is known where nobody declared a selector."""
    look = lookup(evidence, ctx, f"_domainkey.{domain}", "TXT", _ROLE)
    wildcard = lookup(evidence, ctx, f"{UNLIKELY}.{domain}", "TXT", _ROLE)
    tried = [selector(evidence, ctx, domain, name) for name in USUAL_SELECTORS]
    usual = next((one.name for one in tried if one.look.status is LookupStatus.ANSWER and one.look.known), "")
    unknown = next((one for one in (look, wildcard) if not one.known), None)
    if unknown is None and look.status is LookupStatus.NO_SUCH_NAME and not usual:
        unknown = next((one.look for one in tried if not one.look.known), None)
    looks = (look, wildcard, *(one.look for one in tried))
    ids = tuple(dict.fromkeys(id_ for one in looks for id_ in one.evidence))
    return Existence(look=look, wildcard=wildcard, usual=usual, unknown=unknown, evidence=ids)
