"""Defines observations of values that somebody declared or published and an operator brought in; never measured."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from probes.framework.evidence import observation
from probes.observations.places import NotMeasured
from probes.observations.text import Word, end, short

PROBE = "declared"


@observation("declared-value", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredValue(NotMeasured):
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

    def lines(self, word: Word) -> Iterator[str]:
        text = f"{self.framework} {self.requirement} = {self.value:g} as of {self.as_of}"
        yield f"declared {text} → {end(self, f'source {short(self.source)}, signed by {short(self.signatory)}', word)}"
        if self.file:
            yield f"  read in    {self.file}, row {self.row}"
        if self.note:
            yield f"  note       {short(self.note)}"
