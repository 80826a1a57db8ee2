"""Tests that data handed from one process to another arrives unchanged."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from types import MappingProxyType
from typing import cast

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import CheckId
from auditor.service.pipeline.processes.process_handover import hand_over, take_over


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    first: object
    second: object = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Triple(Pair):
    third: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Single:
    only: object


@dataclass(frozen=True)
class WithoutSlots:
    first: object
    second: object = None


@dataclass(slots=True)
class Changeable:
    first: object
    second: object = None


VALUES = {
    "pair": Pair(first=IPv6Address("2001:db8::1"), second=("a", None)),
    "subclass": Triple(first=1, second=frozenset({2}), third=MappingProxyType({"x": Pair(first="x")})),
    "one field": Single(Pair(first=Single(None))),
    "without slots": WithoutSlots(1, Pair(first=2)),
    "not frozen": Changeable(1, [Pair(first=2)]),
}


@pytest.mark.parametrize("name", VALUES)
def test_take_over_gives_what_was_handed_over(name: str) -> None:
    value = VALUES[name]
    taken = take_over(hand_over(value))
    assert taken == value
    assert type(taken) is type(value)


def test_take_over_gives_one_object_for_one_that_was_there_twice() -> None:
    shared = Pair(first=1)
    first, second = cast(tuple[Pair, Pair], take_over(hand_over((shared, shared))))
    assert first is second


def test_take_over_gives_the_checks_of_this_program() -> None:
    check = catalogue.load().checks[CheckId("ipv6.web.aaaa")]
    assert cast(Pair, take_over(hand_over(Pair(first=check)))).first is check
