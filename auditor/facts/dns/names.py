"""Merges all lookups of a name into one answer, or into the reason why there is none."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from auditor.facts.addresses import UNIQUE_LOCAL, AddressFlaw, flaw
from auditor.facts.attribution import ours
from auditor.facts.cached import remembered
from auditor.facts.nat64 import is_translated
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress, Network, Subject, written
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet
from probes.observations.dns import LookupStatus, NameLookup
from probes.wire.mail.spf.record import records_of

_EMPTY = frozenset({LookupStatus.NO_DATA, LookupStatus.NO_SUCH_NAME})
_LEADING = frozenset({"A", "AAAA", "MX", "HTTPS"})
"""Types with records that point to the measured hosts."""
_Looks = list[tuple[Evidence, NameLookup]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookup:
    """Holds the merged result of looking up one name and type.

    ``reason``: why the result is not known; if it is None, ``status`` is ANSWER, NO_DATA or NO_SUCH_NAME.
    """

    name: str
    rtype: str
    status: LookupStatus = LookupStatus.NO_ANSWER
    reason: Reason | None = None
    records: tuple[str, ...] = ()
    chain: tuple[str, ...] = ()
    evidence: tuple[EvidenceId, ...] = ()

    @property
    def known(self) -> bool:
        return self.reason is None

    @property
    def v6(self) -> tuple[IPv6Address, ...]:
        return tuple(a for a in map(address, self.records) if isinstance(a, IPv6Address))

    @property
    def v4(self) -> tuple[IPv4Address, ...]:
        return tuple(a for a in map(address, self.records) if isinstance(a, IPv4Address))


def canonical(name: str) -> str:
    """Return a name in the form in which names are compared: lower case, without the final dot."""
    return name.lower().removesuffix(".")


@remembered
def lookup(
    evidence: EvidenceSet, ctx: Context, name: str, rtype: str, role: str, *, authoritative: bool = False
) -> Lookup:
    """Return the merged result of all lookups of ``name``; ``authoritative`` rejects answers of a resolver."""
    wanted = canonical(name)
    looks = [
        (envelope, step)
        for envelope, step in evidence.of(NameLookup)
        if step.rtype == rtype and step.role == role and canonical(step.name) == wanted
    ]
    best = _best_looks(looks)
    trusted = [(envelope, step) for envelope, step in best if step.via == "iterative" or not authoritative]
    answered = [(envelope, step) for envelope, step in trusted if step.status is not LookupStatus.NO_ANSWER]
    if answered:
        if rtype == "TXT":
            answered = _last_wording(answered, role)
        elif rtype in _LEADING:
            answered = _as_measured(answered)
        return _fold(wanted, rtype, [(envelope.id, _as_published(step, ctx)) for envelope, step in answered])
    ids = _ids([(envelope.id, step) for envelope, step in best])
    if len(trusted) < len(best):  # only a resolver answered: iterative questions do not get out (INTERFACE, the truth)
        return Lookup(name=wanted, rtype=rtype, reason=Reason.EGR, evidence=ids)
    return Lookup(name=wanted, rtype=rtype, reason=_why(ctx, [step for _, step in best]), evidence=ids)


def _as_measured(answered: _Looks) -> _Looks:
    """Return the lookups of the first attempt that found addresses, because the measurements went to those.

    Where a name rotates its addresses, later attempts find others, to which nothing was sent.
    """
    first: dict[tuple[str, str], int] = {}
    for envelope, step in sorted(answered, key=lambda look: look[0].attempt):
        if step.status is LookupStatus.ANSWER:
            first.setdefault((envelope.probe, envelope.task), envelope.attempt)
    return [
        (envelope, step)
        for envelope, step in answered
        if first.get((envelope.probe, envelope.task), envelope.attempt) == envelope.attempt
    ]


def _last_wording(answered: _Looks, role: str) -> _Looks:
    """Return the texts of the last lookup: a record that changed between two lookups is not two records.

    SPF is one of several TXT records, so a lookup without it does not count as the last one.
    """
    held = [(envelope, step) for envelope, step in answered if role == "spf" and records_of(step.records)] or answered
    last = max((envelope for envelope, _ in held), key=lambda envelope: (envelope.started, envelope.id))
    return [(envelope, step) for envelope, step in answered if envelope.id == last.id]


def _as_published(step: NameLookup, ctx: Context) -> NameLookup:
    """Return a lookup without the AAAA records that a resolver made up from A records (DNS64, RFC 6147).

    A resolver makes them up only for a name without AAAA records. Answers of authoritative servers are returned
    unchanged.
    """
    if step.via == "iterative" or step.rtype != "AAAA" or not ctx.vantage.nat64:
        return step
    found = ((record, address(record)) for record in step.records)
    kept = tuple(text for text, one in found if one is None or not is_translated(one, ctx.vantage.nat64))
    if len(kept) == len(step.records):
        return step
    status = step.status if kept else LookupStatus.NO_DATA
    return replace(step, records=kept, status=status)


def _best_looks(looks: _Looks) -> _Looks:
    """Return the lookups without attempts that found no answer where another of the same probe did (CHECKS §0.7)."""
    answered = {(envelope.probe, envelope.attempt) for envelope, step in looks if step.status is LookupStatus.ANSWER}
    probes = {probe for probe, _ in answered}
    return [
        (envelope, step)
        for envelope, step in looks
        if envelope.probe not in probes or (envelope.probe, envelope.attempt) in answered
    ]


@remembered
def own(subject: Subject, evidence: EvidenceSet, ctx: Context, rtype: str) -> Lookup:
    """Return the subject's addresses of one family: those of its name, or the declared ones if it has no name."""
    if subject.host is not None:
        return lookup(evidence, ctx, subject.host, rtype, "host")
    declared = _texts(a for a in subject.addresses if a.version == (6 if rtype == "AAAA" else 4))
    status = LookupStatus.ANSWER if declared else LookupStatus.NO_DATA
    return Lookup(name=subject.name, rtype=rtype, status=status, records=declared)


@remembered
def usable_v6(subject: Subject, evidence: EvidenceSet, ctx: Context) -> tuple[IPv6Address, ...]:
    """Return the IPv6 addresses that ``addr-sane`` accepts; only that check reports the rejected ones."""
    return tuple(a for a in own(subject, evidence, ctx, "AAAA").v6 if rejection(subject, a, ctx) is None)


def rejection(subject: Subject, address: IPv6Address, ctx: Context) -> AddressFlaw | None:
    """Return the range for which ``address`` must not be published, None if it may be.

    Embedding an IPv4 address in its last bits is a numbering plan and no flaw; addresses that only translate to IPv4
    lie in ranges of their own (RFC 6052 §2.1, RFC 8215).
    """
    flaw_facts = flaw(address, documentation_is_global=ctx.reference.documentation_is_global, nat64=ctx.vantage.nat64)
    if flaw_facts is None:
        return None
    return None if subject.network is Network.TSLCD and in_tslcd(address, ctx) else flaw_facts


def in_tslcd(address: IPv6Address, ctx: Context) -> bool:
    """True if a unique local address is in TSLCD's address plan, or no plan is given (CHECKS §2.0)."""
    plan = (*ctx.reference.address_plan, *ctx.reference.networks.get(Network.TSLCD, ()))
    return address in UNIQUE_LOCAL and (not plan or any(address in network for network in plan))


def _fold(name: str, rtype: str, answered: list[tuple[EvidenceId, NameLookup]]) -> Lookup:
    statuses = {step.status for _, step in answered}
    if LookupStatus.ANSWER in statuses and statuses & _EMPTY:
        return Lookup(name=name, rtype=rtype, reason=Reason.AMB, evidence=_ids(answered))
    status = next(s for s in LookupStatus if s in statuses)
    return Lookup(
        name=name,
        rtype=rtype,
        status=status,
        records=_ordered({record for _, step in answered for record in step.records}),
        chain=max((step.chain for _, step in answered), key=lambda chain: (len(chain), chain)),
        evidence=_ids(answered),
    )


@lru_cache(maxsize=1_024)  # every check asks for the same few texts of a subject
def address(text: str) -> IPAddress | None:
    """Return ``text`` as an address, None if it is none."""
    try:
        return ip_address(text)
    except ValueError:
        return None


def is_own_machine(host: str) -> bool:
    """True if a URL's host is the client's own machine, which is never looked up over a network (RFC 6761 §6.3)."""
    literal = address(host)
    return literal.is_loopback if literal is not None else host == "localhost" or host.endswith(".localhost")


def _why(ctx: Context, steps: list[NameLookup]) -> Reason:
    if not steps:
        return Reason.CUT
    if any(_is_disbelieved(step) for step in steps):
        return Reason.EGR
    reasons = [ours(ctx, step.failure) for step in steps]
    return Reason.DNS if None in reasons else min(reason for reason in reasons if reason is not None)


def _is_disbelieved(step: NameLookup) -> bool:
    """True if one of our resolvers answered and its answer was discarded, because it makes up or hides addresses."""
    return step.via == "resolver" and step.status is LookupStatus.NO_ANSWER and step.failure is None


def _ids(pairs: list[tuple[EvidenceId, NameLookup]]) -> tuple[EvidenceId, ...]:
    return tuple(dict.fromkeys(id_ for id_, _ in pairs))


def _texts(addresses: Iterable[IPAddress]) -> tuple[str, ...]:
    return _ordered({written(a) for a in addresses})


def _ordered(records: set[str]) -> tuple[str, ...]:
    """Sort records: addresses by number, all others by text."""

    def key(record: str) -> tuple[int, int, str]:
        found = address(record)
        return (0, 0, record) if found is None else (found.version, int(found), record)

    return tuple(sorted(records, key=key))
