"""Tests the combined findings of several vantages of a round about one subject: one case for each rule."""

from dataclasses import replace
from itertools import permutations

import pytest

from auditor.framework.check import Check, SilenceMeaning, VantageKind
from auditor.framework.findings import CheckId, Finding, Outcome, Reason, Verdict, finding_id
from auditor.judging.combining import combine
from auditor.judging.judge import judge
from inventory.model import Expectation, ExpectedState, IPAddress, Network, Subject
from probes.framework.evidence import EvidenceSet
from tests.unit.auditor.contexts import A6, B6, SITE, always, check, context, raise_it, vantage

INTERNET, TSLCD = frozenset({Network.INTERNET}), frozenset({Network.TSLCD})
ANYWHERE = frozenset({VantageKind.INET, VantageKind.TSL})
NOBODY: frozenset[str] = frozenset()
OF_RECORDS = frozenset({VantageKind.SNMP, VantageKind.INV})
INSIDE = replace(SITE, network=Network.TSLCD)
Said = tuple[str, IPAddress | None, str | None]
"""A verdict as (code, address, detail)."""


def at(code: str, address: IPAddress | None = None, detail: str | None = None) -> Said:
    return code, address, detail


def seen(
    name: str,
    *said: Said,
    networks: frozenset[Network] = INTERNET,
    subject: Subject = SITE,
    question: SilenceMeaning = SilenceMeaning.SERVICE,
    presence: bool = False,
    places: frozenset[VantageKind] = ANYWHERE,
) -> tuple[Check, tuple[Finding, ...]]:
    """Return the findings of one vantage about the subject, from a check that needs no evidence."""
    verdicts = [
        Verdict(code=code, address=address, detail=detail, reason=Reason.EGR if code == "VARIES" else None)
        for code, address, detail in said
    ]
    made = check(always(*verdicts), needs=(), places=places, question=question, presence=presence)
    ctx = context(replace(vantage(networks=networks), name=name))
    return made, judge(subject, EvidenceSet([]), [made], ctx, on_bug=raise_it)


def combined(
    *seen: tuple[Check, tuple[Finding, ...]],
    subject: Subject = SITE,
    readers: frozenset[str] = NOBODY,
    inside: frozenset[str] = NOBODY,
) -> list[Finding]:
    """Return the combined findings after asserting that they do not depend on the order of the vantages."""
    results = [
        combine(
            subject,
            [findings for _, findings in some],
            {made.id: made for made, _ in some},
            readers=readers,
            inside=inside,
        )
        for some in permutations(seen)
    ]
    found = results[0]
    assert all(one == found for one in results)
    return list(found)


def told(findings: list[Finding]) -> list[tuple[str, IPAddress | None, str]]:
    return [(one.code, one.address, one.vantage) for one in findings]


def others(finding: Finding) -> list[tuple[str, str]]:
    return [(one.name, one.code) for one in finding.vantages]


def exposed(name: str, *said: Said, networks: frozenset[Network] = INTERNET) -> tuple[Check, tuple[Finding, ...]]:
    return seen(name, *said, networks=networks, question=SilenceMeaning.EXPOSURE)


def test_combine_one_vantage_changes_nothing() -> None:
    made, findings = seen("a", at("BAD", A6))
    assert combine(SITE, [findings], {made.id: made}) == findings


def test_combine_service_in_one_network_takes_the_best_and_names_both() -> None:
    (finding,) = combined(seen("a", at("BAD")), seen("b", at("GOOD")))
    assert (finding.code, finding.outcome, finding.vantage) == ("GOOD", Outcome.PASS, "b")
    (other,) = finding.vantages
    assert (other.name, other.outcome, other.code, other.address) == ("a", Outcome.FAIL, "BAD", None)


def test_combine_service_that_every_vantage_found_bad_stays_bad() -> None:
    (finding,) = combined(seen("a", at("BAD", A6)), seen("b", at("BAD", A6)), seen("c", at("BAD", A6)))
    assert (finding.code, finding.vantage, others(finding)) == ("BAD", "a", [("b", "BAD"), ("c", "BAD")])


def test_combine_exposure_in_one_network_takes_the_worst_and_names_both() -> None:
    (finding,) = combined(exposed("a", at("GOOD")), exposed("b", at("BAD")))
    assert (finding.code, finding.vantage, others(finding)) == ("BAD", "b", [("a", "GOOD")])


@pytest.mark.parametrize("question", list(SilenceMeaning))
@pytest.mark.parametrize("decided", ["GOOD", "BAD", "SO_SO", "NOT_HERE"])
def test_combine_undecided_never_beats_decided(question: SilenceMeaning, decided: str) -> None:
    sick = seen("a", at("VARIES"), question=question)
    (finding,) = combined(sick, seen("b", at(decided), question=question))
    assert (finding.code, finding.vantage, others(finding)) == (decided, "b", [("a", "VARIES")])


def test_combine_undecided_as_a_whole_never_stands_beside_decided_addresses() -> None:
    found = combined(seen("a", at("UNSURE")), seen("b", at("GOOD", A6), at("BAD", B6)))
    assert told(found) == [("GOOD", A6, "b"), ("BAD", B6, "b")]
    assert [others(one) for one in found] == [[("a", "UNSURE")]] * 2


def test_combine_nobody_could_tell_stays_undecided() -> None:
    (finding,) = combined(seen("a", at("UNSURE")), seen("b", at("VARIES")))
    assert (finding.outcome, finding.vantage, others(finding)) == (Outcome.INCONCLUSIVE, "a", [("b", "VARIES")])


def test_combine_each_address_takes_its_own_best() -> None:
    found = combined(seen("a", at("BAD", A6), at("GOOD", B6)), seen("b", at("GOOD", A6), at("BAD", B6)))
    assert told(found) == [("GOOD", A6, "b"), ("GOOD", B6, "a")]


def test_combine_details_are_told_apart_as_addresses_are() -> None:
    found = combined(seen("a", at("BAD", A6, "eth0")), seen("b", at("GOOD", A6, "eth1"), at("BAD", A6, "eth0")))
    assert [(one.code, one.detail) for one in found] == [("BAD", "eth0"), ("GOOD", "eth1")]


def test_combine_statement_about_the_whole_holds_for_each_address() -> None:
    (finding,) = combined(seen("a", at("BAD", A6), at("BAD", B6)), seen("b", at("GOOD")))
    assert (finding.code, finding.address) == ("GOOD", None)
    assert [(one.code, one.address) for one in finding.vantages] == [("BAD", A6), ("BAD", B6)]
    (exposure, other) = combined(exposed("a", at("BAD", A6), at("BAD", B6)), exposed("b", at("GOOD")))
    assert told([exposure, other]) == [("BAD", A6, "a"), ("BAD", B6, "a")]


def test_combine_defect_where_another_had_nothing_to_look_at_is_held_against_nobody() -> None:
    (bad, good) = combined(seen("a", at("BAD", A6)), seen("b", at("GOOD", B6)))
    assert (bad.code, bad.outcome, bad.reason, bad.address) == ("U_AMB", Outcome.INCONCLUSIVE, Reason.AMB, A6)
    assert (good.code, good.address) == ("GOOD", B6)
    assert bad.id == finding_id(SITE.id, bad.check, A6, None, "internet")


def test_combine_defect_where_another_saw_nothing_that_applies_is_held_against_nobody() -> None:
    (finding,) = combined(seen("a", at("NOT_HERE")), seen("b", at("BAD", A6)))
    assert (finding.outcome, finding.reason, others(finding)) == (Outcome.INCONCLUSIVE, Reason.AMB, [("a", "NOT_HERE")])


@pytest.mark.parametrize(("reason", "vantages"), [(Reason.SCOPE, ["a"]), (Reason.EGR, ["a", "b"])])
def test_combine_what_nobody_might_look_at_from_elsewhere_is_left_out(reason: Reason, vantages: list[str]) -> None:
    made, (finding,) = exposed("b", at("VARIES"), networks=TSLCD)
    found = combined(exposed("a", at("GOOD")), (made, (replace(finding, reason=reason),)))
    assert [one.vantage for one in found] == vantages


def test_combine_what_nobody_might_look_at_anywhere_is_told_once() -> None:
    refused = [exposed("a", at("VARIES")), exposed("b", at("VARIES"), networks=TSLCD)]
    (finding,) = combined(*((made, (replace(one, reason=Reason.SCOPE),)) for made, (one,) in refused))
    assert (finding.vantage, finding.reason) == ("a", Reason.SCOPE)


def test_combine_exposure_that_one_alone_looked_at_is_held() -> None:
    found = combined(exposed("a", at("BAD", A6)), exposed("b", at("GOOD", B6)))
    assert told(found) == [("BAD", A6, "a"), ("GOOD", B6, "b")]


def test_combine_what_only_a_vantage_without_a_family_asked_about_leaves_no_gap() -> None:
    made, (good,) = seen("a", at("GOOD", A6))
    met = replace(good, check=CheckId("other"), address=B6)
    _, blind = seen("b", at("VARIES", A6), at("VARIES", B6))
    lacking = tuple(replace(one, reason=Reason.V4) for one in blind)
    assert told(combined((made, (good, met)), (made, lacking))) == [("GOOD", A6, "a")]
    assert len(combined((made, (good,)), (made, lacking))) == 2  # no other vantage knows that address
    assert len(combined((made, (good, met)), (made, blind))) == 2  # it could look there, and saw nothing certain
    unsure = replace(good, outcome=Outcome.INCONCLUSIVE, reason=Reason.EGR)
    assert len(combined((made, (unsure, met)), (made, lacking))) == 2


def test_combine_undecided_vantage_does_not_excuse_a_defect() -> None:
    found = combined(seen("a", at("BAD", A6)), seen("b", at("VARIES", B6)))
    assert told(found) == [("BAD", A6, "a"), ("VARIES", B6, "b")]


def test_combine_vantage_out_of_place_is_left_out_where_another_decides() -> None:
    outside = seen("a", at("BAD"), networks=INTERNET, subject=INSIDE)
    assert [one.reason for one in outside[1]] == [Reason.VP]
    (finding,) = combined(outside, seen("b", at("GOOD"), networks=TSLCD, subject=INSIDE), subject=INSIDE)
    assert (finding.code, finding.vantage, finding.vantages) == ("GOOD", "b", ())


def test_combine_missing_vantage_is_never_a_fail() -> None:
    elsewhere = [seen(name, at("BAD"), networks=INTERNET, subject=INSIDE) for name in ("a", "b")]
    (finding,) = combined(*elsewhere, subject=INSIDE)
    assert (finding.outcome, finding.reason, finding.vantages) == (Outcome.INCONCLUSIVE, Reason.VP, ())
    assert finding.id == finding_id(INSIDE.id, finding.check, None, None, "tslcd")


def test_combine_networks_have_findings_of_their_own() -> None:
    found = combined(exposed("a", at("GOOD")), exposed("b", at("BAD"), networks=TSLCD))
    assert told(found) == [("GOOD", None, "a"), ("BAD", None, "b")]
    assert [one.id for one in found] == [
        finding_id(SITE.id, one.check, None, None, network)
        for one, network in zip(found, ("internet", "tslcd"), strict=True)
    ]
    assert [one.vantages for one in found] == [(), ()]


def test_combine_vantage_of_both_networks_speaks_for_that_of_the_subject() -> None:
    (finding,) = combined(exposed("a", at("GOOD")), exposed("b", at("BAD"), networks=INTERNET | TSLCD))
    assert (finding.code, finding.vantage) == ("BAD", "b")


@pytest.mark.parametrize("places", [{VantageKind.INV}, {VantageKind.SNMP}])
def test_combine_what_needs_no_place_gives_one_finding(places: set[VantageKind]) -> None:
    kinds = frozenset(places)
    found = combined(seen("a", at("GOOD"), places=kinds), seen("b", at("GOOD"), places=kinds, networks=TSLCD))
    (finding,) = found
    assert others(finding) == ([] if places == {VantageKind.INV} else [("b", "GOOD")])


def test_combine_facts_of_the_inventory_give_one_finding() -> None:
    exempt = replace(SITE, expected=Expectation(state=ExpectedState.EXEMPT, reason="old", signatory="An"))
    both = [
        seen(name, at("BAD"), networks=networks, subject=exempt, presence=True, question=SilenceMeaning.EXPOSURE)
        for name, networks in (("a", INTERNET), ("b", TSLCD))
    ]
    (finding,) = combined(*both, subject=exempt)
    assert (finding.code, finding.outcome, finding.vantages) == ("EXEMPT", Outcome.NOT_APPLICABLE, ())


@pytest.mark.parametrize("unread", ["GOOD", "SO_SO", "NOT_HERE"])
def test_combine_reading_of_a_device_stands_above_the_inventory_alone(unread: str) -> None:
    both = seen("a", at(unread), places=OF_RECORDS), seen("b", at("BAD"), places=OF_RECORDS, networks=TSLCD)
    (finding,) = combined(*both, readers=frozenset({"b"}), inside=frozenset({"a"}))
    assert (finding.code, finding.vantage, finding.vantages) == ("BAD", "b", ())


def test_combine_reading_of_a_device_clears_what_the_inventory_alone_shows() -> None:
    both = seen("a", at("BAD"), places=OF_RECORDS), seen("b", at("GOOD"), places=OF_RECORDS, networks=TSLCD)
    (finding,) = combined(*both, readers=frozenset({"b"}), inside=frozenset({"a"}))
    assert (finding.code, finding.vantage) == ("GOOD", "b")


def test_combine_undecided_reading_leaves_the_inventory_to_decide() -> None:
    both = seen("a", at("BAD"), places=OF_RECORDS), seen("b", at("UNSURE"), places=OF_RECORDS)
    (finding,) = combined(*both, readers=frozenset({"b"}))
    assert (finding.code, finding.vantage) == ("BAD", "a")


@pytest.mark.parametrize(("outside", "within"), [("BAD", "GOOD"), ("GOOD", "BAD")])
def test_combine_records_that_nobody_read_are_judged_in_the_network_of_the_subject(outside: str, within: str) -> None:
    both = (
        seen("a", at(outside), places=OF_RECORDS, subject=INSIDE),
        seen("b", at(within), places=OF_RECORDS, subject=INSIDE, networks=TSLCD),
    )
    (finding,) = combined(*both, subject=INSIDE, inside=frozenset({"b"}))
    assert (finding.code, finding.vantage) == (within, "b")


def test_combine_place_that_a_check_needs_is_not_changed_by_a_reader() -> None:
    (finding,) = combined(seen("a", at("GOOD")), seen("b", at("BAD")), readers=frozenset({"b"}))
    assert (finding.code, finding.vantage) == ("GOOD", "a")
