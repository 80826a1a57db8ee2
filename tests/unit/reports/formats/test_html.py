"""Tests the page's parts about earlier runs and TSLCD: changes, figures over time, the grid, judgement and seal."""

import re
from dataclasses import replace

import pytest

from auditor.figures.comparison import ChangeKind
from auditor.figures.figure import Figure
from auditor.figures.mesh import Grid
from auditor.figures.rollup import Rollup, UnitRollup
from auditor.figures.scoring import Ladder
from auditor.framework.findings import CheckId, Outcome
from auditor.texts.mesh_messages_en import MESH_WORDS
from auditor.texts.translate import Texts
from inventory.model import AgencyId
from reports.earlier_runs import EarlierRuns, Timelines
from reports.formats.html import trends
from reports.formats.html.tslcd_grid import COLUMNS, CommuneState, grid, hints
from tests.unit.reports.earlier import COMMUNES, COUNTS, HISTORY, MESH, ROLLUP, SEAL, TIMELINES, whole_province
from tests.unit.reports.formats.html.test_page import AGENCIES, Page, folder, source
from tests.unit.reports.sample import BIDI, CHECKS, SCRIPT, SampleReport, Says, province

EN, VI = Texts("en"), Texts("vi")


def section(text: str, name: str) -> str:
    found = re.search(rf'<section id="{name}">(.*?)</section>', text, re.DOTALL)
    assert found is not None
    return found.group(1)


def test_what_changed_comes_after_the_result_with_every_count() -> None:
    text = source(whole_province())
    assert text.index('<section id="overview">') < text.index('<section id="changes">')
    part = section(text, "changes")
    for kind, count in COUNTS.items():
        assert re.search(rf"<b>{count}</b>(?:(?!<b>).)*{EN.word('change', kind.value)}", part), kind
    for said in ("2025Q4-01-aa", "02/12/2025", "-v"):
        assert said in part


def test_each_change_has_both_sides() -> None:
    part = Page("<div>" + section(source(whole_province()), "changes") + "</div>").text
    for kind in (
        ChangeKind.NEW,
        ChangeKind.ADDED,
        ChangeKind.CHANGED,
        ChangeKind.FIXED,
        ChangeKind.EASED,
        ChangeKind.GONE,
    ):
        assert f"{EN.word('change', kind.value)} · " in part
    assert "No AAAA record is published." in part
    assert "the subject is in one run only" in part
    assert "1 IPv6 addresses are published" in part


LISTED = (ChangeKind.NEW, ChangeKind.ADDED, ChangeKind.CHANGED, ChangeKind.FIXED, ChangeKind.EASED, ChangeKind.GONE)


def test_each_count_leads_to_the_list_of_that_kind_alone() -> None:
    part = section(source(whole_province()), "changes")
    for kind in LISTED:
        assert f'<a href="#changed-{kind.value}">' in part
        own = Page(
            "<div>" + part.partition(f'<div id="changed-{kind.value}">')[2].partition("</div>")[0] + "</div>"
        ).text
        told = {other for other in ChangeKind if f"{EN.word('change', other.value)} · " in own}
        assert told == {kind}


def test_without_an_earlier_run_that_is_said() -> None:
    text = source(replace(whole_province(), history=EarlierRuns()))
    assert "No previous run to compare with." in section(text, "changes")
    assert '<svg viewBox="0 0 200 60"' not in text


def test_nothing_of_earlier_runs_is_markup() -> None:
    text = source(whole_province())
    page = Page(text)
    assert [tag for tag, _ in page.elements if tag in ("script", "img", "iframe")] == ["script"]
    assert "\x1b" not in text
    assert not (set(BIDI) - set("abcgnp.exe")) & set(text)
    assert SCRIPT in page.text


def test_the_agency_says_what_changed_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = folder(whole_province(), monkeypatch, subjects=2)
    assert set(pages) == {"report.html"} | AGENCIES
    own = Page(pages["agencies/so-xd.html"]).text
    assert "Since 2 Dec 2025" in own
    assert "No AAAA record is published." in own
    assert "Since 2 Dec 2025" not in Page(pages["agencies/so-yt.html"]).text


def test_links_of_the_new_parts_lead_somewhere() -> None:
    page = Page(source(whole_province()))
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {attrs["href"] for tag, attrs in page.elements if tag == "a"} <= {f"#{one}" for one in ids}
    referred = " ".join(str(attrs.get("aria-labelledby") or "") for _, attrs in page.elements).split()
    assert referred
    assert set(referred) <= set(ids)


def test_judgement_and_seal_are_named() -> None:
    text = Page(source(whole_province())).text
    for said in ("2026Q1-01-bb", SEAL.root, SEAL.key, "03/03/2026 08:30 (UTC+7)"):
        assert said in text
    assert "was made after the sealing" not in text
    report = whole_province()
    outside = replace(report, header=replace(report.header, seal=replace(SEAL, covers=False, key="")))
    assert "was made after the sealing" in Page(source(outside)).text


def test_charts_are_drawn_of_the_points_and_stand_in_a_table_too() -> None:
    found = {one.name: one for one in trends.lines(HISTORY.points)}
    assert set(found) == {"K02", "K08", "K16", "K20"}
    shares = [(54 - dot.y) / 48 for dot in found["K08"].dots]
    assert shares == [0.0, 0.25, 0.5, 0.75]
    assert [dot.same_rules for dot in found["K08"].dots] == [True, False, True, True]
    assert all(dot.top == dot.y for dot in found["K08"].dots)
    assert all(dot.top < dot.y for dot in found["K02"].dots)
    assert [found[name].difference for name in ("K02", "K08", "K16")] == [None, 25.0, 0.0]
    text = source(whole_province())
    assert text.count('role="img"') == 4
    assert text.count('class="dot other"') == 4
    page = Page(text).text
    for brief in ("0/5 ?1", "3/5 ?1", "1/4", "3/4", "3/3", "tăng 25 điểm phần trăm", "không đổi"):
        assert brief in page


def test_trend_is_omitted_for_fewer_than_two_points() -> None:
    points = HISTORY.points
    assert list(trends.lines(points[:1])) == []
    empty = replace(points[-1], figures={"K08": Figure()})
    assert list(trends.lines((*points[:3], empty))) == []


def test_trend_tells_no_difference_to_a_run_that_was_judged_by_other_rules() -> None:
    *_, before, latest = HISTORY.points
    other = replace(before, same_rules=False)
    assert {one.difference for one in trends.lines((other, latest))} == {None}
    assert {one.difference for one in trends.lines((before, latest))} > {None, 25.0}


def test_trend_says_where_the_run_before_counted_other_subjects() -> None:
    *_, before, latest = HISTORY.points
    figures = {**before.figures, "K08": Figure(of=40, met=20)}
    report = whole_province()
    fewer = replace(report, history=replace(HISTORY, points=(replace(before, figures=figures), latest)))
    (line,) = (line for line in trends.lines(fewer.history.points) if line.name == "K08")
    assert (line.latest.of, line.difference, line.counts_others) == (4, 25.0, True)
    text = Page(source(fewer)).text
    assert "counted then 40 subjects, now 4" in text
    assert "lần trước tính trên 40 đối tượng, lần này 4" in text
    assert "counted then" not in Page(source(report)).text


def test_the_grid_is_made_of_the_published_figures() -> None:
    rows = grid(ROLLUP)
    assert [row.name for row in rows] == list(COMMUNES)
    for row, figures in zip(rows, COMMUNES.values(), strict=True):
        for cell, figure in zip(row.cells, figures, strict=False):
            wanted = (
                CommuneState.NOT_MET
                if figure.not_met
                else CommuneState.UNDECIDED
                if figure.unknown
                else CommuneState.MET
                if figure.of
                else CommuneState.EXEMPT
                if figure.exempt
                else CommuneState.NOTHING
            )
            assert cell.state is wanted, (row.name, figure)
    assert rows[0].cells[4].count == "2/3"
    assert rows[0].cells[COLUMNS.index("K06")].state is CommuneState.NOTHING
    met = sum(row.is_(1, CommuneState.MET) for row in rows)
    assert met == ROLLUP.total.figures["K02"].met


def test_grid_hints_ignore_unknown_cells() -> None:
    found = {one.key: (one.communes, one.of, one.names) for one in hints(grid(ROLLUP))}
    assert found == {
        "grid_many_silent": (2, 4, ("Phường Tân Lập", SCRIPT)),
        "grid_paper": (1, 5, ("Phường Tân Lập",)),
        "grid_unused": (1, 5, ("Xã Lắk",)),
        "grid_one_family": (1, 5, ("Xã Lắk",)),
        "grid_undecided": (1, 5, ("Xã Krông Búk",)),
    }
    text = source(whole_province())
    cells = re.findall(r'<td class="(met|not_met|undecided|exempt|nothing)"><b aria-hidden="true">', text)
    states = [cell.state.value for row in grid(ROLLUP) for cell in row.cells]
    assert cells == states


def test_the_mesh_stands_family_by_family_with_what_it_suggests() -> None:
    text = source(whole_province())
    tables = re.findall(r'<table class="grid mesh">(.*?)</table>', text[: text.index('id="results"')], re.DOTALL)
    assert [re.findall(r"<caption>(.*?)</caption>", one) for one in tables] == [["IPv6"], ["IPv4"]]
    for table, family in zip(tables, MESH.families, strict=True):
        states = [cell.state.value for row in family.rows for cell in row.cells]
        assert re.findall(r'<td class="(\w+)"><b aria-hidden="true">', table) == states
    assert {"good", "lossy", "down", "unknown", "itself"} <= {
        cell.state.value for family in MESH.families for row in family.rows for cell in row.cells
    }
    said = Page(text).text
    assert "12 ms" in said
    for hint in MESH.hints:
        key = f"mesh_hint/{hint.code.value}"
        args = {"name": hint.name, "other": hint.other, "family": hint.family, "count": hint.count}
        assert EN.say(key, MESH_WORDS[key], **args) in said
    assert MESH.hints
    assert 'id="mesh"' not in source(replace(whole_province(), mesh=Grid()))


def test_a_province_without_communes_has_no_grid() -> None:
    bare = Rollup(day=ROLLUP.day, total=ROLLUP.total, units=ROLLUP.units[:1])
    assert grid(bare) == ()
    assert 'id="grid"' not in source(replace(whole_province(), rollup=bare))
    named = UnitRollup(agency=None, name="Xã", level="xã")
    assert grid(Rollup(day=ROLLUP.day, total=ROLLUP.total, units=(named,))) == ()


def test_page_without_history_has_no_changes() -> None:
    text = source(SampleReport(whole_province().groups, whole_province().header))
    assert 'id="changes"' not in text


def test_each_area_of_a_subject_has_a_square_for_every_round() -> None:
    text = source(whole_province())
    page = Page(text)
    assert "Last 4 rounds, 5 Jun 2025 to 2 Mar 2026" in page.text
    rows = re.findall(r'<td class="strip"><span aria-hidden="true">(.*?)</span><span class="sr">(.*?)</td>', text)
    blocks = [re.findall(r'<i class="(\w+)">([^<]+)</i>', drawn) for drawn, _ in rows]
    assert blocks[0] == [("fail", "✘✘✘"), ("pass", "✔")]
    assert blocks[1] == [("silent", "··"), ("pass", "✔"), ("fail", "✘")]
    assert all(sum(len(signs) for _, signs in one) == len(TIMELINES.when) for one in blocks)
    said = re.sub("<[^>]*>", "", rows[1][1])
    assert all(word in said for word in ("nothing said (×2)", "Pass (×1)", "Fail (×1)"))


def test_timeline_is_omitted_for_one_round() -> None:
    one = Timelines(when=TIMELINES.when[-1:], strips=TIMELINES.strips)
    assert 'class="strip"' not in source(replace(whole_province(), timelines=one))


def test_a_unit_with_a_measuring_point_of_its_name_has_its_row_and_column(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = folder(whole_province(), monkeypatch, subjects=2)
    own = pages["agencies/xa-01.html"]
    assert "This unit&#39;s vantage and the others" in own
    assert "This unit&#39;s" not in pages["agencies/so-yt.html"]
    tables = re.findall(r"<caption>IPv(\d)</caption>(.*?)</table>", own, re.DOTALL)
    at = MESH.names.index("xa-01")
    for family, table in tables:
        (grid_of,) = [one for one in MESH.families if str(one.family) == family]
        rows = re.findall(r"<tr><th scope=\"row\">.*?</tr>", table, re.DOTALL)
        states = [re.findall(r'<td class="(\w+)">', row) for row in rows]
        assert states[0] == [cell.state.value for cell in grid_of.rows[at].cells if cell.target != "xa-01"]
        assert states[1] == [row.cells[at].state.value for row in grid_of.rows if row.source != "xa-01"]
    assert [family for family, _ in tables] == ["6", "4"]


def test_tiles_show_where_their_figures_come_from() -> None:
    tiles = re.findall(r'<div class="tile">(.*?)</div>', source(whole_province()), re.DOTALL)
    lines = {one.name: one for one in trends.lines(HISTORY.points)}
    shown = [[name for name, line in lines.items() if f'points="{line.path}"' in tile] for tile in tiles]
    assert shown == [["K08"], ["K02"], [], ["K20"]]
    assert "25 points more than before" in tiles[0]
    assert all(
        "<polyline" not in tile
        for tile in re.findall(
            r'<div class="tile">(.*?)</div>', source(replace(whole_province(), history=EarlierRuns())), re.DOTALL
        )
    )


def test_changes_include_agencies_that_left() -> None:
    report = whole_province()
    since = HISTORY.since
    assert since is not None
    code = next(agency for agency, listed in since.listed.items() if since.told(agency, ChangeKind.GONE))
    left = AgencyId("so-cu")
    moved = replace(
        since,
        listed={left if agency == code else agency: one for agency, one in since.listed.items()},
        agencies={left if agency == code else agency: one for agency, one in since.agencies.items()},
    )
    part = section(source(replace(report, history=replace(HISTORY, since=moved))), "changes")
    gone = part.partition('<div id="changed-gone">')[2].partition("</div>")[0]
    assert "<b>so-cu</b>" in gone
    assert gone.count("<li>") == len(since.told(code, ChangeKind.GONE))


@pytest.mark.parametrize(("at_least", "told"), [(True, "level undecided"), (False, "level 0 of 4")])
def test_lowest_level_is_stated_only_where_it_was_decided(at_least: bool, told: str) -> None:
    report = province(())
    group = report.groups[0]
    ladders = {"service": Ladder(level=0, at_least=at_least)}
    subjects = [replace(next(iter(group.subjects)), ladders=ladders)]
    page = source(replace(report, groups=(replace(group, subjects=subjects),)))
    assert told in page
    assert ("no IPv6 address" in page) is not at_least


@pytest.mark.parametrize(
    ("outcome", "titled"),
    [
        (Outcome.FAIL, "Vantage may not send what each check sends – "),
        (Outcome.INCONCLUSIVE, "Vantage may send what each check sends (Inconclusive) – "),
    ],
)
def test_an_undecided_self_test_is_not_titled_as_a_problem(outcome: Outcome, titled: str) -> None:
    report = province()
    egress = replace(CHECKS[CheckId("meta.selftest.egress")], problem="Vantage may not send what each check sends")
    finding = Says("meta.selftest.egress", "BLOCKED", outcome, {"port": 25}).of("hub")
    vantage = replace(report.header.vantages[0], selftest=(finding,))
    header = replace(report.header, vantages=(vantage,))
    limits = section(source(replace(report, header=header, checks={**CHECKS, egress.id: egress})), "limits")
    assert titled in re.sub(r'<span lang="vi">.*?</span>|<[^>]+>', "", limits)


def test_agencies_stand_in_the_order_of_their_organisation() -> None:
    report = province()
    groups = report.groups[:2]
    names = [group.name for group in groups]
    for order in (groups, groups[::-1]):
        units = tuple(UnitRollup(agency=group.agency, name=group.name) for group in order)
        text = source(replace(report, groups=groups, rollup=replace(ROLLUP, units=units)))
        table = text[text.index('<h3 id="agencies">') : text.index('<section id="problems">')]
        rows = re.findall(r'<th scope="row"><a class="lead" [^>]+>([^<]+)</a>', table)
        assert rows == [group.name for group in order]
    assert names[0] != names[1]


def test_the_sign_of_undecided_subjects_stays_on_the_line_of_their_number() -> None:
    assert '0/5 <span class="nowrap">?1</span>' in source(whole_province())
