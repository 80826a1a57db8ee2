"""Tells answers of an address from errors that routers on the way send."""

from ipaddress import ip_address

import pytest

from probes.framework.codec import CodecError, decode_step, encode_step
from probes.observations.path import CraftedExchange, SourceRoute, TunnelEntry
from probes.observations.traces import MOST_HOPS, HopProbe, PathTrace

ASKED, ROUTER = ip_address("2001:db8::1"), ip_address("2001:db8:ffff::1")


@pytest.mark.parametrize(
    ("answer", "source", "alive"),
    [("reply", ASKED, True), ("icmp", ASKED, True), ("icmp", ROUTER, False), (None, None, False)],
)
def test_crafted_exchange_error_of_a_router_is_no_answer_of_the_address(
    answer: str | None, source: object, alive: bool
) -> None:
    step = CraftedExchange(address=ASKED, form="probe-8335", answer=answer, source=source, type=1, code=0)  # type: ignore[arg-type]
    assert step.is_answered_by(ASKED) is alive
    assert not step.is_answered_by(ROUTER)


@pytest.mark.parametrize(
    ("answer", "source", "alive"),
    [("arrived", ROUTER, True), ("reply", ASKED, True), ("icmp", ASKED, True), ("icmp", ROUTER, False)],
)
def test_source_route_error_of_a_router_is_no_answer_of_the_address(answer: str, source: object, alive: bool) -> None:
    step = SourceRoute(address=ASKED, answer=answer, source=source)  # type: ignore[arg-type]
    assert step.is_answered_by(ASKED) is alive


@pytest.mark.parametrize(
    ("answer", "source", "alive"),
    [("arrived", ROUTER, True), ("reply", ASKED, True), ("icmp", ASKED, True), ("icmp", ROUTER, False)],
)
def test_tunnel_entry_error_of_a_router_is_no_answer_of_the_address(answer: str, source: object, alive: bool) -> None:
    step = TunnelEntry(address=ASKED, protocol="gre", answer=answer, source=source)  # type: ignore[arg-type]
    assert step.is_answered_by(ASKED) is alive


@pytest.mark.parametrize("hop", [-1, MOST_HOPS + 1, 2**31])
def test_hop_probe_of_no_packet_is_not_read(hop: int) -> None:
    """A reader that lists the hops of such a path would list two thousand million of them."""
    stored = encode_step(PathTrace(address=ASKED, protocol="udp", port=33434, probes=(HopProbe(hop=MOST_HOPS),)))
    assert decode_step(stored).probes[0].hop == MOST_HOPS  # type: ignore[attr-defined]
    stored["probes"][0]["hop"] = hop
    with pytest.raises(CodecError, match="hop limit"):
        decode_step(stored)
