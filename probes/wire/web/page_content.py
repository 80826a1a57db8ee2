"""Tells the visible parts of a page from the hidden ones: title, headings, text, and links to other sites.

A link is hidden if it or an element around it is, by its own style, by a rule of the page's own style sheets for a
class or an id, by a line of script that hides an element, or inside markup that a script writes. No script is run, no
style sheet is fetched; never raises, and the result is bounded.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

from probes.wire.web.markup import EndTag, Tag, nodes, tags
from probes.wire.web.page import absolute, part_of, unescaped

LINKS_KEPT = 300
TEXT_KEPT = 64_000
HEADINGS_KEPT = 10
WORDS_KEPT = 120
"""The number of characters kept of the text of a link or a heading."""
_CLOSED = "closed"
"""Hidden by a rule for a class or id, as menus, tabs and slides are until a script opens them; text counts as shown."""
_DEPTH = 400
_RULES = 2_000
_WRITTEN = 50

_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"}
)
_ALONE = frozenset({"script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes"})
_CLOSED_BY_THE_NEXT = frozenset({"p", "li", "option", "dt", "dd", "tr", "td", "th"})
_SILENT = frozenset({"script", "style", "noscript", "template", "textarea", "xmp", "noembed", "noframes", "iframe"})
_HEADINGS = frozenset({"h1", "h2", "h3"})

_SIMPLE = re.compile(r"(?:[a-z][a-z0-9]*)?([.#][\w-]{1,80})", re.IGNORECASE)
_DECLARATION = re.compile(r"([a-z-]{3,30})\s*:\s*([^;]{1,200})", re.IGNORECASE)
_AWAY = re.compile(r"-[0-9]{3,}(?:\.[0-9]+)?(?:px|em|rem|pt|%)?|-9{3,}")
_NOTHING = re.compile(r"0(?:\.0+)?(?:px|em|rem|pt|%)?|1px")
_BY_ID = re.compile(
    r"""getElementById\(\s*["']([\w-]{1,80})["']\s*\)\.style\.(?:display|visibility|left|top|height)\s*="""
)
_BY_NAME = re.compile(
    r"""(?:querySelector(?:All)?|\$|jQuery)\(\s*["']([.#][\w-]{1,80})["']\s*\)"""
    r"""\.(?:hide\(|style\.(?:display|left)\s*=|css\(\s*["']display["']\s*,\s*["']none)"""
)
_WRITES = re.compile(
    r"""(?:document\.write(?:ln)?\(|insertAdjacentHTML\(\s*["']\w{1,20}["']\s*,|innerHTML\s*\+?="""
    r"""|\.(?:append|prepend|html)\()\s*(?:"([^"]{1,5000})"|'([^']{1,5000})')"""
)
_LEADS = re.compile(
    r"""location(?:\.href)?\s*=\s*["']([^"']{1,2000})["']|location\.(?:replace|assign)\(\s*["']([^"']{1,2000})"""
)
_REFRESH = re.compile(r"""\s*+[0-9.]*+\s*+(?:[;,]?+\s*+url\s*+=|[;,])\s*+["']?+([^"']{1,2000})""", re.IGNORECASE)
"""Matches a wait and a target; browsers also accept a bare URL after the wait."""


def leads(text: str, headers: Sequence[tuple[str, str]] = ()) -> Iterator[str]:
    """Yield the targets to which a page sends browsers by itself, as written in it.

    It does so by ``refresh`` (also as a header, which browsers obey as well), or by its own script.
    """
    for value in refreshes(headers):
        if (where := refresh_target(value)) is not None:
            yield where
    for tag in tags(text):
        if tag.name == "script":
            yield from (quoted or other for quoted, other in _LEADS.findall(tag.text)[:_WRITTEN])
        elif (where := refreshed(tag)) is not None:
            yield where


def refreshed(tag: Tag) -> str | None:
    """Return the target of ``<meta http-equiv=refresh>``, for any wait; None for other tags and for a reload."""
    if tag.name != "meta" or tag.attributes.get("http-equiv", "").lower() != "refresh":
        return None
    return refresh_target(unescaped(tag.attributes.get("content", "")[:2_100]))


def refreshes(headers: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Return the values of the header Refresh, which no standard of HTTP defines but all browsers obey."""
    return (value for name, value in headers if name.lower() == "refresh")


def refresh_target(value: str) -> str | None:
    """Return the target of a ``refresh`` value; None if it reloads the same page."""
    where = _REFRESH.match(value[:2_100])
    return None if where is None else where[1].strip() or None


class Link(NamedTuple):
    """Holds a link to another host.

    ``hidden`` tells how it is concealed (``display``, ``place``, ``size``, ``colour``) or how the page follows it by
    itself (``refresh``, ``script``); empty for a visible link.
    """

    host: str
    text: str
    hidden: str


class PageContent:
    """Holds the shown and hidden parts of one page. ``full``: there is more than was kept."""

    def __init__(self) -> None:
        self.title = ""
        self.headings: list[str] = []
        self.text: list[str] = []
        self.links: dict[Link, None] = {}
        self.full = False


def of_html(text: str, url: str) -> PageContent:
    """Return the shown and hidden parts of the page at ``url``."""
    reader = _Reader(url, _hiding_names(text))
    for node in nodes(text):
        reader.take(node)
    reader.close()
    return reader.looks


def hiding(style: str) -> str:
    """Return how style declarations hide an element; empty if they do not."""
    declared = {name.lower(): value.strip().lower() for name, value in _DECLARATION.findall(style)}
    if declared.get("display", "").startswith("none") or declared.get("visibility", "").startswith(
        ("hidden", "collapse")
    ):
        return "display"
    if any(
        _AWAY.match(declared.get(name, ""))
        for name in ("left", "top", "right", "text-indent", "margin-left", "margin-top")
    ):
        return "place"
    clipped = declared.get("overflow", "").startswith("hidden")
    thin = any(
        _NOTHING.fullmatch(declared.get(name, "").removesuffix("!important").strip()) for name in ("height", "width")
    )
    gone = declared.get("opacity", "1").rstrip("%").strip() in ("0", "0.0", ".0", "0.00")
    if (clipped and thin) or gone or _NOTHING.fullmatch(declared.get("font-size", "")):
        return "size"
    ground = declared.get("background-color", declared.get("background", ""))
    return "colour" if ground and declared.get("color", "") == ground else ""


def _hiding_names(text: str) -> dict[str, str]:
    """Return the classes and ids (``.x``, ``#y``) that the page's own sheets or scripts hide, and how."""
    hidden: dict[str, str] = {}
    for node in nodes(text):
        if not isinstance(node, Tag) or node.name not in ("style", "script"):
            continue
        if node.name == "style":
            for rule in node.text.split("}", _RULES)[:_RULES]:
                selectors, _, style = rule.rpartition("{")
                how = hiding(style[:2_000])
                names = (_SIMPLE.fullmatch(selector.strip()) for selector in selectors.split(",")[:50]) if how else ()
                hidden |= {name[1]: _CLOSED if how == "display" else how for name in names if name is not None}
        else:
            hidden |= {f"#{name}": "display" for name in _BY_ID.findall(node.text)}
            hidden |= dict.fromkeys(_BY_NAME.findall(node.text), "display")
    return hidden


class _Element(NamedTuple):
    name: str
    hidden: str
    silent: bool


class _Reader:
    def __init__(self, url: str, names: dict[str, str]) -> None:
        self.looks = PageContent()
        self._base = url
        self._own = _host(url)
        self._names = names
        self._open: list[_Element] = []
        self._link: tuple[str, str] | None = None
        self._words: list[str] = []
        self._heading: list[str] | None = None
        self._size = 0
        self._written = 0

    def take(self, node: Tag | EndTag | str) -> None:
        if isinstance(node, str):
            self._text(node)
        elif isinstance(node, EndTag):
            self._end(node.name)
        else:
            self._tag(node)

    def close(self) -> None:
        """End the page: keep a link that is still open."""
        self._end_link()

    def _text(self, text: str) -> None:
        words = " ".join(unescaped(text[: TEXT_KEPT * 2]).split())
        if not words or (self._open and self._open[-1].silent):
            return
        if self._link is not None:
            self._words.append(words[:WORDS_KEPT])
        if self._heading is not None:
            self._heading.append(words[:WORDS_KEPT])
        if self._open and self._open[-1].hidden not in ("", _CLOSED):
            return
        if self._size + len(words) > TEXT_KEPT:
            self.looks.full = True
            return
        self._size += len(words)
        self.looks.text.append(words)

    def _tag(self, tag: Tag) -> None:
        if tag.name == "title" and not self.looks.title:
            self.looks.title = " ".join(unescaped(tag.text[:2_000]).split())[:500]
        if tag.name == "script":
            self._writes(tag.text)
            for quoted, other in _LEADS.findall(tag.text)[:_WRITTEN]:
                self._lead(quoted or other, "script")
        if (where := refreshed(tag)) is not None:
            self._lead(where, "refresh")
        if tag.name == "base" and "href" in tag.attributes:
            self._base = absolute(self._base, unescaped(tag.attributes["href"])) or self._base
        if tag.name in _CLOSED_BY_THE_NEXT and self._open and self._open[-1].name == tag.name:
            self._open.pop()
        around = self._open[-1] if self._open else _Element("", "", False)
        hidden = around.hidden or self._hides(tag)
        if tag.name not in _VOID and tag.name not in _ALONE and len(self._open) < _DEPTH:
            self._open.append(_Element(tag.name, hidden, around.silent or tag.name in _SILENT))
        if tag.name in _HEADINGS and len(self.looks.headings) < HEADINGS_KEPT:
            self._heading = []
        if tag.name == "a" and "href" in tag.attributes:
            self._end_link()
            self._begin_link(unescaped(tag.attributes["href"]), hidden)

    def _end(self, name: str) -> None:
        if name == "a":
            self._end_link()
        if name in _HEADINGS and self._heading is not None:
            self.looks.headings.append(" ".join(self._heading)[:WORDS_KEPT])
            self._heading = None
        for at in range(len(self._open) - 1, max(-1, len(self._open) - 50), -1):
            if self._open[at].name == name:
                del self._open[at:]
                return

    def _hides(self, tag: Tag) -> str:
        if "hidden" in tag.attributes:
            return "display"
        how = hiding(unescaped(tag.attributes.get("style", "")[:2_000]))
        if how:
            return how
        if tag.name == "marquee" and {tag.attributes.get("height"), tag.attributes.get("width")} & {"0", "1"}:
            return "size"
        names = [f".{name}" for name in tag.attributes.get("class", "").split()[:30]]
        names += [f"#{tag.attributes['id']}"] if "id" in tag.attributes else []
        return next((self._names[name] for name in names if name in self._names), "")

    def _begin_link(self, reference: str, hidden: str) -> None:
        url = absolute(self._base, reference)
        part = None if url is None else part_of("link", url)
        if part is not None and part.host != self._own:
            self._link, self._words = (part.host, "display" if hidden == _CLOSED else hidden), []

    def _end_link(self) -> None:
        if self._link is None:
            return
        (host, hidden), words = self._link, " ".join(self._words)[:WORDS_KEPT]
        self._link = None
        link = Link(host, words, hidden)
        if link in self.looks.links:
            return
        if len(self.looks.links) >= LINKS_KEPT:
            self.looks.full = True
            shown = next((kept for kept in reversed(self.looks.links) if not kept.hidden), None)
            if not hidden or shown is None:
                return
            del self.looks.links[shown]  # hidden links are the purpose, so a visible one is dropped
        self.looks.links[link] = None

    def _lead(self, reference: str, how: str) -> None:
        """Record a target to which the page sends visitors by itself as a link without text."""
        if self._link is None:
            self._begin_link(reference, how)
            self._end_link()

    def _writes(self, script: str) -> None:
        """Read the markup that a script writes, at the script's position."""
        for written in _WRITES.findall(script):
            self._written += 1
            if self._written > _WRITTEN:
                return
            for node in _within(written[0] or written[1]):
                self.take(node)


def _within(text: str) -> Iterator[Tag | EndTag | str]:
    """Return the nodes of markup in a string of a script, without nested scripts."""
    markup = text.replace("\\/", "/").replace('\\"', '"').replace("\\'", "'")
    return (node for node in nodes(markup) if not (isinstance(node, Tag) and node.name == "script"))


def _host(url: str) -> str:
    try:
        part = part_of("link", url) if urlsplit(url).scheme else None
    except ValueError:
        return ""
    return "" if part is None else part.host
