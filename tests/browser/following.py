"""Going from page to page: what is looked at next is the page that was asked for, whole."""

from playwright.sync_api import Locator, Page


def follow(page: Page, to: Locator) -> None:
    """Clicks what leads to another page and waits for it with all that it loads.

    A click comes back sooner, and a heading can be read before the style sheet came: axe-core would judge a bare page.
    """
    with page.expect_navigation(wait_until="load", timeout=60_000):
        to.click()
