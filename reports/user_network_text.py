"""Renders observations of a user network as lines of text: messages heard, spoofed packets, forwarded packets."""

from collections.abc import Callable, Iterator

from auditor.framework.message_format import clean
from inventory.model import written
from probes.observations.link import LanWatch, RouterHeard, ServerHeard, SourceTrial, SourceValidation
from probes.observations.path import SourceRoute, TunnelEntry

End = Callable[[str], str]
"""Words how a step ended, given the word for success."""


def heard(step: LanWatch, end: End) -> Iterator[str]:
    """One line for each sender and content, as ``rdisc6`` and DHCPv6 clients tell of them."""
    count = f"{len(step.routers)} router advertisements, {len(step.servers)} DHCPv6 offers"
    asked = "asked and listened" if step.solicited else "listened"
    yield f"LAN {clean(step.site)}: {asked} {step.seconds:g} s at {clean(step.interface)} → {end(count)}"
    yield from (f"  {_router(one)}" for one in step.routers)
    yield from (f"  {_server(server)}" for server in step.servers)
    if step.dropped:
        yield f"  and {step.dropped} more"


def _router(one: RouterHeard) -> str:
    flags = "".join(letter for letter, on in (("M", one.managed), ("O", one.other)) if on) or "-"
    prefixes = ", ".join(
        f"{announced.prefix} ({'L' if announced.on_link else ''}{'A' if announced.autonomous else ''}"
        f" valid {announced.valid} s)"
        for announced in one.prefixes
    )
    names = f"; RDNSS {', '.join(map(str, one.rdnss))}" if one.rdnss else ""
    return (
        f"RA {one.source} ({clean(one.mac)}) ×{one.count}: lifetime {one.lifetime} s,"
        f" preference {clean(one.preference)}, flags {flags}; {prefixes or 'no prefix'}{names}"
    )


def _server(one: ServerHeard) -> str:
    offered = f", offers {', '.join(map(str, one.offered))}" if one.offered else ""
    names = f", DNS {', '.join(map(str, one.dns))}" if one.dns else ""
    return f"DHCPv6 {one.source} ({clean(one.mac)}) ×{one.count}: DUID {clean(one.duid)}{offered}{names}"


def forged(step: SourceValidation, end: End) -> Iterator[str]:
    """One line for each source."""
    ours = "our own packets arrived before and after" if step.confirmed else "not shown by packets of our own"
    there = f"[{written(step.receiver)}]:{step.port}" if step.receiver.version == 6 else f"{step.receiver}:{step.port}"
    yield f"LAN {clean(step.site)}: forged sources at {clean(step.interface)} to {there} → {end(ours)}"
    yield from (f"  {_trial(one)}" for one in step.trials)


def _trial(one: SourceTrial) -> str:
    instead = f", under {', '.join(map(written, one.rewritten))} instead" if one.rewritten else ""
    return f"{clean(one.form)} {written(one.source)}: {one.sent} sent, {one.arrived} arrived{instead}"


def passed_on(step: SourceRoute | TunnelEntry, end: End) -> str:
    what = "type 0 routing header" if isinstance(step, SourceRoute) else step.protocol
    answers = {
        "arrived": "the packet came back to us",
        "icmp": f"ICMP error {step.type}/{step.code} from {step.source}" if step.source else "an ICMP error",
        "reply": "the address answered by itself",
    }
    return f"{what} to {step.address} → {end(answers.get(step.answer or '', 'no answer that says anything'))}"
