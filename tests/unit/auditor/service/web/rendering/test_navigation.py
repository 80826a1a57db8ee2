"""Tests the side navigation: the place of a page among the links, and the links that each account sees."""

import re

import pytest

from auditor.service.accounts.model import Role
from auditor.service.web.app import routes
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


def test_every_link_is_shown_to_exactly_the_roles_that_its_page_lets_in() -> None:
    asked = {route.path: route.role for route in routes() if route.method == "GET"}
    parts, templates, texts = PartCache(), environment(), Texts("en")
    for role in Role:
        markup = navigation(parts, templates, texts, role, "/none")
        shown = set(re.findall(r'<li><a href="([^"]*)"', markup))
        let_in = {where for where, _, _ in LINKS if asked[where] is None or role.covers(asked[where] or role)}
        assert shown == let_in, role


@pytest.mark.parametrize("role", list(Role))
def test_navigation_has_no_group_without_links(role: Role) -> None:
    markup = navigation(PartCache(), environment(), Texts("en"), role, "/problems")
    visible = [links for _, links in GROUPS if any(role.covers(least) for _, _, least in links)]
    assert markup.count('class="group"') == len(visible)
    assert markup.count('<li><a href="/') == sum(role.covers(least) for _, _, least in LINKS)
    assert 'href="/problems" aria-current="page"' in markup
