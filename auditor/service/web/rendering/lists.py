"""Cuts a long list into pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from aiohttp.web import Request

PAGE = 50
"""Lines on one page."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPage(Generic[T]):
    """Holds ``lines`` of page ``number`` (from 0), out of ``of``; a link to another page repeats ``query``."""

    lines: Sequence[T]
    number: int
    of: int
    query: str

    @property
    def more(self) -> bool:
        return (self.number + 1) * PAGE < self.of

    def link(self, number: int) -> str:
        return f"?{self.query}page={number}"


def page_number(request: Request) -> int:
    text = request.query.get("page", "0")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0


def paged(found: Sequence[T], request: Request) -> ListPage[T]:
    """Return the page that the request asks for; links to others repeat the rest of its query."""
    kept = request.url.query.copy()
    kept.pop("page", None)
    query = request.url.with_query(kept).raw_query_string
    return one_page(found, page_number(request), f"{query}&" if query else "")


def one_page(found: Sequence[T], number: int, query: str = "") -> ListPage[T]:
    """Return page ``number``, or the last one if there are fewer."""
    shown = min(number, max(len(found) - 1, 0) // PAGE)
    return ListPage(lines=found[shown * PAGE : (shown + 1) * PAGE], number=shown, of=len(found), query=query)
