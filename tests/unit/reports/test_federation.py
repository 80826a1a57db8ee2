"""Tests the table of 34 provinces in both languages, as data and as a page; hostile names, unknown codes are inert."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from auditor.figures.federation import ProvinceFigure
from auditor.framework import catalogue
from auditor.framework.findings import CheckId
from auditor.service.runs import federation_files, sealed_file
from auditor.service.runs.federation_files import kept_files, kept_summary
from auditor.service.store.memory.store import MemoryStore
from auditor.texts.translate import Texts
from reports import federation
from reports.federation import FederationReport, ProvinceEntry
from reports.figures import HEADLINES
from tests.support.federated import ROUND, STARTED, defect, figure, head, lines, write

PROVINCES = 34
SCRIPT = "<script>alert(1)</script>"
CHECKS = catalogue.load().checks
EN, VI = Texts("en", CHECKS), Texts("vi", CHECKS)


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> FederationReport:
    folder = tmp_path_factory.mktemp("files")
    with MemoryStore() as store:
        for number in range(1, PROVINCES + 1):
            path = write(folder / f"{number}", head(number), lines(number))
            federation_files.import_summary(sealed_file.read(path, "federation"), store, STARTED + timedelta(days=2))
        entries = tuple(
            ProvinceEntry(summary=kept_summary(store, kept[-1]), signer=kept[-1].signer)
            for _, kept in sorted(kept_files(store).items())
        )
    return FederationReport(round=ROUND, entries=entries, checks=CHECKS)


def test_table_has_a_row_for_each_province_and_one_for_all(report: FederationReport) -> None:
    header, *rows, total = federation.table(report, EN)
    assert (len(rows), header[0], header[-2:]) == (PROVINCES, "Province", ["K08", "K09"])
    assert rows[0] == ["Tỉnh 01", "100", "1/3", "80.3%", "99", "3 / 0", "41% (41/100 ?10)", "2% (1/50)"]
    met = sum(40 + number for number in range(1, PROVINCES + 1))
    assert total[:2] == ["All these provinces", "3,400"]
    assert total[6] == f"{1_000 * met // 3_400 / 10}% ({met:,}/3,400 ?340)"


def test_lines_are_no_wider_than_a_terminal(report: FederationReport) -> None:
    wide = [
        replace(
            entry,
            summary=replace(
                entry.summary,
                figures=tuple(
                    ProvinceFigure(name=name, of=3_000, met=1_999, unknown=400, exempt=0) for name in HEADLINES
                ),
            ),
        )
        for entry in report.entries
    ]
    made = replace(report, entries=tuple(wide), silent=tuple(report.summaries[:3]))
    for texts in (EN, VI):
        told = list(federation.lines(made, texts))
        assert [line for line in told if len(line) > federation.WIDTH] == []
        header, *rows, _ = federation.table(made, texts)
        assert all(any(head in line for line in told) for head in header)
        assert sum(line.startswith("Tỉnh 07  ") for line in told) > 1
        assert all(cell in "\n".join(told) for cell in rows[6])


def test_provinces_that_told_of_another_round_alone_are_named(report: FederationReport) -> None:
    first, *others = report.entries
    made = replace(report, entries=tuple(others), silent=(first.summary,))
    said = "1 province that reported another round did not report this one and is in no sum here: Tỉnh 01."
    assert said in " ".join(federation.lines(made, EN))
    assert said in federation.html(made, EN).decode()
    assert "chưa gửi số liệu của lượt này" in " ".join(federation.lines(made, VI))
    assert json.loads(federation.plain(made, STARTED))["silent"] == [
        {"province": "T01", "name": "Tỉnh 01", "round": ROUND}
    ]
    assert json.loads(federation.plain(report, STARTED))["silent"] == []


def test_share_is_never_rounded_up_to_all_and_is_an_interval_where_more_than_a_tenth_is_undecided() -> None:
    assert federation.share(ProvinceFigure(name="K08", of=3_000, met=2_999, unknown=0, exempt=0), EN) == (
        "99.9% (2,999/3,000)"
    )
    assert federation.share(ProvinceFigure(name="K08", of=10, met=4, unknown=2, exempt=0), VI) == "40%–60% (4/10 ?2)"


def test_provinces_judged_by_other_checks_are_not_set_side_by_side_without_a_word(report: FederationReport) -> None:
    first, *others = report.entries
    newer = replace(first, summary=replace(first.summary, head=replace(first.summary.head, catalogue="newer")))
    mixed = replace(report, entries=(newer, *others))
    for texts, words in ((EN, "provinces may differ for that reason only"), (VI, "khác nhau giữa các tỉnh có thể do")):
        for told, made in ((False, report), (True, mixed)):
            assert (words in " ".join(map(str.strip, federation.lines(made, texts)))) is told
            assert (words in federation.html(made, texts).decode()) is told
    document = json.loads(federation.plain(mixed, STARTED))
    assert {each["catalogue"] for each in document["provinces"]} == {"newer", others[0].summary.head.catalogue}


def test_lines_tell_what_is_widespread_and_the_worst_in_both_languages(report: FederationReport) -> None:
    english, vietnamese = ("\n".join(federation.lines(report, texts)) for texts in (EN, VI))
    assert "34 provinces, 102 subjects" in english
    assert "34 tỉnh, 102 hệ thống, thiết bị" in vietnamese
    assert "www.so-0.example 2001:db8::1" in english
    assert english != vietnamese


def test_widespread_defects_are_titled_by_their_problem_and_not_by_the_requirement(report: FederationReport) -> None:
    (first, *_) = report.widespread
    title, text = EN.title(CheckId(first.check)), federation.spread(first, EN)
    assert text.startswith(EN.problem(CheckId(first.check), first.codes[0]))
    assert title not in text
    unknown = replace(first, codes=("FROM_A_LATER_VERSION",))
    assert federation.spread(unknown, EN).startswith(f"{first.check} ")


def test_correction_is_marked_with_what_it_changed(report: FederationReport) -> None:
    first, *others = report.entries
    better = {"K08": 89}
    figures = tuple(replace(each, met=better.get(each.name, each.met)) for each in first.summary.figures)
    later = replace(
        first.summary, head=replace(first.summary.head, issued=STARTED + timedelta(days=1)), figures=figures
    )
    corrected = replace(report, entries=(replace(first, summary=later, corrected=(first.summary,)), *others))
    text = "\n".join(federation.lines(corrected, EN))
    assert "Tỉnh 01 *" in text
    assert "K08: 41% (41/100 ?10) → 89% (89/100 ?10)" in text
    assert "corrected its figures" in federation.html(corrected, EN).decode()
    document = json.loads(federation.plain(corrected, STARTED))
    assert document["provinces"][0]["corrects"] == [(STARTED + timedelta(hours=3)).isoformat().replace("+00:00", "Z")]


def test_json_counts_every_province(report: FederationReport) -> None:
    document = json.loads(federation.plain(report, STARTED))
    assert (document["schema"], document["round"], len(document["provinces"])) == (1, ROUND, PROVINCES)
    assert document["total"]["K09"] == {"of": 1_700, "met": 595, "unknown": 0, "exempt": 0, "value": None}
    assert document["widespread"][0] == {
        "check": "ipv6.web.reach",
        "severity": "critical",
        "provinces": 34,
        "subjects": 102,
    }


@pytest.mark.parametrize(
    "changed",
    [
        {"subject": SCRIPT, "agency": SCRIPT},
        {"check": SCRIPT, "code": SCRIPT},
        {"check": "ipv6.web.reach", "code": "NO_SUCH_CODE"},
        {"args": [{"name": "port", "value": SCRIPT}]},
        {"args": []},
        {"address": SCRIPT},
        {"subject": "\x1b[2J\u202e"},
    ],
)
def test_what_a_hostile_province_sends_does_nothing(tmp_path: Path, changed: dict[str, object]) -> None:
    with MemoryStore() as store:
        path = write(
            tmp_path / "x", head(1, name=SCRIPT), [figure(name="K08"), figure(name=SCRIPT), defect(1, **changed)]
        )
        federation_files.import_summary(sealed_file.read(path, "federation"), store, STARTED + timedelta(days=2))
        ((_, (kept,)),) = kept_files(store).items()
        entry = ProvinceEntry(summary=kept_summary(store, kept), signer="")
    hostile = FederationReport(round=ROUND, entries=(entry,), checks=CHECKS)
    for texts in (EN, VI):
        page = federation.html(hostile, texts).decode()
        assert "<script" not in page
        assert "\x1b" not in page + "".join(federation.lines(hostile, texts))
