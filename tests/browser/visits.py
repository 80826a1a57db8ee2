"""Going from page to page, and looking whether everybody can use what is there."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page

_WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def follow(page: Page, to: Locator) -> None:
    """Clicks what leads to another page and waits for it with all that it loads.

    A click comes back sooner, and a heading can be read before the style sheet came: axe-core would judge a bare page.
    """
    with page.expect_navigation(wait_until="load", timeout=300_000):
        to.click()


def accessible(page: Page) -> None:
    """WCAG 2.2 AA by axe-core's rules."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": _WCAG}})
    assert found.violations_count == 0, f"{page.url}\n{found.generate_report()}"


def usable(page: Page) -> None:
    """Accessible, and nothing scrolls sideways on a phone."""
    accessible(page)
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390, page.url
    page.set_viewport_size({"width": 1280, "height": 900})
