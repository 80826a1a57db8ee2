"""Encrypts secrets kept beside accounts, and signs cookies, with the service's own keys.

A key file has one key a line, 64 hexadecimal digits each. The first is in use; the others only decrypt and verify older
data. The store never has a key in it, so a copy of the store does not reveal second factors.
"""

import base64
import errno
import hashlib
import hmac
import os
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from auditor.service.store.files import make_folders, open_file

CREDENTIAL = "auditor-keys"
"""The name of the systemd credential that may hold the key file."""
_KEY = re.compile(r"[0-9a-fA-F]{64}")
_MARK = "sealed1"
_NONCE = 12


class UnusableKey(ValueError):
    """Raised if a sealed text cannot be opened with the present keys, or the keys cannot be read."""


class KeyRing:
    """Holds keys that are read at the first use. ``read`` returns the text of a key file."""

    def __init__(self, read: Callable[[], str]) -> None:
        self._read = read
        self._keys: Sequence[bytes] = ()

    def seal(self, text: str, about: str) -> str:
        """Encrypt the text with the key in use; decryption needs the same ``about``."""
        key, nonce = self._all()[0], secrets.token_bytes(_NONCE)
        made = AESGCM(_derived(key, "seal")).encrypt(nonce, text.encode(), about.encode())
        return f"{_MARK}.{_id(key)}.{base64.urlsafe_b64encode(nonce + made).decode()}"

    def open(self, sealed: str, about: str) -> str:
        """Decrypt a sealed text. Raises UnusableKey if its key is missing or it was sealed with another ``about``."""
        _, _, rest = sealed.partition(".")
        name, _, data = rest.partition(".")
        key = next((key_bytes for key_bytes in self._all() if _id(key_bytes) == name), None)
        if not is_sealed(sealed) or key is None:
            raise UnusableKey("no key for this")
        try:
            raw = base64.urlsafe_b64decode(data)
            return AESGCM(_derived(key, "seal")).decrypt(raw[:_NONCE], raw[_NONCE:], about.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise UnusableKey("not what was sealed") from error

    def is_current(self, sealed: str) -> bool:
        """True if the text is encrypted with the key in use."""
        return sealed.startswith(f"{_MARK}.{_id(self._all()[0])}.")

    def sign(self, text: str) -> str:
        return _mac(self._all()[0], text)

    def is_signed(self, text: str, mac: str) -> bool:
        """True if one of the keys signed the text with this MAC."""
        return any(hmac.compare_digest(_mac(key, text).encode(), mac.encode()) for key in self._all())

    def _all(self) -> Sequence[bytes]:
        if not self._keys:
            self._keys = parse_keys(self._read())
        return self._keys


def parse_keys(text: str) -> Sequence[bytes]:
    """Return the keys of a key file. Raises UnusableKey."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or not all(_KEY.fullmatch(line) for line in lines):
        raise UnusableKey("a key is 64 hexadecimal digits, one a line")
    return [bytes.fromhex(line) for line in lines]


def is_sealed(text: str) -> bool:
    return text.startswith(f"{_MARK}.")


def keys_beside_store(store: Path) -> KeyRing:
    """Return keys read from systemd's credentials, or from a file beside the store that is created at the first use."""
    return KeyRing(lambda: _found(store, os.environ))


def place(store: Path, environment: Mapping[str, str]) -> Path:
    """Return the path of the key file when the configuration has no reference to one."""
    folder = environment.get("CREDENTIALS_DIRECTORY", "")
    if folder and (Path(folder) / CREDENTIAL).is_file():
        return Path(folder) / CREDENTIAL
    return store.with_name(f"{store.name}.keys")


def _found(store: Path, environment: Mapping[str, str]) -> str:
    path = place(store, environment)
    if not path.is_file():
        make_folders(path.parent)
        _make(path)
    return path.read_text("ascii")


def _make(path: Path) -> None:
    """Create a complete key file or none, unless another program creates it at the same time."""
    partial = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(open_file(partial, os.O_EXCL), "w") as file:
            file.write(f"{secrets.token_hex(32)}\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(partial, path)
    except FileExistsError:
        return
    except OSError as error:
        if error.errno not in (errno.EPERM, errno.ENOTSUP):  # a file system without hard links
            raise
        partial.rename(path)
    finally:
        partial.unlink(missing_ok=True)


def _derived(key: bytes, purpose: str) -> bytes:
    """Derive a key for one purpose, so that its output is useless for another."""
    return hmac.new(key, f"auditor {purpose}".encode(), hashlib.sha256).digest()


def _id(key: bytes) -> str:
    return hashlib.sha256(b"auditor key id" + key).hexdigest()[:8]


def _mac(key: bytes, text: str) -> str:
    return hmac.new(_derived(key, "sign"), text.encode(), hashlib.sha256).hexdigest()
