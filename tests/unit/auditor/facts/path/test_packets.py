"""Lost packets of one size are no proof of a narrow path on a line that loses small ones as well."""

from ipaddress import IPv6Address

import pytest

from auditor.facts.path.packets import Carried, may_be_chance
from probes.framework.evidence import EvidenceSet
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
    assert may_be_chance(EvidenceSet((*pieces, *large)), IPv6Address(V6), lost) is chance


def test_tcp_packets_that_were_lost_are_no_matter_of_echo() -> None:
    assert not may_be_chance(EvidenceSet((lab.echo(V6, 3),)), IPv6Address(V6), Carried(lost=True))
