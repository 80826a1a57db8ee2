"""Keeps pages that one look at a subject has read, for other probes that need the same page of the same address.

A large page that each probe read for itself would use up the budget of one peer (``probes.framework.budget``). Whole
answers that are a page or lead to one are kept until the look ends; after a failure the next caller asks again. In a
hurry, callers that waited for a reading that met with silence get that silence: asked at the same time, they would have
met with the same.
"""

from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from weakref import WeakKeyDictionary, finalize

from inventory.model import IPAddress
from probes.framework.evidence import FailureKind
from probes.framework.look import LOOK, Look
from probes.net.api import Fetched, Headers, HttpRequest
from probes.net.core.gate import QueueGate

ROOM = 48_000_000
"""Bytes of all pages together; the least recently used page is removed first."""
_ENTRIES = 2_000
_OK = 200
_Key = tuple[int, IPAddress, int | None, str | None, str, str, Headers, int]
"""The ``id`` of the look, and the request: a key must not keep its look alive."""


class _Page:
    """Holds one page as read, or the silence that the last reading met with, and the gate for reading it."""

    __slots__ = ("gate", "got", "silence")

    def __init__(self) -> None:
        self.got: Fetched | None = None
        self.silence: Fetched | None = None
        self.gate = QueueGate(1)


class PageReadings:
    """Holds the pages of all running looks; a page that several callers ask for at once is read once.
    ``is_hurried``: a person waits for the whole."""

    def __init__(self, room: int = ROOM, *, is_hurried: bool = False) -> None:
        self._room = room
        self._is_hurried = is_hurried
        self._pages: OrderedDict[_Key, _Page] = OrderedDict()
        self._of_look: WeakKeyDictionary[Look, set[_Key]] = WeakKeyDictionary()

    def keep(self, request: HttpRequest, got: Fetched) -> None:
        """Keep ``got``, the answer to ``request``, if others may need it."""
        look = LOOK.get()
        if look is None:
            return
        page = self._page(look, request)
        page.silence = got if self._is_hurried and _is_silence(got) else None
        if not _is_lasting(got):
            return
        self._room += _size(page)
        page.got = got
        self._room -= _size(page)
        while self._room < 0 or len(self._pages) > _ENTRIES:
            _, gone = self._pages.popitem(last=False)
            self._room += _size(gone)
            gone.got = None

    def known(self, request: HttpRequest) -> Fetched | None:
        """Return the page if the look has read it already, otherwise None."""
        look = LOOK.get()
        page = None if look is None else self._pages.get(_key(look, request))
        return None if page is None else page.got

    @asynccontextmanager
    async def reading(self, request: HttpRequest) -> AsyncIterator[Fetched | None]:
        """Keep other tasks of the same look from reading the page in the block.
        Yields the silence that an awaited reading met with, if any."""
        look = LOOK.get()
        page = _Page() if look is None else self._page(look, request)
        has_to_wait = page.gate.is_full
        async with page.gate.slot():
            yield page.silence if has_to_wait else None

    def _page(self, look: Look, request: HttpRequest) -> _Page:
        key = _key(look, request)
        page = self._pages.pop(key, None) or _Page()
        self._pages[key] = page
        if look not in self._of_look:
            self._of_look[look] = keys = set[_Key]()
            finalize(look, self._forget, keys).atexit = False
        self._of_look[look].add(key)
        return page

    def _forget(self, keys: Iterable[_Key]) -> None:
        for key in keys:
            gone = self._pages.pop(key, None)
            self._room += 0 if gone is None else _size(gone)


def _key(look: Look, request: HttpRequest) -> _Key:
    endpoint = request.endpoint
    here = id(look), endpoint.address, endpoint.port, endpoint.name
    return *here, request.url, request.token, request.extra, request.limit


def _is_lasting(got: Fetched) -> bool:
    return got.failure is None and (got.status == _OK or got.location is not None)


def _is_silence(got: Fetched) -> bool:
    return got.status is None and got.failure is not None and got.failure.kind is FailureKind.TIMEOUT


def _size(page: _Page) -> int:
    return 0 if page.got is None else len(page.got.body)
