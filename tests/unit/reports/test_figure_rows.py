"""Tests that subjects behind a figure stand under it, not met before not decided, and link to their results."""

import re
from dataclasses import replace

from auditor.figures.compliance import Compliance
from auditor.figures.kpis import Standing
from auditor.figures.movement import KeptStanding
from inventory.model import AgencyId, SubjectId
from inventory.organisation import unit_subject
from reports.figure_rows import SHOWN, figure_rows
from reports.figures import figures
from tests.unit.reports.earlier import ROLLUP
from tests.unit.reports.sample import SampleReport, province
from tests.unit.reports.test_cause_texts import CHECKS, rendered

FIGURE = next(name for name, figure in figures(ROLLUP.total))


def kept(standing: Standing) -> KeptStanding:
    return KeptStanding(agency=AgencyId("so-yt"), standing=standing)


def shown(**standings: Standing) -> SampleReport:
    known = province()
    of_figure = {SubjectId(subject): kept(standing) for subject, standing in standings.items()}
    return replace(known, rollup=ROLLUP, checks={**known.checks, **CHECKS}, standings={FIGURE: of_figure})


def row(page: str) -> str:
    return page.partition(f"<td><code>{FIGURE}</code></td>")[2].partition("</tr>")[0]


def test_figure_rows_are_those_not_met_before_those_not_decided() -> None:
    subjects = {SubjectId(f"s{number:02}"): kept(Standing.NOT_MET) for number in range(SHOWN + 3)}
    subjects |= {SubjectId("u"): kept(Standing.UNKNOWN), SubjectId("m"): kept(Standing.MET)}
    failed, open_ = figure_rows({"K08": subjects})["K08"]
    assert (failed.standing, failed.count, failed.more) == (Compliance.NOT_MET, SHOWN + 3, 3)
    assert failed.first == tuple(sorted(subjects))[1 : SHOWN + 1]
    assert (open_.standing, open_.first, open_.more) == (Compliance.UNDECIDED, ("u",), 0)


def test_figure_rows_of_a_figure_that_all_meet_are_none() -> None:
    met = {SubjectId("m"): kept(Standing.MET), SubjectId("e"): kept(Standing.EXEMPT)}
    assert figure_rows({"K08": met}) == {}


def test_html_leads_from_a_figure_to_the_subjects_that_do_not_meet_it() -> None:
    known = [each.subject.id for agency in province().agencies() for each in agency.subjects]
    page = rendered("html", shown(**{known[0]: Standing.NOT_MET, known[1]: Standing.MET})).decode()
    ((anchor, name),) = re.findall(r'<a class="lead" href="#(s\d+)">([^<]+)</a>', row(page))
    assert name == known[0]
    assert f"<b>{known[0]}</b>" in page.partition(f'id="{anchor}"')[2].partition("</summary>")[0]


def test_html_names_units_under_a_figure_and_escapes_who_is_not_in_the_report() -> None:
    unit = ROLLUP.units[0]
    assert unit.agency is not None
    behind = {unit_subject(unit.agency): Standing.UNKNOWN, "<b>none</b>": Standing.NOT_MET}
    text = row(rendered("html", shown(**behind)).decode())
    assert unit.name in text
    assert "unit:" not in text
    assert "&lt;b&gt;none&lt;/b&gt;" in text


def test_html_without_kept_standings_shows_figures_alone() -> None:
    assert "<details" not in row(rendered("html", shown()).decode())
