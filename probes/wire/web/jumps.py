"""Recognises pages that only redirect browsers at once, as many portals have at ``/``.

They use a script, ``<meta http-equiv=refresh>``, or the header Refresh.
Such a page counts as one more hop of a chain of redirects, so it is recognised only if every browser leaves it, for the
same target, independent of the browser and of its earlier requests. Any other script, a condition, a wait, a query or a
cookie with which a filter could recognise the browser makes it an ordinary page. A test for plain HTTP is allowed, as
its result is the same in every browser; the script may then build the same address with ``https:``. No script is run;
never raises.
"""

import re
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit, urlunsplit

from probes.wire.web.markup import EndTag, Tag, nodes
from probes.wire.web.page import absolute, unescaped
from probes.wire.web.page_content import refresh_target, refreshed, refreshes

LONGEST = 3_000
"""The bytes of the largest page that is examined."""
_WORDS = 40
"""The number of words that such a page may show to browsers that do not follow it."""
_SOON = re.compile(r"\s*+(?=[0-9.])0*+[0-4]?(?:\.[0-9]*+)?\s*+[;,]")
"""Matches a wait of less than five seconds; pages to be read first, or that reload themselves, wait longer."""
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
"""A placeholder for the page's own address over HTTPS; places written in a page are not empty."""
_USUAL_COOKIE = re.compile(
    r"(?:PHPSESSID|JSESSIONID|ASP\.NET_SessionId|ASPSESSIONID[A-Z]{8}|GUEST_LANGUAGE_ID|COOKIE_SUPPORT|SERVERID|route"
    r"|laravel_session|ci_session|XSRF-TOKEN|\.AspNetCore\.[^=]*+|ApplicationGatewayAffinity\w*+|AWSELB\w*+"
    r"|BIGipServer[^=]*+|NSC_[^=]*+|ARRAffinity\w*+|AWSALB\w*+|TS[0-9a-f]{6,}+(?:_\d{1,3})?|citrix_ns_id[^=]*+"
    r"|cookiesession1|FORTIWAFSID|visid_incap_\d++|incap_ses_[\d_]++|nlbi_[\d_]++|__cf_bm|_cfuvid|HWWAFSES(?:ID|TIME)"
    r"|acw_tc|ak_bmsc|bm_s[vz])\s*+=",
    re.IGNORECASE,
)
"""Cookies of sessions, load balancers and filters that come with any first request."""
_FUNCTION = r"(?:function\s*+\(\s*+\)|\(\s*+\)\s*+=>)\s*+\{([^{}]*+)\}"
_LATER = re.compile(
    rf"""(?:window\s*+\.\s*+)?+(?:onload\s*+=\s*+{_FUNCTION}|setTimeout\s*+\(\s*+"""
    rf"""(?:{_FUNCTION}|"([^"\\\n]*+)"|'([^'\\\n]*+)')\s*+,\s*+(?:[0-4][0-9]{{3}}|[0-9]{{1,3}})\s*+\))"""
)
"""Matches code that runs once the page is loaded, or in less than five seconds."""
_CALLED = re.compile(r"function\s++([A-Za-z_$][\w$]{0,60})\s*+\(\s*+\)\s*+\{([^{}]*+)\}[\s;]*+\1\s*+\(\s*+\)")
"""Matches a function that is called right after its definition, as in Exchange's page for plain HTTP."""
_NAMED = re.compile(r"(?:var|let|const)\s++([A-Za-z_$][\w$]{0,60}+)\s*+=\s*+([^;{}()=\n]++)(?:;|\n)")
"""Matches a variable set to a text or to parts of the page's own address, without any call."""
_TOKENS = re.compile(r"""\"[^\"\n]*+\"|'[^'\n]*+'|(?:\.\s*+)?+[\w$]++""")
_LASTING = re.compile(r'max-age\s*+=\s*+"?0*+[1-9]', re.IGNORECASE)


def target(url: str, headers: Sequence[tuple[str, str]], body: bytes) -> str | None:
    """Return the URL to which the page at ``url`` sends every browser at once; None if it does anything else."""
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
    """True if ``place`` is the plain HTTP address ``url`` over HTTPS. Never raises."""
    try:
        return place is not None and place == _over_tls(urlsplit(url))
    except ValueError:
        return False


def _over_tls(here: SplitResult) -> str | None:
    """Return the same address over HTTPS; None unless ``here`` is on the usual port of HTTP."""
    if here.scheme != "http" or here.port not in (None, 80):
        return None
    return urlunsplit(here._replace(scheme="https", netloc=here.netloc.removesuffix(":80")))


def sets_a_test(headers: Sequence[tuple[str, str]]) -> bool:
    """True if a response sets a cookie that may be a filter's test of the browser: any except usual first cookies."""
    return any(name.lower() == "set-cookie" and not _USUAL_COOKIE.match(value.strip()) for name, value in headers)


def _onward(here: SplitResult, there: SplitResult, headers: Sequence[tuple[str, str]]) -> str | None:
    """Return ``there`` as browsers request it; None if it is no address, may be ``here``, or has a query or user."""
    if there.query or there.username is not None or not there.hostname or there.port == 0:
        return None
    is_lasting = any(name.lower() == "strict-transport-security" and _LASTING.search(value) for name, value in headers)
    if is_lasting and (here.scheme, there.scheme, there.hostname) == ("https", "http", here.hostname):
        there = there._replace(scheme="https", netloc=there.netloc.removesuffix(":80"))  # RFC 6797 §8.3
    if (here.scheme, here.netloc.lower(), here.path or "/") == (there.scheme, there.netloc.lower(), there.path or "/"):
        return None
    return urlunsplit(there)


def _refreshed(sent: Sequence[str]) -> list[str] | None:
    """Return the targets of the header's values; None if one waits so long that the page is to be read."""
    leading = [(value, where) for value in sent if (where := refresh_target(value)) is not None]
    return None if any(not _SOON.match(value[:100]) for value, _ in leading) else [where for _, where in leading]


def _places(text: str, *, plain: bool) -> list[str] | None:
    """Return the targets as written in the page; None if it does anything else, or may not redirect.

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
    """Return the targets of a script that only redirects; None if it does anything else."""
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
    """Return code that runs later, in a called function or only over plain HTTP, and the offset after it."""
    if (called := _CALLED.match(script, at)) is not None:
        return called[2], called.end()
    inner = _LATER.match(script, at) or (_IF_PLAIN.match(script, at) if plain else None)
    return None if inner is None else (next(text for text in inner.groups() if text is not None), inner.end())


def _written_out(word: str, meaning: str, script: str) -> str:
    """Return the script with a variable replaced by its value, except inside texts and other names."""
    return _TOKENS.sub(lambda token: meaning if token[0] == word else token[0], script)
