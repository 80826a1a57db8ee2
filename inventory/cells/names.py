"""Turns domain names into lower-case A-labels, or gives the reason why a text is not one."""

import re
import unicodedata
from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

import idna

from inventory.cells.remarks import without_remarks
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition

_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_USUAL = re.compile(
    r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*"
)
_DOTS = re.compile(r"[.。．｡]")
_NAME_WITH_PATH = re.compile(r"[^\s/@:*]+/\S*+")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
_BETWEEN = re.compile(r"[\s,;]+")


class NotAName(ValueError):
    """Raised for a text that is no domain name; the message is a key of ``problem_reasons.REASONS``."""


def to_name(text: str, *, labels: int = 2) -> str:
    """Return the A-label form of a name with at least so many labels. Raise NotAName."""
    if (usual := _usual_name(text, labels)) is not None:
        return usual
    if not text or len(text) > 1000:
        raise NotAName("length")
    parts = _DOTS.split(unicodedata.normalize("NFC", text))
    if parts[-1] == "":
        parts.pop()
    name = ".".join(map(_label, parts))
    if len(name) > 253:
        raise NotAName("length")
    if len(parts) < labels:
        raise NotAName("one-label")
    if parts[-1].isdigit():
        raise NotAName("numeric")
    return name


def _usual_name(text: str, labels: int) -> str | None:
    """Return the name in a text that is only an ASCII name, as nearly all are; None for texts to be parsed further."""
    if len(text) > 253 or not _USUAL.fullmatch(text) or "xn--" in text.lower():
        return None
    enough = text.count(".") + 1 >= labels
    return text.lower() if enough and not text.rpartition(".")[2].isdigit() else None


def _label(part: str) -> str:
    lowered = part.lower()
    if not part.isascii():
        return _to_ascii(part)
    if not part:
        raise NotAName("empty-label")
    if len(part) > 63:
        raise NotAName("long-label")
    if not _LABEL.fullmatch(lowered):
        raise NotAName("letters")
    if lowered.startswith("xn--"):
        return _checked(lowered)
    return lowered


def _to_ascii(part: str) -> str:
    try:
        return idna.encode(part, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as error:
        raise NotAName("idna") from error


def _checked(label: str) -> str:
    try:
        idna.ulabel(label)
    except (idna.IDNAError, UnicodeError, ValueError) as error:
        raise NotAName("idna") from error
    return label


def looks_like_name(text: str) -> str | None:
    """Return the name in a text such as a subject's title; nothing when it is only a title."""
    try:
        return to_name(text)
    except NotAName:
        return None


def is_url(text: str) -> bool:
    return _URL.match(text) is not None


def split_url(text: str) -> SplitResult | None:
    """Return the parts of a URL with a host; nothing when it has none, or an invalid port."""
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return None
    return parts if host else None


def parse_name(text: str, place: CellPosition, *, labels: int = 2) -> str | None:
    """Read the column ``fqdn``. A URL is understood as the name in it."""
    if "_" not in text and (usual := _usual_name(text, labels)) is not None:
        return usual
    text = without_remarks(text, place)
    parts = _BETWEEN.split(text.strip(" \t\r\n,;"))
    if is_url(text):
        return _name_of_url(text, parts, place)
    if _NAME_WITH_PATH.fullmatch(text) and (name := looks_like_name(text.partition("/")[0])):
        return _only_name(name, text, parts, place)
    if len(parts) > 1:
        place.report(Code.SEVERAL_NAMES, text)
        return None
    try:
        name = to_name(text, labels=labels)
    except NotAName as error:
        place.report(Code.NOT_A_NAME, text, suggestion=_correction(text), why=str(error))
        return None
    if "_" in name:
        place.report(Code.NAME_UNDERSCORE, text)
    return name


def _name_of_url(text: str, parts: Sequence[str], place: CellPosition) -> str | None:
    found = split_url(parts[0])
    name = looks_like_name(found.hostname or "") if found else None
    return _only_name(name, text, parts, place)


def _only_name(name: str | None, text: str, parts: Sequence[str], place: CellPosition) -> str | None:
    """Return the name in a text of which ``parts`` are separated; report others that it holds."""
    if any(_is_another(part, name or "") for part in parts[1:]):
        place.report(Code.SEVERAL_NAMES, text)
        return None
    if name is None:
        place.report(Code.NOT_A_NAME, text, why="url")
    else:
        place.report(Code.NAME_FROM_URL, text, name=name)
    return name


def _is_another(part: str, name: str) -> bool:
    """True if a part of the text behind a URL leads to another host than ``name``.

    A path may hold commas, and a remark dots: only a name that ends as the first one does is taken for one.
    """
    if is_url(part):
        found = split_url(part)
        return found is not None and looks_like_name(found.hostname or "") != name
    other = looks_like_name(part.partition("/")[0])
    return other is not None and other != name and other.rpartition(".")[2] == name.rpartition(".")[2]


def _correction(text: str) -> str:
    """Return the probable meaning of ``*.example.vn``, ``user@example.vn`` and ``example.vn/path``."""
    return looks_like_name(text.rpartition("@")[2].partition("/")[0].partition(":")[0].removeprefix("*.")) or ""
