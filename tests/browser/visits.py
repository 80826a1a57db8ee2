"""Moves from page to page and asserts that every page is accessible."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Browser, BrowserContext, Locator, Page

_WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
_OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""The WCAG rules that check colours."""


_LIGHTER = Path(__file__).with_name("lighter_axe.js").read_text("utf-8")


def inspecting(browser: Browser, scheme: str = "light") -> BrowserContext:
    """Return a context with axe-core in every page, which the pages' own policy forbids."""
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)  # type: ignore[arg-type]
    context.add_init_script(f"({_LIGHTER.rstrip()})(() => {{\n{AXE_SCRIPT}\n}});")
    return context


def follow(page: Page, to: Locator) -> None:
    """Click a link or button to another page and wait until everything of that page is loaded.

    A click returns earlier, and a heading can be read before the style sheet arrives: axe-core would judge an unstyled
    page.
    """
    with page.expect_navigation(wait_until="load", timeout=300_000):
        to.click()


def accessible(page: Page, rules: Mapping[str, object] = _WCAG) -> None:
    """Assert WCAG 2.2 AA by axe-core's rules, in a page of ``inspecting``.

    Passed rules are not described: that would take as long as the checks.
    """
    found = look(page, {"runOnly": rules, "resultTypes": ["violations"]})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def look(page: Page, options: Mapping[str, object]) -> AxeResults:
    """Return the results of axe-core in a page that has it."""
    said: dict[str, Any] = page.evaluate("options => axe.run(options)", options)
    return AxeResults(said)


def accessible_in_the_dark(page: Page) -> None:
    """Assert that the page is accessible in dark colours too; only the rules of colours are checked again."""
    page.emulate_media(color_scheme="dark")
    accessible(page, _OF_COLOURS)
    page.emulate_media(color_scheme="light")


def usable(page: Page) -> None:
    """Assert that the page is accessible, and does not scroll sideways on a phone."""
    accessible(page)
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url
    page.set_viewport_size({"width": 1280, "height": 900})
