"""Tests that lost packets of one size prove no narrow path on a line that loses small ones as well."""

from collections.abc import Sequence
from ipaddress import IPv6Address, ip_address

import pytest

from auditor.facts.path.packets import FULL, MINIMUM, Carried, may_be_chance, silence_of_port_may_be_chance
from probes.framework.evidence import Evidence, EvidenceSet, FailureKind
from probes.observations.path import EchoTrain
from probes.observations.transport import TcpConnect
from tests.golden import lab
from tests.golden.cases_path import echoes, sizes
from tests.golden.lab import V6


@pytest.mark.parametrize(
    ("small", "times", "chance"),
    [(5, 1, False), (4, 1, True), (2, 1, True), (0, 1, False), (5, 2, False), (2, 2, True)],
)
def test_loss_of_one_size_may_be_chance_where_small_packets_are_lost_too(small: int, times: int, chance: bool) -> None:
    pieces = [lab.echo(V6, small) for _ in range(times)]
    large = [sizes(echoes(1280, 0)) for _ in range(times)]
    lost = Carried(lost=True, evidence=tuple(piece.id for piece in large))
    assert may_be_chance(EvidenceSet((*pieces, *large)), IPv6Address(V6), lost, MINIMUM) is chance


@pytest.mark.parametrize(
    ("minimum", "train", "chance"),
    [(5, 0, False), (4, 0, True), (2, 0, True), (5, 30, False), (5, 20, True), (3, 20, True), (4, 29, False)],
)
def test_loss_of_full_packets_may_be_chance_on_a_line_of_whose_few_small_ones_none_was_lost(
    minimum: int, train: int, chance: bool
) -> None:
    """Loss of full packets may be chance: ``minimum`` of 5 with 1280 bytes and ``train`` of 30 small ones came back."""
    address = IPv6Address(V6)
    large = sizes(echoes(1280, minimum), echoes(1500, 0))
    rtts = tuple(0.01 if number < train else None for number in range(30 if train else 0))
    beside = lab.evidence("echo_train", EchoTrain(address=address, interval=0.2, rtts=rtts), task=V6)
    lost = Carried(lost=True, evidence=(large.id,))
    assert may_be_chance(EvidenceSet((lab.echo(V6, 5), large, beside)), address, lost, FULL) is chance


def test_tcp_packets_that_were_lost_are_no_matter_of_echo() -> None:
    assert not may_be_chance(EvidenceSet((lab.echo(V6, 3),)), IPv6Address(V6), Carried(lost=True), MINIMUM)


def silent(port: int, seconds: float, attempt: int) -> Evidence:
    step = TcpConnect(address=ip_address(V6), port=port, failure=lab.why(FailureKind.TIMEOUT), t=seconds)
    return lab.evidence("tcp", step, task=f"{V6}#{port}", attempt=attempt)


@pytest.mark.parametrize(
    ("rtts", "seconds", "echoed", "chance"),
    [
        ((0.02, None, 0.02), (2.5, 2.5), None, True),
        ((0.02, 0.02, 0.02), (2.5, 2.5), (15, 20), True),
        ((0.02, 0.02, 0.02), (2.5, 2.5), (20, 20), False),
        ((0.02, 0.02, 0.02), (2.5, 2.5), (0, 20), False),
        ((0.02, None, 0.02), (4.0, 4.0, 4.0), (19, 20), False),
        ((), (2.5, 2.5), None, False),
    ],
    ids=["as-connects", "as-echo", "whole-line", "echo-filtered", "too-many-lost", "nothing-answers"],
)
def test_a_port_is_silent_by_chance_where_echo_or_other_connects_are_lost(
    rtts: Sequence[float | None], seconds: Sequence[float], echoed: tuple[int, int] | None, chance: bool
) -> None:
    steps = [TcpConnect(address=ip_address(V6), port=443, rtt=rtt) for rtt in rtts]
    opened = [lab.evidence("tcp", step, task=f"{V6}#{number}") for number, step in enumerate(steps)]
    pieces: list[Evidence] = [*opened, *(silent(80, took, n) for n, took in enumerate(seconds))]
    if echoed is not None:
        pieces.append(lab.echo(V6, *echoed))
    assert silence_of_port_may_be_chance(EvidenceSet(pieces), ip_address(V6), 80) is chance
