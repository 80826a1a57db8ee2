"""Finds TXT records meant as SPF, DMARC or MTA-STS that are not valid as such, and names the mistake. No I/O."""

import re
from collections.abc import Callable
from enum import StrEnum

_QUOTES = "\"'\\“”„‘’«» \t"
_MARKS = frozenset("\"'“”„‘’«»")
_SHOWN = 120


class Slip(StrEnum):
    """Names the first mistake that makes a record invalid."""

    QUOTED = "quoted"  # quotation marks inside the text
    CASE = "case"  # v=dmarc1: the version must be in capitals
    SEMICOLON = "semicolon"  # no semicolon after the version
    JOINED = "joined"  # no space after v=spf1
    SPACED = "spaced"  # a space where none is allowed
    VERSION = "version"  # the version is spelt in another way


def dmarc_slip(text: str) -> Slip | None:
    """Return the mistake in a text that is no DMARC record (RFC 9989 §4.7); None if it was not meant as one."""
    if not re.match(r"(v=?)?dmarc1?", _squeezed(text)):
        return None
    return _first(
        text,
        (Slip.SPACED, lambda: re.match(r"\s", text)),
        (Slip.SEMICOLON, lambda: re.match(r"v\s*=\s*DMARC1(?!;|\s*;|\s*\Z)", text)),
        (Slip.CASE, lambda: re.match(r"v\s*=\s*dmarc1\b", text, re.IGNORECASE)),
    )


def spf_slip(text: str) -> Slip | None:
    """Return the mistake in a text that is no SPF record (RFC 7208 §4.5); None if it was not meant as one."""
    if not re.match(r"v=?spf|spf1", _squeezed(text)):
        return None
    return _first(
        text,
        (Slip.SPACED, lambda: re.match(r"\s|v\s*=\s*spf\s*1(?=\s|\Z)", text, re.IGNORECASE)),
        (Slip.JOINED, lambda: re.match(r"v=spf1\S", text, re.IGNORECASE)),
    )


def is_meant_as_mta_sts(text: str) -> bool:
    """True if a text that announces no policy (RFC 8461 §3.1) was meant to announce one."""
    return re.match(r"v=?sts|stsv", _squeezed(text)) is not None


def shown(text: str) -> str:
    """Return the part of a record that a finding quotes: ``_SHOWN`` characters, then an ellipsis."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


def _squeezed(text: str) -> str:
    """Return the beginning without quotation marks and spaces, in lower case."""
    return re.sub(r"\s", "", text.strip(_QUOTES)[:40]).lower()


def _first(text: str, *tests: tuple[Slip, Callable[[], object]]) -> Slip:
    if text.strip(" \t\\")[:1] in _MARKS:
        return Slip.QUOTED
    return next((slip for slip, fits in tests if fits()), Slip.VERSION)
