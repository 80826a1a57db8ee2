"""Renders the side navigation of every page: the links that the reader may follow, in groups."""

from collections.abc import Sequence

from jinja2 import Environment

from auditor.service.accounts.model import Role
from auditor.service.accounts.shared_reports import SHARING
from auditor.service.web.caches.parts import CachedPart, PartCache
from auditor.service.web.words.lookup import say
from auditor.texts.translate import Texts

Link = tuple[str, str, Role]
GROUPS: Sequence[tuple[str, Sequence[Link]]] = (
    (
        "group_results",
        (
            ("/", "dashboard", Role.VIEWER),
            ("/problems", "problems", Role.VIEWER),
            ("/changes", "changes", Role.VIEWER),
            ("/tslcd", "tslcd", Role.VIEWER),
            ("/frameworks", "frameworks", Role.VIEWER),
            ("/periods", "period_reports", Role.VIEWER),
            ("/runs", "runs", Role.VIEWER),
            ("/shares", "shares", SHARING),
        ),
    ),
    (
        "group_audits",
        (
            ("/audits", "audits", Role.OPERATOR),
            ("/schedules", "schedules", Role.OPERATOR),
            ("/check", "check_one", Role.OPERATOR),
        ),
    ),
    (
        "group_lists",
        (
            ("/inventories", "inventories", Role.VIEWER),
            ("/declared", "declared_values", Role.VIEWER),
            ("/checks", "checks", Role.VIEWER),
            ("/waivers", "waivers", Role.VIEWER),
        ),
    ),
    (
        "group_admin",
        (
            ("/accounts", "accounts", Role.ADMIN),
            ("/audit-log", "audit_log", Role.ADMIN),
            ("/design", "design", Role.ADMIN),
        ),
    ),
    ("group_help", (("/guide", "guide", Role.VIEWER),)),
)
"""The groups by their words; each link has its address, its word and the least role."""
LINKS: Sequence[Link] = tuple(link for _, links in GROUPS for link in links)


def navigation(parts: PartCache, templates: Environment, texts: Texts, role: Role, path: str) -> CachedPart:
    """Render the navigation, once for all readers with the same role, language and place."""
    here = place(path)
    key = ("navigation", texts.lang, role.value, *here)
    markup = parts.get(key)
    if markup is None:
        groups = [
            (say(texts, group), [(where, say(texts, word)) for where, word, least in links if role.covers(least)])
            for group, links in GROUPS
        ]
        template = templates.get_template("navigation.html.j2")
        shown = [(group, links) for group, links in groups if links]
        markup = CachedPart.of(template.render(groups=shown, here=here, label=say(texts, "menu")).encode())
        parts.keep(key, markup)
    return markup


def place(path: str) -> tuple[str, str]:
    """Return the link to this page, or to the one above it, and its ARIA 1.2 aria-current; empty without one."""
    if path.startswith("/runs/") and path.endswith("/changes"):
        return "/changes", "true"
    for where, _, _ in LINKS:
        if path == where:
            return where, "page"
        if where != "/" and path.startswith(f"{where}/"):
            return where, "true"
    return "", ""
