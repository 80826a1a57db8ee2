"""The navigation at the side: where a page is among the links, and who sees which of them."""

import pytest

from auditor.service.accounts.model import Role
from auditor.service.web.caches.parts import PartCache
from auditor.service.web.rendering.navigation import GROUPS, LINKS, navigation, place
from auditor.service.web.rendering.render import environment
from auditor.texts.translate import Texts


@pytest.mark.parametrize(
    ("path", "here"),
    [
        ("/", ("/", "page")),
        ("/runs", ("/runs", "page")),
        ("/runs/x/changes", ("/changes", "true")),
        ("/runs/x/causes", ("/runs", "true")),
        ("/checks", ("/checks", "page")),
        ("/check", ("/check", "page")),
        ("/account", ("", "")),
    ],
)
def test_place_is_the_link_that_leads_to_a_page_or_above_it(path: str, here: tuple[str, str]) -> None:
    assert place(path) == here


def test_links_lead_to_different_places() -> None:
    assert len({where for where, _, _ in LINKS}) == len(LINKS)


@pytest.mark.parametrize("role", list(Role))
def test_navigation_has_no_group_without_links(role: Role) -> None:
    markup = navigation(PartCache(), environment(), Texts("en"), role, "/problems")
    visible = [links for _, links in GROUPS if any(role.covers(least) for _, _, least in links)]
    assert markup.count('class="group"') == len(visible)
    assert markup.count('<li><a href="/') == sum(role.covers(least) for _, _, least in LINKS)
    assert 'href="/problems" aria-current="page"' in markup
