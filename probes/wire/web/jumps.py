"""Recognises pages that do nothing but send browsers on at once, as many portals have at ``/``.

A script does it, ``<meta http-equiv=refresh>``, or the header Refresh.

Such a page counts as one more hop of a chain of redirects, so it is recognised only where every browser leaves it, for
the same place, whatever it is and whatever it did before. Any other script, a condition, a wait, a query or a cookie by
which a filter would know the browser again makes it a page like others; but that it came over plain HTTP every browser
knows, so a script may ask for that and make the same address with ``https:``. No script is run; never raises.
"""

import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit, urlunsplit

from probes.wire.web.looks import refresh_target, refreshed, refreshes
from probes.wire.web.markup import EndTag, Tag, nodes
from probes.wire.web.page import absolute, unescaped

LONGEST = 3_000
"""Bytes of the largest page that is looked into."""
_WORDS = 40
"""Words that such a page may show to browsers that do not leave by themselves."""
_SOON = re.compile(r"\s*+(?=[0-9.])0*+[0-4]?(?:\.[0-9]*+)?\s*+[;,]")
"""A wait of less than five seconds; pages that are to be read first, or load themselves again, have a longer one."""
_SILENT = frozenset({"noscript", "template"})
_SHOWING_MORE = frozenset(
    {"audio", "base", "button", "embed", "form", "frame", "frameset", "iframe", "input", "object", "select", "video"}
)
_SKIPPED = re.compile(r"(?:[\s;]++|<!--[^\n]*+|-->[^\n]*+|//[^\n]*+|/\*[^*]*+\*++(?:[^/*][^*]*+\*++)*+/)++")
_TEXT = r"""(?:"([^"\\\n]{1,2000}+)"|'([^'\\\n]{1,2000}+)')"""
_LOCATION = r"(?:(?:window|document|self|top|parent)\s*+\.\s*+){0,3}location\s*+"
_STATEMENT = re.compile(
    rf"{_LOCATION}(?:(?:\.\s*+href\s*+)?=\s*+{_TEXT}|\.\s*+(?:replace|assign)\s*+\(\s*+{_TEXT}\s*+\))"
)
_ADDRESS = rf"{_LOCATION}(?:\.\s*+href\s*+|\.\s*+toString\s*+\(\s*+\)\s*+)?+"
_BEGINNING = r"""(?:/\^?+https?+:(?:\\/\\/)?+/i?+|["']http:(?://)?+["'])"""
_SAME_OVER_TLS = (
    rf"""(?:["']https:["']\s*+\+\s*+{_ADDRESS}\.\s*+(?:substring|substr|slice)\s*+\(\s*+(?:5|{_LOCATION}\.\s*+protocol\s*+\.\s*+length)\s*+\)"""
    rf"""|{_ADDRESS}\.\s*+replace\s*+\(\s*+{_BEGINNING}\s*+,\s*+["']https:(?://)?+["']\s*+\)"""
    rf"""|["']https://["']\s*+\+\s*+{_LOCATION}\.\s*+host(?:name)?+(?:\s*+\+\s*+{_LOCATION}\.\s*+(?:pathname|search|hash))++)"""
)
_GOES_OVER_TLS = re.compile(
    rf"""{_LOCATION}(?:(?:\.\s*+href\s*+)?=\s*+{_SAME_OVER_TLS}|\.\s*+(?:replace|assign)\s*+\(\s*+{_SAME_OVER_TLS}\s*+\)"""
    r"""|\.\s*+protocol\s*+=\s*+["']https:?+["'])"""
)
_IF_PLAIN = re.compile(
    rf"""if\s*+\(\s*+(?:{_LOCATION}\.\s*+protocol\s*+(?:!==?+\s*+["']https:["']|===?+\s*+["']http:["'])"""
    rf"""|["']https:["']\s*+!==?+\s*+{_LOCATION}\.\s*+protocol\s*+)\s*+\)\s*+(?:\{{([^{{}}]*+)\}}|([^;{{}}\n]++))"""
)
_OVER_TLS = ""
"""Stands for the page's own address over HTTPS; what is written in a page is not empty."""
_USUAL_COOKIE = re.compile(
    r"(?:PHPSESSID|JSESSIONID|ASP\.NET_SessionId|ASPSESSIONID[A-Z]{8}|GUEST_LANGUAGE_ID|COOKIE_SUPPORT|SERVERID|route"
    r"|laravel_session|ci_session|XSRF-TOKEN|\.AspNetCore\.[^=]*+|ApplicationGatewayAffinity\w*+|AWSELB\w*+"
    r"|BIGipServer[^=]*+|NSC_[^=]*+|ARRAffinity\w*+|AWSALB\w*+|TS[0-9a-f]{6,}+(?:_\d{1,3})?|citrix_ns_id[^=]*+"
    r"|cookiesession1|FORTIWAFSID|visid_incap_\d++|incap_ses_[\d_]++|nlbi_[\d_]++|__cf_bm|_cfuvid|HWWAFSES(?:ID|TIME)"
    r"|acw_tc|ak_bmsc|bm_s[vz])\s*+=",
    re.IGNORECASE,
)
"""Cookies of sessions, load balancers and filters that come with whatever page is asked for first."""
_FUNCTION = r"(?:function\s*+\(\s*+\)|\(\s*+\)\s*+=>)\s*+\{([^{}]*+)\}"
_LATER = re.compile(
    rf"""(?:window\s*+\.\s*+)?+(?:onload\s*+=\s*+{_FUNCTION}|setTimeout\s*+\(\s*+"""
    rf"""(?:{_FUNCTION}|"([^"\\\n]*+)"|'([^'\\\n]*+)')\s*+,\s*+(?:[0-4][0-9]{{3}}|[0-9]{{1,3}})\s*+\))"""
)
"""What is done once the page is loaded, or in less than five seconds."""
_CALLED = re.compile(r"function\s++([A-Za-z_$][\w$]{0,60})\s*+\(\s*+\)\s*+\{([^{}]*+)\}[\s;]*+\1\s*+\(\s*+\)")
"""A function that is called as soon as it is there, as in the page of Exchange for visitors over plain HTTP."""
_NAMED = re.compile(r"(?:var|let|const)\s++([A-Za-z_$][\w$]{0,60}+)\s*+=\s*+([^;{}()=\n]++)(?:;|\n)")
"""A word for a text or for parts of the page's own address; nothing is called to make it."""
_TOKENS = re.compile(r"""\"[^\"\n]*+\"|'[^'\n]*+'|(?:\.\s*+)?+[\w$]++""")
_LASTING = re.compile(r'max-age\s*+=\s*+"?0*+[1-9]', re.IGNORECASE)


def target(url: str, headers: Sequence[tuple[str, str]], body: bytes) -> str | None:
    """The URL to which the page at ``url`` sends every browser at once; None of a page that does anything else."""
    sent = tuple(refreshes(headers))
    if len(body) > LONGEST or not (sent or b"location" in body or b"refresh" in body.lower()):
        return None
    if sets_a_test(headers):
        return None
    try:
        here = urlsplit(url)
        over_tls = _over_tls(here)
        by_header, by_page = _refreshed(sent), _places(body.decode("utf-8", "replace"), plain=over_tls is not None)
        if by_header is None or by_page is None:
            return None
        targets = {over_tls if place == _OVER_TLS else absolute(url, place) for place in (*by_header, *by_page)}
        there = targets.pop() if len(targets) == 1 else None
        return None if there is None else _onward(here, urlsplit(there), headers)
    except ValueError:
        return None


def is_same_over_tls(url: str, place: str | None) -> bool:
    """True if ``place`` is the address ``url``, which is one of plain HTTP, over HTTPS. Never raises."""
    try:
        return place is not None and place == _over_tls(urlsplit(url))
    except ValueError:
        return False


def _over_tls(here: SplitResult) -> str | None:
    """Return the same address over HTTPS; None of one that is not at the usual port of HTTP."""
    if here.scheme != "http" or here.port not in (None, 80):
        return None
    return urlunsplit(here._replace(scheme="https", netloc=here.netloc.removesuffix(":80")))


def sets_a_test(headers: Sequence[tuple[str, str]]) -> bool:
    """True if an answer sets a cookie that may be a filter's test of the browser: any but those that come with whatever
    is asked for first."""
    return any(name.lower() == "set-cookie" and not _USUAL_COOKIE.match(value.strip()) for name, value in headers)


def _onward(here: SplitResult, there: SplitResult, headers: Sequence[tuple[str, str]]) -> str | None:
    """``there`` as browsers ask for it. None where it is no place, may be ``here``, or takes a word along."""
    if there.query or there.username is not None or not there.hostname or there.port == 0:
        return None
    is_lasting = any(name.lower() == "strict-transport-security" and _LASTING.search(value) for name, value in headers)
    if is_lasting and (here.scheme, there.scheme, there.hostname) == ("https", "http", here.hostname):
        there = there._replace(scheme="https", netloc=there.netloc.removesuffix(":80"))  # RFC 6797 §8.3
    if (here.scheme, here.netloc.lower(), here.path or "/") == (there.scheme, there.netloc.lower(), there.path or "/"):
        return None
    return urlunsplit(there)


def _refreshed(sent: Sequence[str]) -> list[str] | None:
    """Where the values of the header lead; None where one waits for so long that the page is to be read."""
    leading = [(value, where) for value in sent if (where := refresh_target(value)) is not None]
    return None if any(not _SOON.match(value[:100]) for value, _ in leading) else [where for _, where in leading]


def _places(text: str, *, plain: bool) -> list[str] | None:
    """Where the page leads, as it is written there; None of one that does anything else, or perhaps does not lead.

    ``plain``: it came over HTTP, from the usual port.
    """
    places: list[str] = []
    words, silent = 0, ""
    for node in nodes(text):
        if isinstance(node, EndTag):
            silent = "" if node.name == silent else silent
        elif silent:
            continue
        elif isinstance(node, str):
            words += len(node.split())
        elif node.name in _SILENT:
            silent = node.name
        else:
            found = _of(node, plain=plain)
            if found is None:
                return None
            places += found
    return places if words <= _WORDS else None


def _of(tag: Tag, *, plain: bool) -> list[str] | None:
    if tag.name == "script":
        return None if "src" in tag.attributes else _assigned(tag.text, plain=plain)
    if "onload" in tag.attributes:
        return _assigned(unescaped(tag.attributes["onload"][:LONGEST]), plain=plain) if tag.name == "body" else None
    if (where := refreshed(tag)) is not None:
        return [where] if _SOON.match(unescaped(tag.attributes["content"][:100])) else None
    return None if tag.name in _SHOWING_MORE else []


def _assigned(script: str, *, plain: bool) -> list[str] | None:
    """Return the places that a script leads to which does nothing else."""
    places: list[str] = []
    at = 0
    while at < len(script):
        if (skipped := _SKIPPED.match(script, at)) is not None:
            at = skipped.end()
        elif plain and (upgrade := _GOES_OVER_TLS.match(script, at)) is not None:
            at = upgrade.end()
            places.append(_OVER_TLS)
        elif (named := _NAMED.match(script, at)) is not None:
            script, at = _written_out(named[1], named[2].strip(), script[named.end() :]), 0
            if len(script) > LONGEST:
                return None
        elif (statement := _STATEMENT.match(script, at)) is not None:
            at = statement.end()
            places.append(next(place for place in statement.groups() if place is not None))
        elif (inner := _inner(script, at, plain=plain)) is not None:
            text, at = inner
            within = _assigned(text, plain=plain)
            if not within:
                return None
            places += within
        else:
            return None
    return places


def _inner(script: str, at: int, *, plain: bool) -> tuple[str, int] | None:
    """What is done later, at once by a function, or over plain HTTP alone; and where that ends."""
    if (called := _CALLED.match(script, at)) is not None:
        return called[2], called.end()
    inner = _LATER.match(script, at) or (_IF_PLAIN.match(script, at) if plain else None)
    return None if inner is None else (next(text for text in inner.groups() if text is not None), inner.end())


def _written_out(word: str, meaning: str, script: str) -> str:
    """The script with what the word stands for in its place, but where it is a part of a text or of another name."""
    return _TOKENS.sub(lambda token: meaning if token[0] == word else token[0], script)
