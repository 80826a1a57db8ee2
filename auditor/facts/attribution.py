"""Decide whether a failed step may be held against a subject. Every fact asks here, so that no check forgets to."""

from ipaddress import IPv6Address

from auditor.framework.address_owners import ANYWHERE
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import Blame, Evidence, Failure

_NOWHERE = IPv6Address("::")


def excuse(
    ctx: Context, evidence: Evidence, failure: Failure, address: IPAddress, transport: str, *, large: bool = False
) -> Reason | None:
    """Why ``failure`` proves nothing about ``address``: ours, silence without control, or a sick family here.

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
    """The reason for a failure of ours that has no single address (a lookup), None for everybody else's."""
    if failure is None or failure.kind.blame is not Blame.OURS:
        return None
    return ctx.unproven(failure, _NOWHERE, "")


def is_stranger(ctx: Context, address: IPAddress) -> bool:
    """Say whether the vantage stands outside the prefix of an address: who stands inside may be let in by right, as
    Postfix lets its own networks relay and resolvers answer theirs."""
    owner = ANYWHERE.owner(address)
    return all(ANYWHERE.owner(own) != owner for own in ctx.vantage.sources if own.version == address.version)
