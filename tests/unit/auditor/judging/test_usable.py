"""What the vantage could not have observed, or was told by somebody who makes things up, is not judged."""

from collections.abc import Iterator

import pytest

from auditor.facts.dns.names import own
from auditor.framework.context import Context
from auditor.framework.findings import Outcome, Reason, Verdict
from inventory.model import Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import LookupStatus, NameLookup
from tests.unit.auditor.contexts import A6, check, context, evidence, judged, point, vantage


def _each_address(subject: Subject, found: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    asked = own(subject, found, ctx, "AAAA")
    yield Verdict(code="GOOD") if asked.known else Verdict(code="VARIES", reason=asked.reason)


@pytest.mark.parametrize(
    ("via", "invents", "iterative", "code", "outcome"),
    [
        ("resolver", True, True, "VARIES", Outcome.INCONCLUSIVE),
        ("resolver", False, True, "GOOD", Outcome.PASS),
        ("iterative", True, True, "GOOD", Outcome.PASS),
        ("iterative", True, False, "VARIES", Outcome.INCONCLUSIVE),
        ("iterative", False, False, "GOOD", Outcome.PASS),
    ],
)
def test_a_resolver_that_makes_up_addresses_is_not_believed(
    via: str, invents: bool, iterative: bool, code: str, outcome: Outcome
) -> None:
    here = context(vantage(point(-9, 4, 6), point(9, 4, 6, iterative=iterative, invents=invents)))
    look = NameLookup(
        name="www.example.vn", rtype="AAAA", role="host", status=LookupStatus.ANSWER, records=(str(A6),), via=via
    )
    (found,) = judged(check(_each_address, needs=(NameLookup,)), evidence(look, probe="dns"), ctx=here)
    assert (found.code, found.outcome) == (code, outcome)
    assert found.reason is (None if code == "GOOD" else Reason.EGR)


def test_what_is_not_there_is_believed_of_a_resolver_that_makes_up_addresses() -> None:
    here = context(vantage(point(-9, 4, 6, invents=True), point(9, 4, 6)))
    look = NameLookup(name="www.example.vn", rtype="AAAA", role="host", status=LookupStatus.NO_DATA, via="resolver")
    (found,) = judged(check(_each_address, needs=(NameLookup,)), evidence(look, probe="dns"), ctx=here)
    assert found.code == "GOOD"
