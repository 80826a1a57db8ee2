"""Keeps uploaded inventories in memory until somebody confirms them.

Only a few are kept, for an hour. A draft that is lost with the process is uploaded again; it was not audited yet.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Lock

from auditor.service.inventories.upload_preview import Previewed, Upload

_MOST = 8
_LIFETIME = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryDraft:
    """Holds an uploaded inventory. ``name``: the name to keep it under. ``on``: the version compared with, 0 if none.

    ``previewed`` is None where the upload has errors: it can be read again with other choices.
    """

    who: str
    name: str
    upload: Upload
    previewed: Previewed | None
    on: int
    made: datetime


class InventoryDrafts:
    """Keeps drafts by a random key that only the account that sent the files is given."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now
        self._held: OrderedDict[str, InventoryDraft] = OrderedDict()
        self._turn = Lock()

    def keep(self, who: str, name: str, upload: Upload, previewed: Previewed | None, on: int) -> str:
        key, made = secrets.token_urlsafe(16), self._now()
        with self._turn:
            self._held[key] = InventoryDraft(who=who, name=name, upload=upload, previewed=previewed, on=on, made=made)
            while len(self._held) > _MOST:
                self._held.popitem(last=False)
        return key

    def of(self, key: str, who: str) -> InventoryDraft | None:
        """Return the draft of a key; None if it has expired, was dropped or belongs to another account."""
        with self._turn:
            inventory_draft = self._held.get(key)
        if inventory_draft is None or inventory_draft.who != who or self._now() - inventory_draft.made > _LIFETIME:
            return None
        return inventory_draft

    def drop(self, key: str) -> None:
        with self._turn:
            self._held.pop(key, None)
