"""A table that broke off, or an object whose questions were all lost, is told from one that is not there."""

from ipaddress import ip_address

import pytest

from auditor.facts.device.unfinished import OF_ITS_OWN, any_of, unfinished
from probes.framework.evidence import Failure, FailureKind, Observation
from probes.observations.snmp import SnmpGet, SnmpWalk
from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted

LOST = Failure(kind=FailureKind.TIMEOUT)
NAMES = dotted(oids.IF_NAME)
OBJECT_ID = dotted(oids.SYS_OBJECT_ID)


def walk(*, stopped: str | None = None, context: str = "", failure: Failure | None = None) -> SnmpWalk:
    address = ip_address("198.51.100.1")
    return SnmpWalk(
        address=address, port=161, profile="p", root=NAMES, stopped=stopped, context=context, failure=failure
    )


def get(failure: Failure | None = None) -> SnmpGet:
    return SnmpGet(address=ip_address("198.51.100.1"), port=161, profile="p", oids=(OBJECT_ID,), failure=failure)


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
        ((), set()),
    ],
)
def test_unfinished_is_what_was_asked_for_and_never_read_whole(steps: tuple[Observation, ...], lost: set[str]) -> None:
    assert unfinished(steps) == lost


def test_any_of_tells_of_no_table_that_was_never_asked_for() -> None:
    assert any_of(OF_ITS_OWN, unfinished((walk(stopped="failure"),)))
    assert not any_of((oids.IF_STACK_STATUS,), unfinished((walk(stopped="failure"),)))
