"""Tests when packet loss may explain that all packets were lost."""

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_address

import pytest

from auditor.facts.path.repeated_connects import connects_were_lost_too, requests
from probes.framework.evidence import Evidence, EvidenceSet, FailureKind
from probes.observations.transport import TcpConnect
from tests.golden.lab import evidence, why

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


@pytest.mark.parametrize(
    ("rtts", "silent", "counted"),
    [
        ((AT_ONCE, AT_ONCE), (), (2, 0)),
        ((AT_ONCE, AGAIN), (), (3, 1)),
        ((AGAIN, AGAIN), (), (2, 0)),
        ((AT_ONCE,), (0.5, 2.5, 4.0), (7, 6)),
        ((), (2.5, 2.5), (0, 0)),
    ],
    ids=["none-lost", "repeated", "no-times-at-all", "silent-before", "never-open"],
)
def test_requests_to_open_ports_are_counted_with_those_lost(
    rtts: Sequence[float | None], silent: Sequence[float], counted: tuple[int, int]
) -> None:
    before = [
        evidence("tcp", replace(step, t=seconds), task=f"{THERE}#silent{number}")
        for number, seconds in enumerate(silent)
        for (step,) in (connects(THERE, (AGAIN,), FailureKind.TIMEOUT)[0].steps,)
    ]
    assert requests(EvidenceSet([*before, *connects(THERE, rtts)]), ip_address(THERE)) == counted
