"""Signs seals with Ed25519 (RFC 8032); the private key is read from a PEM file and never shown."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
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

from auditor.framework.operator_problems import OperatorError, problem, unreadable
from inventory.safe_open import TEXT, read_whole

ALGORITHM = "ed25519"


class SigningError(OperatorError):
    """Raised if a key file cannot be used."""


class SignatureState(Enum):
    """Lists the states of a signature.

    NONE: there is none and none is required. GONE: it is missing but required. GOOD: it is valid. OTHER_KEY: it is of
    another key than the required ones. BAD: it is invalid.
    """

    NONE = "none"
    GONE = "gone"
    GOOD = "good"
    OTHER_KEY = "other_key"
    BAD = "bad"

    @property
    def is_accepted(self) -> bool:
        return self in (SignatureState.NONE, SignatureState.GOOD)


def sign(root: str, key: Path) -> Mapping[str, str]:
    """Sign a root digest. Raises SigningError if the file holds no Ed25519 key without a passphrase."""
    found = _private(key)
    return {"algorithm": ALGORITHM, "public_key": _public_text(found), "value": _text(found.sign(root.encode()))}


def signer(key: Path) -> str:
    """Return the fingerprint of the public key that belongs to this private key."""
    return fingerprint({"public_key": _public_text(_private(key))})


def check(seal: Mapping[str, Any], keys: Sequence[Path] = ()) -> SignatureState:
    """Check the signature of a seal over its root, by one of ``keys`` if there are any; return its state."""
    wanted = [_public(key) for key in keys]
    signature, signed_by = seal.get("signature"), seal.get("signed_by")
    if signature is None:
        return SignatureState.GONE if wanted or signed_by else SignatureState.NONE
    try:
        public, value = (base64.b64decode(signature[name], validate=True) for name in ("public_key", "value"))
        Ed25519PublicKey.from_public_bytes(public).verify(value, str(seal["root"]).encode())
    except (InvalidSignature, ValueError, TypeError, LookupError):
        return SignatureState.BAD
    if signed_by is not None and signed_by != fingerprint(signature):
        return SignatureState.OTHER_KEY
    return SignatureState.GOOD if not wanted or public in wanted else SignatureState.OTHER_KEY


def fingerprint(signature: Mapping[str, Any]) -> str:
    """Return the digest of the key that a signature names, to compare with a published one."""
    return "sha256:" + hashlib.sha256(str(signature.get("public_key", "")).encode()).hexdigest()


def _private(key: Path) -> Ed25519PrivateKey:
    try:
        found = load_pem_private_key(_read(key), None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _no_key(key) from error
    if not isinstance(found, Ed25519PrivateKey):
        raise _no_key(key)
    return found


def _public_text(key: Ed25519PrivateKey) -> str:
    return _text(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))


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
        return read_whole(path, TEXT)
    except OSError as error:
        raise SigningError([unreadable(error, at=str(path))]) from error


def _no_key(path: Path) -> SigningError:
    return SigningError([problem("holds no Ed25519 key in PEM without a passphrase", at=str(path))])


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
