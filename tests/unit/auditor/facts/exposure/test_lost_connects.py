"""Tests when the silence of a port may be explained by packet loss."""

from collections.abc import Mapping
from ipaddress import ip_address

import pytest

from auditor.facts.exposure.lost_connects import silence_is_loss
from probes.framework.evidence import Evidence, EvidenceSet, FailureKind
from probes.observations.exposure import PortReply, PortSweep
from tests.golden.lab import echo, evidence

THERE, OTHER = "2001:db8::1", "2001:db8::2"
SILENT, REFUSED, OURS = FailureKind.TIMEOUT, FailureKind.REFUSED, FailureKind.CUT_SHORT
PORT = 5986


def swept(address: str, *sweeps: Mapping[int, FailureKind | None]) -> Evidence:
    steps = [
        PortSweep(
            address=ip_address(address),
            replies=tuple(PortReply(port=port, failure=failure) for port, failure in sweep.items()),
        )
        for sweep in sweeps
    ]
    return evidence("ports", *steps, task=address)


def refused(*but: int) -> dict[int, FailureKind | None]:
    """Return a hundred ports and PORT that refuse, except the silent ones in ``but``."""
    return {port: SILENT if port in but else REFUSED for port in (*range(100), PORT)}


def said(*steps: Evidence, among: int = 100) -> bool:
    return silence_is_loss(EvidenceSet(steps), ip_address(THERE), PORT, among)


def test_a_port_that_alone_is_silent_twice_is_no_loss() -> None:
    assert not said(swept(THERE, refused(PORT), {PORT: SILENT}))


@pytest.mark.parametrize(("others", "loss"), [(1, True), (8, True), (0, False)])
def test_connects_that_were_lost_at_ports_that_refuse_show_a_loss(others: int, loss: bool) -> None:
    first = refused(PORT, *range(others))
    again = {port: SILENT if port == PORT else REFUSED for port, failure in first.items() if failure is SILENT}
    assert said(swept(THERE, first, again)) is loss


def test_many_silences_outweigh_a_loss() -> None:
    first = refused(PORT, 1)
    later = ({PORT: SILENT, 1: REFUSED}, *({PORT: SILENT} for _ in range(3)))
    assert not said(swept(THERE, first, *later))


def test_what_stays_silent_beside_it_shows_no_loss() -> None:
    dropped = dict.fromkeys((PORT, 1, 2, 3), SILENT)
    assert not said(swept(THERE, refused(*dropped), dropped))


def test_a_port_that_answered_once_or_was_not_heard_is_not_silent() -> None:
    assert not said(swept(THERE, refused(PORT, 1, 2, 3), {PORT: REFUSED, 1: REFUSED, 2: REFUSED, 3: REFUSED}))
    assert not said(swept(THERE, {**refused(1, 2, 3), PORT: OURS}, {1: REFUSED, 2: REFUSED, 3: REFUSED}))


@pytest.mark.parametrize(
    ("received", "among", "loss"), [(10, 100, False), (9, 100, True), (9, 1, False), (6, 1, True), (0, 100, False)]
)
def test_echo_requests_that_are_lost_show_a_loss_where_some_come_back(received: int, among: int, loss: bool) -> None:
    """Loss explains the silence of one of a hundred ports sooner than that of a certain port."""
    assert said(swept(THERE, refused(PORT), {PORT: SILENT}), echo(THERE, received, 10), among=among) is loss


def test_another_address_says_nothing() -> None:
    lossy = swept(OTHER, refused(PORT, *range(20)), dict.fromkeys(range(20), REFUSED))
    assert not said(swept(THERE, refused(PORT), {PORT: SILENT}), lossy, echo(OTHER, 4, 10))
