"""Compares two judgements of one database by their differences, without reading the findings that are alike."""

from collections.abc import Mapping, Sequence, Set

from auditor.figures.comparison import SUSPECT_FROM, SUSPECT_SHARE, Change, Comparison, FigurePair, moved_in, suspects
from auditor.figures.scoring import area_of
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.runs.comparing import comparing
from auditor.service.store.sql.database import Database
from auditor.service.store.sql.judgements import difference_rows
from inventory.model import SubjectId


def compare_differing(
    before: LoadedJudgement,
    after: LoadedJudgement,
    database: Database,
    subjects: tuple[Set[SubjectId], Set[SubjectId]],
    figures: Mapping[str, FigurePair],
) -> Comparison:
    """Return the result of ``compare_outlines``. ``subjects`` are those of the two runs, ``figures`` their figures."""
    compared = comparing(before, after)
    every = bool(compared.other_rules) or before.record.catalogue != after.record.catalogue
    with database.reading() as connection:
        found = difference_rows.differing(connection, before.id, after.id, every=every)
    changes: list[Change] = []
    for subject in sorted(found):
        old, new = found[subject].before, found[subject].after
        changes += compared.subject(
            subject, old if subject in subjects[0] else None, new if subject in subjects[1] else None
        )
    areas = _compared(after, database, subjects[0] & subjects[1], changes)
    return Comparison(changes=tuple(changes), figures=figures, suspect=suspects(changes, areas))


def _compared(
    after: LoadedJudgement, database: Database, both: Set[SubjectId], changes: Sequence[Change]
) -> Mapping[str, int]:
    """Count the subjects that could be compared, in the areas in which enough changed to make the vantage suspect."""
    stated: dict[str, set[SubjectId]] = {}
    for change in changes:
        if change.after is not None and change.subject in both:
            stated.setdefault(area_of(change.check), set()).add(change.subject)
    doubted = [
        area
        for area, moved in moved_in(changes).items()
        if area and len(moved) > SUSPECT_SHARE * max(SUSPECT_FROM, len(stated.get(area, ())))
    ]
    with database.reading() as connection:
        return {area: difference_rows.in_area(connection, after.id, area, both) for area in doubted}
