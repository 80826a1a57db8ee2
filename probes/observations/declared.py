"""Defines observations of values that were declared or published and brought in by an operator; never measured."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from probes.framework.evidence import observation
from probes.observations.places import NotMeasured
from probes.observations.text import Word, decimal, end, label, short

PROBE = "declared"


@observation("declared-value", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredValue(NotMeasured):
    """Records the value of one requirement of a framework, in the requirement's own unit.

    ``file`` and ``row`` say where it was read, ``source`` is its publisher, ``signatory`` the person responsible for
    it.
    """

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
        value = word("{} as of {}").format(decimal(f"{self.value:g}", word), self.as_of)
        text = f"{self.framework} {self.requirement} = {value}"
        signed = word("source {}, signed by {}").format(short(self.source), short(self.signatory))
        yield word("declared {} → {}").format(text, end(self, signed, word))
        if self.file:
            yield label(word, "read in") + word("{}, row {}").format(self.file, self.row)
        if self.note:
            yield label(word, "note") + short(self.note)
