"""The records of a faulty or misplaced vantage decide nothing: for every check, with the evidence of all its cases.

The judge's gates give U-V6, U-V4 and U-VP of CHECKS for nearly every check, so that each check needs no case for them.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

import pytest

from auditor.framework.check import Check, CheckScope, FamilyClaim, VantageKind
from auditor.framework.check import load as load_checks
from auditor.framework.findings import Finding, Outcome, Reason
from tests.golden.case import HERE, findings, load
from tests.golden.documents import read

DECIDED = frozenset({Outcome.PASS, Outcome.WARN, Outcome.FAIL})
CHECKS = {str(id_): check for id_, check in load_checks().items() if check.scope is CheckScope.SUBJECT}
OF_BOTH = {id_: check for id_, check in CHECKS.items() if check.claims is FamilyClaim.BOTH}
OF_6 = {id_: check for id_, check in CHECKS.items() if check.claims in (FamilyClaim.V6, FamilyClaim.BOTH)}
BY_ITS_DIGITS = "tslcd.path.via-tslcd"
"""A check whose verdict depends on whether an address is public, not on reaching it."""
OF_EACH = {id_: check for id_, check in CHECKS.items() if check.claims is FamilyClaim.EACH and id_ != BY_ITS_DIGITS}
PLACED = {
    id_: check
    for id_, check in CHECKS.items()
    if check.vantage and not check.vantage & {VantageKind.SNMP, VantageKind.INV}
}


def judged(id_: str, check: Check, **changes: object) -> Iterator[Finding]:
    """Yield the findings of every case that is not about the gates, under another context."""
    for path in sorted((HERE / id_).glob("*.json")):
        document = read(path)
        if not document["gated"]:
            yield from findings(load(check.id, _changed(document, changes)), check)


def _changed(document: Mapping[str, Any], changes: Mapping[str, object]) -> dict[str, Any]:
    changed = deepcopy(dict(document))
    changed["context"] |= changes
    return changed


@pytest.mark.parametrize("id_", OF_6)
def test_without_ipv6_nothing_is_said_of_it(id_: str) -> None:
    said = list(judged(id_, OF_6[id_], working_families=[4]))
    assert [one for one in said if one.outcome in DECIDED] == []
    assert Reason.V6 in {one.reason for one in said}


@pytest.mark.parametrize("id_", OF_BOTH)
def test_without_ipv4_the_families_are_not_compared(id_: str) -> None:
    said = list(judged(id_, OF_BOTH[id_], working_families=[6]))
    assert [one for one in said if one.outcome in DECIDED] == []
    assert Reason.V4 in {one.reason for one in said}


@pytest.mark.parametrize("id_", OF_EACH)
def test_an_address_of_a_sick_family_is_not_judged(id_: str) -> None:
    for family, reason in ((6, Reason.V6), (4, Reason.V4)):
        said = list(judged(id_, OF_EACH[id_], working_families=[10 - family]))
        wrong = [one for one in said if one.address is not None and one.address.version == family]
        assert [one for one in wrong if one.outcome in DECIDED] == [], reason


@pytest.mark.parametrize("id_", PLACED)
def test_from_another_place_nothing_is_said(id_: str) -> None:
    said = list(judged(id_, PLACED[id_], networks=[], lan_of=""))
    assert [one for one in said if one.outcome in DECIDED] == []
