"""Lists the resources that an HTML page or style sheet loads. Nothing is run or fetched; never raises.

The caller bounds the input, this module bounds the result.
"""

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import NamedTuple
from urllib.parse import urlsplit

from inventory.cells.names import to_name
from probes.wire.web.markup import Tag, tags
from probes.wire.web.urls import resolved

URL_LIMIT = 2_000
PARTS_KEPT = 300
SHEETS_KEPT = 20
OBJECTS_KEPT = 20
REFERENCES_LIMIT = 10_000
"""The number of distinct references examined; a page with more counts as cut."""
_HOST_LIMIT = 253
_OBJECTS = frozenset({"image", "script", "media", "font"})
_PORTS = {"http": 80, "https": 443}
_IMPORT = re.compile(r"""@import\s+(?:url\(\s*)?["']?([^"')\s;]{1,2000})""", re.IGNORECASE)
_URL = re.compile(r"""url\(\s*["']?([^"')\s]{1,2000})""", re.IGNORECASE)
_DIGITS = re.compile(r"&#[0-9]{8,}+;?+")  # more digits than any character has; Python refuses very long numbers
_FACE = re.compile(r"@font-face\s*\{[^{}]{0,4000}\}", re.IGNORECASE)
_ATTRIBUTES = {
    ("script", "src"): "script",
    ("img", "src"): "image",
    ("input", "src"): "image",
    ("image", "href"): "image",
    ("iframe", "src"): "frame",
    ("frame", "src"): "frame",
    ("embed", "src"): "frame",
    ("object", "data"): "frame",
    ("form", "action"): "form",
    ("button", "formaction"): "form",
    ("input", "formaction"): "form",
    ("video", "src"): "media",
    ("video", "poster"): "image",
    ("audio", "src"): "media",
    ("source", "src"): "media",
    ("track", "src"): "media",
}
_LINKS = {"stylesheet": "style", "icon": "image", "apple-touch-icon": "image", "modulepreload": "script"}
_PRELOADED = {"script": "script", "style": "style", "font": "font", "image": "image"}


class Reference(NamedTuple):
    """Holds a host that a page loads from; ``kind`` is script, style, image, font, media, frame or form."""

    kind: str
    host: str
    port: int


class TakenReference(NamedTuple):
    """Holds a reference to any host, also the page's own; ``pinned``: the page states a hash of the content."""

    kind: str
    scheme: str
    host: str
    port: int
    pinned: bool


class DocumentParts:
    """Collects the parts of one document, each once; ``full``: there are more.

    ``sheets`` are the URLs of its style sheets, ``objects`` those of other content that it shows or runs.
    """

    def __init__(self, base: str) -> None:
        self.base = base
        self.parts: dict[Reference, None] = {}
        self.sheets: dict[str, None] = {}
        self.objects: dict[str, None] = {}
        self.taken: dict[TakenReference, None] = {}
        self.full = False
        self._seen: set[tuple[str, str, bool]] = set()

    def add(self, kind: str, reference: str, *, pinned: bool = False) -> None:
        if (kind, reference, pinned) in self._seen:
            return
        if len(self._seen) >= REFERENCES_LIMIT:
            self.full = True
            return
        self._seen.add((kind, reference, pinned))
        url = absolute(self.base, reference)
        part = None if url is None else part_of(kind, url)
        if url is None or part is None:
            return
        if len(self.parts) >= PARTS_KEPT and part not in self.parts:
            self.full = True
            return
        self.parts[part] = None
        if len(self.taken) < PARTS_KEPT:
            self.taken[TakenReference(kind, urlsplit(url).scheme, part.host, part.port, pinned)] = None
        if kind == "style" and len(self.sheets) < SHEETS_KEPT:
            self.sheets[url] = None
        if kind in _OBJECTS and len(self.objects) < OBJECTS_KEPT:
            self.objects[url] = None


def of_html(text: str, url: str) -> DocumentParts:
    """Return the references of the page at ``url``."""
    reader = _Reader(DocumentParts(url))
    for tag in tags(text):
        reader.take(tag)
    return reader.found


def unescaped(text: str) -> str:
    """Return the text with its character references resolved; overlong numbers become U+FFFD."""
    return unescape(_DIGITS.sub("\ufffd", text))


def of_css(text: str, url: str) -> DocumentParts:
    """Return the references of the style sheet at ``url``."""
    contents = DocumentParts(url)
    _styles(text, contents.add)
    return contents


def _styles(text: str, add: Callable[[str, str], None]) -> None:
    if "(" not in text and "@" not in text:
        return
    for match in _IMPORT.finditer(text):
        add("style", match[1])
    fonts = {match[1] for face in _FACE.finditer(text) for match in _URL.finditer(face[0])}
    imported = {match[1] for match in _IMPORT.finditer(text)}
    for match in _URL.finditer(text):
        if match[1] not in imported:
            add("font" if match[1] in fonts else "image", match[1])


class _Reader:
    def __init__(self, contents: DocumentParts) -> None:
        self.found = contents
        self._has_base = False

    def take(self, tag: Tag) -> None:
        values = {name: unescaped(value) for name, value in tag.attributes.items()}
        if tag.name == "base" and "href" in values and not self._has_base:
            self._has_base = True
            self.found.base = absolute(self.found.base, values["href"]) or self.found.base
        elif tag.name == "link":
            self._link(values)
        for name, value in values.items():
            kind = _ATTRIBUTES.get((tag.name, name))
            if kind is not None:
                self.found.add(kind, value, pinned=bool(values.get("integrity")))
            elif name == "srcset" or name == "imagesrcset":
                for candidate in _candidates(value):
                    self.found.add("image", candidate)
            elif name == "style":
                _styles(value, self.found.add)
        if tag.name == "style":
            _styles(tag.text, self.found.add)

    def _link(self, values: dict[str, str]) -> None:
        words = values.get("rel", "").lower().split()
        kind = next((_LINKS[word] for word in words if word in _LINKS), None)
        if kind is None and "preload" in words:
            kind = _PRELOADED.get(values.get("as", "").lower())
        if kind is not None and "href" in values and "alternate" not in words:
            self.found.add(kind, values["href"], pinned=bool(values.get("integrity")))


def _candidates(srcset: str) -> Iterator[str]:
    for candidate in srcset.split(",", 50)[:50]:
        words = candidate.split()
        if words:
            yield words[0]


def absolute(base: str, reference: str) -> str | None:
    """Return an absolute web address, None for anything else (``data:``, ``javascript:``, an empty reference)."""
    reference = reference.strip()
    if not reference or len(reference) > URL_LIMIT:
        return None
    try:
        url = resolved(base, reference)
        return url if urlsplit(url).scheme in _PORTS else None
    except ValueError:
        return None


def part_of(kind: str, url: str) -> Reference | None:
    """Return the host in a URL; None if it has none that can be queried."""
    try:
        split = urlsplit(url)
        host, port = (split.hostname or "").rstrip("."), split.port or _PORTS[split.scheme]
        if len(host) > _HOST_LIMIT:
            return None
        host = host if host.isascii() else to_name(host, labels=1)
    except ValueError:
        return None
    if not host or len(host) > _HOST_LIMIT or not host.isprintable() or " " in host:
        return None
    return Reference(kind=kind, host=host, port=port)
