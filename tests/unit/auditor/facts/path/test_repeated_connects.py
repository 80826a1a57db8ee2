"""Tests when packet loss may explain that all packets were lost."""

from collections.abc import Sequence
from ipaddress import ip_address

import pytest

from auditor.facts.path.repeated_connects import connects_were_lost_too, silence_of_port_may_be_chance
from probes.framework.evidence import Evidence, EvidenceSet, FailureKind
from probes.observations.transport import TcpConnect
from tests.golden.lab import echo, evidence, why

THERE, OTHER = "2001:db8::1", "2001:db8::2"
AT_ONCE, AGAIN = 0.02, None


def connects(address: str, rtts: Sequence[float | None], failure: FailureKind | None = None) -> list[Evidence]:
    steps = [TcpConnect(address=ip_address(address), port=443, rtt=rtt, failure=why(failure)) for rtt in rtts]
    return [evidence("tcp", step, task=f"{address}#{number}") for number, step in enumerate(steps)]


@pytest.mark.parametrize(
    ("rtts", "lost", "chance"),
    [
        ((AT_ONCE, AT_ONCE, AGAIN, AT_ONCE, AGAIN, AT_ONCE), 5, True),
        ((AT_ONCE,) * 6, 5, False),
        ((AT_ONCE,) * 20 + (AGAIN,), 5, False),
        ((AT_ONCE, AT_ONCE, AGAIN, *(AT_ONCE,) * 4), 20, False),
        ((AGAIN, AGAIN), 5, False),
        ((), 5, False),
    ],
    ids=["as-others", "none-repeated", "one-of-many", "too-many-lost", "no-times-at-all", "no-connects"],
)
def test_connects_that_were_repeated_are_a_lossy_line(rtts: Sequence[float | None], lost: int, chance: bool) -> None:
    assert connects_were_lost_too(EvidenceSet(connects(THERE, rtts)), ip_address(THERE), lost) is chance


def test_a_refusal_and_another_address_tell_nothing() -> None:
    there = connects(THERE, (AT_ONCE,) * 4)
    refused = connects(THERE, (AGAIN,) * 4, FailureKind.REFUSED)
    elsewhere = connects(OTHER, (AGAIN,) * 4)
    assert not connects_were_lost_too(EvidenceSet([*there, *refused, *elsewhere]), ip_address(THERE), 5)


def silent(port: int, seconds: float, attempt: int) -> Evidence:
    step = TcpConnect(address=ip_address(THERE), port=port, failure=why(FailureKind.TIMEOUT), t=seconds)
    return evidence("tcp", step, task=f"{THERE}#{port}", attempt=attempt)


@pytest.mark.parametrize(
    ("rtts", "seconds", "echoed", "chance"),
    [
        ((AT_ONCE, AGAIN, AT_ONCE), (2.5, 2.5), None, True),
        ((AT_ONCE, AT_ONCE, AT_ONCE), (2.5, 2.5), (15, 20), True),
        ((AT_ONCE, AT_ONCE, AT_ONCE), (2.5, 2.5), (20, 20), False),
        ((AT_ONCE, AT_ONCE, AT_ONCE), (2.5, 2.5), (0, 20), False),
        ((AT_ONCE, AGAIN, AT_ONCE), (4.0, 4.0, 4.0), (19, 20), False),
        ((), (2.5, 2.5), None, False),
    ],
    ids=["as-connects", "as-echo", "whole-line", "echo-filtered", "too-many-lost", "nothing-answers"],
)
def test_a_port_is_silent_by_chance_where_echo_or_other_connects_are_lost(
    rtts: Sequence[float | None], seconds: Sequence[float], echoed: tuple[int, int] | None, chance: bool
) -> None:
    pieces = [*connects(THERE, rtts), *(silent(80, took, n) for n, took in enumerate(seconds))]
    if echoed is not None:
        pieces.append(echo(THERE, *echoed))
    assert silence_of_port_may_be_chance(EvidenceSet(pieces), ip_address(THERE), 80) is chance
