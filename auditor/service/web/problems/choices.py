"""Lists the values that the form of the problem list offers: only those that some problem has."""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.framework.findings import CheckId
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.problems.filter import NO_AGENCY
from auditor.service.web.problems.lists import UnmetRequirement
from inventory.model import AgencyId, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterChoices:
    """Holds the values that the problems of a reader have, in the order in which they are offered."""

    agencies: Sequence[tuple[str, str]]
    checks: Sequence[CheckId]
    kinds: Sequence[Kind]
    tags: Sequence[str]


def choices_of(view: AccountView, problems: Sequence[UnmetRequirement]) -> FilterChoices:
    """Collect the values from all problems of a reader once; a form of each selection offers the same."""
    lines = {problem.line.id: problem.line for problem in problems}.values()
    present = {line.agency for line in lines}
    organisation = view.digest.organisation
    above = {unit.code for code in present if code and organisation.unit(code) for unit in organisation.ancestors(code)}
    agencies = [(code, name) for code, name in view.names.items() if code in present or code in above]
    return FilterChoices(
        agencies=[*agencies, *([(AgencyId(NO_AGENCY), "")] if None in present else [])],
        checks=sorted({problem.rows[0].kind.check for problem in problems}),
        kinds=sorted({line.kind for line in lines}),
        tags=sorted({tag for line in lines for tag in line.tags}),
    )
