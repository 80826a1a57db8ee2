"""Counters in the answers to the questions that the probe asks."""

from probes.observations.snmp import Varbind
from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.totals import IF_OCTETS, IP_OCTETS, RECEIVED, Counted, counted, of_device, of_interface
from probes.wire.snmp.tree import Oid, Tree

UP = 1_000


def answer(objects: tuple[Oid, ...], values: dict[Oid, int]) -> Tree:
    """Return the requested objects, each 1 unless ``values`` says otherwise; a negative value leaves an object out."""
    rows = dict.fromkeys(objects, 1) | {oids.SYS_UP_TIME: UP} | values
    return Tree(Varbind(dotted(oid), "int", str(value)) for oid, value in rows.items() if value >= 0)


def test_one_question_about_the_device_gives_both_families() -> None:
    counters_by_pair = {(counter.metric, counter.family): counter for counter in counted(answer(of_device(), {}))}
    assert len(of_device()) <= 20  # one datagram
    assert counters_by_pair[IP_OCTETS, 4] == Counted(metric=IP_OCTETS, family=4, interface=0, value=2, age=UP - 1)
    assert counters_by_pair[IP_OCTETS, 6].value == 2  # in and out
    assert counters_by_pair[RECEIVED, 6].value == 1


def test_half_a_sum_is_none() -> None:
    out = (*oids.IP_SYSTEM_STATS_ENTRY, 33, 2)
    pairs = {(counter.metric, counter.family) for counter in counted(answer(of_device(), {out: -1}))}
    assert (IP_OCTETS, 6) not in pairs
    assert (IP_OCTETS, 4) in pairs


def test_without_sysuptime_nothing_counts() -> None:
    assert list(counted(answer(of_device(), {oids.SYS_UP_TIME: -1}))) == []


def test_an_interface_counts_from_its_own_discontinuity() -> None:
    counters_by_pair = {
        (counter.metric, counter.family): counter
        for counter in counted(answer(of_interface(7), {(*oids.IF_DISCONTINUITY, 7): 900}))
    }
    assert {counter.interface for counter in counters_by_pair.values()} == {7}
    assert counters_by_pair[IP_OCTETS, 6].age == counters_by_pair[IF_OCTETS, 0].age == 100


def test_junipers_own_counters_stand_in_for_those_of_ipv6() -> None:
    column = (*oids.IP_IF_STATS_ENTRY, 6, 2, 7)
    counters_by_pair = {
        (counter.metric, counter.family): counter for counter in counted(answer(of_interface(7), {column: -1}))
    }
    assert counters_by_pair[IP_OCTETS, 6].value == 2
    juniper = (*oids.JUNIPER_IPV6_IF_ENTRY, 1, 7)
    less = {(counter.metric, counter.family) for counter in counted(answer(of_interface(7), {column: -1, juniper: -1}))}
    assert (IP_OCTETS, 6) not in less


def test_a_discontinuity_after_now_and_an_endless_uptime_are_bounded() -> None:
    for up, discontinuity, age in ((10**19, 0, 2**32), (5, 100, 0)):
        column = (*oids.IP_SYSTEM_STATS_ENTRY, 46, 2)
        found = {
            counter.family: counter
            for counter in counted(answer(of_device(), {oids.SYS_UP_TIME: up, column: discontinuity}))
        }
        assert found[6].age == age
