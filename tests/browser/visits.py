"""Going from page to page, and looking whether everybody can use what is there."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Browser, BrowserContext, Locator, Page

_WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
_OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""Those of WCAG's rules that look at colours."""


_LIGHTER = Path(__file__).with_name("lighter_axe.js").read_text("utf-8")


def inspecting(browser: Browser, scheme: str = "light") -> BrowserContext:
    """A context that has axe-core in every page, which the pages' own policy forbids."""
    context = browser.new_context(bypass_csp=True, color_scheme=scheme)  # type: ignore[arg-type]
    context.add_init_script(f"({_LIGHTER.rstrip()})(() => {{\n{AXE_SCRIPT}\n}});")
    return context


def follow(page: Page, to: Locator) -> None:
    """Clicks what leads to another page and waits for it with all that it loads.

    A click comes back sooner, and a heading can be read before the style sheet came: axe-core would judge a bare page.
    """
    with page.expect_navigation(wait_until="load", timeout=300_000):
        to.click()


def accessible(page: Page, rules: Mapping[str, object] = _WCAG) -> None:
    """WCAG 2.2 AA by axe-core's rules, in a page of ``inspecting``. What keeps them is not described, which takes as
    long as looking."""
    found = look(page, {"runOnly": rules, "resultTypes": ["violations"]})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def look(page: Page, options: Mapping[str, object]) -> AxeResults:
    """What axe-core says of a page that has it."""
    said: dict[str, Any] = page.evaluate("options => axe.run(options)", options)
    return AxeResults(said)


def accessible_in_the_dark(page: Page) -> None:
    """The same page in the other colours: all else that the rules look at is as it was."""
    page.emulate_media(color_scheme="dark")
    accessible(page, _OF_COLOURS)
    page.emulate_media(color_scheme="light")


def usable(page: Page) -> None:
    """Accessible, and nothing scrolls sideways on a phone."""
    accessible(page)
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url
    page.set_viewport_size({"width": 1280, "height": 900})
