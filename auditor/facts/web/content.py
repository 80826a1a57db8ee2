"""Compares pages without the parts that change at every visit, to tell another site from a later copy of it."""

import re
from functools import lru_cache

from auditor.facts.cached import remembered
from probes.framework.evidence import EvidenceSet
from probes.observations.web import HttpExchange
from probes.wire.web.page import unescaped

_Read = tuple[bool, str, bytes]
"""The compared parts of a page: whether its text is compared, the text, and the body."""
_TITLE = re.compile(r"<title[^<>]*>([^<]*)", re.IGNORECASE)
_CODE = re.compile(r"<(script|style|noscript)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"<(/?[a-z][a-z0-9]*+)[^<>]*+>", re.IGNORECASE)  # attributes contain nonces, tokens and view states
_WORD = re.compile(r"[^\W\d_]+")  # numbers are dates, counters and identifiers
_SHINGLE = 4
_BARE = 80
"""Number of words of the longest error pages built into servers; pages of sites have more."""
TITLE_LIMIT = 500
"""Number of characters of a title that are read; names of products and default pages are far shorter."""
NOTHING_AT_ROOT = frozenset({400, 404})
"""Statuses of an API that serves nothing at ``/``."""
_DEFAULT_PAGE = re.compile(
    r"^(welcome to (nginx|openresty|xampp|centos|tengine|wildfly|jboss)\b|apache2? .*default page"
    r"|iis( windows( server)?$|( windows)?( server|\d))|microsoft internet information services \d"
    r"|((apache )?http server )?test page (for|powered by)\b|apache tomcat(/|$)|(it|caddy) works!?$"
    r"|.*plesk.*default page|(web server's |domain |default web site )default page|default web site page|rocky linux"
    r"|almalinux test page)",
    re.IGNORECASE,
)
_IT_WORKS = re.compile(r"^\s*+(<html>)?\s*+(<body>)?\s*+<h1>\s*+it works!\s*+</h1>", re.IGNORECASE)


@lru_cache(maxsize=128)  # a dozen checks ask for the same page; at most 16 kB are kept of each
def title(body: bytes) -> str:
    """Return the page's title on one line, at most TITLE_LIMIT characters; empty if it has none."""
    match = _TITLE.search(body.decode("utf-8", "replace"))
    return " ".join(unescaped(match.group(1)).split())[:TITLE_LIMIT] if match else ""


def is_default_page(body: bytes) -> bool:
    """True if this is the default page of a web server, shown before a site is installed."""
    return bool(_DEFAULT_PAGE.match(title(body)) or _IT_WORKS.match(body[:200].decode("utf-8", "replace")))


def _structure(body: bytes) -> list[str]:
    """Return the words of the text and the names of its tags, without anything that differs between visits."""
    text = body.decode("utf-8", "replace")
    text = _TAG.sub(r" \1 ", _COMMENT.sub(" ", _CODE.sub(" ", text)))
    return _WORD.findall(unescaped(text).lower())


def _shown(text: str, body: bytes) -> list[str]:
    """Return the words that the whole page shows."""
    return _WORD.findall(text.lower()) or [word.lower() for word in visible_words(body)]


def _shingles(words: list[str]) -> frozenset[int]:
    """Return the hashes of all runs of four words; a subject's pages have a million, so only hashes are kept."""
    return frozenset(hash(tuple(words[at : at + _SHINGLE])) for at in range(max(1, len(words) - _SHINGLE + 1)))


def visible_words(body: bytes) -> list[str]:
    """Return the words that a visitor sees, without title, scripts, styles, comments and tags."""
    text = body.decode("utf-8", "replace")
    text = _TAG.sub(" ", _COMMENT.sub(" ", _CODE.sub(" ", _TITLE.sub(" ", text))))
    return _WORD.findall(unescaped(text))


def is_bare(body: bytes) -> bool:
    """True if a page only states that something is missing: few words and no form."""
    return len(visible_words(body)) <= _BARE and b"<form" not in body.lower()


def _to_read(page: HttpExchange, *, told: bool) -> _Read:
    return told, page.text if told else "", page.body


class Likeness:
    """Measures how similar pages are.

    Each page is read once and each pair compared once: a site with different pages at each of its addresses has
    thousands of pairs, and every check compares them again.
    """

    def __init__(self) -> None:
        self._read: dict[_Read, frozenset[int]] = {}
        self._compared: dict[tuple[_Read, _Read], float] = {}

    def of(self, exchange: HttpExchange, other: HttpExchange) -> float:
        """Return the similarity of two pages from 0 to 1: the share of their word runs that both have.

        If only the beginning of a page was kept, which may be all style and script, the extracted text is compared.
        """
        if exchange.body_sha256 and exchange.body_sha256 == other.body_sha256:
            return 1.0
        told = bool(exchange.text or other.text)
        pair = _to_read(exchange, told=told), _to_read(other, told=told)
        found = self._compared.get(pair)
        if found is None:
            left, right = map(self._shingles, pair)
            both = len(left & right)
            found = self._compared[pair] = both / (len(left) + len(right) - both)
        return found

    def _shingles(self, page: _Read) -> frozenset[int]:
        found = self._read.get(page)
        if found is None:
            told, text, body = page
            found = self._read[page] = _shingles(_shown(text, body) if told else _structure(body))
        return found


@remembered
def likeness(evidence: EvidenceSet) -> Likeness:
    """Return the similarity cache of a subject's pages, which all checks share."""
    return Likeness()
