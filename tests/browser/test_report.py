"""Tests the page in a real browser: no error, no request, both languages, filter, scripts off, no wide scrolling."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Browser, Page, expect

from auditor.framework.findings import Outcome, Severity
from inventory.model import AgencyId
from reports.document import Options
from reports.registry import renderer
from tests.browser.visits import accessible, inspecting
from tests.unit.reports.earlier import whole_province
from tests.unit.reports.sample import MemorySink, Says, good_portal, province
from tests.unit.reports.troubled import FAILING, WARNED, troubled

WIDTHS = (1280, 390)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    sink = MemorySink()
    renderer("html", Options(lang="vi"))(whole_province(), sink)
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_bytes(sink.files["report.html"])
    return path.as_uri()


class Watched:
    """Opens a page and keeps its errors, console messages and requests."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.complaints: list[str] = []
        self.requests: list[str] = []
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(address)


@pytest.fixture
def watched(browser: Browser, address: str) -> Iterator[Watched]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield Watched(context.new_page(), address)
    context.close()


def test_no_complaint_and_no_request(watched: Watched, address: str) -> None:
    page = watched.page
    for summary in page.locator("summary").all():
        if summary.is_visible():
            summary.click()
    page.get_by_label("English").check()
    page.locator("#search").fill("reach")
    assert watched.complaints == []
    assert watched.requests == [address]
    assert page.evaluate("window.hacked") is None


def test_the_policy_is_in_force(watched: Watched) -> None:
    with watched.page.expect_console_message(
        lambda console_message: "Content Security Policy" in console_message.text, timeout=300_000
    ):
        watched.page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color:red\">x</p>')")


@pytest.mark.parametrize("scripted", [True, False])
def test_the_language_can_be_changed(browser: Browser, address: str, *, scripted: bool) -> None:
    context = browser.new_context(java_script_enabled=scripted)
    page = context.new_page()
    page.goto(address)
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Mức độ sẵn sàng IPv6 và hạ tầng mạng", use_inner_text=True)
    page.get_by_label("English").check()
    expect(heading).to_have_text("IPv6 and network readiness", use_inner_text=True)
    assert page.locator("span[lang=vi]:visible").count() == 0
    if scripted:
        assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_label("Tiếng Việt").check()
    assert page.locator("span[lang=en]:visible").count() == 0
    context.close()


def test_only_the_visible_language_is_read_aloud(watched: Watched) -> None:
    tree = watched.page.locator("main").aria_snapshot()
    assert "Khắc phục" in tree
    assert "Remedy" not in tree


def test_without_script_everything_can_be_read(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator("#filter")).to_be_hidden()
    page.locator("#s2 > summary").click()
    page.locator("#s2 .quiet > summary").click()
    expect(page.locator("#s2 .quiet li").first).to_be_visible()
    page.locator("#s1 .evidence > summary").click()
    expect(page.locator("#s1 pre").first).to_be_visible()
    context.close()


def test_filter_by_result_severity_and_text(watched: Watched) -> None:
    page = watched.page
    report = province()
    shown = page.locator("#shown")
    expect(shown).to_have_text(str(len(report.findings)))
    page.locator("#filter-boxes > summary").click()
    for word in ("pass", "warn", "not_applicable", "inconclusive", "error"):
        page.locator(f"[data-outcome={word}][type=checkbox]").uncheck()
    fails = [finding for finding in report.findings if finding.outcome.value == "fail"]
    expect(shown).to_have_text(str(len(fails)))
    assert page.locator(".finding:visible").count() == len(fails)
    page.locator("[data-severity=low][type=checkbox]").uncheck()
    expect(shown).to_have_text(str(sum(fail.severity.value != "low" for fail in fails)))
    expect(page.locator("#a2")).to_be_hidden()
    page.locator("#search").fill("TSLCD.site")
    expect(shown).to_have_text("1")
    expect(page.locator("#s4")).to_have_attribute("open", "")
    page.reload()
    expect(shown).to_have_text("1")  # the fragment keeps the filter
    page.locator("#clear").click()
    expect(shown).to_have_text(str(len(report.findings)))


def test_filter_by_area_family_and_agency(watched: Watched) -> None:
    page = watched.page
    report = province()
    shown = page.locator("#shown")
    page.locator("#filter-boxes > summary").click()
    page.locator("[data-area=security][type=checkbox]").uncheck()
    left = [finding for finding in report.findings if not finding.check.startswith("security.")]
    assert 0 < len(left) < len(report.findings)
    expect(shown).to_have_text(str(len(left)))
    page.locator("[data-family='0'][type=checkbox]").uncheck()
    page.locator("[data-family='4'][type=checkbox]").uncheck()
    left = [finding for finding in left if finding.address is not None and finding.address.version == 6]
    assert left
    expect(shown).to_have_text(str(len(left)))
    page.locator("#clear").click()
    page.locator("#of-agency").select_option("a2")
    expect(shown).to_have_text(str(sum(len(subject.findings) for subject in report.groups[1].subjects)))
    expect(page.locator("#a1")).to_be_hidden()
    page.reload()
    expect(page.locator("#a1")).to_be_hidden()  # the fragment keeps the choice
    first = page.locator("#of-agency option").first
    expect(first).to_have_text("Tất cả cơ quan, đơn vị")
    page.get_by_label("English").check()
    expect(first).to_have_text("All agencies")
    assert watched.complaints == []


def test_agencies_are_sorted_and_chosen(watched: Watched) -> None:
    page = watched.page
    rows = page.locator("#overview table.sortable tbody tr")
    names = [all_inner_text.split("\n")[0] for all_inner_text in rows.locator("th").all_inner_texts()]
    page.locator("#overview table.sortable").get_by_role("button", name="Cơ quan, đơn vị", exact=True).click()
    assert [all_inner_text.split("\n")[0] for all_inner_text in rows.locator("th").all_inner_texts()] != names
    fails = page.locator("#overview table.sortable").get_by_role("button", name="Không đạt")
    for way, place in (("descending", 0), ("ascending", -1)):
        fails.click()
        expect(page.locator("#overview table.sortable th[aria-sort]")).to_have_attribute("aria-sort", way)
        assert "Sở Xây dựng" in rows.all_inner_texts()[place]  # it has the most fails
    shown = page.locator("#agencies-shown")
    page.locator("#agency-state").select_option("fail")
    expect(shown).to_have_text("2")
    page.locator("#agency-level").select_option("commune")
    expect(shown).to_have_text("1")
    assert page.locator("#overview table.sortable tbody tr:visible").count() == 1
    page.locator("#agency-level").select_option("")
    page.locator("#find-agency").fill("xây")
    expect(shown).to_have_text("1")
    assert watched.complaints == []


@pytest.mark.parametrize(("where", "key"), [("#overview", "Enter"), ("#problems", "Space")])
def test_tables_are_sorted_by_the_keyboard_alone(watched: Watched, where: str, key: str) -> None:
    page = watched.page
    table = page.locator(f"{where} table.sortable, {where} ~ * table.sortable").first
    heads = table.locator("thead th")
    table.locator("thead button").first.focus()
    for at in (1, 2):
        page.keyboard.press("Tab")
        outline = (
            "document.activeElement.matches(':focus-visible') && getComputedStyle(document.activeElement).outlineStyle"
        )
        assert page.evaluate(outline) not in (False, "none")
        for way in ("descending", "ascending"):
            page.keyboard.press(key)
            expect(heads.nth(at)).to_have_attribute("aria-sort", way)
            expect(table.locator("th[aria-sort]")).to_have_count(1)
            assert page.evaluate("document.activeElement.closest('th').cellIndex") == at  # the focus stays here
    assert watched.complaints == []


def test_list_of_problems_is_filtered_by_each_choice(watched: Watched) -> None:
    page = watched.page
    rows, shown = page.locator("#problems tbody tr"), page.locator("#problems-shown")
    every = rows.count()
    expect(shown).to_have_text(str(every))
    for name, value in (
        ("outcome", "warn"),
        ("severity", "high"),
        ("area", "security"),
        ("agency", "a1"),
        ("check", "ipv6.web.reach"),
        ("kind", "portal"),
        ("family", "6"),
    ):
        page.locator(f"#problem-{name}").select_option(value)
        visible = page.locator("#problems tbody tr:visible")
        count = visible.count()
        assert 0 < count < every
        expect(shown).to_have_text(str(count))
        assert all(value in (row.get_attribute(f"data-{name}") or "").split("\n") for row in visible.all())
        page.locator("#clear-problems").click()
        expect(shown).to_have_text(str(every))
    page.locator("#find-problem").fill("so-xd")
    expect(shown).not_to_have_text(str(every))
    assert watched.complaints == []


def test_long_list_of_problems_shows_the_gravest_first_and_the_rest_when_asked(
    browser: Browser, tmp_path: Path
) -> None:
    sink = MemorySink()
    renderer("html", Options(lang="vi"))(troubled(), sink)
    (path := tmp_path / "report.html").write_bytes(sink.only.encode())
    page = browser.new_page()
    page.goto(path.as_uri())
    rows, visible = page.locator("#problems tbody tr"), page.locator("#problems tbody tr:visible")
    every = rows.count()
    assert every > 50
    expect(page.locator("#problems-shown")).to_have_text(str(every))
    assert visible.count() == 50
    first = rows.first.inner_text()
    page.locator("#problems th button").first.click()
    page.locator("#problems th button").first.click()
    assert visible.first.inner_text() != first
    assert visible.count() == 50
    page.locator("#more-problems").click()
    expect(page.locator("#more-problems")).to_be_hidden()
    assert visible.count() == every
    page.close()


def test_link_to_a_criterion_opens_it(watched: Watched) -> None:
    page = watched.page
    criterion = page.locator("details.check").first
    expect(criterion.locator("p").last).to_be_hidden()
    page.evaluate("id => { location.hash = id; }", criterion.get_attribute("id"))
    expect(criterion.locator("p").last).to_be_visible()
    assert watched.complaints == []


def test_number_leads_to_its_rows_and_keeps_them_in_the_address(watched: Watched) -> None:
    page = watched.page
    shown = page.locator("#problems-shown")
    page.locator(".totals .fail b a").click()
    expect(page.locator("#problem-outcome")).to_have_value("fail")
    failing = page.locator("#problems tbody tr[data-outcome=fail]").count()
    expect(shown).to_have_text(str(failing))
    expect(page.locator("#problems")).to_be_in_viewport()
    page.reload()
    expect(shown).to_have_text(str(failing))
    page.locator("#overview table.sortable td.inconclusive a").first.click()
    undecided = page.locator(".finding[data-outcome=inconclusive]:visible")
    expect(page.locator(".finding:not([data-outcome=inconclusive]):visible")).to_have_count(0)
    assert undecided.count() > 0
    expect(page.locator("#shown")).to_have_text(str(undecided.count()))
    assert watched.complaints == []


def test_arrow_keys_move_within_a_table_of_states(watched: Watched) -> None:
    page = watched.page
    table = page.locator("table.grid").first
    assert table.get_attribute("role") == "grid"
    assert table.locator("[tabindex]").count() == 1
    table.locator("th").first.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowUp", "ArrowUp", "ArrowDown"):
        page.keyboard.press(key)
    expect(table.locator("tbody tr").first.locator("td").first).to_be_focused()
    page.keyboard.press("End")
    expect(table.locator("tbody tr").first.locator("td").last).to_be_focused()
    assert table.locator("[tabindex]").count() == 1


def test_keys(watched: Watched) -> None:
    page = watched.page
    page.keyboard.press("f")
    expect(page.locator("#shown")).to_have_text(
        str(sum(finding.outcome.value == "fail" for finding in province().findings))
    )
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()


def test_a_link_opens_what_it_leads_to(watched: Watched) -> None:
    page = watched.page
    evidence = page.locator("#s1 .evidence")
    assert evidence.get_attribute("open") is None
    page.locator("#s1 .finding a.id").first.click()
    expect(evidence).to_have_attribute("open", "")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_scrolls_sideways(browser: Browser, address: str, width: int, scheme: str) -> None:
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    for lang in ("English", "Tiếng Việt"):
        page.get_by_label(lang).check()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_on_paper_details_and_controls_are_left_out_until_they_are_asked_for(watched: Watched) -> None:
    page = watched.page
    page.set_viewport_size({"width": 672, "height": 950})  # A4 less its margins, at 96 dpi
    page.emulate_media(media="print")
    for left_out in ("#filter", "input.lang >> nth=0", "nav.contents", "#print-all", "#s1 .body", "#checks"):
        expect(page.locator(left_out)).to_be_hidden()
    expect(page.locator("#s2 > summary")).to_be_visible()
    expect(page.locator(".problem").first).to_be_visible()
    page.locator("#print-all").evaluate("one => one.click()")
    assert page.locator("#s2 .quiet").get_attribute("open") is None
    expect(page.locator("#s2 .quiet li").first).to_be_visible()
    expect(page.locator("#s2 pre").first).to_be_visible()
    page.get_by_label("English").evaluate("one => one.click()")
    assert page.evaluate("document.documentElement.scrollWidth") <= 672
    page.get_by_label("Tiếng Việt").evaluate("one => one.click()")
    wide = "[...document.querySelectorAll('table, pre, .scroll')].filter(one => one.scrollWidth > one.clientWidth + 1)"
    assert page.evaluate(f"{wide}.length") == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 672


def _printed(page: Page) -> list[str]:
    """Return the text of each page on paper."""
    pages = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    return [" ".join(one.extract_text().split()) for one in pages]


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("scripted", [True, False])
def test_agency_with_many_problems_is_printed_on_ten_pages(
    browser: Browser, tmp_path: Path, lang: str, *, scripted: bool
) -> None:
    sink = MemorySink()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reports.formats.html.page.WHOLE_SUBJECTS", 2)
        renderer("html", Options(lang=lang))(troubled(), sink)
    (path := tmp_path / "agency.html").write_bytes(sink.files["agencies/so-xd.html"])
    context = browser.new_context(java_script_enabled=scripted)
    page = context.new_page()
    page.goto(path.as_uri())
    problems = page.locator(".problem").count()
    printed = _printed(page)
    context.close()
    assert problems == FAILING + WARNED
    assert len(printed) <= 10
    assert all(text.startswith(f"{number}/{len(printed)} ") for number, text in enumerate(printed, 1))
    assert sum(text.count("security.") + text.count("ipv6.") for text in printed) >= problems / 2


PAGES = ("report.html", "agencies/so-xd.html")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the same report as a folder of pages."""
    sink, at = MemorySink(), tmp_path_factory.mktemp("folder")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reports.formats.html.page.WHOLE_SUBJECTS", 2)
        renderer("html", Options(lang="vi"))(whole_province(), sink)
    for name, content in sink.files.items():
        (at / name).parent.mkdir(exist_ok=True)
        (at / name).write_bytes(content)
    return at


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["whole", *PAGES])
def test_everybody_can_use_it(browser: Browser, address: str, folder: Path, name: str, scheme: str) -> None:
    """The test uses axe-core's rules of WCAG 2.2 AA, in both languages, with everything unfolded."""
    # The context bypasses the page's policy, because the rules are a script too.
    context = inspecting(browser, scheme)
    page = context.new_page()
    page.goto(address if name == "whole" else (folder / name).as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    for lang in ("English", "Tiếng Việt"):
        page.get_by_label(lang).check()
        accessible(page)
    context.close()


def test_hosts_of_a_problem_are_far_enough_apart_for_a_finger(browser: Browser, tmp_path: Path) -> None:
    """Lines that hold only the name of a host are far enough apart."""
    report, says = province(()), Says("ipv6.web.aaaa", "MISSING", Outcome.FAIL, {}, Severity.HIGH)
    names = [f"may-{number}.sonlam.gov.vn" for number in range(4)]
    subjects = tuple(replace(good_portal(name, "so-xd"), findings=(says.of(name),)) for name in names)
    group = replace(report.groups[0], agency=AgencyId("so-xd"), subjects=subjects)
    sink = MemorySink()
    renderer("html", Options(lang="vi"))(replace(report, groups=(group,)), sink)
    (path := tmp_path / "report.html").write_bytes(sink.only.encode())
    context = inspecting(browser)
    page = context.new_page()
    page.goto(path.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.locator(".problem li a:visible").count() == len(names)
    accessible(page, {"type": "rule", "values": ["target-size"]})
    context.close()


def _contrast(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    def luminance(color: tuple[float, ...]) -> float:
        linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in color)]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_their_ground(browser: Browser, address: str, scheme: str) -> None:
    context = browser.new_context(color_scheme=scheme)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(address)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    pairs = page.evaluate(
        """() => [...document.querySelectorAll('.badge, .count, .meta, .note, p, td, th, h1, h2, h3, h4, a, code, dt')]
        .filter(one => one.checkVisibility()).map(one => {
          let at = one, ground = 'rgba(0, 0, 0, 0)';
          for (; at && ground === 'rgba(0, 0, 0, 0)'; at = at.parentElement) {
            ground = getComputedStyle(at).backgroundColor;
          }
          return [getComputedStyle(one).color, ground];
        })"""
    )
    for ink, ground in {tuple(pair) for pair in pairs}:
        colors = [tuple(float(n) for n in text[text.index("(") + 1 : -1].split(",")[:3]) for text in (ink, ground)]
        assert _contrast(colors[0], colors[1]) >= 4.5, (scheme, ink, ground)
    context.close()


def test_a_large_page_is_filtered_at_once(browser: Browser, tmp_path: Path) -> None:
    report = province(())
    many = replace(report.groups[0], subjects=tuple(good_portal(f"h{n}.example", "so-xd") for n in range(2_000)))
    sink = MemorySink(many=False)
    renderer("html")(replace(report, groups=(many,)), sink)
    (path := tmp_path / "large.html").write_bytes(sink.files["report.html"])
    page = browser.new_page()
    page.goto(path.as_uri())
    at_once = """() => { document.querySelector('[data-outcome=pass]').click();
        return document.querySelector('#shown').textContent; }"""
    assert page.evaluate(at_once) == "0"
    page.close()


def test_the_overview_of_a_folder_opens_what_a_link_leads_to(browser: Browser, folder: Path) -> None:
    page = browser.new_page()
    page.goto((folder / "report.html").as_uri() + "#t-K02")
    page.keyboard.press("/")
    expect(page.locator("#find-agency")).to_be_focused()
    inside = page.locator("details.grid table")
    page.evaluate("document.querySelector('details.grid').open = false")
    expect(inside).to_be_hidden()
    page.evaluate("document.querySelector('details.grid table').id = 'inside'")
    page.evaluate("location.hash = '#inside'")
    expect(inside).to_be_visible()
    page.close()


def test_on_paper_the_head_of_the_list_of_agencies_stands_on_every_page(browser: Browser, tmp_path: Path) -> None:
    report = province()
    many = tuple(replace(report.groups[1], agency=AgencyId(f"a{number}"), subjects=()) for number in range(80))
    sink = MemorySink(many=False)
    renderer("html")(replace(report, groups=many), sink)
    (path := tmp_path / "many.html").write_bytes(sink.only.encode())
    page = browser.new_page()
    page.goto(path.as_uri())
    printed = pypdf.PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True))).pages
    texts = [" ".join(page_object.extract_text().split()) for page_object in printed]
    rows = [text for text in texts if text.count("Sở Y tế sở, ban, ngành") > 5]  # results name no level
    assert len(rows) > 1
    assert all("Lỗi an toàn thông tin" in text for text in rows)
    page.close()


def test_a_folder_of_pages_keeps_the_language(browser: Browser, folder: Path) -> None:
    page = browser.new_page()
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto((folder / "report.html").as_uri())
    page.get_by_label("English").check()
    page.get_by_role("link", name="Sở Xây dựng").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sở Xây dựng", use_inner_text=True)
    expect(page.locator(".subject").first).to_be_visible()
    page.locator("nav a.lead").first.click()
    expect(page.locator("#overview")).to_be_visible()
    assert page.locator("span[lang=vi]:visible").count() == 0
    assert complaints == []
    page.close()
