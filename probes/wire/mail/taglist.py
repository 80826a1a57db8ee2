"""Reads tag lists ``tag=value; tag=value`` as in DKIM and DMARC records (RFC 6376 §3.2). No I/O."""

import re
from collections.abc import Mapping

_TAG = re.compile(r"[ \t\r\n]*([A-Za-z][A-Za-z0-9_]*)[ \t\r\n]*=(.*)", re.ASCII | re.DOTALL)
_LIMIT = 16_384


class NotATagList(ValueError):
    """Raised if a text is not a list of tags, names a tag twice, or is too long."""


def parse(text: str) -> Mapping[str, str]:
    """Return the values by tag, in the order written, without surrounding white space. Raise NotATagList if invalid."""
    if len(text) > _LIMIT:
        raise NotATagList("too long")
    found: dict[str, str] = {}
    pieces = text.split(";")
    for number, piece in enumerate(pieces):
        if not piece.strip() and number == len(pieces) - 1:
            break
        met = _TAG.fullmatch(piece)
        if met is None or met[1] in found:
            raise NotATagList(piece.strip()[:80])
        found[met[1]] = met[2].strip(" \t\r\n")
    return found
