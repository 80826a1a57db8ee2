"""Cuts the start tags out of a page in HTML as browsers do (HTML Standard §13.2.5). No tree is built; never raises.

Every step goes forward and none looks at what an earlier one has read, so that the time is that of the text's length
whatever it says. What is left open at the end (a tag, a comment, a quote) ends the page, as in browsers.
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
"""Elements whose content is text up to their own end tag."""
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
"""Attributes that say all by being there."""


class Tag(NamedTuple):
    """A start tag: its name and those attributes that name places, styles and elements, in lower case, each as it came
    first, with character references as written. ``text`` is what stands inside an element that holds text alone."""

    name: str
    attributes: Mapping[str, str]
    text: str


class EndTag(NamedTuple):
    """An end tag."""

    name: str


def tags(text: str) -> Iterator[Tag]:
    """Every start tag that is outside of comments and of elements that hold text."""
    return (node for node in nodes(text) if isinstance(node, Tag))


def nodes(text: str) -> Iterator[Tag | EndTag | str]:
    """Start tags, end tags and the text between them, in order."""
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
    """Those of a tag, and where it ends; behind the text where it does not."""
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
    """Where what begins with this ``<`` and is no start tag ends: a comment, a declaration, an end tag, text."""
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
    """Behind ``>``, or behind ``-->`` and ``--!>``; behind the text where there is none."""
    while (at := text.find(mark, at)) >= 0:
        if mark == ">":
            return at + 1
        if text.startswith((">", "!>"), at + 2):
            return text.index(">", at) + 1
        at += 1
    return len(text) + 1
