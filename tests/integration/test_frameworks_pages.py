"""Tests that the page of frameworks shows measured, declared and missing figures, and their owners."""

import io
from datetime import UTC, date, datetime
from urllib.parse import quote

import openpyxl
import pytest
from aiohttp import FormData

from auditor.figures.period import parse_period
from auditor.framework import catalogue
from auditor.regulations.model import SurveyForm
from auditor.service.accounts.model import Role, TokenScope
from auditor.service.config.model import Config
from auditor.service.pipeline.operator_files.frameworks import chosen_frameworks
from auditor.service.store.kept.declared_values import DeclaredValues
from auditor.service.store.kept.inventories import Inventories, pack
from auditor.service.store.records import DeclaredEntry
from auditor.service.store.sql.store import SqlStore
from inventory.inventory import Inventory
from inventory.model import AgencyId
from inventory.organisation import Organisation, Unit
from reports.survey_form import survey_form
from tests.support import published
from tests.support.serving import Browser, Served, serving

pytest_plugins = ("tests.support.pages",)
OPERATOR = SurveyForm.OPERATOR
PLAN = "plan-daklak-2023-2025"
NOW = datetime(2027, 1, 10, tzinfo=UTC)


@pytest.fixture
def store(store: SqlStore) -> SqlStore:
    published.fill(store)
    return store


def declare(store: SqlStore, requirement: str, value: float, day: date) -> None:
    entry = DeclaredEntry(
        framework=PLAN,
        requirement=requirement,
        period="2026",
        value=value,
        as_of=day,
        source=published.HOSTILE,
        signatory="Giám đốc Sở",
    )
    assert DeclaredValues(store.database).add([entry], who="an", now=NOW) == 1


async def test_frameworks_page_shows_sources_targets_and_standings(served: Served, store: SqlStore) -> None:
    declare(store, "II.1.a", 91.5, date(2026, 9, 1))
    status, text, _ = await (await served.as_("ba", Role.VIEWER)).get("/frameworks")
    assert status == 200
    assert "91,5" in text
    assert "≥ 85" in text
    assert "còn thiếu" in text
    assert "12/12" in text  # every site of a commune
    assert "<script>alert" not in text


async def test_frameworks_page_of_a_period_counts_what_was_declared_for_its_end(
    served: Served, store: SqlStore
) -> None:
    declare(store, "II.1.a", 91.5, date(2026, 12, 31))  # after the last count
    browser = await served.as_("ba", Role.VIEWER)
    assert "91,5" not in (await browser.get("/frameworks"))[1]
    assert "91,5" in (await browser.get("/frameworks?period=2026"))[1]
    assert "91,5" not in (await browser.get("/frameworks?period=2026-Q1"))[1]


@pytest.mark.parametrize("period", ["2020", "2026-13", "x"])
async def test_frameworks_page_of_no_period_is_not_found(served: Served, period: str) -> None:
    assert (await (await served.as_("ba", Role.VIEWER)).get(f"/frameworks?period={period}"))[0] == 404


async def test_frameworks_page_gives_an_agency_its_own_figures_alone(served: Served, store: SqlStore) -> None:
    declare(store, "II.1.a", 91.5, date(2026, 9, 1))
    browser = await served.as_("ban", Role.VIEWER, "X3")
    status, text, _ = await browser.get("/frameworks")
    assert status == 200
    assert "1/1" in text
    assert "12/12" not in text
    assert "91,5" not in text


async def test_requirement_page_lists_the_subjects_behind_its_figure(served: Served) -> None:
    path = f"/frameworks/{PLAN}/III.1.a-communes?period=2026-01"
    status, text, _ = await (await served.as_("ba", Role.VIEWER)).get(path)
    assert status == 200
    assert "xa3.tinh.vn" in text
    assert text.index("chưa đạt</span>") < text.index("xa3.tinh.vn")
    _, mine, _ = await (await served.as_("ban", Role.VIEWER, "X3")).get(path)
    assert "xa3.tinh.vn" in mine
    assert "xa4.tinh.vn" not in mine


@pytest.mark.parametrize("path", ["x/II.1.a", f"{PLAN}/x"])
async def test_requirement_page_of_an_unknown_name_is_not_found(served: Served, path: str) -> None:
    assert (await (await served.as_("ba", Role.VIEWER)).get(f"/frameworks/{path}"))[0] == 404


async def test_api_lists_frameworks_with_figures_and_standings(served: Served, store: SqlStore) -> None:
    declare(store, "II.1.a", 91.5, date(2026, 9, 1))
    served.add("ban", Role.VIEWER, "X3")
    answers = []
    for account in (served.admin(), served.account("ban")):
        program = served.program(account, TokenScope.READ)
        status, answer, _ = await program.get("/api/v1/runs/r2/frameworks")
        assert status == 200
        (plan,) = (each for each in answer["items"] if each["id"] == PLAN)
        answers.append({row["id"]: row for row in plan["requirements"]})
    whole, own = answers
    assert (whole["II.1.a"]["standing"], whole["II.1.a"]["source"]) == ("declared_met", "declared")
    assert whole["II.1.a"]["declared"][0]["value"] == 91.5
    assert whole["III.1.a-communes"]["figure"]["met"] == 12
    assert (own["III.1.a-communes"]["figure"]["met"], own["III.1.a-communes"]["standing"]) == (1, None)
    assert own["II.1.a"]["declared"] == []


async def test_declared_page_tells_source_and_what_is_missing_from_whom(store: SqlStore, cheap: None) -> None:
    declare(store, "II.1.a", 91.5, date(2026, 9, 1))
    config = Config.model_validate({"surveys": {"operators": ["Viễn thông <A>"]}})
    async with serving(store, config) as service:
        browser = await service.as_("an", Role.OPERATOR)
        status, text, _ = await browser.get("/declared?period=2026")
        assert status == 200
        assert "91,5" in text
        assert "Viễn thông &lt;A&gt;" in text
        assert "<script>alert" not in text
        form = f"/declared/form?period=2026&framework={PLAN}&form=operator&respondent="
        assert (await browser.get(f"{form}{quote('Viễn thông <A>')}"))[1].startswith("PK")
        assert (await browser.get(f"{form}x"))[0] == 404
        agency = await service.as_("ban", Role.VIEWER, "X3")
        assert "91,5" not in (await agency.get("/declared?period=2026"))[1]
        assert (await agency.get(f"{form}x"))[0] in (403, 404)


async def test_declared_page_offers_the_plan_of_another_province_only_with_what_was_declared(
    store: SqlStore, cheap: None
) -> None:
    config = Config.model_validate({"surveys": {"operators": ["VT A"]}})
    units = Organisation(units=(Unit(code=AgencyId("T"), name="UBND tỉnh Gia Lai", level="province"),))
    async with serving(store, config) as service:
        browser = await service.as_("an", Role.OPERATOR)
        assert PLAN in (await browser.get("/declared?period=2026"))[1]
        packed = pack(Inventory(subjects=(), organisation=units))
        Inventories(store.database).add("Gia Lai", packed, who="an", now=NOW, on=0)
        assert PLAN not in (await browser.get("/declared?period=2026"))[1]
        declare(store, "II.1.a", 91.5, date(2026, 9, 1))
        assert PLAN in (await browser.get("/declared?period=2026"))[1]


def workbook(respondent: str, day: str) -> bytes:
    """Fill in the operators' workbook of the year."""
    (plan,) = (each for each in chosen_frameworks(Config().frameworks, catalogue.load()) if each.id == PLAN)
    book = openpyxl.load_workbook(io.BytesIO(survey_form(plan, parse_period("2026"), OPERATOR, respondent, "vi")))
    sheet = book.worksheets[0]
    for row in range(9, sheet.max_row + 1):
        for column, value in zip(range(4, 8), ("10", day, "BC <b>1</b>", "Ông C"), strict=True):
            sheet.cell(row, column, value)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


async def sent(browser: Browser, *files: tuple[str, bytes], csrf: str | None = None) -> tuple[int, str]:
    form = FormData()
    form.add_field("csrf", await browser.csrf() if csrf is None else csrf)
    for name, data in files:
        form.add_field("files", data, filename=name)
    async with browser.session.post(f"{browser.base}/declared/import", data=form) as answer:
        return answer.status, await answer.text()


async def test_survey_workbook_is_imported_on_the_page_and_missing_answers_are_told(
    store: SqlStore, cheap: None
) -> None:
    config = Config.model_validate({"surveys": {"operators": ["VT A"], "departments": ["Sở B"]}})
    async with serving(store, config) as service:
        browser = await service.as_("an", Role.OPERATOR)
        good = ("<i>a.xlsx", workbook("VT A", "31/12/2026"))
        status, text = await sent(browser, good, ("b.xlsx", workbook("VT A", "31/12/2025")), ("c.xlsx", b"no"))
        assert status == 422
        assert "b.xlsx:9:as_of: " in text
        assert "c.xlsx: " in text
        assert DeclaredValues(store.database).entries() == ()
        status, text = await sent(browser, good)
        assert status == 200
        assert "Sở B" in text
        assert "VT A" not in text
        entries = DeclaredValues(store.database).entries()
        assert {(each.period, each.source, each.signatory, each.as_of) for each in entries if each.item} == {
            ("2026", "BC <b>1</b>", "Ông C", date(2026, 12, 31))
        }
        assert {each.who for each in entries} == {"an"}
        assert (await sent(browser))[0] == 422
        assert "VT A: II.1." in (await browser.get("/declared?period=2026"))[1]


async def test_survey_import_needs_an_operator_and_the_secret_of_the_form(served: Served, store: SqlStore) -> None:
    good = ("a.xlsx", workbook("VT A", "31/12/2026"))
    assert (await sent(await served.as_("an", Role.OPERATOR), good, csrf="x"))[0] == 400
    assert (await sent(await served.as_("ba", Role.VIEWER), good))[0] == 403
    assert DeclaredValues(store.database).entries() == ()


async def test_a_value_is_entered_on_the_page_and_each_mistake_is_told_by_its_field(
    store: SqlStore, cheap: None
) -> None:
    async with serving(store) as service:
        browser = await service.as_("an", Role.OPERATOR)
        page = (await browser.get("/declared?period=2026"))[1]
        assert f'<option value="{PLAN}/II.1.a">' in page
        assert "auditor declare" not in page
        right = {
            "csrf": await browser.csrf(),
            "period": "2026",
            "requirement": f"{PLAN}/II.1.a",
            "value": "91,5",
            "as_of": "2026-12-31",
            "source": "BC <b>1</b>",
            "signatory": "Ông C",
        }
        wrong = {**right, "value": "nhiều <i>", "as_of": "2025-12-31", "signatory": ""}
        status, text, _ = await browser.post("/declared/value", wrong)
        assert status == 422
        assert "Giá trị, theo đơn vị tính của yêu cầu: không phải là số: &#39;nhiều &lt;i&gt;&#39;" in text
        assert "Người ký văn bản: còn thiếu" in text
        assert 'value="BC &lt;b&gt;1&lt;/b&gt;"' in text
        late = await browser.post("/declared/value", {**right, "as_of": "2025-12-31"})
        assert (late[0], "Số liệu tính đến ngày: " in late[1]) == (422, True)
        assert DeclaredValues(store.database).entries() == ()
        status, _, headers = await browser.post("/declared/value", right)
        assert (status, headers["Location"]) == (303, "/declared?period=2026")
        (entry,) = DeclaredValues(store.database).entries()
        assert (entry.value, entry.source, entry.who) == (91.5, "BC <b>1</b>", "an")
        assert "91,5" in (await browser.get("/declared?period=2026"))[1]
        assert (await browser.post("/declared/value", {**right, "csrf": "x"}))[0] == 400
        viewer = await service.as_("ba", Role.VIEWER)
        assert (await viewer.post("/declared/value", {**right, "csrf": await viewer.csrf()}))[0] == 403
