"""Tests that a silent TSLCD site is measured again before it is called unreachable."""

from probes.framework.profile import AUDIT
from probes.framework.registry import load


def test_site_echo_is_repeated_ten_minutes_later_in_an_audit() -> None:
    """A fail of its reachability is critical, and may not rest on the second in which fifty requests are sent."""
    probe = load()["site_echo"]
    assert AUDIT.retries[probe.retry][-1] >= 600
