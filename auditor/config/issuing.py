"""Who makes the reports: the operator's name and emblem, read and checked before anything is measured."""

from pathlib import Path
from xml.etree import ElementTree

from auditor.config.model import Config
from auditor.problems import OperatorError, problem, unreadable
from inventory.opening import read_whole
from reports.document import Emblem, Issuer

LARGEST_EMBLEM = 200_000
"""Bytes; the picture stands in every page of a report."""
_PNG = b"\x89PNG\r\n\x1a\n"
_SVG = "{http://www.w3.org/2000/svg}svg"


def issuer(config: Config) -> Issuer:
    """Raises OperatorError for a picture that cannot be used."""
    path = config.report.emblem
    return Issuer(name=config.report.issuer, emblem=None if path is None else _emblem(path))


def _emblem(path: Path) -> Emblem:
    try:
        data = read_whole(path, LARGEST_EMBLEM + 1)
    except OSError as error:
        raise OperatorError([unreadable(error, at=str(path))]) from error
    if len(data) > LARGEST_EMBLEM:
        raise OperatorError([problem("is larger than {most:n} bytes", at=str(path), most=LARGEST_EMBLEM)])
    if data.startswith(_PNG):
        return Emblem(kind="image/png", data=data)
    if _is_still_svg(data):
        return Emblem(kind="image/svg+xml", data=data)
    raise OperatorError([problem("must be a PNG, or an SVG without scripts and links", at=str(path))])


def _is_still_svg(data: bytes) -> bool:
    """A picture and nothing else: nothing that runs, leads elsewhere or expands."""
    try:
        text = data.decode("utf-8-sig")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            return False
        root = ElementTree.fromstring(text)  # noqa: S314  # no entities: refused above
    except (UnicodeDecodeError, ElementTree.ParseError):
        return False
    return root.tag == _SVG and all(_is_still(one) for one in root.iter())


def _is_still(element: ElementTree.Element) -> bool:
    name = str(element.tag).rpartition("}")[2].lower()
    if name in ("script", "foreignobject", "a", "image"):
        return False
    return not any(
        key.rpartition("}")[2].lower().startswith("on") or (key.rpartition("}")[2] == "href" and value[:1] != "#")
        for key, value in element.attrib.items()
    )
