"""Renders documents in Markdown as parts of pages: without markup of their own, with links only to pages that exist."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token

Lead = Callable[[str], str | None]
"""Takes the address of a link and returns the one that it gets on the page; None for a link that becomes text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderedDocument:
    """Holds a document as HTML: ``head`` up to its first heading, ``body`` the rest.

    ``sections``: id and text of each heading of the second level.
    """

    title: str
    sections: Sequence[tuple[str, str]]
    head: str
    body: str


def rendered(text: str, lead: Lead, *, pictures: str = "") -> RenderedDocument:
    """Render a document; ``pictures`` is put before the addresses of its pictures."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = markdown.parse(text)
    headings = list(_name_headings(tokens))
    tokens = list(_framed(tokens))
    for token in tokens:
        _lead_to_pages(token.children or [], lead, pictures)
    end = next((place for place, token in enumerate(tokens, 1) if token.type == "heading_close"), 0)
    head, body = (markdown.renderer.render(part, markdown.options, {}) for part in (tokens[:end], tokens[end:]))
    return RenderedDocument(
        title=headings[0][2] if headings else "",
        sections=[(name, words) for tag, name, words in headings if tag == "h2"],
        head=head,
        body=body,
    )


def _name_headings(tokens: Sequence[Token]) -> Iterator[tuple[str, str, str]]:
    """Give headings the names by which documents link to them, as code hosts make them; yield tag, name and text."""
    counts: dict[str, int] = {}
    for token, inline in pairwise(tokens):
        if token.type == "heading_open":
            text = "".join(part.content for part in inline.children or [] if part.type in ("text", "code_inline"))
            name = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
            number = counts[name] = counts.get(name, -1) + 1
            name = f"{name}-{number}" if number else name
            token.attrSet("id", name)
            yield token.tag, name, text


def _framed(tokens: Iterable[Token]) -> Iterator[Token]:
    """Put tables into frames that scroll, named after the heading above them."""
    heading = ""
    for token in tokens:
        if token.type == "heading_open":
            heading = str(token.attrGet("id"))
        if token.type == "table_open":
            frame = f'<div class="scroll" tabindex="0" role="region" aria-labelledby="{escape(heading)}">\n'
            yield Token("html_block", "", 0, content=frame)
        yield token
        if token.type == "table_close":
            yield Token("html_block", "", 0, content="</div>\n")


def _lead_to_pages(tokens: Iterable[Token], lead: Lead, pictures: str) -> None:
    """Point links and pictures to their addresses here, and turn links without one into text."""
    opened: list[Token] = []
    for token in tokens:
        if token.type == "link_open":
            opened.append(token)
            address = lead(str(token.attrGet("href")))
            if address is None:
                token.tag, token.attrs = "span", {}
            else:
                token.attrSet("href", address)
        elif token.type == "link_close":
            token.tag = opened.pop().tag
        elif token.type == "image":
            token.attrSet("src", f"{pictures}{token.attrGet('src')}")
