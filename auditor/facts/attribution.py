"""Decide whether a failed step may be held against a subject. Every fact asks here, so that no check forgets to."""

from collections.abc import Mapping
from enum import Enum
from ipaddress import IPv6Address, ip_network

from auditor.framework.address_owners import ANYWHERE
from auditor.framework.check import Message, inconclusive, standard
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from inventory.scope import PRIVATE_USE
from probes.framework.evidence import Blame, Evidence, EvidenceSet, Failure
from probes.observations.mail import SmtpDialogue
from probes.observations.transport import TcpConnect

_NOWHERE = IPv6Address("::")
_BLOCK: Mapping[int, int] = {6: 48, 4: 29}
"""Lengths of prefixes that are surely of one owner: those of a site, and the least that IPv4 providers give away."""


def excuse(
    ctx: Context, evidence: Evidence, failure: Failure, address: IPAddress, transport: str, *, large: bool = False
) -> Reason | None:
    """Return why ``failure`` proves nothing about ``address``: ours, silence without control, or a sick family here.

    ``large``: an answer that fills packets was waited for, a certificate or a page.
    """
    reason = ctx.unproven(failure, address, transport, evidence.started, large=large)
    if reason is not None:
        return reason
    if not ctx.vantage.usable(address.version, evidence.started):
        return _sick(address)
    return None


def unseen(ctx: Context, address: IPAddress) -> Reason:
    """Why nothing is known of ``address``: its family does not work here (that evidence is set aside), or a cut."""
    return Reason.CUT if ctx.vantage.usable(address.version, ctx.now) else _sick(address)


def _sick(address: IPAddress) -> Reason:
    return Reason.V6 if address.version == 6 else Reason.V4


def ours(ctx: Context, failure: Failure | None) -> Reason | None:
    """Return the reason for a failure of ours that has no single address (a lookup), None for everybody else's."""
    if failure is None or failure.kind.blame is not Blame.OURS:
        return None
    return ctx.unproven(failure, _NOWHERE, "")


class FromOutside(Enum):
    """Whether the vantage comes from outside the prefix of an address. UNKNOWN: address translation hides that."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


BEHIND_NAT: Mapping[str, Message] = standard(
    BEHIND_NAT=inconclusive(
        "{address} lets the vantage in, which leaves through address translation: whether it comes from the networks"
        " that may, or as a stranger, is not known.",
        fix="Name the addresses that others see of the vantage under [vantage] public, then check again.",
        reason=Reason.VP,
    )
)


def from_outside(ctx: Context, evidence: EvidenceSet, address: IPAddress) -> FromOutside:
    """Say whether the vantage stands outside the prefix of an address, that of an owner or one that the inventory gives
    to an agency: who stands inside may be let in by right, as Postfix lets its own networks relay and resolvers answer
    theirs. What was sent through a tunnel to the address's own network shows by the source of its connections."""
    seen_as, hidden = _seen_as(ctx, evidence, address)
    owner = ANYWHERE.owner(address)
    if any(ANYWHERE.owner(seen) == owner or ctx.inventory.share_prefix(seen, address) for seen in seen_as):
        return FromOutside.NO
    return FromOutside.UNKNOWN if hidden else FromOutside.YES


def is_within(ctx: Context, evidence: EvidenceSet, address: IPAddress) -> bool:
    """Say whether the vantage stands in one block of one owner with an address, or in a prefix that the inventory gives
    to an agency: then the firewall at its edge may stand behind us."""
    seen_as, _ = _seen_as(ctx, evidence, address)
    block = ip_network((address, _BLOCK[address.version]), strict=False)
    return any(seen in block or ctx.inventory.share_prefix(seen, address) for seen in seen_as)


def is_hidden(ctx: Context, evidence: EvidenceSet, address: IPAddress) -> bool:
    """Say whether translation hides with which address the vantage comes to an address."""
    return _seen_as(ctx, evidence, address)[1]


def _seen_as(ctx: Context, evidence: EvidenceSet, address: IPAddress) -> tuple[set[IPAddress], bool]:
    """The addresses with which the vantage comes to an address, and whether translation hides which these are."""
    sent_from = {step.source for _, step in evidence.of(TcpConnect) if step.address == address}
    sent_from |= {step.source for _, step in evidence.of(SmtpDialogue) if step.address == address}
    own = {source for source in (*ctx.vantage.sources, *sent_from) if source and source.version == address.version}
    hidden = {source for source in own if _is_private(source)} if not _is_private(address) else set[IPAddress]()
    public = {seen for seen in ctx.vantage.public if seen.version == address.version}
    return (own - hidden) | public, bool(hidden) and not public


def _is_private(address: IPAddress) -> bool:
    """True if no stranger is seen with it: what comes from there is translated on its way."""
    return any(address in network for network in PRIVATE_USE)
