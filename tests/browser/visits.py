"""Going from page to page, and looking whether everybody can use what is there."""

from collections.abc import Mapping

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

_WCAG = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
_OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
"""Those of WCAG's rules that look at colours."""


def follow(page: Page, to: Locator) -> None:
    """Clicks what leads to another page and waits for it with all that it loads.

    A click comes back sooner, and a heading can be read before the style sheet came: axe-core would judge a bare page.
    """
    with page.expect_navigation(wait_until="load", timeout=300_000):
        to.click()


def accessible(page: Page, rules: Mapping[str, object] = _WCAG) -> None:
    """WCAG 2.2 AA by axe-core's rules. What keeps them is not described, which takes as long as looking."""
    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


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
