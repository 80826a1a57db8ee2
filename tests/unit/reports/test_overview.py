"""Tests the numbers and names that the overview gathers."""

from dataclasses import replace

from auditor.framework.findings import Outcome
from auditor.texts.translate import Texts
from inventory.model import AgencyId, DeclaredFacts, Kind
from reports.document import AgencyReport
from reports.overview import gather, state
from tests.unit.reports.sample import SampleReport, Says, good_portal, header


def test_contact_of_an_agency_stands_before_those_of_its_subjects() -> None:
    portal = good_portal("www.so-yt.example", "so-yt")
    named = replace(portal, subject=replace(portal.subject, declared=DeclaredFacts(contact="An, 0262 1")))
    group = AgencyReport(
        agency=AgencyId("so-yt"),
        name="Sở Y tế",
        level="department",
        path=(),
        subjects=(named, portal),
        contact="Bình, 0262 2",
    )
    (numbers,) = gather(SampleReport(header=header(), groups=(group,))).agencies
    assert list(numbers.contacts) == ["Bình, 0262 2", "An, 0262 1"]


def group(*kinds: Kind, agency: str | None = "xa-1") -> AgencyReport:
    """Return an agency with a subject of each kind, all of which fail a check."""
    portal = good_portal("www.xa-1.example", agency or "")
    fails = Says("ipv6.web.reach", "UNREACHABLE", Outcome.FAIL, {"port": 443, "attempts": 2}).of("x")
    subjects = tuple(replace(portal, subject=replace(portal.subject, kind=kind), findings=(fails,)) for kind in kinds)
    return AgencyReport(
        agency=None if agency is None else AgencyId(agency), name=agency or "", level="", path=(), subjects=subjects
    )


def test_agency_itself_is_none_of_its_systems() -> None:
    overview = gather(SampleReport(header=header(), groups=(group(Kind.PORTAL, Kind.UNIT),)))
    (numbers,) = overview.agencies
    assert (numbers.systems, numbers.problems.failing_subjects) == (1, 1)
    assert (overview.tested.met, overview.tested.of) == (1, 1)


def test_state_of_what_belongs_to_no_agency_counts_none() -> None:
    texts = Texts("en")
    assert state(gather(SampleReport(header=header(), groups=(group(Kind.PORTAL, agency=None),))), texts).endswith(
        "1 failed finding, 1 of them critical or high."
    )
    both = (group(Kind.PORTAL), group(Kind.PORTAL, agency=None))
    assert "1 of 1 agency has problems to fix: 2 failed findings" in state(
        gather(SampleReport(header=header(), groups=both)), texts
    )
