"""The numbers and names that the overview gathers."""

from dataclasses import replace

from inventory.model import AgencyId, DeclaredFacts
from reports.document import AgencyReport
from reports.overview import gather
from tests.unit.reports.sample import SampleReport, good_portal, header


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
