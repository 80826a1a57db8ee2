"""Signatures over seals: Ed25519 (RFC 8032), the private key in a PEM file that is read and never shown."""

import base64
import hashlib
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from auditor.problems import OperatorError, problem, unreadable
from inventory.opening import read_whole

ALGORITHM = "ed25519"


class SigningError(OperatorError):
    """A key file that cannot be used."""


class Signed(Enum):
    """What a signature says: there is none, it is good, of another key than the one asked for, or wrong."""

    NONE = "none"
    GOOD = "good"
    OTHER_KEY = "other_key"
    BAD = "bad"


def sign(root: str, key: Path) -> Mapping[str, str]:
    """Raises SigningError where the file holds no Ed25519 key without a passphrase."""
    try:
        found = load_pem_private_key(_read(key), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _no_key(key) from error
    if not isinstance(found, Ed25519PrivateKey):
        raise _no_key(key)
    public = found.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return {"algorithm": ALGORITHM, "public_key": _text(public), "value": _text(found.sign(root.encode()))}


def check(seal: Mapping[str, Any], key: Path | None = None) -> Signed:
    """Whether the signature of a seal is one over its root, by the key in ``key`` where that is given."""
    signature = seal.get("signature")
    if signature is None:
        return Signed.NONE
    wanted = None if key is None else _public(key)
    try:
        public, value = (base64.b64decode(signature[name], validate=True) for name in ("public_key", "value"))
        Ed25519PublicKey.from_public_bytes(public).verify(value, str(seal["root"]).encode())
    except (InvalidSignature, ValueError, TypeError, LookupError):
        return Signed.BAD
    return Signed.GOOD if wanted is None or wanted == public else Signed.OTHER_KEY


def fingerprint(signature: Mapping[str, Any]) -> str:
    """The digest of the key that a signature names, to compare with a published one."""
    return "sha256:" + hashlib.sha256(str(signature.get("public_key", "")).encode()).hexdigest()


def _public(key: Path) -> bytes:
    try:
        found = load_pem_public_key(_read(key))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise _no_key(key) from error
    if not isinstance(found, Ed25519PublicKey):
        raise _no_key(key)
    return found.public_bytes(Encoding.Raw, PublicFormat.Raw)


def _read(path: Path) -> bytes:
    try:
        return read_whole(path)
    except OSError as error:
        raise SigningError([unreadable(error, at=str(path))]) from error


def _no_key(path: Path) -> SigningError:
    return SigningError([problem("holds no Ed25519 key in PEM without a passphrase", at=str(path))])


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
