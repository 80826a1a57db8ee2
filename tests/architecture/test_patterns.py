"""Every regular expression is linear: ten times the text takes at most 25 times as long, for any text."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest

from auditor.facts.web.admin_pages import PRODUCTS
from auditor.facts.web.content import TITLE_LIMIT
from auditor.service.cli.usage import _USAGE
from tests.architecture.patterns import Use, uses
from tests.architecture.pumping import pumped

LOCAL: dict[str, tuple["re.Pattern[Any]", ...]] = {
    "auditor.facts.web.admin_pages:pattern": tuple(
        re.compile(each) for one in PRODUCTS for each in (one.title, one.server, one.cookie, one.realm) if each
    ),
    "auditor.service.web.caches.frames:f'{self._mark}-([a-z]+)-'.encode()": (re.compile(b"0a" * 32 + b"-([a-z]+)-"),),
    "auditor.service.cli.usage:pattern": tuple(re.compile(each, re.DOTALL) for each, _ in _USAGE),
    "auditor.checks.ipv6.device.capability:pattern": (re.compile("IOS[ -]XE", re.IGNORECASE),),
    "probes.wire.mail.spf.asker:f\"[{re.escape(met[4] or '.')}]\"": (re.compile("[-.+,/_=]"),),
    r"reports.deciding_lines:f'(?:tcp/|udp/|\\]:|\\.\\d{{1,3}}:){number}(?!\\d)'": (
        re.compile(r"(?:tcp/|udp/|\]:|\.\d{1,3}:)443(?!\d)"),
    ),
    r"""auditor.service.store.sql.runs.evidence_rows:b'"kind"\\s*:\\s*"(?:' + names + b')"'""": (
        re.compile(rb'"kind"\s*:\s*"(?:http-exchange|tcp-connect)"'),
    ),
}
"""Patterns that are assembled at run time. For ``capability``, every result is in its table as well."""

LIMITS = {"auditor.facts.web.admin_pages:pattern": TITLE_LIMIT, "auditor.facts.web.content:_DEFAULT_PAGE": TITLE_LIMIT}
"""Patterns whose input is bounded to this many characters; they must be fast up to that length."""

OURS: dict[str, str] = {}
"""Patterns that meet nothing but our own text, each with the reason; nobody else can make them slow."""

SHORT, LONG, TIMES, GROWTH = 150, 2_000, 10, 25
SUSPICIOUS = 0.000_6
"""Seconds for TIMES * SHORT characters: a linear pattern takes a tenth of it, a quadratic one ten times as much."""
PLAIN = 0.004
"""Seconds for as many from where on the growth shows already."""
NOISE = 0.012
"""Seconds that nobody minds for TIMES * LONG characters; a quadratic pattern takes a second."""
EXPONENT = 24
"""Repetitions at which an exponential pattern shows itself and still ends."""

EVERY = uses(LOCAL)
ALL = [one for one in EVERY if one.where not in OURS]


def _methods(one: Use) -> list[Callable[[Any], object]]:
    calls: dict[str, Callable[[Any], object]] = {
        "match": one.pattern.match,
        "fullmatch": one.pattern.fullmatch,
        "search": one.pattern.search,
        "finditer": lambda text: sum(1 for _ in one.pattern.finditer(text)),
    }
    return [calls[name] for name in sorted(one.methods)]


def _seconds(call: Callable[[Any], object], text: str | bytes) -> float:
    began = time.thread_time()
    call(text)
    return time.thread_time() - began


def _text(one: Use, parts: tuple[str, str, str], length: int) -> str | bytes:
    head, part, end = parts
    text = (head + part * (length // len(part)) + end)[: LIMITS.get(one.where)]
    return text if isinstance(one.pattern.pattern, str) else text.encode("latin-1", "replace")


def _is_slow(one: Use, call: Callable[[Any], object], parts: tuple[str, str, str]) -> bool:
    short = _text(one, parts, EXPONENT * len(parts[1]))
    if all(_seconds(call, short) > NOISE * 4 for _ in range(3)):
        return True
    text = _text(one, parts, SHORT * TIMES)
    took = _seconds(call, text)
    if took < SUSPICIOUS or (took := min(took, _seconds(call, text))) < SUSPICIOUS:
        return False
    length = SHORT if took > PLAIN else LONG
    for _ in range(5):  # what else runs on the machine disturbs one of them, hardly all
        long = _seconds(call, _text(one, parts, length * TIMES))
        if (length == LONG and long < NOISE) or long <= GROWTH * _seconds(call, _text(one, parts, length)):
            return False
    return True


def slow_texts(one: Use) -> list[tuple[str, str, str]]:
    """Return the first text on which the pattern is slower than linear, or None."""
    for parts in pumped(one.pattern):
        for call in _methods(one):
            if _is_slow(one, call, parts):
                return [parts]
    return []


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.where}-{len(one.pattern.pattern)}")
def test_pattern_pumped_text_takes_linear_time(one: Use) -> None:
    assert not slow_texts(one), f"{one.where}: {one.pattern.pattern!r}"


@pytest.mark.parametrize(
    "pattern",
    [
        r"([\d.,\s]+?)\s*([a-z]*(?:/s)?)",
        r"<(/?[a-z][a-z0-9]*)[^<>]*>",
        r"a+b",
        r"(?:a|a)*c",
        r"([a-z]+):[ \t]*(.*?)[ \t]*",
    ],
)
def test_slow_texts_quadratic_pattern_is_found(pattern: str) -> None:
    assert slow_texts(Use("here", re.compile(pattern), frozenset({"fullmatch", "search"})))


def test_declared_patterns_exist() -> None:
    assert {one.where for one in EVERY} >= OURS.keys() | LOCAL.keys() | LIMITS.keys()
