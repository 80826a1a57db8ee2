"""Keeps where each subject stands in each figure of a judgement, so that the rows behind a figure need no findings.

A letter for each subject and figure, beside the figures that were published: what moved them is told of the same count.
"""

import json
from collections.abc import Collection, Iterable

from auditor.figures.kpis import Standing, SubjectFacts, SubjectStanding
from auditor.figures.movement import KeptStanding, Standings
from inventory.model import AgencyId, SubjectId

_LETTERS = {Standing.MET: "m", Standing.NOT_MET: "n", Standing.UNKNOWN: "u", Standing.EXEMPT: "e"}
_STANDINGS = {letter: standing for standing, letter in _LETTERS.items()}
_ABSENT = "."
"""Stands for a subject that the figure does not count."""
_FORM = 1
"""The form of kept standings; those of another one are worked out anew."""


class StandingStrips:
    """Records standings while a roll-up is counted, a byte for each subject and figure."""

    def __init__(self, figures: Iterable[str]) -> None:
        self._rows: dict[tuple[SubjectId, AgencyId | None], int] = {}
        self._strips = {figure: bytearray() for figure in figures}

    def __call__(self, figure: str, facts: SubjectFacts, place: SubjectStanding) -> None:
        row = self._rows.setdefault((facts.id, facts.agency), len(self._rows))
        strip = self._strips[figure]
        strip.extend(_ABSENT.encode() * (row + 1 - len(strip)))
        strip[row] = ord(_LETTERS[place.standing])

    def written(self) -> bytes:
        """Return the standings as bytes to keep."""
        strips = {figure: strip.decode() for figure, strip in self._strips.items()}
        document = {"form": _FORM, "rows": list(self._rows), "figures": strips}
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")


def read(data: bytes, figures: Collection[str]) -> Standings | None:
    """Return the kept standings of some figures; None where they are of another form or without one of these.

    A figure that counts no subject is left out.
    """
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
