"""Tests the count of trace probes that routers of the audited network left unanswered."""

from ipaddress import ip_address, ip_network

import pytest

from auditor.facts.path.router_answers import TraceAnswers
from auditor.framework.gathered import RouterAnswers
from probes.framework.evidence import Evidence, Failure, FailureKind
from probes.observations.traces import HopProbe, PathTrace
from tests.unit.auditor.contexts import A6, evidence

OURS = ip_network("2001:db8:a::/48")
ROUTER, PROVIDER = ip_address("2001:db8:a::1"), ip_address("2001:db8:f::1")


def hop(number: int, *answers: str) -> tuple[HopProbe, ...]:
    """Return probes of a hop. ``r``: router of the network, ``p``: the provider's, ``.``: none, ``!``: the address."""
    sources = {"r": ROUTER, "p": PROVIDER, "!": A6}
    return tuple(
        HopProbe(
            hop=number, source=sources.get(answer), answer={"!": "reached", ".": None}.get(answer, "time-exceeded")
        )
        for answer in answers
    )


def traced(*hops: tuple[HopProbe, ...], failure: Failure | None = None) -> Evidence:
    probes = tuple(probe for every in hops for probe in every)
    return evidence(PathTrace(address=A6, protocol="udp", port=33434, probes=probes, failure=failure), probe="trace")


def test_only_hops_of_the_network_that_answer_at_all_are_counted() -> None:
    answers = TraceAnswers([OURS])
    answers.add(traced(hop(1, *"p.."), hop(2, *"r.r"), hop(3, *"..."), hop(4, *"!..")))
    answers.add(traced(hop(1, *"r.."), failure=Failure(kind=FailureKind.CUT_SHORT)))
    assert answers.seen() == {6: RouterAnswers(asked=3, answered=2), 4: RouterAnswers()}


@pytest.mark.parametrize(
    ("asked", "answered", "limited"), [(59, 10, False), (60, 53, True), (60, 54, False), (600, 200, True)]
)
def test_a_limit_is_told_by_what_is_missing_of_many(asked: int, answered: int, *, limited: bool) -> None:
    assert RouterAnswers(asked, answered).are_limited is limited
