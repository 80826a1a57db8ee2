"""Parses Content-Security-Policy as browsers do: which sources of scripts the policies allow."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from probes.observations.web import HttpExchange
from probes.wire.web.markup import tags
from probes.wire.web.page import unescaped

Policy = Mapping[str, tuple[str, ...]]

ENFORCED, REPORTED = "content-security-policy", "content-security-policy-report-only"
_WIDE = re.compile(r"https?:|data:|blob:|(https?://)?\*(:([0-9]+|\*))?")

_SILENT = ("script-src",)
"""Result for a policy without a directive for scripts."""
_HEADER_ALONE = frozenset({"frame-ancestors", "report-uri", "sandbox"})
"""Directives that browsers ignore in a policy inside the page (CSP3 §3.3)."""


def policies(answer: HttpExchange, header: str = ENFORCED) -> list[Policy]:
    """Return every policy of an answer; several headers, or commas in one, are policies that all apply (CSP3 §2.2.2).

    An enforced policy may also be in the head of the page, as far as the body was kept.
    """
    sent = [value for name, value in answer.headers if name.lower() == header]
    found: list[Policy] = [parsed for value in sent for text in value.split(",") if (parsed := _parse(text))]
    return [*found, *_in_page(answer.body)] if header == ENFORCED else found


def unsafe(found: list[Policy]) -> tuple[str, ...]:
    """Return the unsafe sources that all of the policies allow, as current browsers apply them."""
    if not found:
        return ()
    through = [_scripts(policy) for policy in found]
    of_scripts = [words for words in through if words != _SILENT]  # a policy only about frames restricts no other
    if not of_scripts:
        return _SILENT
    return (*_by_all(of_scripts), *_others(found))


def _by_all(through: list[tuple[str, ...]]) -> tuple[str, ...]:
    """Return the sources of the strictest policy that each of the others allows as well."""
    strictest = min(through, key=lambda words: (len(words), words))
    common = frozenset.intersection(*(frozenset(map(_what, words)) for words in through))
    return tuple(word for word in strictest if _what(word) in common)


def _what(word: str) -> str:
    """Return the kind of a source: ``hosts`` for wide host sources, which overlap, else the word itself."""
    return word if word in ("data:", "blob:") or word.startswith("'") else "hosts"


def frames_anybody(found: list[Policy]) -> bool | None:
    """True if the policies let any site frame the page; None if no policy has frame-ancestors.

    A browser that supports frame-ancestors ignores all other rules (CSP3 §6.4.2.1).
    """
    said = [policy["frame-ancestors"] for policy in found if "frame-ancestors" in policy]
    return all(any(_WIDE.fullmatch(word) for word in words) for words in said) if said else None


def upgrades(found: list[Policy]) -> bool:
    """True if browsers load everything in the page over HTTPS even from http URLs."""
    return any("upgrade-insecure-requests" in policy for policy in found)


@lru_cache(maxsize=64)  # several checks read the same answer
def _in_page(body: bytes) -> tuple[Policy, ...]:
    """Return the policies of ``<meta http-equiv="Content-Security-Policy">`` in the head of a page."""
    if ENFORCED.encode() not in body.lower():
        return ()
    said: list[str] = []
    for tag in tags(body.decode("utf-8", "replace")):
        if tag.name == "body":
            break
        if tag.name == "meta" and tag.attributes.get("http-equiv", "").strip().lower() == ENFORCED:
            said += unescaped(tag.attributes.get("content", "")).split(",")
    parsed = (_parse(text) for text in said)
    kept = ({name: words for name, words in policy.items() if name not in _HEADER_ALONE} for policy in parsed)
    return tuple(policy for policy in kept if policy)


def _parse(text: str) -> dict[str, tuple[str, ...]]:
    policy: dict[str, tuple[str, ...]] = {}
    for directive in text.split(";"):
        name, *words = directive.split()[:200] or [""]
        if name:
            policy.setdefault(name.lower(), tuple(word.lower() for word in words))  # the first value counts
    return policy


def _others(found: list[Policy]) -> Iterator[str]:
    """Yield wide sources for objects and for the base URL that all policies with such a directive allow."""
    for name, instead in (("object-src", "default-src"), ("base-uri", "base-uri")):
        said = [policy.get(name, policy.get(instead, ())) for policy in found if {name, instead} & policy.keys()]
        wide = [tuple(word for word in words if _WIDE.fullmatch(word)) for words in said]
        if wide and (common := _by_all(wide)):
            yield f"{name} {common[0]}"


def _scripts(policy: Policy) -> tuple[str, ...]:
    sources = policy.get("script-src-elem", policy.get("script-src", policy.get("default-src")))
    if sources is None:
        return _SILENT
    strict = "'strict-dynamic'" in sources
    through = [word for word in sources if not strict and (_WIDE.fullmatch(word) or word.startswith("http://"))]
    scripts = policy.get("script-src", policy.get("default-src", ()))
    if _inline(sources) or _inline(policy.get("script-src-attr", scripts)):
        through.append("'unsafe-inline'")
    if "'unsafe-eval'" in scripts:
        through.append("'unsafe-eval'")
    return tuple(sorted(set(through)))


def _inline(sources: tuple[str, ...]) -> bool:
    """True if inline scripts run; nonces, hashes and 'strict-dynamic' disable that (CSP3)."""
    off = any(word.startswith(("'nonce-", "'sha256-", "'sha384-", "'sha512-", "'strict-dynamic'")) for word in sources)
    return "'unsafe-inline'" in sources and not off
