"""What somebody declared or published and an operator brought in: a value, of what day, by whom. Never measured."""

from dataclasses import dataclass
from datetime import date

from probes.framework.evidence import observation
from probes.observations.places import Unplaced

PROBE = "declared"


@observation("declared-value", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredValue(Unplaced):
    """The value of one requirement of a framework, in the requirement's own unit. ``file`` and ``row`` say where it was
    read, ``source`` who published it, ``signatory`` who answers for it."""

    framework: str
    requirement: str
    value: float
    as_of: date
    source: str
    signatory: str
    note: str = ""
    file: str = ""
    row: int = 0
