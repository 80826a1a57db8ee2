"""Keeps rendered pages without the pieces that each request inserts: the session's secret, and parts cached elsewhere.

Rendering the frame of a page again for each of its readers costs more than all the rest of answering.
"""

import re
import secrets
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape

from auditor.service.web.caches.parts import CachedPart
from auditor.service.web.caches.recently_used import RecentlyUsed

_KEPT = 600
"""Frames, of some ten kilobytes each: for fifty readers with the dozen pages that each looks at."""
_ANSWERED = 600
"""Whole pages, which share their frames and the parts that are kept elsewhere."""
_SESSION = "csrf"
_Frame = Sequence[tuple[bytes, str]]
"""Bytes, each followed by the name of the piece to insert after them; the name is empty after the last."""


@dataclass(frozen=True, slots=True)
class FramedPage:
    """Holds a page as pieces, with its parts in their places, for any session of the reader that it was made for."""

    frame: _Frame
    parts: Mapping[str, CachedPart]

    def filled(self, csrf: str) -> bytes:
        """Return the page with the secret of one session."""
        given = {_SESSION: escape(csrf).encode(), "": b"", **{name: part.encoded for name, part in self.parts.items()}}
        return b"".join(piece for literal, name in self.frame for piece in (literal, given[name]))


class FrameCache:
    """Keeps the latest frames, by everything that they are rendered from. Only for the event loop."""

    def __init__(self, most: int = _KEPT) -> None:
        self._frames = RecentlyUsed[Hashable, _Frame](most)
        self._answered = RecentlyUsed[Hashable, tuple[Hashable, FramedPage]](_ANSWERED)
        self._mark = secrets.token_hex(32)
        self._marks = re.compile(f"{self._mark}-([a-z]+)-".encode())

    def page(
        self, key: object, parts: Mapping[str, CachedPart], render: Callable[[str, Mapping[str, Markup]], bytes]
    ) -> FramedPage:
        """Return a page. ``render`` makes it from a mark for the secret and one for each part, where it is not kept.

        A frame whose ``key`` cannot be hashed, such as one that shows a running audit, is rendered each time.
        """
        marks = {name: Markup(f"{self._mark}-{name}-") for name in parts}  # noqa: S704  # hexadecimal digits
        try:
            known = as_key(key)
        except TypeError:
            return FramedPage(self._cut(render(f"{self._mark}-{_SESSION}-", marks)), parts)
        frame = self._frames.get(known)
        if frame is None:
            frame = self._frames.keep(known, self._cut(render(f"{self._mark}-{_SESSION}-", marks)))
        return FramedPage(frame, parts)

    def answered(self, key: Hashable, stamp: Hashable) -> FramedPage | None:
        """Return the page that was kept for the same reader and address, unless anything was written since."""
        known = self._answered.get(key)
        return known[1] if known is not None and known[0] == stamp else None

    def keep_answer(self, key: Hashable, stamp: Hashable, page: FramedPage) -> None:
        self._answered.keep(key, (stamp, page))

    def _cut(self, page: bytes) -> _Frame:
        *literals, last = self._marks.split(page)
        pieces = list(zip(literals[::2], (name.decode() for name in literals[1::2]), strict=True))
        return [*pieces, (last, "")]


def as_key(value: Any) -> Hashable:
    """Return a hashable key that is equal for equal values in the same order; raise TypeError if that is impossible."""
    try:
        hash(value)
    except TypeError:
        if isinstance(value, dict):
            return tuple((key, as_key(each)) for key, each in value.items())
        if isinstance(value, list | tuple):
            return tuple(map(as_key, value))
        raise
    return value  # type: ignore[no-any-return]
