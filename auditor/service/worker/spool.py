"""Keeps a worker's leases and evidence on disk until the centre has them.

Each lease has a folder: the order, the evidence as ``--evidence`` writes it, and how much of that the centre took. The
folder of a lost lease is deleted whole, so that nothing measured under it comes back under another one. After a kill at
any time the next process continues from here.
"""

import json
import os
import re
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from auditor.service.leases.model import LeaseKey, LeaseLost
from auditor.service.leases.order import BAD_ORDER, Order, read_order
from auditor.service.store.evidence.evidence_files import BLOBS, FILE
from auditor.service.store.files import make_folders, open_file, write
from auditor.service.store.records import Digest, digest_of

_WORKER = re.compile(r"[A-Za-z0-9_-]{1,64}")
CHUNK = 2 * 2**20
"""The most bytes of one delivery before compression, except for one line that is longer."""


class Spool:
    """Manages the folder of one worker; ``name`` is its name at the centre, for as long as the folder exists."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        make_folders(folder / "leases")
        make_folders(folder / BLOBS)
        path = folder / "worker"
        known = path.read_text(encoding="ascii", errors="replace").strip() if path.exists() else ""
        self.name = known if _WORKER.fullmatch(known) else secrets.token_urlsafe(12)
        if self.name != known:
            write(path, self.name.encode())

    def leases(self) -> list["LeasedFolder"]:
        """Return the leases that an earlier process left, oldest first; folders without a whole order are deleted."""
        found = []
        for path in sorted((self._folder / "leases").iterdir(), key=lambda one: one.stat().st_mtime):
            try:
                key, fields = LeaseKey.parse(path.name), json.loads((path / "order.json").read_bytes())
                order = read_order(fields)
            except (FileNotFoundError, *BAD_ORDER):
                shutil.rmtree(path, ignore_errors=True)
            except OSError:  # perhaps temporary; the centre names the lease again
                continue
            else:
                found.append(LeasedFolder(path=path, key=key, order=order))
        return found

    def add(self, fields: Mapping[str, Any], order: Order) -> "LeasedFolder":
        """Keep a new order; if the lease has a folder already, leave that as it is."""
        path = self._folder / "leases" / str(order.key)
        make_folders(path)
        if not (path / "order.json").exists():
            write(path / "order.json", json.dumps(fields).encode())
        return LeasedFolder(path=path, key=order.key, order=order)

    def blob(self, digest: Digest) -> bytes | None:
        """Return the bytes of a digest if they are here and whole."""
        try:
            data = self._blob(digest).read_bytes()
        except OSError:
            return None
        return data if digest_of(data) == digest else None

    def keep_blob(self, digest: Digest, data: bytes) -> None:
        """Keep bytes for the leases to come, and delete those of earlier runs."""
        for path in sorted((self._folder / BLOBS).iterdir(), key=lambda one: one.stat().st_mtime)[:-_BLOBS_KEPT]:
            path.unlink(missing_ok=True)
        write(self._blob(digest), data)

    def _blob(self, digest: Digest) -> Path:
        name = digest.replace(":", "-")
        if not re.fullmatch(r"sha256-[0-9a-f]{64}", name):
            raise LeaseLost(f"the order names {digest[:100]!r}, which is not a digest")
        return self._folder / BLOBS / name


_BLOBS_KEPT = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class LeasedFolder:
    """Holds one lease on disk."""

    path: Path
    key: LeaseKey
    order: Order

    @property
    def has_evidence(self) -> bool:
        """True if an earlier process wrote the head of the file."""
        try:
            with (self.path / FILE).open("rb") as file:
                return file.readline().endswith(b"\n")
        except OSError:
            return False

    def unsent(self) -> tuple[bytes, int]:
        """Return the next whole lines that the centre has not taken, and where they end in the file."""
        start = self._sent()
        with (self.path / FILE).open("rb") as file:
            if start == 0:
                file.readline()  # the head is the centre's own
                start = file.tell()
            else:
                file.seek(start)
            data = file.read(CHUNK)
            cut = data.rfind(b"\n") + 1
            if not cut and len(data) == CHUNK:
                data += file.readline()
                cut = data.rfind(b"\n") + 1
        return data[:cut], start + cut

    def mark_sent(self, end: int) -> None:
        """Note that the centre took everything before ``end``; after a power loss some of it may be sent again."""
        self._secure()
        write(self.path / "sent", str(end).encode())

    @property
    def is_measured(self) -> bool:
        return (self.path / "measured").exists()

    def mark_measured(self) -> None:
        self._secure()
        os.close(open_file(self.path / "measured"))

    def _secure(self) -> None:
        """Flush the evidence to disk; a note about it must not reach the disk before the evidence itself."""
        with (self.path / FILE).open("rb") as file:
            os.fsync(file.fileno())

    def discard(self) -> None:
        shutil.rmtree(self.path, ignore_errors=True)

    def _sent(self) -> int:
        try:
            return int((self.path / "sent").read_bytes())
        except (OSError, ValueError):
            return 0
