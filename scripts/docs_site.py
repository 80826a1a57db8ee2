"""Builds the documentation as a site of plain files in both languages: ``scripts/docs FOLDER``.

Every page is whole in itself: no script, no network, one style sheet beside it. Links between documents become links
between pages; what leads to a file of the sources that is no page stays as text.
"""

import html
import json
import posixpath
import re
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from auditor.service.web.api.all_operations import operations
from auditor.service.web.api.openapi import document
from auditor.service.web.rendering.documents import rendered
from auditor.texts.translate import Texts

ROOT = Path(__file__).resolve().parents[1]
START = "README.md"
STYLE = "site.css"
OPENAPI = "docs/reference/openapi.json"
MENU: Sequence[tuple[str, Sequence[tuple[str, str]]]] = (
    ("Tiếng Việt", (("docs/vi/huong-dan.md", "Hướng dẫn sử dụng"),)),
    (
        "Start",
        (
            (START, "About"),
            ("docs/tutorial.md", "Tutorial"),
            ("docs/explanation.md", "Explanation"),
            ("docs/glossary.md", "Glossary"),
        ),
    ),
    (
        "How to",
        (
            ("docs/howto/README.md", "All tasks"),
            ("docs/howto/operator.md", "For operators"),
            ("docs/howto/administrator.md", "For administrators"),
            ("docs/howto/developer.md", "For developers"),
            ("docs/howto/tslcd.md", "TSLCD"),
        ),
    ),
    (
        "Reference",
        (
            ("docs/reference/cli.md", "Commands"),
            ("docs/reference/api.md", "Interface for programs"),
            (OPENAPI, "Its OpenAPI document"),
            ("docs/reference/inventory.md", "Inventory"),
            ("docs/reference/checks.md", "Checks"),
            ("docs/reference/reasons.md", "Reasons"),
            ("docs/reference/probes.md", "Probes"),
            ("docs/reference/coverage.md", "Coverage"),
            ("docs/reference/federation.md", "Federation"),
        ),
    ),
    (
        "Project",
        (
            ("docs/compatibility.md", "Compatibility"),
            ("docs/upgrading.md", "Upgrade notes"),
            ("CHANGELOG.md", "Changelog"),
            ("docs/security.md", "Security"),
            ("docs/threat-model.md", "Threat model"),
            ("SECURITY.md", "Report a vulnerability"),
            ("CONTRIBUTING.md", "Contributing"),
        ),
    ),
)
"""Groups of documents with their titles in the menu; a document not listed here has a page without an entry."""
CSS = """
:root { color-scheme: light dark; --line: #8884; --link: light-dark(#0b5cad, #7db7ff); }
body { margin: 0; font: 16px/1.6 system-ui, sans-serif; display: flex; }
nav { flex: 0 0 15rem; padding: 1rem; border-right: 1px solid var(--line); font-size: .9rem; }
nav p { margin: 1rem 0 .2rem; font-weight: 600; } nav ul { list-style: none; margin: 0; padding: 0; }
main { flex: 1; min-width: 0; max-width: 52rem; padding: 1rem 2rem 4rem; }
a { color: var(--link); } img { max-width: 100%; border: 1px solid var(--line); }
pre { overflow-x: auto; padding: .8rem; background: #8881; } code { font-size: .9em; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }
@media (max-width: 48rem) { body { display: block; } nav { border: 0; } main { padding: 1rem; } }
"""
_PAGE = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><link rel="stylesheet" href="{up}{style}"></head>
<body><nav>{menu}</nav><main>
{body}</main></body></html>
"""


def documents() -> list[str]:
    """Return the documents of the site as paths below the root of the sources."""
    below = (path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").rglob("*.md"))
    return sorted({*below, START, "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"})


def build(target: Path) -> None:
    """Write every page, its pictures and the examples."""
    known = frozenset(documents())
    for source in sorted(known):
        place = target / page_of(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(page(source, known), "utf-8")
    for folder in ("docs/images", "docs/vi/images", "docs/examples"):
        shutil.copytree(ROOT / folder, target / folder, dirs_exist_ok=True)
    description = document(operations(), Texts("en"))
    (target / OPENAPI).write_text(json.dumps(description, ensure_ascii=False, indent=1) + "\n", "utf-8")
    (target / STYLE).write_text(CSS.lstrip(), "utf-8")


def page_of(document: str) -> str:
    """Return the page of a document; start pages are named as a web server expects them (``index.html``)."""
    return re.sub(r"README\.md$", "index.html", document).replace(".md", ".html")


def page(document: str, known: frozenset[str]) -> str:
    """Return a document as a whole page."""
    made = rendered((ROOT / document).read_text("utf-8"), lambda address: _lead(address, document, known))
    up = "../" * document.count("/")
    return _PAGE.format(
        lang="vi" if document.startswith("docs/vi/") else "en",
        title=html.escape(made.title or document),
        up=up,
        style=STYLE,
        menu=_menu(document, up),
        body=made.head + made.body,
    )


def _menu(document: str, up: str) -> str:
    parts = []
    for group, entries in MENU:
        parts.append(f"<p>{group}</p><ul>")
        for path, name in entries:
            here = ' aria-current="page"' if path == document else ""
            parts.append(f'<li><a href="{up}{page_of(path)}"{here}>{name}</a></li>')
        parts.append("</ul>")
    return "".join(parts)


def _lead(link: str, document: str, known: frozenset[str]) -> str | None:
    """Point a link between documents to a page; one to a file that is not in the site leads nowhere."""
    address = urlsplit(link)
    if address.scheme or not address.path:
        return link
    target = posixpath.normpath(posixpath.join(posixpath.dirname(document), unquote(address.path)))
    if f"{target}/README.md" in known:
        target = f"{target}/README.md"
    if target in known:
        way = posixpath.relpath(page_of(target), posixpath.dirname(document) or ".")
        return way + (f"#{address.fragment}" if address.fragment else "")
    return link if target.startswith("docs/examples/") else None


if __name__ == "__main__":
    build(Path(sys.argv[1]))
