"""Tries of a flaw with the same end are told once, with their number."""

from ipaddress import ip_address

import pytest

from probes.observations.tls import TlsWeakness


@pytest.mark.parametrize(
    ("tries", "told"),
    [
        ((False, False), "not shown ×2"),
        ((True,), "shown"),
        ((False, True, True), "not shown, shown ×2"),
        ((), "not tried"),
    ],
)
def test_tries_with_the_same_end_are_told_once(tries: tuple[bool, ...], told: str) -> None:
    address = ip_address("2001:db8::1")
    step = TlsWeakness(address=address, port=443, server_name=None, weakness="heartbleed", tries=tries)
    (line,) = step.lines(str)
    assert f"→ {told}" in line
