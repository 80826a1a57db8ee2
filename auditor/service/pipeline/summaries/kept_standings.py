"""Keeps each subject's standing in each figure of a judgement, so that the rows of a figure need no findings.

There is a letter for each subject and figure, stored with the published figures, so that an explanation of a change
rests on the same count.
"""

import json
from collections.abc import Collection, Iterable

from auditor.figures.kpis import Standing, SubjectFacts, SubjectStanding
from auditor.figures.movement import KeptStanding, Standings
from auditor.service.pipeline.summaries.json_rows import JsonRows, dumped
from inventory.model import AgencyId, SubjectId

_LETTERS = {Standing.MET: "m", Standing.NOT_MET: "n", Standing.UNKNOWN: "u", Standing.EXEMPT: "e"}
_STANDINGS = {letter: standing for standing, letter in _LETTERS.items()}
_ABSENT = "."
"""Letter of a subject that the figure does not count."""
_FORM = 1
"""The format of kept standings; standings of another format are computed again."""


class StandingStrips:
    """Records standings while a roll-up is counted, a byte for each subject and figure."""

    def __init__(self, figures: Iterable[str]) -> None:
        self._rows, self._count = JsonRows(), 0
        self._last: tuple[SubjectId, AgencyId | None] | None = None
        self._strips = {figure: bytearray() for figure in figures}

    def __call__(self, figure: str, facts: SubjectFacts, place: SubjectStanding) -> None:
        """Record the standing of a subject in a figure. All figures of a subject come before the next subject."""
        if (facts.id, facts.agency) != self._last:
            self._last = facts.id, facts.agency
            self._rows.add(self._last)
            self._count += 1
        strip = self._strips[figure]
        strip.extend(_ABSENT.encode() * (self._count - len(strip)))
        strip[-1] = ord(_LETTERS[place.standing])

    def written(self) -> bytes:
        """Return the standings as bytes to keep."""
        strips = {figure: strip.decode() for figure, strip in self._strips.items()}
        return b'{"form":%d,"rows":%b,"figures":%b}' % (_FORM, self._rows.written(), dumped(strips))


def read(data: bytes, figures: Collection[str]) -> Standings | None:
    """Return the kept standings of some figures; None if their format differs or one of the figures is missing."""
    document = json.loads(data.decode("utf-8", "surrogatepass"))
    if document["form"] != _FORM or not document["figures"].keys() >= set(figures):
        return None
    kept: dict[tuple[str | None, str], KeptStanding] = {}
    found: dict[str, dict[SubjectId, KeptStanding]] = {}
    for figure in figures:
        of_figure = found[figure] = {}
        for (subject, agency), letter in zip(document["rows"], document["figures"][figure], strict=False):
            if letter == _ABSENT:
                continue
            if (agency, letter) not in kept:
                code = None if agency is None else AgencyId(agency)
                kept[agency, letter] = KeptStanding(agency=code, standing=_STANDINGS[letter])
            of_figure[SubjectId(subject)] = kept[agency, letter]
    return {figure: of_figure for figure, of_figure in found.items() if of_figure}
