"""Makes the code that is needed to create the first account.

Only the person that started the service can read it: it is new at each start, and written to stderr (the journal, under
systemd) and to a file beside the store with mode 0600. It is worth nothing once there is an account.
"""

import secrets
from pathlib import Path

from auditor.service.store.files import make_folders, write

_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_GROUPS, _GROUP = 7, 4  # 140 bits


class SetupCode:
    def __init__(self) -> None:
        self.code = "-".join("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
        self._file: Path | None = None

    def is_right(self, given: str) -> bool:
        """True if a code is the right one; case and separators do not count."""
        return secrets.compare_digest(_plain(given[:100]).encode(), _plain(self.code).encode())

    def write(self, path: Path) -> None:
        """Write the code beside the store, with mode 0600, replacing one of an earlier start."""
        make_folders(path.parent)
        path.unlink(missing_ok=True)
        write(path, f"{self.code}\n".encode())
        self._file = path

    def withdraw(self) -> None:
        if self._file is not None:
            self._file.unlink(missing_ok=True)
            self._file = None


def place(store: Path) -> Path:
    return store.with_name(f"{store.name}.set-up-code")


def _plain(code: str) -> str:
    return "".join(letter for letter in code.lower() if letter.isalnum())
