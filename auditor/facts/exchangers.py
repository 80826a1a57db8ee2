"""The mail exchangers of a domain, best first, with their IPv6 addresses."""

from collections.abc import Mapping
from dataclasses import dataclass

from auditor.check import Message, says
from auditor.context import Context
from auditor.facts.names import Lookup, canonical, lookup, rejection
from auditor.findings import Outcome
from inventory.model import Subject
from probes.framework.evidence import EvidenceSet

MX_TESTED = 10
"""Exchangers looked at, the first by preference."""

NO_EXCHANGERS: Mapping[str, Message] = {
    "NULL_MX": says(Outcome.NOT_APPLICABLE, "{name} declares that it takes no mail (Null MX)."),
    "NO_MX": says(Outcome.NOT_APPLICABLE, "{name} has no MX record."),
}
"""What checks of a domain's exchangers say where there are none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanger:
    """``usable``: whether the name has a usable IPv6 address; None when its lookup is not known."""

    preference: int
    name: str
    aaaa: Lookup
    usable: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """``null``: the domain says that it takes no mail (RFC 7505)."""

    mx: Lookup
    null: bool = False
    exchangers: tuple[Exchanger, ...] = ()


def mail(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Mail:
    """What is known of the subject as a mail domain; no implicit exchanger is made of its own addresses."""
    mx = lookup(evidence, ctx, subject.host or subject.name, "MX", "mx")
    listed = sorted({pair for record in mx.records if (pair := _parsed(record)) is not None})
    named = [(preference, name) for preference, name in listed if name]
    best: dict[str, int] = {}
    for preference, name in named:
        best.setdefault(name, preference)
    exchangers = tuple(_exchanger(subject, evidence, ctx, name, best[name]) for name in list(best)[:MX_TESTED])
    return Mail(mx=mx, null=bool(listed) and not named, exchangers=exchangers)


def _exchanger(subject: Subject, evidence: EvidenceSet, ctx: Context, name: str, preference: int) -> Exchanger:
    aaaa = lookup(evidence, ctx, name, "AAAA", "mx-address")
    usable = any(rejection(subject, address, ctx) is None for address in aaaa.v6) if aaaa.known else None
    return Exchanger(preference=preference, name=name, aaaa=aaaa, usable=usable)


def _parsed(record: str) -> tuple[int, str] | None:
    """``10 mx.example`` as (10, "mx.example"); the name of a Null MX is empty."""
    preference, _, name = record.strip().partition(" ")
    return (int(preference), canonical(name.strip())) if preference.isascii() and preference.isdigit() else None
