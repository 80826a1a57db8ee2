"""Compare pages without what changes at every visit, to tell another site from another moment of the same one."""

import re

from probes.observations.web import HttpExchange
from probes.wire.page import unescaped

_TITLE = re.compile(r"<title[^<>]*>([^<]*)", re.IGNORECASE)
_CODE = re.compile(r"<(script|style|noscript)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(r"<(/?[a-z][a-z0-9]*+)[^<>]*+>", re.IGNORECASE)  # attributes hold nonces, tokens and view states
_WORD = re.compile(r"[^\W\d_]+")  # numbers are dates, counters and identifiers
_SHINGLE = 4
_BARE = 80
"""Words of the longest error pages that servers bring along; the pages of sites have more."""
TITLE_LIMIT = 500
"""Characters of a title that are looked at: what names a product or a default page is shorter by far."""
_DEFAULT_PAGE = re.compile(
    r"^(welcome to (nginx|openresty|xampp|centos|tengine|wildfly|jboss)\b|apache2? .*default page"
    r"|iis( windows( server)?$|( windows)?( server|\d))|microsoft internet information services \d"
    r"|((apache )?http server )?test page (for|powered by)\b|apache tomcat(/|$)|(it|caddy) works!?$"
    r"|.*plesk.*default page|(web server's |domain |default web site )default page|default web site page|rocky linux"
    r"|almalinux test page)",
    re.IGNORECASE,
)
_IT_WORKS = re.compile(r"^\s*+(<html>)?\s*+(<body>)?\s*+<h1>\s*+it works!\s*+</h1>", re.IGNORECASE)


def title(body: bytes) -> str:
    """The page's title on one line, at most TITLE_LIMIT of it; empty where it has none."""
    match = _TITLE.search(body.decode("utf-8", "replace"))
    return " ".join(unescaped(match.group(1)).split())[:TITLE_LIMIT] if match else ""


def is_default_page(body: bytes) -> bool:
    """Whether this is the page that a web server shows before anybody has put a site on it."""
    return bool(_DEFAULT_PAGE.match(title(body)) or _IT_WORKS.match(body[:200].decode("utf-8", "replace")))


def _structure(body: bytes) -> list[str]:
    """The words of the text and its tags, in which nothing is left that a visit of its own makes."""
    text = body.decode("utf-8", "replace")
    text = _TAG.sub(r" \1 ", _COMMENT.sub(" ", _CODE.sub(" ", text)))
    return _WORD.findall(unescaped(text).lower())


def _shown(page: HttpExchange) -> list[str]:
    """The words that the whole page shows."""
    return _WORD.findall(page.text.lower()) or [word.lower() for word in visible_words(page.body)]


def _shingles(words: list[str]) -> frozenset[tuple[str, ...]]:
    """Runs of four words."""
    return frozenset(tuple(words[at : at + _SHINGLE]) for at in range(max(1, len(words) - _SHINGLE + 1)))


def visible_words(body: bytes) -> list[str]:
    """The words that a visitor sees, without title, scripts, styles, comments and tags."""
    text = body.decode("utf-8", "replace")
    text = _TAG.sub(" ", _COMMENT.sub(" ", _CODE.sub(" ", _TITLE.sub(" ", text))))
    return _WORD.findall(unescaped(text))


def is_bare(body: bytes) -> bool:
    """Whether a page says no more than that something is not there: few words, and nothing to fill in."""
    return len(visible_words(body)) <= _BARE and b"<form" not in body.lower()


def similarity(exchange: HttpExchange, other: HttpExchange) -> float:
    """From 0 to 1: how much of what either page says both say. Of a page of which only the beginning is kept, which
    may be style and script alone, its text is compared."""
    if exchange.body_sha256 and exchange.body_sha256 == other.body_sha256:
        return 1.0
    if exchange.text or other.text:
        left, right = _shingles(_shown(exchange)), _shingles(_shown(other))
    else:
        left, right = _shingles(_structure(exchange.body)), _shingles(_structure(other.body))
    return len(left & right) / len(left | right)
