"""Splits an HTML page into tags and text as browsers do (HTML Standard §13.2.5). No tree is built; never raises.

Every step goes forward and never reads again, so the time is linear in the length of any text. An unclosed tag,
comment or quote at the end ends the page, as in browsers.
"""

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

_BLANK = r" \t\n\f\r"
_NAME = re.compile(rf"[A-Za-z][^{_BLANK}/>]*+")
_ATTRIBUTE = re.compile(
    rf"""[{_BLANK}/]*+(?:(>)|(=?+[^{_BLANK}/>=]*+)"""
    rf"""(?:[{_BLANK}]*+=[{_BLANK}]*+(?:"([^"]*+)"?+|'([^']*+)'?+|((?:[^{_BLANK}>"'][^{_BLANK}>]*+)?+)))?+)"""
)
_TEXTS = {
    name: re.compile(rf"</{name}(?=[{_BLANK}/>])", re.IGNORECASE)
    for name in ("script", "style", "title", "textarea", "xmp", "iframe", "noembed", "noframes")
}
"""The elements with only text as content, up to their own end tag."""
_KEPT = frozenset(
    {
        "action",
        "as",
        "class",
        "content",
        "data",
        "formaction",
        "height",
        "href",
        "http-equiv",
        "id",
        "imagesrcset",
        "integrity",
        "onload",
        "poster",
        "rel",
        "src",
        "srcset",
        "style",
        "width",
    }
)
_FLAGS = frozenset({"hidden"})
"""The attributes that count by presence; their value is ignored."""


class Tag(NamedTuple):
    """Holds a start tag: its name, and its attributes for addresses, styles and elements, in lower case.

    The first of a repeated attribute counts; character references are kept as written. ``text`` is the content of an
    element that contains only text.
    """

    name: str
    attributes: Mapping[str, str]
    text: str


class EndTag(NamedTuple):
    """Holds an end tag."""

    name: str


def tags(text: str) -> Iterator[Tag]:
    """Yield every start tag outside comments and text-only elements."""
    return (node for node in nodes(text) if isinstance(node, Tag))


def nodes(text: str) -> Iterator[Tag | EndTag | str]:
    """Yield start tags, end tags and the text between them, in order."""
    at = 0
    while at < len(text):
        behind, at = at, text.find("<", at)
        if at != behind:
            yield text[behind : at if at >= 0 else len(text)]
        if at < 0:
            return
        name = _NAME.match(text, at + 1)
        if name is None:
            ended = _NAME.match(text, at + 2) if text.startswith("/", at + 1) else None
            if ended is not None:
                yield EndTag(ended[0].lower())
            at = _after_other(text, at)
            continue
        word = name[0].lower()
        attributes, at = _attributes(text, name.end())
        if at > len(text):
            return
        inside = ""
        if word in _TEXTS:
            end = _TEXTS[word].search(text, at)
            inside, at = (text[at:], len(text)) if end is None else (text[at : end.start()], end.start())
        yield Tag(word, attributes, inside)


def _attributes(text: str, at: int) -> tuple[dict[str, str], int]:
    """Return the attributes of a tag and the offset after it, beyond the text if it does not end."""
    found: dict[str, str] = {}
    while (met := _ATTRIBUTE.match(text, at)) is not None and met.end() > at:
        at = met.end()
        if met[1]:
            return found, at
        name = met[2].lower() if len(met[2]) <= 20 else ""
        value = met[3] if met[3] is not None else met[4] if met[4] is not None else met[5]
        if name in _KEPT and value is not None:
            found.setdefault(name, value)
        elif name in _FLAGS:
            found.setdefault(name, "")
    return found, len(text) + 1


def _after_other(text: str, at: int) -> int:
    """Return the end of a "<" construct that is no start tag: a comment, a declaration, an end tag, text."""
    if text.startswith("<!--", at):
        if text.startswith((">", "->"), at + 4):
            return text.find(">", at) + 1
        return _ending(text, "--", at + 4)
    if text.startswith("</", at) and text[at + 2 : at + 3].isalpha():
        _, end = _attributes(text, at + 2)
        return end
    if text.startswith(("<!", "<?", "</"), at):
        return _ending(text, ">", at + 2)
    return at + 1


def _ending(text: str, mark: str, at: int) -> int:
    """Return the offset after ``>``, or after ``-->`` and ``--!>``; beyond the text if there is none."""
    while (at := text.find(mark, at)) >= 0:
        if mark == ">":
            return at + 1
        if text.startswith((">", "!>"), at + 2):
            return text.index(">", at) + 1
        at += 1
    return len(text) + 1
