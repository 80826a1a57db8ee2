"""Tests that a name made by a wildcard has no owner."""

import pytest

from auditor.facts.dns.names import lookup
from auditor.facts.dns.siblings import may_be_of_a_wildcard
from probes.framework.evidence import EvidenceSet
from probes.framework.siblings import beside
from probes.observations.dns import LookupStatus, NameLookup
from tests.unit.auditor.contexts import PROVEN, evidence

WWW = "www.a.example.vn"
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"


def _look(name: str, role: str, status: LookupStatus, *records: str) -> NameLookup:
    return NameLookup(name=name, rtype="A", role=role, status=status, records=records)


@pytest.mark.parametrize(
    ("status", "records", "may_be"),
    [
        (LookupStatus.ANSWER, (HERE,), True),
        (LookupStatus.ANSWER, (ELSEWHERE, HERE), True),  # in turn
        (LookupStatus.ANSWER, (ELSEWHERE,), False),
        (LookupStatus.NO_SUCH_NAME, (), False),
        (LookupStatus.NO_DATA, (), False),
        (LookupStatus.NO_ANSWER, (), True),
        (None, (), False),  # an older probe did not ask
    ],
)
def test_a_name_that_any_name_beside_it_is_as_well(
    status: LookupStatus | None, records: tuple[str, ...], may_be: bool
) -> None:
    looks = [_look(WWW, "sibling", LookupStatus.ANSWER, HERE)]
    if status is not None:
        looks.append(_look(beside(WWW), "wildcard", status, *records))
    seen = EvidenceSet([evidence(*looks, probe="dns")])
    assert may_be_of_a_wildcard(seen, PROVEN, lookup(seen, PROVEN, WWW, "A", "sibling")) is may_be
