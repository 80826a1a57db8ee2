"""Joins the problems of a run with their remediation state, as far as one account may see it."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl

from auditor.framework.localdate import civil_day
from auditor.framework.message_format import clean
from auditor.service.store.kept.problem_states import ProblemChange, ProblemKey, ProblemState, WantedChange, states_seen
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.problems.lists import UnmetRequirement
from auditor.service.web.site import Site
from inventory.model import AgencyId
from reports.document import RemediationStatus

_CLOSED = {ProblemState.FIXED, ProblemState.ACCEPTED, ProblemState.FALSE_POSITIVE}
LONGEST_OWNER, LONGEST_COMMENT = 200, 1000


class BadChange(ValueError):
    """Raised for a change that cannot be read; ``code`` is a key of the pages' words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def problem_key(problem: UnmetRequirement) -> ProblemKey:
    return ProblemKey(subject=problem.line.id, check=problem.check, network=problem.network)


def key_text(problem: UnmetRequirement) -> str:
    """Write the key of a problem as forms send it."""
    return f"{problem.network.value} {problem.check} {problem.line.id}"


class ProblemWork:
    """Holds the remediation state of problems; changes from when a subject was another agency's are not shown."""

    def __init__(self, view: AccountView, latest: Mapping[ProblemKey, ProblemChange], now: datetime) -> None:
        self._view, self._latest, self._today = view, latest, civil_day(now)

    @property
    def version(self) -> str:
        """A text that differs after any change: changes are only added."""
        return f"{len(self._latest)} {max((change.made for change in self._latest.values()), default='')}"

    def change(self, problem: UnmetRequirement) -> ProblemChange | None:
        """Return the last change that the account may see."""
        change = self._latest.get(problem_key(problem))
        return change if change is not None and self.shows(change) else None

    def all(self) -> Iterator[tuple[ProblemKey, ProblemChange]]:
        """Iterate over the last change of every problem, as far as the account may see it."""
        return ((key, change) for key, change in self._latest.items() if self.shows(change))

    def shows(self, change: ProblemChange) -> bool:
        return self._view.whole or (change.agency is not None and self._view.sees(change.agency))

    def state(self, problem: UnmetRequirement) -> ProblemState:
        change = self.change(problem)
        return ProblemState.NEW if change is None else change.state

    def is_contradicted(self, problem: UnmetRequirement) -> bool:
        """True if the problem was reported as fixed before the run that still has it."""
        change = self.change(problem)
        claimed = change is not None and change.state is ProblemState.FIXED
        return claimed and change is not None and change.made < self._view.digest.run.started

    def is_overdue(self, problem: UnmetRequirement) -> bool:
        change = self.change(problem)
        if change is None or change.deadline is None or change.state in _CLOSED:
            return False
        return change.deadline < self._today

    def visible(self, history: Iterable[ProblemChange]) -> list[tuple[ProblemState, ProblemChange]]:
        """Return the changes that the account may see, each with the state before it; the newest first."""
        return states_seen([change for change in history if self.shows(change)])[::-1]


def wanted_change(given: Mapping[str, str]) -> WantedChange:
    """Read a change from the fields of a form. Raises BadChange: NO_CHANGE, BAD_DAY, BAD_STATE."""
    state, deadline = given.get("state", ""), given.get("deadline", "")
    if state and state not in set(ProblemState):
        raise BadChange("BAD_STATE")
    owner = clean(given.get("owner", "").strip()[:LONGEST_OWNER])
    try:
        until = date.fromisoformat(deadline) if deadline else None
    except ValueError as error:
        raise BadChange("BAD_DAY") from error
    wanted = WantedChange(
        state=ProblemState(state) if state else None,
        owner=owner or None,
        deadline=until,
        comment=given.get("comment", "").strip()[:LONGEST_COMMENT],
    )
    if wanted.is_empty:
        raise BadChange("NO_CHANGE")
    return wanted


def marked(problems: Iterable[UnmetRequirement], keys: Iterable[str]) -> dict[ProblemKey, AgencyId | None]:
    """Return the problems that a form marked, each with its agency; unknown keys are left out."""
    wanted = set(keys)
    return {problem_key(problem): problem.line.agency for problem in problems if key_text(problem) in wanted}


def fields_of(query: str) -> dict[str, str]:
    """Read a query that a form sends back, the first value of each field."""
    fields: dict[str, str] = {}
    for name, value in parse_qsl(query[:4000]):
        fields.setdefault(name, value)
    return fields


def work_of(site: Site, view: AccountView) -> ProblemWork:
    """Return the remediation state of problems, as the account sees it."""
    latest = site.digests.remembered(("problem states",), site.problem_states.latest)
    return ProblemWork(view, latest, datetime.now(UTC))


def work_of_problems(site: Site, view: AccountView) -> Mapping[str, RemediationStatus]:
    """Return the remediation status of problems, as far as the account may see it, by the keys that workbooks use."""
    work = work_of(site, view)
    return {
        f"{key.network.value} {key.check} {key.subject}": RemediationStatus(
            state=change.state.value, owner=change.owner, deadline=change.deadline, comment=change.comment
        )
        for key, change in work.all()
    }
