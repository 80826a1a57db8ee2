"""Renders the links at the head of every page: those that the reader may follow, with the current one marked."""

from collections.abc import Sequence

from jinja2 import Environment
from markupsafe import Markup

from auditor.service.accounts.model import Role
from auditor.service.web.part_cache import PartCache
from auditor.service.web.words import say
from auditor.texts.translate import Texts

LINKS: Sequence[tuple[str, str, Role]] = (
    ("/", "dashboard", Role.VIEWER),
    ("/problems", "problems", Role.VIEWER),
    ("/runs", "runs", Role.VIEWER),
    ("/changes", "changes", Role.VIEWER),
    ("/tslcd", "tslcd", Role.VIEWER),
    ("/waivers", "waivers", Role.VIEWER),
    ("/audits", "audits", Role.OPERATOR),
    ("/schedules", "schedules", Role.OPERATOR),
    ("/check", "check_one", Role.OPERATOR),
    ("/inventories", "inventories", Role.VIEWER),
    ("/checks", "checks", Role.VIEWER),
    ("/accounts", "accounts", Role.ADMIN),
    ("/audit-log", "audit_log", Role.ADMIN),
)
"""Where to, by which word, for whom at least."""


def navigation(parts: PartCache, templates: Environment, texts: Texts, role: Role, path: str) -> Markup:
    """Rendered once for all who have the same role and language and are at the same place."""
    here = place(path)
    key = ("navigation", texts.lang, role.value, *here)
    markup = parts.get(key)
    if markup is None:
        links = [(where, say(texts, word)) for where, word, least in LINKS if role.covers(least)]
        template = templates.get_template("navigation.html.j2")
        markup = Markup(template.render(links=links, here=here, label=say(texts, "product")))  # noqa: S704  # by a template that escapes
        parts.keep(key, markup)
    return markup


def place(path: str) -> tuple[str, str]:
    """Return the link that leads to this page or the one above it, and its ARIA 1.2 aria-current; empty without one."""
    for where, _, _ in LINKS:
        if path == where:
            return where, "page"
        if where != "/" and path.startswith(f"{where}/"):
            return where, "true"
    return "", ""
