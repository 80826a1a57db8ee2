"""Serves the problems of a run with their remediation state, and changes that state."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import Field

from auditor.framework.findings import CheckId, Level, Outcome, Reason, Severity
from auditor.service.accounts.model import Role, TokenScope
from auditor.service.store.kept.problem_states import ProblemKey, ProblemState, WantedChange
from auditor.service.web.api import models, rows
from auditor.service.web.api.operation import Answer, Call, EmptyModel, Operations
from auditor.service.web.api.paging import numbered
from auditor.service.web.api.problems import Refused
from auditor.service.web.api.results import seen
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.problems.filter import ProblemFilter, chosen
from auditor.service.web.problems.lists import UnmetRequirement
from auditor.service.web.problems.work import LONGEST_COMMENT, LONGEST_OWNER, ProblemWork, problem_key
from auditor.service.web.rendering.render import texts_in
from auditor.service.web.security.guard import remote
from auditor.service.web.site import Site, run_in_thread, site_of
from auditor.texts.translate import LANGUAGES
from inventory.model import Kind, Network, SubjectId
from reports import json_data

operations = Operations("problems")
Text = Annotated[str, Field(max_length=100, pattern=models.TEXT)]


class ProblemsQuery(models.PageQuery):
    """Selects problems that match every field; without ``outcome`` those that fail, warn or stopped with an error.

    ``agency`` includes the units below it; ``check`` is an id or a prefix of ids.
    """

    outcome: Outcome | None = None
    severity: Severity | None = None
    level: Level | None = None
    reason: Reason | None = None
    agency: models.Word | None = None
    subject: models.Word | None = None
    check: models.CheckPrefix | None = None
    kind: Kind | None = None
    tag: models.Word | None = None
    text: Text = ""
    state: ProblemState | None = None


class ProblemName(models.Sent):
    """Names a problem, which is the same one in every run."""

    subject: models.Word
    check: models.CheckPrefix
    network: Network


class WorkRow(models.Answered):
    """Holds the remediation state of a problem.

    ``contradicted``: it was reported as fixed before this run, which still has it.
    """

    state: ProblemState
    owner: str
    deadline: date | None
    comment: str
    changed: str | None
    by: str
    contradicted: bool


class ProblemRow(models.Answered):
    """Describes a problem. ``findings``: their ids, the worst first, which gives outcome, code and severity."""

    subject: str
    check: str
    network: Network
    agency: str | None
    kind: Kind
    outcome: Outcome
    severity: Severity
    level: Level
    code: str
    title: models.Both
    waived: bool
    addresses: list[str]
    findings: list[str]
    work: WorkRow


class Problems(models.Answered):
    judgement: str
    items: list[ProblemRow]
    next: str | None


class ProblemChangeBody(models.Sent):
    """Describes a change to some problems of a run; null fields stay as they are."""

    problems: Annotated[list[ProblemName], Field(min_length=1, max_length=500)]
    state: ProblemState | None = None
    owner: Annotated[str, Field(max_length=LONGEST_OWNER, pattern=models.TEXT)] | None = None
    deadline: date | None = None
    comment: Annotated[str, Field(max_length=LONGEST_COMMENT, pattern=models.TEXT)] = ""


class ChangedProblems(models.Answered):
    """Counts the problems that the change altered."""

    changed: int


@operations.get("/runs/{run}/problems", answer=Problems, query=ProblemsQuery)
async def run_problems(call: Call[ProblemsQuery, EmptyModel]) -> Answer:
    view = await seen(call)
    return await run_in_thread(_problems, site_of(call.request), view, call.query)


@operations.post(
    "/runs/{run}/problems",
    answer=ChangedProblems,
    body=ProblemChangeBody,
    role=Role.OPERATOR,
    scope=TokenScope.ADMIN,
    status=200,
)
async def change_problems(call: Call[EmptyModel, ProblemChangeBody]) -> Answer:
    """Change the remediation state of problems; their verdicts and figures stay as they are.

    A problem that the run does not have is refused, and then nothing is changed.
    """
    view = await seen(call)
    who, address = call.account.name, remote(call.request)
    return await run_in_thread(_change, site_of(call.request), view, call.body, who, address)


def filter_of(query: ProblemsQuery) -> ProblemFilter:
    """Convert a query into the selection that the pages use."""
    asked = query.model_dump(mode="json", exclude_none=True, exclude={"limit", "cursor"})
    return ProblemFilter.of(asked)


def _problems(site: Site, view: AccountView, query: ProblemsQuery) -> Problems:
    wanted, work = filter_of(query), _work(site, view)
    every = view.problems(site.problems, undecided=wanted.undecided)
    found = [
        problem
        for problem in chosen(every, wanted, view.digest.organisation, [texts_in(lang) for lang in LANGUAGES])
        if query.state in (None, work.state(problem))
    ]
    shown, following = numbered(found, query.cursor, query.limit)
    return Problems(judgement=view.judgement, items=[_row(problem, work) for problem in shown], next=following)


def _row(problem: UnmetRequirement, work: ProblemWork) -> ProblemRow:
    worst, change = problem.worst, work.change(problem)
    return rows.made(
        ProblemRow,
        {
            "subject": problem.line.id,
            "check": problem.check,
            "network": problem.network.value,
            "agency": problem.line.agency,
            "kind": problem.line.kind.value,
            "outcome": worst.outcome.value,
            "severity": worst.severity.value,
            "level": worst.level.value,
            "code": worst.code,
            "title": {lang: texts_in(lang).heading(worst) for lang in LANGUAGES},
            "waived": problem.waived,
            "addresses": list(dict.fromkeys(each.address for each in problem.findings if each.address is not None)),
            "findings": [each.id for each in problem.findings],
            "work": {
                "state": work.state(problem).value,
                "owner": "" if change is None else change.owner,
                "deadline": None if change is None or change.deadline is None else change.deadline.isoformat(),
                "comment": "" if change is None else change.comment,
                "changed": None if change is None else json_data.iso(change.made),
                "by": "" if change is None else change.who,
                "contradicted": work.is_contradicted(problem),
            },
        },
    )


def _change(site: Site, view: AccountView, body: ProblemChangeBody, who: str, address: str) -> ChangedProblems:
    keys = {
        ProblemKey(subject=SubjectId(one.subject), check=CheckId(one.check), network=one.network)
        for one in body.problems
    }
    there = (*view.problems(site.problems), *view.problems(site.problems, undecided=True))
    found = {key: problem.line.agency for problem in there if (key := problem_key(problem)) in keys}
    if found.keys() != keys:
        raise Refused(404, "no_problem")
    wanted = WantedChange(state=body.state, owner=body.owner, deadline=body.deadline, comment=body.comment)
    with site.store.batch():
        changed = site.problem_states.change(found, wanted, who=who, now=datetime.now(UTC))
        site.accounts.note(who, address, "problems_changed", f"{changed} {body.state or '-'}: {view.digest.run.id}")
    return ChangedProblems(changed=changed)


def _work(site: Site, view: AccountView) -> ProblemWork:
    latest = site.digests.remembered(("problem states",), site.problem_states.latest)
    return ProblemWork(view, latest, datetime.now(UTC))
