"""The small parts that iteration stands on: cuts, memory, flights, deadlines, hints, scope."""

import asyncio
import weakref
from ipaddress import ip_address, ip_network

import pytest

from inventory.scope import Scope
from probes.framework.evidence import FailureKind
from probes.net.core.deadlines import Deadlines
from probes.net.core.rules import refusal
from probes.net.dns.classify import AnswerKind, ReadAnswer, is_below, is_within
from probes.net.dns.hints import HintsError, parse_hints, shipped_hints
from probes.net.dns.state import BOTH, Flights, Memory, ancestors, cut_of, next_zone
from tests.unit.probes.framework.virtual import monotonic, run


def test_names_within_zones() -> None:
    assert is_within("a.vn", "vn")
    assert is_within("vn", "vn")
    assert is_within("vn", ".")
    assert not is_within("avn", "vn")
    assert not is_within("vn", "a.vn")
    assert not is_below("vn", "vn")


def test_the_way_between_names_and_zones() -> None:
    assert list(ancestors("www.a.vn")) == ["www.a.vn", "a.vn", "vn", "."]
    assert list(ancestors(".")) == ["."]
    assert next_zone("www.a.vn", ".") == "vn"
    assert next_zone("www.a.vn", "vn") == "a.vn"
    assert next_zone("a.vn", "a.vn") == "a.vn"


def test_a_cut_believes_glue_within_the_parent() -> None:
    glue = (("ns.a.vn", ip_address("192.0.2.1")), ("ns.org", ip_address("192.0.2.2")))
    cut = cut_of(ReadAnswer(kind=AnswerKind.REFERRAL, zone="a.vn", servers=("ns.a.vn", "ns.org"), glue=glue), "vn")
    assert cut.of(BOTH) == [ip_address("192.0.2.1")]
    assert cut.glue == glue
    assert cut.without_address(BOTH) == ["ns.org"]
    assert cut.of(frozenset({6})) == []
    assert cut.without_address(frozenset({6})) == ["ns.org"]


def test_memory_ages_and_is_bounded() -> None:
    now = 0.0
    memory: Memory[int] = Memory(lambda: now, size=2)
    for number in range(3):
        memory.put(number, number, 10.0)
    assert [memory.get(number) for number in range(3)] == [None, 1, 2]
    now = 11.0
    assert memory.get(1) is None


def test_memory_lets_go_of_what_has_aged_though_nobody_asks_for_it_again() -> None:
    class Remembered:
        """An answer that a test can see go."""

    now = 0.0
    memory: Memory[Remembered] = Memory(lambda: now)
    seen: list[weakref.ref[Remembered]] = []
    for number in range(100):
        answer = Remembered()
        seen.append(weakref.ref(answer))
        memory.put(number, answer, 10.0)
        now += 1.0
    assert sum(one() is not None for one in seen) <= 12


async def test_flights_are_waited_for_at_the_same_level_or_deeper() -> None:
    flights = Flights()
    with flights.leading("key", 2):
        assert not await flights.wait("other", 0)
        assert not await flights.wait("key", 3)
        waiting = asyncio.ensure_future(flights.wait("key", 2))
        await asyncio.sleep(0)
        assert not waiting.done()
        with flights.leading("key", 4):  # somebody who may not wait changes nothing
            pass
        await asyncio.sleep(0)
        assert not waiting.done()
    assert await waiting
    assert not await flights.wait("key", 0)


def test_deadlines_come_in_order_and_once() -> None:
    seen: list[tuple[int, float]] = []

    async def main() -> None:
        deadlines = Deadlines(10.0, lambda key: seen.append((key, monotonic())))
        for key in range(3):
            deadlines.add(key)
            await asyncio.sleep(1.0)
        await asyncio.sleep(20.0)
        deadlines.add(3)
        deadlines.close()
        await asyncio.sleep(20.0)

    run(main())
    assert seen == [(0, 10.0), (1, 11.0), (2, 12.0)]


def test_an_expired_step_may_start_another() -> None:
    seen: list[tuple[int, float]] = []

    async def main() -> None:
        def expire(key: int) -> None:
            seen.append((key, monotonic()))
            if key < 3:
                deadlines.add(key + 1)

        deadlines = Deadlines(10.0, expire)
        deadlines.add(0)
        await asyncio.sleep(60.0)

    run(main())
    assert seen == [(0, 10.0), (1, 20.0), (2, 30.0), (3, 40.0)]


def test_the_shipped_hints_name_thirteen_servers_with_both_families() -> None:
    hints = shipped_hints()
    assert len(hints.servers) == 13
    assert all({address.version for address in addresses} == {4, 6} for _, addresses in hints.servers)
    assert ip_address("2001:503:ba3e::2:30") in hints.addresses


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no root server"),
        (". NS a.root", "no root server"),
        (". NS a.root\na.root A 2001:db8::1", "line 2"),
        (". NS a.root\na.root AAAA here", "line 2"),
        ("nonsense", "line 1"),
    ],
)
def test_hints_that_are_none(text: str, says: str) -> None:
    with pytest.raises(HintsError, match=says):
        parse_hints(text)


def test_hints_with_everything_in_them() -> None:
    hints = parse_hints("; comment\n.\t3600000 IN NS A.Root. ; more\nA.ROOT. 60 IN AAAA 2001:db8::1\n")
    assert hints.servers == (("a.root", (ip_address("2001:db8::1"),)),)


def test_scope_at_a_dial() -> None:
    scope = Scope(allow=(ip_network("192.0.2.0/24"),), deny=(ip_network("192.0.2.66/32"),))
    assert refusal(scope, ip_address("192.0.2.1")) is None
    for implied in (False, True):
        for address in ("192.0.2.66", "127.0.0.1", "::1", "169.254.169.254"):
            refused = refusal(scope, ip_address(address), implied=implied)
            assert refused is not None
            assert refused.kind is FailureKind.OUT_OF_SCOPE
    assert refusal(scope, ip_address("198.41.0.4")) is not None
    assert refusal(scope, ip_address("198.41.0.4"), implied=True) is None
