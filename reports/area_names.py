"""Names the area of a check in lines, columns and rows."""

from auditor.texts.translate import Texts
from reports.report_texts import say


def area_name(texts: Texts, area: str) -> str:
    """Return the name of an area as a line begins with it; ``""`` is that of checks in none, such as an operator's."""
    name = texts.area(area) if area else say(texts, "other")
    return name[:1].upper() + name[1:]
