"""Tests figures from a store: the same from memory and SQLite, with owners settled, and shown by every format."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from auditor.figures.compliance import Compliance
from auditor.figures.scoring import DEVICE_RUNGS, Ladder
from auditor.framework import catalogue
from auditor.framework.findings import CheckId, Outcome
from auditor.judging import views
from auditor.regulations.loading import shipped_texts
from auditor.service.pipeline.judging import evaluating
from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.pipeline.operator_files.frameworks import shipped_frameworks
from auditor.service.pipeline.summaries.declared import Declared
from auditor.service.pipeline.summaries.summarising import Summary, keep, summarise
from auditor.service.runs.declaring import DeclarationError, read_declared, store_declared
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.url import open_store
from auditor.texts.translate import Texts
from inventory.model import AgencyId, Kind, SubjectId
from inventory.organisation import Organisation
from probes.framework.evidence import RunId
from reports.document import Options
from reports.registry import renderer
from reports.report_texts import say
from tests.unit.auditor.stored import ORGANISATION, START, Brief, Held, put, row
from tests.unit.reports import reading
from tests.unit.reports.sample import MemorySink

RUN = Held(
    name="r1",
    findings={
        "www.tinh.vn": [
            Brief(check="ipv6.web.aaaa", outcome=Outcome.PASS),
            Brief(check="ipv6.web.reach", outcome=Outcome.PASS, address="2001:db8::1"),
        ],
        "dvc.tinh.vn": [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL)],
        "tinh.vn": [
            Brief(check="ipv6.mail.mx-aaaa", outcome=Outcome.PASS),
            Brief(check="ipv6.mail.mx-reach", outcome=Outcome.PASS, address="2001:db8::2"),
            Brief(check="ipv6.mail.mx-reach", outcome=Outcome.INCONCLUSIVE, address="2001:db8::3"),
            Brief(check="security.mail.mx", outcome=Outcome.PASS),
        ],
        "diem-x1": [Brief(check="tslcd.site.reach", outcome=Outcome.INCONCLUSIVE)],
    },
    ladders={"www.tinh.vn": Ladder(level=2, at_least=False), "dvc.tinh.vn": Ladder(level=0, at_least=False)},
)


CSV = """framework,requirement,value,as_of,source,signatory
plan-daklak-2023-2025,II.1.a,"83,5",2026-06-30,Báo cáo 123,Nguyễn Văn A
"""


LATE = "subscriptions per 100 inhabitants as of 30 Jun 2026, after the date of the target (31 Dec 2025)"


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with MemoryStore() if request.param == "memory" else open_store(f"sqlite:///{tmp_path / 'a.db'}") as opened:
        put(opened, RUN)
        yield opened


def summary(store: Store) -> Summary:
    judgement = store.latest_judgement(RunId("r1"))
    assert judgement is not None
    return summarise(stored_judgement(judgement, store, catalogue.load()), store)


def report(store: Store) -> StoredReport:
    judgement = store.latest_judgement(RunId("r1"))
    assert judgement is not None
    known = catalogue.load()
    return StoredReport(stored_judgement(judgement, store, known), store, known)


def rendered(store: Store, name: str, lang: str = "en") -> str:
    sink = MemorySink()
    renderer(name, Options(lang=lang))(report(store), sink)
    return sink.only


def test_figures_come_from_the_judgement(store: Store) -> None:
    found = summary(store).rollup
    assert found.day == START.date()
    figures = found.total.figures
    assert (figures["K08"].met, figures["K08"].of, figures["K08"].backends) == (1, 1, 1)
    assert (figures["K09"].met, figures["K09"].of) == (0, 1)
    assert (figures["K12"].unknown, figures["K12"].reasons) == (1, {"U-VP": 1})
    assert (figures["K02"].unknown, figures["K02"].reasons) == (1, {"U-VP": 1})
    assert (figures["K10"].unknown, figures["K10"].reasons) == (1, {"NOT_RUN": 1})
    unit = found.unit(AgencyId("S1"))
    assert unit is not None
    assert (unit.subjects, unit.required_fails) == (3, 1)


def test_what_was_published_stays_whatever_later_programs_count(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    judgement = store.latest_judgement(RunId("r1"))
    assert judgement is not None
    judged = stored_judgement(judgement, store, catalogue.load())
    keep(judged, store)
    before = summary(store)
    monkeypatch.setattr("auditor.service.pipeline.summaries.summarising.KPIS", {})
    monkeypatch.setattr("auditor.service.pipeline.operator_files.frameworks.shipped_frameworks", tuple)
    assert summary(store) == before
    assert before.rollup.total.figures["K08"].met == 1
    assert before.frameworks
    assert summarise(judged, store, []).rollup.total.figures == {}  # asked to count now, it counts by what is now


def test_figures_that_cannot_be_read_are_counted_again(store: Store) -> None:
    before = summary(store)
    judgement = store.latest_judgement(RunId("r1"))
    assert judgement is not None
    store.add_summary(judgement.id, store.put_blob(b'{"of":"another time"}'))
    assert summary(store) == before


def test_frameworks_are_held_against_them(store: Store) -> None:
    plan = next(one for one in summary(store).frameworks if one.framework.id == "portals-vn")
    standing = {one.requirement.id: one.compliance for one in plan.results}
    assert standing["nd224-11.4-ipv6-portal"] is Compliance.MET
    assert standing["nd224-11.4-ipv6-commune"] is Compliance.UNDECIDED
    assert standing["nd224-11.1"] is Compliance.MANUAL


def test_figures_are_held_against_the_frameworks_that_the_run_was_planned_with() -> None:
    own = shipped_texts()[0].replace('id = "ipv6-for-gov"', 'id = "own"')
    with MemoryStore() as store:
        put(store, replace(RUN, frameworks=(own,)))
        assert [one.framework.id for one in summary(store).frameworks] == ["own"]


def test_every_format_shows_them(store: Store) -> None:
    document = json.loads(rendered(store, "json"))
    assert document["rollup"]["total"]["figures"]["K09"]["low"] == 0.0
    assert [one["agency"] for one in document["rollup"]["units"]] == ["P", "S1", "X1"]
    assert {one["id"] for one in document["frameworks"]} == {one.id for one in shipped_frameworks()}
    text = rendered(store, "text")
    assert "UBND tỉnh: figures for 1 Sep 2026" in text
    assert "K09          Online public services that work over IPv6: 0% (0 of 1)" in text
    assert "K02          Communes reachable through TSLCD: none of 1 decided: 1 unreachable from here" in text
    assert "Sở Một: 3 subjects · 1 required check failed · K08 1/1 · K09 0/1 · K12 0/1 ?1" in text
    assert "chưa kết luận được đối tượng nào trong 1: 1 không đo được từ điểm đo này" in (rendered(store, "text", "vi"))
    page = rendered(store, "html")
    assert "Online public services that work over IPv6" in page
    assert "Dịch vụ công trực tuyến hoạt động qua IPv6" in page


@pytest.mark.parametrize(("name", "is_held"), [("UBND tỉnh Đắk Lắk", True), ("UBND tỉnh Gia Lai", False)])
def test_summarise_holds_a_province_against_its_own_plan_only(name: str, is_held: bool) -> None:
    units = (replace(ORGANISATION.units[0], name=name), *ORGANISATION.units[1:])
    with MemoryStore() as opened:
        put(opened, replace(RUN, organisation=Organisation(units=units)))
        held = {each.framework.id for each in summary(opened).frameworks}
    assert ("plan-daklak-2023-2025" in held) is is_held
    assert "portals-vn" in held


def test_declared_values_stand_beside_what_was_measured(store: Store, tmp_path: Path) -> None:
    (tmp_path / "k.csv").write_text(CSV, encoding="utf-8")
    values = read_declared([tmp_path / "k.csv"], shipped_frameworks())
    assert store_declared(store, store.run(RunId("r1")), values) == 1
    later = CSV.replace("83,5", "86").replace("123", "124")
    (tmp_path / "k.csv").write_text(later, encoding="utf-8")
    store_declared(store, store.run(RunId("r1")), read_declared([tmp_path / "k.csv"], shipped_frameworks()))
    plan = next(one for one in summary(store).frameworks if one.framework.id == "plan-daklak-2023-2025")
    result = next(one for one in plan.results if one.requirement.id == "II.1.a")
    assert result.compliance is Compliance.DECLARED_MET
    assert [(one.value, one.as_of, one.signatory) for one in result.declared] == [
        (86.0, date(2026, 6, 30), "Nguyễn Văn A")
    ]
    assert len([one for one in store.all_evidence(RunId("r1")) if one.probe == "declared"]) == 2
    assert f"declared: 86 {LATE}, source: Báo cáo 124" in rendered(store, "html")


def test_requirements_stand_in_print_and_workbook_with_their_legal_status(store: Store, tmp_path: Path) -> None:
    (tmp_path / "k.csv").write_text(CSV, encoding="utf-8")
    store_declared(store, store.run(RunId("r1")), read_declared([tmp_path / "k.csv"], shipped_frameworks()))
    made, texts = report(store), Texts("en")
    wanted = [
        (
            one.requirement.id,
            texts.word("legal_status", one.requirement.legal_status.value),
            texts.word("compliance", one.compliance.value),
        )
        for result in made.frameworks
        for one in result.results
    ]
    _, *rows = reading.sheets(made)[say(texts, "frameworks")]
    assert [(row[1], row[4], row[5]) for row in rows] == wanted
    assert texts.word("compliance", "manual") in {standing for _, _, standing in wanted}
    declared = f"declared: 83.5 {LATE}, source: Báo cáo 123"
    (row,) = [one for one in rows if one[1] == "II.1.a"]
    assert declared in str(row[7])
    printed = reading.printed(made)
    assert declared in printed
    for id_, status, standing in wanted:
        assert id_.replace(" ", "") in printed.replace(" ", "")
        assert status in printed
        assert standing in printed


def test_a_table_with_faults_stores_nothing_and_says_where(tmp_path: Path) -> None:
    path = tmp_path / "k.csv"
    path.write_text(
        "framework;requirement;value;as_of;source;signatory\n"
        "plan-daklak;II.1.a;1;2026-01-01;x;y\nplan-daklak-2023-2025;II.1.aa;x;hôm qua;;y\n",
        encoding="utf-8",
    )
    with pytest.raises(DeclarationError) as error:
        read_declared([path, tmp_path / "none.csv"], shipped_frameworks())
    assert str(error.value).splitlines() == [
        "k.csv:2:framework: unknown framework 'plan-daklak' (did you mean 'plan-daklak-2023-2025'?)",
        "k.csv:3:source: is missing",
        "k.csv:3:requirement: unknown requirement 'II.1.aa' (did you mean 'II.1.a'?)",
        "k.csv:3:value: is not a number: 'x'",
        "k.csv:3:as_of: is not a date (2026-12-31 or 31/12/2026): 'hôm qua'",
        f"{tmp_path / 'none.csv'}: there is no such file",
    ]


def declare(store: Store, run: str, folder: Path, day: date, value: str) -> None:
    path = folder / f"{run}-{value}.csv"
    path.write_text(CSV.replace("2026-06-30", day.isoformat()).replace("83,5", value), encoding="utf-8")
    store_declared(store, store.run(RunId(run)), read_declared([path], shipped_frameworks()))


def values_of(run: str, store: Store) -> list[tuple[float, date]]:
    found = Declared(store).of(store.run(RunId(run)))
    return [(one.value, one.as_of) for one in found]


def test_value_of_a_day_after_its_run_counts_in_the_next_run_from_that_day_on(store: Store, tmp_path: Path) -> None:
    day = START.date()
    put(store, replace(RUN, name="r2", days=40))
    declare(store, "r1", tmp_path, day, "81")
    declare(store, "r1", tmp_path, day + timedelta(days=30), "86")
    declare(store, "r1", tmp_path, day + timedelta(days=60), "99")
    plan = next(one for one in summary(store).frameworks if one.framework.id == "plan-daklak-2023-2025")
    told = next(one for one in plan.results if one.requirement.id == "II.1.a")
    assert [one.value for one in told.declared] == [81]
    assert (86, day + timedelta(days=30)) in values_of("r2", store)
    assert (81, day) not in values_of("r2", store)  # it was declared for the run before
    declare(store, "r2", tmp_path, day + timedelta(days=30), "87")
    assert [one for one in values_of("r2", store) if one[1] == day + timedelta(days=30)] == [
        (87, day + timedelta(days=30))
    ]


def test_what_is_declared_or_measured_after_the_day_of_a_target_is_printed_with_both_dates(
    store: Store, tmp_path: Path
) -> None:
    declare(store, "r1", tmp_path, date(2026, 6, 30), "86")
    for shown in (rendered(store, "html"), reading.printed(report(store))):
        assert "as of 30 Jun 2026, after the date of the target (31 Dec 2025)" in shown
        assert "the date of the target was 31 Dec 2025, this was measured on" in shown
    vi = rendered(store, "html", "vi")
    assert "sau thời hạn của chỉ tiêu (31/12/2025)" in vi


def test_a_value_of_later_is_not_told_of_earlier(store: Store, tmp_path: Path) -> None:
    later = (START + timedelta(days=1)).date().isoformat()
    (tmp_path / "k.csv").write_text(CSV.replace("2026-06-30", later), encoding="utf-8")
    store_declared(store, store.run(RunId("r1")), read_declared([tmp_path / "k.csv"], shipped_frameworks()))
    plan = next(one for one in summary(store).frameworks if one.framework.id == "plan-daklak-2023-2025")
    assert all(not one.declared for one in plan.results)


ROUTER = row("rt-01", Kind.ROUTER, "S1")
RUNGS = ("K13.capable", "K13.enabled", "K13.routed", "K13.carrying")


def counted(monkeypatch: pytest.MonkeyPatch, codes: dict[str, str]) -> list[tuple[int, int, int]]:
    """Return (met, of, exempt) of each rung of a router with no applicable check, for the reasons in ``codes``."""
    found = tuple(
        Brief(check=check, outcome=Outcome.NOT_APPLICABLE, code=codes.get(check, "NOT_DECLARED")).of(ROUTER.id)
        for rung in DEVICE_RUNGS
        for check in rung
    )
    store, known = MemoryStore(), catalogue.load()
    put(store, Held(name="r", subjects=(ROUTER,)))
    monkeypatch.setattr(views, "judge", lambda *_, **__: found)
    judged = evaluating.evaluate(RunId("r"), store, known, now=START + timedelta(hours=3))
    ladders = store.scores_of(judged.id, [SubjectId(ROUTER.id)])[ROUTER.id].ladders
    assert bool(ladders) is not (codes.get("ipv6.device.if-enabled") in ("EXEMPT", "PLANNED"))
    figures = summarise(judged, store).rollup.total.figures
    return [(figures[one].met, figures[one].of, figures[one].exempt) for one in RUNGS]


@pytest.mark.parametrize(("code", "upper"), [("EXEMPT", (0, 0, 1)), ("PLANNED", (0, 1, 0))])
def test_ladder_of_an_excused_device_is_not_climbed(
    monkeypatch: pytest.MonkeyPatch, code: str, upper: tuple[int, int, int]
) -> None:
    asked = {check: code for rung in DEVICE_RUNGS[1:] for check in rung}
    found = counted(monkeypatch, {**asked, CheckId("ipv6.device.capability"): "BEFORE_RULE"})
    assert found == [(0, 1, 0), upper, upper, upper]  # it is not capable, for any plan of its owner


def test_ladder_of_a_device_excused_from_one_rung_is_exempt_there_only(monkeypatch: pytest.MonkeyPatch) -> None:
    capable = (0, 0, 0)  # a device that faces no network is not asked
    assert counted(monkeypatch, {"ipv6.device.traffic": "EXEMPT"}) == [capable, (1, 1, 0), (1, 1, 0), (0, 0, 1)]
