"""Tests that lost packets of one size prove no narrow path on a line that loses small ones as well."""

from ipaddress import IPv6Address

import pytest

from auditor.facts.path.packets import FULL, MINIMUM, Carried, may_be_chance
from probes.framework.evidence import EvidenceSet
from probes.observations.path import EchoTrain
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
