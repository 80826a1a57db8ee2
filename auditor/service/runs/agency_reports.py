"""Makes the report of one agency from a judged run, with only the parts that an account bound to it may see."""

import difflib
from collections.abc import Callable, Mapping

from auditor.framework.catalogue import Catalogue
from auditor.service.inventories.agency_view import within
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.pipeline.judging.settled import SettledSubjects
from auditor.service.runs.publishing import StoredReport
from auditor.service.runs.scoped_report import ScopedReport
from auditor.service.runs.visible_history import VisibleHistory
from auditor.service.store.api import Store
from auditor.service.store.kept.inventories import Inventories
from auditor.service.store.records import RunState, StoreError
from inventory.model import AgencyId, SubjectId


def agency_report(
    judged: LoadedJudgement,
    agency: AgencyId,
    store: Store,
    catalogue: Catalogue,
    stock: Inventories,
    *,
    below: bool = True,
    above: bool = True,
) -> ScopedReport:
    """Restrict a report to an agency and the units under it, or to only the agency. Raises StoreError.

    ``above`` tells whether the units that it belongs to are named.

    There is no such report of a run that was cut short: its gaps are stated by counts of the whole run.
    """
    organisation = judged.inventory.organisation
    if organisation.unit(agency) is None:
        near = difflib.get_close_matches(agency, [unit.code for unit in organisation.walk()], n=1)
        if near:
            raise StoreError(
                "run {run} has no agency {code}; did you mean {near}?", run=judged.run.id, code=agency, near=near[0]
            )
        raise StoreError("run {run} has no agency {code}", run=judged.run.id, code=agency)
    if judged.run.state is not RunState.FINISHED:
        raise StoreError("run {run} did not finish, so there is no report of one agency", run=judged.run.id)

    def sees(other: AgencyId | None) -> bool:
        return within(agency, other, organisation) if below else other == agency

    own = _own(judged, agency, store, sees)
    named = {unit.name for unit in organisation.walk() if sees(unit.code)}
    if above:
        named |= {unit.name for unit in organisation.ancestors(agency)}
    return ScopedReport(
        StoredReport(judged, store, catalogue, own),
        sees,
        own.keys(),
        names=frozenset(named),
        moved=lambda: VisibleHistory(agency, store, stock).moved(judged.run, own.keys()),
    )


def _own(
    judged: LoadedJudgement, agency: AgencyId, store: Store, sees: Callable[[AgencyId | None], bool]
) -> Mapping[SubjectId, AgencyId | None]:
    """Return the visible subjects with their agencies, in the order of ``Store.subjects``.

    They are selected from the subjects planned for the agency and the units under it, and from those that their rows
    led to. A subject derived from several rows can belong to the agency even if none of the agency's own rows led to
    it.
    """
    organisation = judged.inventory.organisation
    units = {unit.code for unit in organisation.walk() if within(agency, unit.code, organisation)}
    rows = {subject.id for subject in judged.inventory.subjects if subject.agency in units}
    owners = SettledSubjects(judged, store).agencies(store.subjects_near(judged.run.id, units, rows))
    return {subject: owner for subject, owner in owners.items() if sees(owner)}
