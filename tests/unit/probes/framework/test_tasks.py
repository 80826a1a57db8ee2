"""Tests the keys of tasks, and the addresses to which work on them may lead."""

from ipaddress import ip_address

from inventory.model import Endpoint
from inventory.scope import Reach
from probes.framework.tasks import EndpointTask, target_of

ADDRESS = ip_address("2001:db8::1")
WITHIN = Reach(own=frozenset({ADDRESS}), ports=frozenset({80, 443}))


def _reach(port: int | None) -> Reach:
    return target_of(EndpointTask(endpoint=Endpoint(address=ADDRESS, port=port)), WITHIN).reach


def test_target_reaches_what_its_task_looks_at_beside_what_its_subject_does() -> None:
    reach = _reach(8443)
    assert reach == Reach(own=WITHIN.own, at=frozenset({ADDRESS}), ports=frozenset({80, 443, 8443}))


def test_targets_at_one_address_share_their_reach() -> None:
    """They are held until they are asked again, of every subject that was silent."""
    assert _reach(80) is _reach(443) is _reach(None)
