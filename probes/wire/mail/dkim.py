"""Reads a DKIM key record (RFC 6376 §3.6.1, RFC 8301, RFC 8463) and measures the strength of its key. No I/O."""

import base64
import binascii
import re
from dataclasses import dataclass

from probes.wire.mail.taglist import NotATagList, parse

UNLIKELY = "khong-co-ten-nay-7f3a"
"""A label that nobody uses: if it exists, a wildcard answers for every name."""
USUAL_SELECTORS = (
    "default",
    "mail",
    "dkim",
    "email",
    "smtp",
    "mx",
    "x",
    "key1",
    "s1",
    "s2",
    "s1024",
    "s2048",
    "k1",
    "k2",
    "google",
    "selector1",
    "selector2",
    "zoho",
    "zmail",
    "mdaemon",
)
"""The selector names that providers, panels and mail servers use by default (as of November 2026)."""
_SPACE = re.compile(r"[ \t\r\n]+")
_ED25519_BYTES = 32
_INTEGER, _BIT_STRING, _SEQUENCE = 0x02, 0x03, 0x30


class NotAKey(ValueError):
    """Raised if a record publishes no key that a verifier can use; the text gives the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """Holds one key. ``bits`` is the length of an RSA modulus; ``revoked``: the record withdraws the selector's key.

    ``testing``: mail signed with it counts as unsigned (t=y); ``for_mail``: it may sign mail (s=); ``sha256``: it may
    be used with a hash that verifiers accept (h=, RFC 8301 §3.1).
    """

    algorithm: str
    bits: int = 0
    revoked: bool = False
    testing: bool = False
    for_mail: bool = True
    sha256: bool = True


def is_key_record(text: str) -> bool:
    """True if a TXT record is meant as a key: a wildcard may put other records at the same name."""
    try:
        tags = parse(text)
    except NotATagList:
        return text.replace(" ", "").lower().startswith("v=dkim1")
    return tags["v"].startswith("DKIM1") if "v" in tags else "p" in tags


def read(text: str) -> Key:
    """Return the key of one record. Raise NotAKey if it publishes none."""
    try:
        tags = parse(text)
    except NotATagList as problem:
        raise NotAKey(str(problem) or text[:80]) from problem
    if "v" in tags and (tags["v"] != "DKIM1" or next(iter(tags)) != "v"):
        raise NotAKey("v=")
    algorithm = tags.get("k", "rsa").lower()
    if algorithm not in {"rsa", "ed25519"}:
        raise NotAKey(f"k={algorithm[:40]}")
    if "p" not in tags:
        raise NotAKey("p=")
    limits = {
        "testing": "y" in _listed(tags.get("t", "")),
        "for_mail": bool({"*", "email"} & _listed(tags.get("s") or "*")),
        "sha256": "sha256" in _listed(tags.get("h") or "sha256"),
    }
    if not tags["p"]:
        return Key(algorithm=algorithm, revoked=True, **limits)
    try:
        data = base64.b64decode(_SPACE.sub("", tags["p"]), validate=True)
    except (binascii.Error, ValueError) as problem:
        raise NotAKey("p=") from problem
    if algorithm == "rsa":
        return Key(algorithm=algorithm, bits=_modulus_bits(data), **limits)
    if len(data) != _ED25519_BYTES:
        raise NotAKey("p=")
    return Key(algorithm=algorithm, bits=256, **limits)


def _listed(value: str) -> frozenset[str]:
    """Return the lower-case words of a colon-separated list."""
    return frozenset(word.strip(" \t\r\n").lower() for word in value.split(":"))


def _modulus_bits(der: bytes) -> int:
    """Return the modulus length in bits in a SubjectPublicKeyInfo, or a bare RSAPublicKey, as verifiers accept both."""
    body = _value(der, _SEQUENCE)[0]
    if body[:1] == bytes((_SEQUENCE,)):
        _, rest = _value(body, _SEQUENCE)
        bits, _ = _value(rest, _BIT_STRING)
        body, _ = _value(bits[1:], _SEQUENCE)
    modulus, _ = _value(body, _INTEGER)
    return int.from_bytes(modulus).bit_length()


def _value(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """Return the content of the first DER element, which must have this tag, and the bytes after it (X.690 §8.1)."""
    if len(data) < 2 or data[0] != tag:
        raise NotAKey("p=")
    length, start = data[1], 2
    if length >= 0x80:
        count = length & 0x7F
        if not 0 < count <= 3 or len(data) < 2 + count:
            raise NotAKey("p=")
        length, start = int.from_bytes(data[2 : 2 + count]), 2 + count
    if start + length > len(data):
        raise NotAKey("p=")
    return data[start : start + length], data[start + length :]
