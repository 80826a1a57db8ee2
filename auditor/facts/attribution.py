"""Decides whether a failed step may be reported as a defect of a subject; every fact uses these functions."""

from collections.abc import Mapping
from enum import Enum
from ipaddress import IPv6Address, ip_network

from auditor.framework.address_owners import ANYWHERE
from auditor.framework.check import Message, inconclusive, standard
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from inventory.scope import PRIVATE_USE
from probes.framework.evidence import Attribution, Evidence, EvidenceSet, Failure
from probes.observations.mail import SmtpDialogue
from probes.observations.transport import TcpConnect

_NOWHERE = IPv6Address("::")
_BLOCK: Mapping[int, int] = {6: 48, 4: 29}
"""Prefix lengths that certainly belong to one owner: a site's in IPv6, the smallest that IPv4 providers delegate."""


def excuse(
    ctx: Context, evidence: Evidence, failure: Failure, address: IPAddress, transport: str, *, large: bool = False
) -> Reason | None:
    """Return why ``failure`` proves nothing about ``address``, None if it does prove something.

    The reasons: the failure is ours, the address had shut the vantage out, no control shows that the silence is not
    ours, or the address family does not work at this vantage. ``large``: the expected answer fills packets, such as a
    certificate or a page.
    """
    reason = ctx.unproven(failure, address, transport, evidence.started, until=evidence.ended, large=large)
    if reason is not None:
        return reason
    if not ctx.vantage.usable(address.version, evidence.started):
        return _sick(address)
    return None


def unseen(ctx: Context, address: IPAddress) -> Reason:
    """Return why nothing is known of ``address``: its family does not work here, or the measurement was cut short.

    Evidence of a family that does not work here is set aside.
    """
    return Reason.CUT if ctx.vantage.usable(address.version, ctx.now) else _sick(address)


def _sick(address: IPAddress) -> Reason:
    return Reason.V6 if address.version == 6 else Reason.V4


def ours(ctx: Context, failure: Failure | None) -> Reason | None:
    """Return the reason for a failure on our side that has no single address (a lookup), None for any other failure."""
    if failure is None or failure.kind.attribution is not Attribution.OURS:
        return None
    return ctx.unproven(failure, _NOWHERE, "")


class FromOutside(Enum):
    """Tells whether the vantage is outside the prefix of an address; UNKNOWN where address translation hides that."""

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
    """Return whether the vantage is outside the prefix of an address.

    The prefix is that of an owner, or one that the inventory gives to an agency. A client inside it may be allowed by
    right: Postfix relays for its own networks and resolvers answer theirs. A connection that was sent through a tunnel
    to the address's own network is recognised by its source address.
    """
    seen_as, hidden = _seen_as(ctx, evidence, address)
    owner = ANYWHERE.owner(address)
    if any(ANYWHERE.owner(seen) == owner or ctx.inventory.share_prefix(seen, address) for seen in seen_as):
        return FromOutside.NO
    return FromOutside.UNKNOWN if hidden else FromOutside.YES


def is_within(ctx: Context, evidence: EvidenceSet, address: IPAddress) -> bool:
    """True if the vantage shares with an address a block of one owner, or a prefix that the inventory assigns.

    The inventory assigns prefixes to agencies. The firewall at the edge of such a network may not lie between the
    vantage and the address.
    """
    seen_as, _ = _seen_as(ctx, evidence, address)
    block = ip_network((address, _BLOCK[address.version]), strict=False)
    return any(seen in block or ctx.inventory.share_prefix(seen, address) for seen in seen_as)


def is_hidden(ctx: Context, evidence: EvidenceSet, address: IPAddress) -> bool:
    """True if address translation hides the source address with which the vantage reaches an address."""
    return _seen_as(ctx, evidence, address)[1]


def _seen_as(ctx: Context, evidence: EvidenceSet, address: IPAddress) -> tuple[set[IPAddress], bool]:
    """Return the source addresses with which an address sees the vantage, and True if translation hides them."""
    sent_from = {step.source for _, step in evidence.of(TcpConnect) if step.address == address}
    sent_from |= {step.source for _, step in evidence.of(SmtpDialogue) if step.address == address}
    own = {source for source in (*ctx.vantage.sources, *sent_from) if source and source.version == address.version}
    hidden = {source for source in own if _is_private(source)} if not _is_private(address) else set[IPAddress]()
    public = {seen for seen in ctx.vantage.public if seen.version == address.version}
    return (own - hidden) | public, bool(hidden) and not public


def _is_private(address: IPAddress) -> bool:
    """True if an address is for private use, so that packets from it are translated on their way."""
    return any(address in network for network in PRIVATE_USE)
