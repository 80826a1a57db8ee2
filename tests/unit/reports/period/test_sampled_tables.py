"""Tests tables of samples: a site has the share of looks with its page; an unsampled one has not failed."""

from dataclasses import replace

from auditor.figures.period_report import PeriodReport
from auditor.figures.sampled_period import SitePeriod, Stretch
from auditor.texts.translate import Texts
from inventory.model import SubjectId
from reports.period.cells import PeriodTable
from reports.period.sampled_tables import sampled_tables
from tests.unit.reports.period_sample import report

HOSTILE = "cổng\u202e <b>"


def with_sites(*sites: SitePeriod) -> PeriodReport:
    return replace(report(), sampled=replace(report().sampled, sites=sites))


def site(answered: Stretch, family: int = 6) -> SitePeriod:
    return SitePeriod(
        subject=SubjectId("s"), name=HOSTILE, agency=None, vantage="net", family=family, answered=answered
    )


def table(made: PeriodReport, key: str) -> PeriodTable:
    (wanted,) = (each for each in sampled_tables(made, Texts("en")) if each.key == key)
    return wanted


def test_sites_are_told_with_the_share_of_the_looks_that_count() -> None:
    looks = Stretch(slots=100, counted=60, vantage=10, maintenance=10, total=59.999)
    (row,) = table(with_sites(site(looks)), "sites").rows
    assert row[1:] == ("no agency", "net", "IPv6", "99.99%", "25%")
    assert "\u202e" not in row[0]


def test_site_that_was_not_looked_at_in_the_period_is_not_measured_and_not_failed() -> None:
    (row,) = table(with_sites(site(Stretch(slots=10), family=0)), "sites").rows
    assert row[3:] == ("any address", "not measured", "100%")


def test_period_without_looks_says_so() -> None:
    made = table(with_sites(), "sites")
    assert (made.rows, made.note) == ((), "No web site was sampled in this period.")
