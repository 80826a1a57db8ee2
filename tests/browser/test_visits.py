"""Tests that the accessibility visits here find the same problems as axe-core by itself."""

from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser

from reports.document import Options
from reports.registry import renderer
from tests.browser.visits import inspecting, look
from tests.unit.reports.earlier import whole_province
from tests.unit.reports.sample import MemorySink

FAULTS = """
<style>body { background: #fff }
.half { opacity: 0.5 } .over { background: rgb(0 0 0 / 40%); color: hsl(0 0% 45%) }</style>
<img src="data:,"><input><a href="#"></a><div role="nothing">x</div>
<p style="color: #999">pale <a href="#x" style="text-decoration: none; color: #888">link</a></p>
<div class="over"><div class="half"><p style="mix-blend-mode: multiply; color: oklch(60% 0.1 30)">mixed</p></div>
<p style="background: linear-gradient(red, blue)">on a gradient</p></div>
<p style="color: color(display-p3 1 0.9 0.9)">wide</p>
"""


def test_lighter_axe_says_of_faults_and_of_a_report_what_axe_says(browser: Browser, tmp_path: Path) -> None:
    sink = MemorySink()
    renderer("html", Options(lang="vi"))(whole_province(), sink)
    (path := tmp_path / "report.html").write_bytes(sink.files["report.html"])
    lighter, plain = inspecting(browser).new_page(), browser.new_context(bypass_csp=True).new_page()
    for page in (lighter, plain):
        page.goto(path.as_uri())
        page.evaluate("markup => document.body.insertAdjacentHTML('beforeend', markup)", FAULTS)
    plain.evaluate(AXE_SCRIPT)
    results = [look(page, {}).response for page in (lighter, plain)]
    assert {one["id"] for one in results[0]["violations"]} > {"color-contrast", "image-alt", "label", "link-name"}
    for kind in ("violations", "incomplete", "passes", "inapplicable"):
        assert results[0][kind] == results[1][kind], kind
    for page in (lighter, plain):
        page.context.close()
