"""A long list, one page of it at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from aiohttp.web import Request

PAGE = 50
"""Lines on one page."""
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed(Generic[T]):
    """``lines`` of page ``number`` (from 0), out of ``of``; ``query`` is what a link to another page repeats."""

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


def paged(found: Sequence[T], request: Request) -> Listed[T]:
    number = page_number(request)
    kept = request.url.query.copy()
    kept.pop("page", None)
    query = request.url.with_query(kept).raw_query_string
    return Listed(
        lines=found[number * PAGE : (number + 1) * PAGE],
        number=number,
        of=len(found),
        query=f"{query}&" if query else "",
    )
