"""Reads TLSA records (RFC 6698 §2.1) of mail servers (RFC 7672 §3.1). No I/O."""

import binascii
from dataclasses import dataclass

TRUST_ANCHOR, END_ENTITY = 2, 3
_DIGEST_SIZES = {1: 32, 2: 64}


@dataclass(frozen=True, slots=True, kw_only=True)
class Tlsa:
    """Holds a record. ``selector`` 0: full certificate, 1: its key; ``matching`` 0: exact, 1: SHA-256, 2: SHA-512."""

    usage: int
    selector: int
    matching: int
    data: bytes

    @property
    def usable(self) -> bool:
        """True if SMTP can use it: only DANE-TA or DANE-EE (RFC 7672 §3.1.3), with known selector and matching type."""
        sized = self.matching == 0 or len(self.data) == _DIGEST_SIZES.get(self.matching)
        return self.usage in (TRUST_ANCHOR, END_ENTITY) and self.selector in (0, 1) and sized and bool(self.data)


def read(record: str) -> Tlsa | None:
    """Return a record given in the generic form of RFC 3597 §5; None if it is no TLSA record."""
    words = record.split()
    if len(words) < 3 or words[0] != "\\#" or len(record) > 131_072:
        return None
    try:
        data = binascii.unhexlify("".join(words[2:]))
    except (binascii.Error, ValueError):
        return None
    if len(data) < 4 or words[1] != str(len(data)):
        return None
    return Tlsa(usage=data[0], selector=data[1], matching=data[2], data=data[3:])
