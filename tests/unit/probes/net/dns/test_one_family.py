"""Tests the resolution over one family: its records, its end, and that the other family is never used."""

import asyncio

from probes.framework.evidence import FailureKind
from probes.framework.recorder import Recorder
from probes.observations.dnspath import FamilyCut
from tests.unit.probes.net.world import TIMEOUT, World

ROOT = "vn. NS a.vn.\na.vn. A 192.0.2.2\na.vn. AAAA 2001:db8::2\n"
VN = (
    "both.vn. NS ns1.both.vn.\nboth.vn. NS ns2.both.vn.\n"
    "ns1.both.vn. A 192.0.2.3\nns1.both.vn. AAAA 2001:db8::3\nns2.both.vn. A 192.0.2.4\nns2.both.vn. AAAA 2001:db8::4\n"
    "four.vn. NS ns1.four.vn.\nns1.four.vn. A 192.0.2.5\n"
    "far.vn. NS ns1.four.vn.\n"
)
BOTH = (
    "@ NS ns1\n@ NS ns2\nns1 A 192.0.2.3\nns1 AAAA 2001:db8::3\nns2 A 192.0.2.4\nns2 AAAA 2001:db8::4\n"
    "www A 192.0.2.9\n"
)


def world() -> World:
    return World(
        {
            ".": ("192.0.2.1 2001:db8::1", ROOT),
            "vn": ("192.0.2.2 2001:db8::2", VN),
            "both.vn": ("192.0.2.3 2001:db8::3 192.0.2.4 2001:db8::4", BOTH),
            "four.vn": ("192.0.2.5", "@ NS ns1\nns1 A 192.0.2.5\n"),
            "far.vn": ("192.0.2.5", "@ NS ns1.four.vn.\n"),
        }
    )


def walked(internet: World, name: str, family: int) -> list[FamilyCut]:
    rec = Recorder(lambda: 0.0)
    asyncio.run(internet.names().one_family(rec, name, family))
    for asked in internet.asked:
        assert (":" in asked.server) == (family == 6), asked
    return [step for step in rec.steps if isinstance(step, FamilyCut)]


def test_both_families_lead_to_a_zone_that_has_both() -> None:
    for family in (4, 6):
        passed, own = walked(world(), "both.vn", family)
        assert (passed.zone, passed.replies) == ("vn", ())
        assert (own.zone, own.failure, own.unanswered) == ("both.vn", None, ())
        assert [(reply.name, reply.address.version, reply.failure) for reply in own.replies] == [
            ("ns1.both.vn", family, None),
            ("ns2.both.vn", family, None),
        ]


def test_the_way_ends_where_no_server_has_the_family() -> None:
    for name in ("four.vn", "far.vn"):
        *_, own = walked(world(), name, 6)
        assert own.zone == name
        assert own.replies == ()
        assert own.failure is not None
        assert own.failure.kind is FailureKind.NAME_ERROR
    *_, own = walked(world(), "far.vn", 4)
    assert own.failure is None


def test_the_own_servers_of_a_zone_are_asked_that_one_server_above_holds_too() -> None:
    below = "@ NS ns1\n@ NS ns2\nns1 A 192.0.2.7\nns2 A 192.0.2.8\nwww A 192.0.2.9\n"
    cut = "below NS ns1.below\nbelow NS ns2.below\nns1.below A 192.0.2.7\nns2.below A 192.0.2.8\n"
    internet = World(
        {
            ".": ("192.0.2.1", "vn. NS a.vn.\nvn. NS b.vn.\na.vn. A 192.0.2.2\nb.vn. A 192.0.2.3\n"),
            "vn": ("192.0.2.2 192.0.2.3", cut),
            "below.vn": ("192.0.2.2 192.0.2.7 192.0.2.8", below),
        }
    )
    for seed in range(6):  # whichever of the two is asked first
        rec = Recorder(lambda: 0.0)
        asyncio.run(internet.names(seed=seed).one_family(rec, "below.vn", 4))
        (*_, own) = (step for step in rec.steps if isinstance(step, FamilyCut))
        assert {(reply.name, reply.failure) for reply in own.replies} == {
            ("ns1.below.vn", None),
            ("ns2.below.vn", None),
        }


def test_a_silent_server_is_named_beside_one_that_answers() -> None:
    internet = world()
    internet.tampers["2001:db8::4"] = lambda reply, question, transport: TIMEOUT
    *_, own = walked(internet, "both.vn", 6)
    assert [(reply.name, reply.failure and reply.failure.kind) for reply in own.replies] == [
        ("ns1.both.vn", None),
        ("ns2.both.vn", FailureKind.TIMEOUT),
    ]
    assert own.failure is None


def test_a_zone_above_that_is_silent_ends_the_way_there() -> None:
    internet = world()
    internet.tampers["2001:db8::2"] = lambda reply, question, transport: TIMEOUT
    steps = walked(internet, "both.vn", 6)
    assert [step.zone for step in steps] == ["vn", "vn"]
    assert steps[-1].failure is not None


def test_a_name_that_cannot_be_asked_for_is_told() -> None:
    (step,) = walked(world(), "ü..vn", 6)
    assert step.failure is not None
