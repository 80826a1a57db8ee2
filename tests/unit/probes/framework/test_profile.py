"""Tests that an operator's longest wait bounds every wait of a profile."""

import pytest

from probes.framework.profile import AUDIT, QUICK, Profile
from probes.net.core.loop_lag import USUAL


@pytest.mark.parametrize("profile", [QUICK, AUDIT], ids=lambda profile: profile.name)
def test_shortest_wait_of_a_profile_is_what_stalls_are_measured_by(profile: Profile) -> None:
    assert profile.shortest_wait == USUAL


def test_shortest_wait_of_a_bounded_profile_is_the_bound() -> None:
    assert QUICK.bounded(0.5).shortest_wait == 0.5
    assert QUICK.bounded(60.0).shortest_wait == QUICK.shortest_wait
