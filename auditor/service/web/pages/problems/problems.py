"""Serves the problems of the province: every failing or warning finding of a run, filtered, or those of one check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.framework.findings import CheckId, Finding, Level, Outcome, Severity
from auditor.framework.localdate import civil_day
from auditor.service.accounts.model import Account, Role
from auditor.service.store.kept.problem_states import ProblemChange, ProblemKey, ProblemState
from auditor.service.store.records import RunRecord, StoreError, newest_first
from auditor.service.web.forms.choices import people
from auditor.service.web.forms.sent_forms import field
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.doubt_notice import DoubtNotice, doubt_of
from auditor.service.web.judged_runs.first_steps import first_steps
from auditor.service.web.judged_runs.run_views import view_of_latest, view_of_named
from auditor.service.web.judged_runs.seals import SealStatus, seal_of
from auditor.service.web.pages.problems.waivers import WaiverError, accept, waiver_row
from auditor.service.web.problems.choices import choices_of
from auditor.service.web.problems.filter import LONGEST, NO_ADDRESS, NO_AGENCY, ProblemFilter, chosen, counted
from auditor.service.web.problems.lists import Selection, UnmetRequirement
from auditor.service.web.problems.work import (
    LONGEST_COMMENT,
    LONGEST_OWNER,
    BadChange,
    ProblemWork,
    fields_of,
    key_text,
    marked,
    problem_key,
    wanted_change,
    work_of,
)
from auditor.service.web.rendering.lists import ListPage, one_page, page_number
from auditor.service.web.rendering.render import kept, language, page, texts_in, until_written
from auditor.service.web.routes import Routes
from auditor.service.web.security.guard import remote
from auditor.service.web.site import Site, account_of, run_in_thread, run_lookup, site_of
from auditor.texts.translate import LANGUAGES, Texts
from inventory.model import AgencyId

routes = Routes()
MOST_RUNS = 24
"""Runs that are offered to choose from."""
MOST_MARKED = 2_000
"""The most problems that are changed at once."""
_NAMED = 10
_OUTCOMES = (Outcome.FAIL, Outcome.WARN, Outcome.ERROR, Outcome.INCONCLUSIVE)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProblem:
    """Describes one row of the list: a problem with its whole worst finding and its remediation state."""

    problem: UnmetRequirement
    finding: Finding
    agency: str
    key: str
    state: ProblemState
    change: ProblemChange | None
    contradicted: bool
    overdue: bool


@dataclass(frozen=True, slots=True)
class ProblemsForm:
    """Holds a form sent from the list: its fields, the marked problems, and the selection that was shown."""

    given: Mapping[str, str]
    keys: Sequence[str]
    asked: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemSelection:
    """Holds the problems that a reader asked for, of any page, with their counts and their remediation state."""

    view: AccountView
    wanted: ProblemFilter
    named: str
    number: int
    work: ProblemWork
    runs: Sequence[RunRecord]
    problems: Sequence[UnmetRequirement]
    findings: int
    severities: Mapping[Severity, int]

    @property
    def query(self) -> str:
        """The selection as a link repeats it."""
        return _query(self.named, self.wanted)

    @property
    def of_form(self) -> tuple[str, ...]:
        """The key of the form: forms with equal keys are the same."""
        return (*self.view.about, self.query, *(f"{run.id} {run.name}" for run in self.runs))

    def of_rows(self, today: date, *, choosing: bool) -> tuple[str, ...]:
        """Return the key of a page of rows: pages with equal keys are the same."""
        return (*self.view.about, self.query, str(self.number), str(choosing), str(today), self.work.version)


@routes.get("/problems")
@until_written
async def problems(request: Request) -> StreamResponse:
    """List the problems of the latest run, or of the one that ``run`` names."""
    return await _problems(request, request.query)


@routes.post("/problems", Role.OPERATOR)
async def change(request: Request) -> StreamResponse:
    """Change the remediation state of the marked problems, or accept them as exceptions."""
    form = await request.post()
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    keys = [key for key in form.getall("problem", []) if isinstance(key, str)]
    asked = fields_of(given.get("query", ""))
    view = await _view(request, asked.get("run", ""))
    if view is None:
        raise web.HTTPNotFound
    who = account_of(request).account.name
    try:
        act = _waive if given.get("action") == "waive" else _change
        await run_in_thread(act, site_of(request), view, ProblemsForm(given, keys, asked), who, remote(request))
    except (BadChange, WaiverError) as error:
        return await _problems(request, asked, error.code, given, status=422)
    raise web.HTTPSeeOther(given["back"] if _is_ours(given.get("back", "")) else f"/problems?{urlencode(asked)}")


@routes.post("/problems/filters")
async def keep_filter(request: Request) -> StreamResponse:
    """Keep the selection under a name for this account, or delete a kept one."""
    site, account = site_of(request), account_of(request).account
    name = (await field(request, "name")).strip()[:LONGEST]
    asked = fields_of(await field(request, "query"))
    if await field(request, "forget"):
        await run_in_thread(site.problem_states.drop_filter, account.key, name)
    elif name:
        try:
            await run_in_thread(site.problem_states.keep_filter, account.key, name, _query("", ProblemFilter.of(asked)))
        except StoreError:
            return await _problems(request, asked, "TOO_MANY_FILTERS", status=422)
    raise web.HTTPSeeOther(f"/problems?{urlencode(asked)}")


async def _problems(
    request: Request,
    asked: Mapping[str, str],
    wrong: str = "",
    typed: Mapping[str, str] | None = None,
    *,
    status: int = 200,
) -> StreamResponse:
    site, named = site_of(request), asked.get("run", "")
    view = await _view(request, named)
    if view is None and named:
        raise web.HTTPNotFound
    if view is None:
        return await first_steps(request, "problems")
    wanted, texts = ProblemFilter.of(asked), texts_in(language(request))
    account = account_of(request).account
    # these filters read every problem: in a thread, so that other readers need not wait
    look = run_in_thread if wanted.state or wanted.severity else run_lookup
    asked_for = await look(_asked, site, view, wanted, page_number(request), named)
    choosing = account.role.covers(Role.OPERATOR)
    of_rows = asked_for.of_rows(civil_day(datetime.now(UTC)), choosing=choosing)
    form = await kept(request, "problems_form", asked_for.of_form, lambda: _form(site, asked_for, texts))
    body = await kept(request, "problems_rows", of_rows, lambda: _rows(asked_for, choosing=choosing))
    filters, named_people, doubted, seal = await run_lookup(_beside, site, view, account, choosing=choosing)
    of_any = _query(named, replace(wanted, severity=""))
    return await page(
        request,
        "problems",
        status=status,
        wrong=wrong,
        typed=typed or {},
        filters=filters,
        run=view.digest.run,
        wanted=wanted,
        query=asked_for.query,
        of_any_severity=f"?{of_any}&" if of_any else "?",
        found=len(asked_for.problems),
        findings=asked_for.findings,
        severities=asked_for.severities,
        all_severities=tuple(Severity),
        states=tuple(ProblemState),
        people=named_people,
        form=form,
        body=body,
        doubts=doubted,
        sealed=seal,
    )


@routes.get("/checks/{check}")
async def check(request: Request) -> StreamResponse:
    """Explain a check, and list the subjects that fail it in the latest run."""
    site = site_of(request)
    found = site.catalogue.checks.get(CheckId(request.match_info["check"]))
    if found is None:
        raise web.HTTPNotFound
    view = await run_lookup(view_of_latest, request)
    failing = None if view is None else await run_in_thread(_failing, site, view, found.id)
    return await page(request, "check", check=found, failing=failing, run=None if view is None else view.digest.run)


async def _view(request: Request, named: str) -> AccountView | None:
    return await (run_lookup(view_of_named, request, named) if named else run_lookup(view_of_latest, request))


# --- helpers of the pages --------------------------------------------------------------------------------------------


def _asked(site: Site, view: AccountView, wanted: ProblemFilter, number: int, named: str) -> ProblemSelection:
    selection, work = _selection(site, view, wanted), work_of(site, view)
    if wanted.state:
        of_state = (problem for problem in selection.problems if work.state(problem).value == wanted.state)
        selection = Selection(of_state, lambda problem: counted(problem, wanted))
    shown, findings = selection.of(wanted.severity)
    return ProblemSelection(
        view=view,
        wanted=wanted,
        named=named,
        number=number,
        work=work,
        runs=site.digests.remembered(("judged runs",), lambda: _judged_runs(site)),
        problems=shown,
        findings=findings,
        severities=selection.severities,
    )


def _beside(
    site: Site, view: AccountView, account: Account, *, choosing: bool
) -> tuple[Mapping[str, str], Sequence[str], DoubtNotice, SealStatus | None]:
    """Return the account's kept selections, the people to name as responsible, and the run's doubt notice and seal."""
    about = ("filters", str(account.key))
    return (
        site.digests.remembered(about, lambda: site.problem_states.filters(account.key)),
        people(site) if choosing else (),
        doubt_of(site, view.digest.run.id),
        seal_of(site, view.digest.judgement),
    )


def _form(site: Site, asked: ProblemSelection, texts: Texts) -> Mapping[str, object]:
    """Return the values that the form of the filter offers."""
    view, wanted = asked.view, asked.wanted
    about = (*view.about, str(wanted.undecided))
    choices = site.choices.get(about) or site.choices.keep(
        about, choices_of(view, view.problems(site.problems, undecided=wanted.undecided))
    )
    return {
        "run": view.digest.run,
        "named": asked.named,
        "wanted": wanted,
        "query": asked.query,
        "choices": choices,
        "checks": sorted(choices.checks, key=lambda check: (check.rsplit(".", 1)[0], texts.title(check))),
        "outcomes": _OUTCOMES,
        "all_severities": list(Severity),
        "levels": list(Level),
        "states": list(ProblemState),
        "no_agency": NO_AGENCY,
        "no_address": NO_ADDRESS,
        "runs": asked.runs,
    }


def _rows(asked: ProblemSelection, *, choosing: bool) -> Mapping[str, object]:
    """Return the rows of one page; ``choosing``: each can be marked."""
    listed = one_page(asked.problems, asked.number, f"{asked.query}&" if asked.query else "")
    rows = rows_of(asked.view, listed, asked.work)
    return {"run": asked.view.digest.run, "listed": rows, "choosing": choosing}


def _selection(site: Site, view: AccountView, wanted: ProblemFilter) -> Selection:
    """Return the selection for any severity and state, kept for all readers that see the same of a judgement."""
    asked = replace(wanted, severity="", state="")

    def make() -> Selection:
        every = view.problems(site.problems, undecided=wanted.undecided)
        return Selection(select(view, every, asked), lambda problem: counted(problem, asked))

    return site.problems.selected((*view.about, asked.query), make)


def _failing(site: Site, view: AccountView, check: CheckId) -> ListPage[ListedProblem]:
    wanted = ProblemFilter(check=check)
    failing = one_page(_selection(site, view, wanted).problems, 0, f"{wanted.query}&")
    return rows_of(view, failing, work_of(site, view))


def _query(run: str, wanted: ProblemFilter) -> str:
    return "&".join(part for part in (run and urlencode({"run": run}), wanted.query) if part)


def select(view: AccountView, problems: Sequence[UnmetRequirement], wanted: ProblemFilter) -> list[UnmetRequirement]:
    """Return the problems that a selection asks for; its text is searched for in every language."""
    return chosen(problems, wanted, view.digest.organisation, [texts_in(lang) for lang in LANGUAGES])


def _change(site: Site, view: AccountView, form: ProblemsForm, who: str, address: str) -> None:
    wanted = wanted_change(form.given)
    problems = _marked(site, view, form)
    with site.store.batch():
        changed = site.problem_states.change(problems, wanted, who=who, now=datetime.now(UTC))
        what = f"{wanted.state or '-'} {wanted.owner or '-'} {wanted.deadline or '-'}"
        site.accounts.note(who, address, "problems_changed", f"{changed} {what}: {_named(problems)}")


def _waive(site: Site, view: AccountView, form: ProblemsForm, who: str, address: str) -> None:
    """Accept the marked problems as exceptions, each like a single one, and set their state to accepted."""
    problems, given = _marked(site, view, form), form.given
    rows = [
        waiver_row(
            site,
            {
                "subject": key.subject,
                "agency": "",
                "check": key.check,
                "reason": given.get("comment", "").strip()[:LONGEST_COMMENT],
                "owner": given.get("owner", "").strip()[:LONGEST_OWNER],
                "until": given.get("deadline", ""),
            },
        )
        for key in problems
    ]
    with site.store.batch():
        accept(site, rows, who, address)
        wanted = replace(wanted_change({**given, "state": ProblemState.ACCEPTED.value}), deadline=None)
        site.problem_states.change(problems, wanted, who=who, now=datetime.now(UTC))
        site.accounts.note(who, address, "problems_changed", f"{len(rows)} accepted: {_named(problems)}")


def _marked(site: Site, view: AccountView, form: ProblemsForm) -> dict[ProblemKey, AgencyId | None]:
    """Return the marked problems, or all of the selection. Raises BadChange: NONE_MARKED, TOO_MANY_MARKED."""
    wanted = ProblemFilter.of(form.asked)
    every = view.problems(site.problems, undecided=wanted.undecided)
    if form.given.get("all"):
        work = work_of(site, view)
        every = [each for each in select(view, every, wanted) if wanted.state in ("", work.state(each).value)]
        problems = {problem_key(problem): problem.line.agency for problem in every}
    else:
        problems = marked(every, form.keys)
    if not problems:
        raise BadChange("NONE_MARKED")
    if len(problems) > MOST_MARKED:
        raise BadChange("TOO_MANY_MARKED")
    return problems


def _named(problems: Mapping[ProblemKey, AgencyId | None]) -> str:
    """Name the first of some problems for the audit log."""
    first = ", ".join(f"{key.subject} {key.check} {key.network}" for key in list(problems)[:_NAMED])
    return first if len(problems) <= _NAMED else f"{first}, …"


def _is_ours(path: str) -> bool:
    return path.startswith("/runs/") and "\\" not in path


def rows_of(view: AccountView, listed: ListPage[UnmetRequirement], work: ProblemWork) -> ListPage[ListedProblem]:
    """Read the findings and the remediation state for the rows of one page."""
    lines = {problem.line.id: problem.line for problem in listed.lines}
    findings = view.findings_of(list(lines.values()))
    by_id = {finding.id: finding for of_subject in findings.values() for finding in of_subject}
    names = view.names
    rows = [
        ListedProblem(
            problem=problem,
            finding=by_id[problem.worst.id],
            agency="" if problem.line.agency is None else names.get(problem.line.agency) or problem.line.agency,
            key=key_text(problem),
            state=work.state(problem),
            change=work.change(problem),
            contradicted=work.is_contradicted(problem),
            overdue=work.is_overdue(problem),
        )
        for problem in listed.lines
    ]
    return ListPage(lines=rows, number=listed.number, of=listed.of, query=listed.query)


def _judged_runs(site: Site) -> Sequence[RunRecord]:
    latest = site.store.latest_judgements()
    return [run for run in newest_first(site.store.runs(), datetime.now(UTC)) if run.id in latest][:MOST_RUNS]
