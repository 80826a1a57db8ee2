"""Tests the text in place of "never took place": for names without an address, and not for names that may have one."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from auditor.framework.findings import Reason, Verdict
from auditor.judging.cut_short import named
from auditor.texts.translate import Texts
from inventory.model import IPAddress, Kind
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import LookupStatus, NameLookup
from tests.unit.auditor.contexts import A4, SITE, always, check, context, evidence, judged, point, vantage

CUT = Verdict(code="U_CUT")
NONE, NO_NAME, MUTE, FOUND = (
    LookupStatus.NO_DATA,
    LookupStatus.NO_SUCH_NAME,
    LookupStatus.NO_ANSWER,
    LookupStatus.ANSWER,
)


def said(
    *statuses: LookupStatus, kind: Kind = Kind.ROUTER, addresses: Sequence[IPAddress] = (), name: str = "rt.example.vn"
) -> Verdict:
    steps = [
        NameLookup(name=name, rtype=rtype, role="host", status=status)
        for rtype, status in zip(("A", "AAAA"), statuses, strict=False)
    ]
    looked = EvidenceSet([evidence(*steps, probe="dns")])
    device = replace(SITE, kind=kind, kinds=frozenset({kind}), host="rt.example.vn", addresses=tuple(addresses))
    return named(CUT, Reason.CUT, device, EvidenceSet(()), looked)


@pytest.mark.parametrize("statuses", [(NONE, NONE), (NO_NAME, NO_NAME), (NONE, NO_NAME)])
def test_name_without_address_is_told_as_such(statuses: tuple[LookupStatus, ...]) -> None:
    verdict = said(*statuses)
    assert (verdict.code, verdict.args, verdict.evidence) == ("NAME_WITHOUT_ADDRESS", {"name": "rt.example.vn"}, ())
    for lang in ("vi", "en"):
        assert Texts(lang).framework_fix("NAME_WITHOUT_ADDRESS")


@pytest.mark.parametrize("statuses", [(MUTE, NONE), (NONE, MUTE), (FOUND, NONE), (NONE,), ()])
def test_name_that_may_have_an_address_is_not(statuses: tuple[LookupStatus, ...]) -> None:
    assert said(*statuses) == CUT


@pytest.mark.parametrize("kind", [Kind.MAIL, Kind.ZONE])
def test_domain_needs_no_address_of_its_own(kind: Kind) -> None:
    assert said(NONE, NONE, kind=kind) == CUT


def test_listed_address_is_one() -> None:
    assert said(NONE, NONE, addresses=[A4]) == CUT


def test_other_name_says_nothing() -> None:
    assert said(NONE, NONE, name="www.example.vn") == CUT


@pytest.mark.parametrize(("hides", "code"), [(False, "NAME_WITHOUT_ADDRESS"), (True, "U_CUT")])
def test_address_that_a_resolver_may_hide_is_not_said_to_be_none(hides: bool, code: str) -> None:
    steps = [
        NameLookup(name="www.example.vn", rtype=rtype, role="host", status=NONE, via="resolver")
        for rtype in ("A", "AAAA")
    ]
    here = context(vantage(point(-9, 4, 6, hides=hides), point(9, 4, 6)))
    (finding,) = judged(check(always()), evidence(*steps, probe="dns"), ctx=here)
    assert (finding.code, finding.reason) == (code, Reason.CUT)
