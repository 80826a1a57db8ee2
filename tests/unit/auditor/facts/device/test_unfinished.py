"""Tests that a table that broke off, or an object with all queries lost, is distinguished from an absent one."""

from ipaddress import ip_address

import pytest

from auditor.facts.device.unfinished import OF_ITS_OWN, any_of, lost_rows, unfinished
from probes.framework.evidence import Failure, FailureKind, Observation
from probes.observations.snmp import SnmpGet, SnmpWalk, Varbind
from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted

LOST = Failure(kind=FailureKind.TIMEOUT)
NAMES = dotted(oids.IF_NAME)
OBJECT_ID = dotted(oids.SYS_OBJECT_ID)


def walk(
    *,
    stopped: str | None = None,
    context: str = "",
    failure: Failure | None = None,
    root: str = NAMES,
    rows: tuple[str, ...] = (),
) -> SnmpWalk:
    """Return a walk that read the rows with the indexes ``rows``."""
    read = tuple(Varbind(f"{root}.{index}", "int", "1") for index in rows)
    address = ip_address("198.51.100.1")
    return SnmpWalk(
        address=address, port=161, profile="p", root=root, rows=read, stopped=stopped, context=context, failure=failure
    )


def get(failure: Failure | None = None, given: tuple[str, ...] = ()) -> SnmpGet:
    rows = tuple(Varbind(oid, "oid", "1.3.6.1.4.1.9.1") for oid in given)
    address = ip_address("198.51.100.1")
    return SnmpGet(address=address, port=161, profile="p", oids=(OBJECT_ID,), rows=rows, failure=failure)


@pytest.mark.parametrize(
    ("steps", "lost"),
    [
        ((walk(),), set()),
        ((walk(stopped="failure", failure=LOST),), {NAMES}),
        ((walk(stopped="rows"),), {NAMES}),
        ((walk(stopped="failure", failure=LOST), walk()), set()),  # at another address it was read
        ((walk(), walk(stopped="failure", context="vrf-a")), {NAMES}),
        ((get(),), set()),  # it has no such object
        ((get(LOST),), {OBJECT_ID}),
        ((get(LOST), get()), set()),
        ((get(LOST, given=(OBJECT_ID,)),), set()),  # in part
        ((get(LOST, given=(NAMES,)),), {OBJECT_ID}),
        ((), set()),
    ],
)
def test_unfinished_is_what_was_asked_for_and_never_read_whole(steps: tuple[Observation, ...], lost: set[str]) -> None:
    assert unfinished(steps) == lost


def test_any_of_tells_of_no_table_that_was_never_asked_for() -> None:
    assert any_of(OF_ITS_OWN, unfinished((walk(stopped="failure"),)))
    assert not any_of((oids.IF_STACK_STATUS,), unfinished((walk(stopped="failure"),)))


ROUTERS = dotted(oids.VRRP_STATUS)
CUT = walk(stopped="rows", rows=("2", "7"))


@pytest.mark.parametrize(
    ("walks", "objects", "interfaces", "lost"),
    [
        ((CUT,), (oids.IF_NAME,), [3, 7], False),  # 3 was passed: it has none
        ((CUT,), (oids.IF_NAME,), [8], True),
        ((CUT,), (oids.IF_NAME,), [3, None], True),
        ((CUT, walk()), (oids.IF_NAME,), [8], False),  # at another address the whole was read
        ((CUT, walk(stopped="rows", context="vrf-a", rows=("2",))), (oids.IF_NAME,), [7], True),
        ((walk(stopped="failure", failure=LOST),), (oids.IF_NAME,), [1], True),
        ((), (oids.IF_NAME,), [1], True),
        ((CUT,), (oids.IF_STACK_STATUS,), [1], True),  # its rows do not begin with only an interface
        ((walk(root=ROUTERS, stopped="rows", rows=("3.1.2",)),), (oids.VRRP_STATUS,), [3], True),  # 3.2.2 may follow
        ((walk(root=ROUTERS, stopped="rows", rows=("3.1.2", "4.1.2")),), (oids.VRRP_STATUS,), [3], False),
    ],
)
def test_lost_rows_are_those_behind_the_last_one_that_was_read(
    walks: tuple[SnmpWalk, ...], objects: tuple[tuple[int, ...], ...], interfaces: list[int | None], lost: bool
) -> None:
    assert lost_rows(walks, objects, interfaces) is lost
