"""Reads ``security.txt`` by its grammar (RFC 9116 §4), plain or in the signed form of RFC 9580 §7 (RFC 4880 §7).

The signature is not verified, as that needs a key and its result is not used. Never raises.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

LINE_LIMIT = 1_000
_FIELD = re.compile(r"([\x21-\x39\x3b-\x7e]+):(.*)", re.DOTALL)
_SIGNED = "-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE = "-----BEGIN PGP SIGNATURE-----"
_END = "-----END PGP SIGNATURE-----"
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?([Zz]|[+-]\d\d:\d\d)")  # RFC 3339 §5.6


class FileFlaw(StrEnum):
    """Names the defects that make a file invalid under RFC 9116."""

    NOT_UTF8 = "not UTF-8"
    BAD_LINE = "a line that is not a field"
    BAD_SIGNED_FORM = "a signed form that is not whole"
    NO_CONTACT = "no Contact"
    BAD_CONTACT = "a Contact that is not a URI, or is plain http"
    NO_EXPIRES = "no Expires"
    SEVERAL_EXPIRES = "more than one Expires"
    BAD_EXPIRES = "an Expires that is not a time"
    SEVERAL_LANGUAGES = "more than one Preferred-Languages"
    BAD_CANONICAL = "a Canonical that is not an https URI"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityFile:
    """Holds the content of a file. ``line``: the line number, from 1, of the first flaw that has one, otherwise 0."""

    contacts: tuple[str, ...] = ()
    expires: datetime | None = None
    canonical: tuple[str, ...] = ()
    signed: bool = False
    flaws: tuple[FileFlaw, ...] = ()
    line: int = 0


def read(body: bytes) -> SecurityFile:
    """Return all fields and all flaws. Unknown fields are allowed (§2.4) and left out."""
    try:
        text = body.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        return SecurityFile(flaws=(FileFlaw.NOT_UTF8,), line=body[: error.start].count(b"\n") + 1)
    lines = list(enumerate(text.replace("\r\n", "\n").split("\n"), 1))
    signed = next((line.rstrip() == _SIGNED for _, line in lines if line.strip()), False)
    whole = True
    if signed:
        inner = _unwrapped(lines)
        whole, lines = inner is not None, inner or []
    fields, bad = _fields(lines)
    flaws = [] if whole else [FileFlaw.BAD_SIGNED_FORM]
    flaws += [FileFlaw.BAD_LINE] if bad else []
    contacts, canonical = _values(fields, "contact"), _values(fields, "canonical")
    expires, more = _expires(_values(fields, "expires"))
    flaws += _contact_flaws(contacts) + more
    languages = [number for number, field, _ in fields if field == "preferred-languages"]
    if len(languages) > 1:
        flaws, bad = [*flaws, FileFlaw.SEVERAL_LANGUAGES], bad or languages[1]
    insecure = [n for n, field, value in fields if field == "canonical" and not value.lower().startswith("https://")]
    if insecure:
        flaws, bad = [*flaws, FileFlaw.BAD_CANONICAL], bad or insecure[0]
    return SecurityFile(
        contacts=contacts, expires=expires, canonical=canonical, signed=signed, flaws=tuple(flaws), line=bad
    )


def _unwrapped(lines: list[tuple[int, str]]) -> list[tuple[int, str]] | None:
    """Return the lines between armour headers and signature, dashes removed (RFC 9580 §7.1); None if incomplete."""
    bare = [(number, line.rstrip()) for number, line in lines]
    texts = [line for _, line in bare]
    if texts.count(_SIGNED) != 1 or texts.count(_SIGNATURE) != 1 or texts.count(_END) != 1:
        return None
    start, signature, end = texts.index(_SIGNED), texts.index(_SIGNATURE), texts.index(_END)
    blank = next((at for at in range(start + 1, signature) if not texts[at]), None)
    if not start < signature < end or blank is None or any(texts[end + 1 :]):
        return None
    if any(not line.startswith("Hash:") for line in texts[start + 1 : blank]):
        return None
    return [(number, line.removeprefix("- ")) for number, line in bare[blank + 1 : signature]]


def _fields(lines: list[tuple[int, str]]) -> tuple[list[tuple[int, str, str]], int]:
    found, bad = [], 0
    for number, line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        field = _FIELD.fullmatch(line) if len(line) <= LINE_LIMIT else None
        value = "" if field is None else field[2].strip(" \t")
        if field is None or not value:
            bad = bad or number
        else:
            found.append((number, field[1].lower(), value))
    return found, bad


def _values(fields: list[tuple[int, str, str]], name: str) -> tuple[str, ...]:
    return tuple(value for _, field, value in fields if field == name)


def _contact_flaws(contacts: tuple[str, ...]) -> list[FileFlaw]:
    """Return the flaws of the contacts: at least one is required, as URIs, web addresses over HTTPS (§2.5.3)."""
    if not contacts:
        return [FileFlaw.NO_CONTACT]
    bad = any(not _SCHEME.fullmatch(value) or value.lower().startswith("http://") for value in contacts)
    return [FileFlaw.BAD_CONTACT] if bad else []


def _expires(values: tuple[str, ...]) -> tuple[datetime | None, list[FileFlaw]]:
    """Return the expiry time and its flaws: exactly one is required, a time of RFC 3339 (§2.5.5)."""
    if len(values) != 1:
        return None, [FileFlaw.SEVERAL_EXPIRES if values else FileFlaw.NO_EXPIRES]
    match = _TIME.fullmatch(values[0])
    if match is None:
        return None, [FileFlaw.BAD_EXPIRES]
    zone = "+00:00" if match[4] in "Zz" else match[4]
    try:
        return datetime.fromisoformat(f"{match[1]}T{match[2]}{zone}").astimezone(UTC), []
    except (ValueError, OverflowError):
        return None, [FileFlaw.BAD_EXPIRES]
