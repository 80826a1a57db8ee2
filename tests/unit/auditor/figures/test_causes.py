"""Tests grouping of findings by their shared causes: the evidence for a cause, and the facts that exclude it."""

from dataclasses import replace

import pytest

from auditor.figures import causes
from auditor.figures.causes import (
    CauseKey,
    CauseKind,
    Contradictions,
    OwnerBasis,
    Symptom,
    TargetGain,
    cause_of,
    group,
    ranked,
    visible,
)
from auditor.figures.compliance import Compliance
from auditor.framework.findings import CheckId, FindingId, Severity
from inventory.model import AgencyId, SubjectId

REACH, MX = CheckId("ipv6.web.reach"), CheckId("ipv6.mail.mx-reach")
ADDRESS = CauseKey(kind=CauseKind.ADDRESS, name="2001:db8:7::1", vantage="v", port="443")
PREFIX = CauseKey(kind=CauseKind.PREFIX, name="2001:db8:7::/48", vantage="v")


def symptom(number: int, *keys: CauseKey, check: CheckId = REACH, agency: str | None = "S1", last: int = 1) -> Symptom:
    return Symptom(
        finding=FindingId(f"f{number}"),
        check=check,
        code="SILENT",
        severity=Severity.HIGH,
        subject=SubjectId(f"s{number}"),
        agency=None if agency is None else AgencyId(agency),
        address=f"2001:db8:7::{last}",
        keys=keys,
    )


def test_group_findings_of_two_subjects_at_one_address_share_it() -> None:
    (found,) = group([symptom(1, ADDRESS), symptom(2, ADDRESS, agency="S2")], Contradictions())
    assert found.key == ADDRESS
    assert found.subjects == ("s1", "s2")


def test_group_one_subject_shares_nothing() -> None:
    twice = [symptom(1, ADDRESS), replace(symptom(1, ADDRESS), finding=FindingId("other"))]
    assert list(group(twice, Contradictions())) == []


def test_group_address_that_passed_for_another_subject_is_not_the_cause() -> None:
    against = Contradictions()
    against.passed(REACH, "2001:db8:7::1")
    assert list(group([symptom(1, ADDRESS), symptom(2, ADDRESS)], against)) == []


def test_group_pass_of_another_check_does_not_speak_against_an_address() -> None:
    against = Contradictions()
    against.passed(MX, "2001:db8:7::1")
    assert len(list(group([symptom(1, ADDRESS), symptom(2, ADDRESS)], against))) == 1


def test_group_check_of_a_single_subject_is_left_out_of_the_cause_of_others() -> None:
    lone = symptom(3, ADDRESS, check=MX)
    (found,) = group([symptom(1, ADDRESS), symptom(2, ADDRESS), lone], Contradictions())
    assert lone not in found.symptoms


def test_group_three_silent_addresses_of_a_prefix_are_told_once_as_the_prefix() -> None:
    silent = [symptom(number, ADDRESS, PREFIX, last=number) for number in (1, 2, 3)]
    (found,) = group(silent, Contradictions())
    assert found.key == PREFIX


def test_group_two_silent_addresses_do_not_name_their_prefix() -> None:
    silent = [symptom(number, PREFIX, last=number) for number in (1, 2)]
    assert list(group(silent, Contradictions())) == []


def test_group_prefix_with_an_address_that_answers_is_not_the_cause() -> None:
    silent = [symptom(number, PREFIX, last=number) for number in (1, 2, 3)]
    against = Contradictions()
    against.answered("2001:db8:7:1::9")
    assert list(group(silent, against)) == []


def test_group_name_servers_that_are_good_for_another_zone_are_not_the_cause() -> None:
    names = CauseKey(kind=CauseKind.NAME_SERVERS, name="ns1.h.vn, ns2.h.vn")
    check = CheckId("ipv6.dns.ns-aaaa")
    symptoms = [symptom(1, names, check=check), symptom(2, names, check=check)]
    against = Contradictions()
    against.good(check, ["ns9.h.vn"])
    assert len(list(group(symptoms, against))) == 1
    against.good(check, ["ns2.h.vn"])
    assert list(group(symptoms, against)) == []


def test_group_does_not_depend_on_the_order_of_findings() -> None:
    symptoms = [symptom(number, ADDRESS, PREFIX, last=number % 4) for number in range(9)]
    forward = {(found.key, found.subjects) for found in group(symptoms, Contradictions())}
    assert forward == {(found.key, found.subjects) for found in group(reversed(symptoms), Contradictions())}


def test_cause_counts_subjects_findings_and_agencies_once() -> None:
    symptoms = [symptom(1, ADDRESS), symptom(2, ADDRESS, agency="S2"), symptom(3, ADDRESS, agency=None)]
    (found,) = group(symptoms, Contradictions())
    cause = cause_of(found, (AgencyId("S2"), OwnerBasis.ROW))
    assert (cause.subject_count, cause.finding_count, cause.agencies) == (3, 3, (None, "S1", "S2"))
    assert [(problem.check, problem.code, problem.subjects) for problem in cause.problems] == [(REACH, "SILENT", 3)]
    assert cause.certain


def test_cause_silence_of_a_prefix_is_only_probable() -> None:
    (found,) = group([symptom(number, PREFIX, last=number) for number in (1, 2, 3)], Contradictions())
    assert not cause_of(found, (None, OwnerBasis.UNKNOWN)).certain


def test_ranked_target_reached_goes_before_more_subjects() -> None:
    few, many = (
        cause_of(next(group([symptom(number, ADDRESS) for number in numbers], Contradictions())), owner)
        for numbers, owner in (((1, 2), (None, OwnerBasis.UNKNOWN)), ((3, 4, 5), (None, OwnerBasis.UNKNOWN)))
    )
    assert ranked([few, many]) == (many, few)
    reached = replace(few, targets=(TargetGain(framework="f", requirement="1", now=Compliance.NOT_MET),))
    assert ranked([reached, many]) == (reached, many)


def test_visible_hides_other_agencies_subjects_counts_owner_and_figures() -> None:
    members = [symptom(1, ADDRESS), symptom(2, ADDRESS), symptom(3, ADDRESS, agency="S2")]
    (found,) = group(members, Contradictions())
    cause = cause_of(found, (AgencyId("S2"), OwnerBasis.ROW))
    own = visible(cause, {SubjectId("s1"): AgencyId("S1"), SubjectId("s2"): AgencyId("S1")})
    assert own is not None
    assert (own.subjects, own.subject_count, own.agencies, own.owner) == (("s1", "s2"), 2, ("S1",), None)
    assert (own.gains, own.problems, own.findings) == ((), (), ())


def test_visible_counts_own_subjects_beyond_those_that_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(causes, "MOST_LISTED", 2)
    members = [symptom(number, ADDRESS, agency="S1" if number < 3 else "S2") for number in range(1, 6)]
    (found,) = group(members, Contradictions())
    own = visible(cause_of(found, (None, OwnerBasis.UNKNOWN)), {SubjectId(f"s{n}"): AgencyId("S2") for n in (3, 4, 5)})
    assert own is not None
    assert (own.subjects, own.subject_count, own.agencies) == ((), 3, ("S2",))


def test_visible_what_is_shared_with_others_only_is_not_told() -> None:
    (found,) = group([symptom(1, ADDRESS), symptom(2, ADDRESS, agency="S2")], Contradictions())
    assert visible(cause_of(found, (None, OwnerBasis.UNKNOWN)), {SubjectId("s1"): AgencyId("S1")}) is None
