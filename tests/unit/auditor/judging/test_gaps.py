"""Tests that checks see what is missing because a family did not work at the vantage."""

from dataclasses import replace
from datetime import timedelta

import pytest

from auditor.framework.findings import DEFECTS, CheckId, Outcome, Reason, Verdict
from auditor.judging.gaps import by_gaps, with_gaps
from auditor.judging.gates import UngradedVerdict
from probes.framework.evidence import EvidenceId, EvidenceSet, FailureKind
from tests.golden.case import HERE, findings, stored_case
from tests.unit.auditor.judging.test_excuses import CHECKS, evidence, said, sick_at, swapped

SET_ASIDE = (
    ("ipv6.web.redirect-chain", "BROKEN_ALIKE-from-port-80", "http 198.51.100.10#80"),
    ("security.dns.ns-ipv4", "DROPS_SOME-edns", "edns 198.51.100.54#53 tinh-a.example"),
    ("security.ports.mgmt-exposed", "EDGE", "front_page 2001:db8:a::10"),
    ("security.ports.mgmt-exposed", "PAGE_UNCLEAR-api-in-json", "tls 2001:db8:a::10#443"),
    ("security.snmp.default-community", "LIMITED", "snmp_security 198.51.100.1#161"),
    ("security.snmp.exposed", "MANAGED_FROM_HERE-over-both", "snmp_security 2001:db8:c1::1#161"),
    ("security.tls.cert-chain", "INCOMPLETE_FETCHABLE", "certificate_status 2001:db8:a::10#443"),
    ("security.tls.cert-name", "FILTER", "http 2001:db8:a::10#443"),
    ("tslcd.site.reach", "ANSWERS-refused", "tcp 10.64.3.1#22"),
)
"""The check, the case, and the evidence that was measured while the family did not work."""


@pytest.mark.parametrize(("check_id", "stem", "piece"), SET_ASIDE)
def test_what_was_set_aside_is_missed_by_the_checks_that_would_be_excused_by_it(
    check_id: str, stem: str, piece: str
) -> None:
    whole, case = evidence(check_id, stem, piece), stored_case(HERE / check_id / f"{stem}.json")
    assert whole.endpoint is not None
    later, family = replace(whole, started=whole.started + timedelta(days=1)), whole.endpoint.address.version
    sick = replace(case, ctx=replace(case.ctx, vantage=sick_at(case.ctx.vantage, later.started, family)))
    check = CHECKS[CheckId(check_id)]
    accused = {key for key, (outcome, _) in said(sick, check, later).items() if outcome in DEFECTS}
    assert accused <= {key for key, (outcome, _) in said(case, check, whole).items() if outcome in DEFECTS}
    found = findings(replace(sick, evidence=swapped(case, later)), check)
    assert Reason.CUT not in {one.reason for one in found if later.id in one.evidence}


def test_with_gaps_keeps_of_what_was_set_aside_only_that_it_was_to_be_measured() -> None:
    piece = evidence("tslcd.site.reach", "ANSWERS-refused", "tcp 10.64.3.1#22")
    assert list(with_gaps(EvidenceSet([piece]), ())) == [piece]
    (gap,) = with_gaps(EvidenceSet([]), [piece])
    assert (gap.id, gap.endpoint, gap.steps) == (piece.id, piece.endpoint, ())
    assert gap.failure is not None
    assert gap.failure.kind is FailureKind.CUT_SHORT


@pytest.mark.parametrize(
    ("reason", "cited", "expected"),
    [
        (Reason.CUT, "tcp 10.64.3.1#22", Reason.V4),
        (Reason.CUT, "another", Reason.CUT),
        (Reason.PRIV, "tcp 10.64.3.1#22", Reason.PRIV),
    ],
)
def test_by_gaps_names_the_family_of_what_is_cited(reason: Reason, cited: str, expected: Reason) -> None:
    piece = evidence("tslcd.site.reach", "ANSWERS-refused", "tcp 10.64.3.1#22")
    verdict = Verdict(code="NOT_READ", evidence=(EvidenceId(cited),))
    undecided = UngradedVerdict(verdict=verdict, outcome=Outcome.INCONCLUSIVE, reason=reason)
    assert by_gaps(undecided, [piece]).reason is expected
