"""Reads and checks the report issuer's name and emblem before anything is measured."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree

from auditor.framework.operator_problems import OperatorError, problem, unreadable
from auditor.service.config.model import Config
from inventory.safe_open import read_whole
from reports.issuer import Emblem, ReportIssuer

LARGEST_EMBLEM = 200_000
"""Bytes of a picture at most; it is embedded in every page of a report."""
_PNG = re.compile(rb"\x89PNG\r\n\x1a\n....IHDR(?P<width>.{4})(?P<height>.{4})", re.DOTALL)
LARGEST_SIDE = 4_096
"""Pixels of a PNG's side at most: a picture of few bytes may unpack to gigabytes."""
MOST_DRAWN = 20_000
"""Elements of an SVG at most, counting those drawn again because another one refers to them."""
_URL = re.compile(r"""url\(\s{0,9}["']?#([^"')]{1,200})""")
_SVG = "{http://www.w3.org/2000/svg}svg"


def issuer(config: Config) -> ReportIssuer:
    """Read the report issuer's name and emblem. Raises OperatorError for a picture that cannot be used."""
    path = config.report.emblem
    return ReportIssuer(name=config.report.issuer, emblem=None if path is None else _emblem(path))


def _emblem(path: Path) -> Emblem:
    try:
        data = read_whole(path, LARGEST_EMBLEM)
    except OSError as error:
        raise OperatorError([unreadable(error, at=str(path))]) from error
    if (match := _PNG.match(data)) is not None:
        if max(int.from_bytes(match[side]) for side in ("width", "height")) > LARGEST_SIDE:
            raise OperatorError([problem("is wider or higher than {most:n} pixels", at=str(path), most=LARGEST_SIDE)])
        return Emblem(kind="image/png", data=data)
    if _is_still_svg(data):
        return Emblem(kind="image/svg+xml", data=data)
    raise OperatorError([problem("must be a PNG, or an SVG without scripts and links", at=str(path))])


def _is_still_svg(data: bytes) -> bool:
    """True if this is an SVG without scripts, external links and entities, and with few enough elements to draw."""
    try:
        text = data.decode("utf-8-sig")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            return False
        root = ElementTree.fromstring(text)  # noqa: S314  # no entities: refused above
    except (UnicodeDecodeError, ElementTree.ParseError):
        return False
    return root.tag == _SVG and all(_is_still(element) for element in root.iter()) and _drawn(root) <= MOST_DRAWN


def _is_still(element: ElementTree.Element) -> bool:
    name = str(element.tag).rpartition("}")[2].lower()
    if name in ("script", "foreignobject", "a", "image"):
        return False
    return not any(
        key.rpartition("}")[2].lower().startswith("on") or (key.rpartition("}")[2] == "href" and value[:1] != "#")
        for key, value in element.attrib.items()
    )


def _drawn(root: ElementTree.Element) -> int:
    """Count the elements that are drawn when every reference is followed; stop above MOST_DRAWN.

    Elements that refer to others that refer to others grow like a power of ten with every line.
    """
    named = {name: element for element in root.iter() if (name := element.get("id"))}
    count, waiting = 0, [root]
    while waiting and count <= MOST_DRAWN:
        for element in waiting.pop().iter():
            count += 1
            waiting += (found for name in _referred(element.attrib) if (found := named.get(name)) is not None)
            if count > MOST_DRAWN:
                break
    return count


def _referred(attributes: Mapping[str, str]) -> Iterator[str]:
    """Yield the ids that an element refers to, in links and in ``url(#id)``, also within a style."""
    for key, value in attributes.items():
        if key.rpartition("}")[2] == "href":
            yield value[1:]
        yield from _URL.findall(value)
