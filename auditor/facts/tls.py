"""Which certificates a service presents, address by address, and the frame that certificate checks share."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from auditor.check import Message, says
from auditor.context import Context
from auditor.facts import undecided
from auditor.facts.blame import excuse
from auditor.facts.certificates import MAX_CERTIFICATES, Certificate, read
from auditor.facts.names import canonical, own
from auditor.facts.ports import knock
from auditor.facts.remembered import remembered
from auditor.facts.web import addresses, https_port
from auditor.findings import Outcome, Reason, Verdict
from inventory.model import IPAddress, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.web import TlsHandshake


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """One chain that an address served. ``chain`` is None when its leaf cannot be read."""

    handshake: TlsHandshake
    chain: tuple[Certificate, ...] | None
    evidence: EvidenceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Presented:
    """Everything one address presented. ``reason``: not known; neither chains nor reason: no TLS service there."""

    address: IPAddress
    port: int
    served: tuple[Served, ...] = ()
    reason: Reason | None = None
    failed: bool = False
    evidence: tuple[EvidenceId, ...] = ()


NO_CERTIFICATE: Mapping[str, Message] = {
    **undecided.DNS_CODES,
    **undecided.NOT_DECIDED,
    "NO_ADDRESS": says(Outcome.NOT_APPLICABLE, "{name} has no address to ask for HTTPS, so there is no certificate."),
    "NO_TLS": says(Outcome.NOT_APPLICABLE, "{address} offers no TLS on port {port}, so there is no certificate."),
    "UNREADABLE": says(Outcome.NOT_APPLICABLE, "{address} presents a certificate that cannot be read."),
}
"""What certificate checks say where there is nothing to judge; that it is unreadable is ``cert-chain``'s finding."""


@remembered
def presented(subject: Subject, evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> Presented:
    """A chain counts although the handshake failed after it: a server may ask for our certificate (trap L2)."""
    tries = [
        (envelope, step)
        for envelope, step in evidence.of(TlsHandshake)
        if step.address == address and step.port == port and step.protocol == "https"
        if subject.host is None or canonical(step.server_name or "") == canonical(subject.host)
    ]
    served = {step.chain: Served(handshake=step, chain=_chain(step), evidence=e.id) for e, step in tries if step.chain}
    state = knock(evidence, ctx, address, port)
    if served:
        return Presented(address=address, port=port, served=tuple(served.values()))
    reasons = [excuse(ctx, e, step.failure, address, f"tcp/{port}") for e, step in tries if step.failure is not None]
    theirs = tuple(e.id for (e, step) in tries if step.failure is not None)
    if state.shut or (reasons and None in reasons):
        return Presented(
            address=address, port=port, failed=not state.shut, evidence=state.evidence if state.shut else theirs
        )
    reason = next((r for r in reasons if r is not None), None) or state.reason or Reason.CUT
    return Presented(address=address, port=port, reason=reason, evidence=theirs or state.evidence)


@remembered
def keys(evidence: EvidenceSet, address: IPAddress) -> Iterator[tuple[EvidenceId, bytes]]:
    """The public keys that an address presented, on whatever port."""
    for envelope, step in evidence.of(TlsHandshake):
        leaf = read(step.chain[0]) if step.address == address and step.chain else None
        if leaf is not None:
            yield envelope.id, leaf.key


def everywhere(subject: Subject, evidence: EvidenceSet, ctx: Context) -> tuple[Presented, ...]:
    """What each usable address of either family presents."""
    port = https_port(subject)
    if port is None:
        return ()
    return tuple(presented(subject, evidence, ctx, one, port) for one in addresses(subject, evidence, ctx))


def judge_each(
    subject: Subject, evidence: EvidenceSet, ctx: Context, judge: Callable[[Presented], Verdict]
) -> Iterator[Verdict]:
    """One verdict for each address: ``judge``'s where a readable certificate is, else what NO_CERTIFICATE says."""
    unknown = [look for rtype in ("A", "AAAA") if not (look := own(subject, evidence, ctx, rtype)).known]
    yield from (undecided.dns(look, detail=look.rtype) for look in unknown)
    found = everywhere(subject, evidence, ctx)
    for one in found:
        yield _blank(one) or judge(one)
    if not found and not unknown:
        yield Verdict(code="NO_ADDRESS", args={"name": subject.host or subject.name})


def _blank(one: Presented) -> Verdict | None:
    address = one.address
    if one.reason is not None:
        return undecided.at(address, f"tcp/{one.port}", one.reason, one.evidence)
    if not one.served:
        args = {"address": str(address), "port": str(one.port)}
        return Verdict(code="NO_TLS", args=args, address=address, evidence=one.evidence)
    broken = next((served for served in one.served if served.chain is None), None)
    if broken is not None:
        return Verdict(code="UNREADABLE", args={"address": str(address)}, address=address, evidence=(broken.evidence,))
    return None


def _chain(step: TlsHandshake) -> tuple[Certificate, ...] | None:
    """The leaf and as many of the others as can be read."""
    leaf = read(step.chain[0])
    if leaf is None:
        return None
    above = (read(der) for der in step.chain[1:MAX_CERTIFICATES])
    return (leaf, *(one for one in above if one is not None))
