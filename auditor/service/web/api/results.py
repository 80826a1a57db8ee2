"""Serves runs and their findings.

Every subject and agency is read through the account's ``AccountView``, as on the pages.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

from auditor.framework.findings import Finding
from auditor.service.accounts.model import Account
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.runs.comparing import previous
from auditor.service.store.records import JudgementRecord, RunRecord, StoreError, newest_first
from auditor.service.web.api import models, rollup_models, rows
from auditor.service.web.api.operation import Answer, B, Call, EmptyModel, Operations, Q
from auditor.service.web.api.paging import cursor, numbered, place
from auditor.service.web.api.problems import Refused
from auditor.service.web.api.serving import answered, unchanged
from auditor.service.web.downloads.downloads import DOWNLOADS, LETTER, LETTERS, send_report, written_report
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.run_views import latest
from auditor.service.web.problems.work import work_of_problems
from auditor.service.web.security.guard import remote
from auditor.service.web.site import Site, run_in_thread, site_of
from inventory.model import AgencyId, SubjectId
from probes.framework.evidence import RunId
from reports.document import Report

operations = Operations("results")
SUBJECTS_AT_ONCE = 25
LOOKED_THROUGH = 1_000
"""Subjects that one request for findings searches, so that a rare finding takes many short requests and no long one."""
LATEST = "latest"
OCTETS = "application/octet-stream"


@operations.get("/runs", answer=models.Runs, query=models.RunsQuery, missing=True)
async def runs(call: Call[models.RunsQuery, EmptyModel]) -> Answer:
    return await run_in_thread(_runs, site_of(call.request), call.query)


def _runs(site: Site, query: models.RunsQuery) -> models.Runs:
    after = place(query.cursor, str)
    every = [run for run in newest_first(site.store.runs(), datetime.now(UTC)) if query.state in (None, run.state)]
    if after is not None:
        ids = [record.id for record in every]
        if after[0] not in ids:
            raise Refused(404, "no_page")
        every = every[ids.index(RunId(str(after[0]))) + 1 :]
    shown, latest = every[: query.limit], site.store.latest_judgements()
    return models.Runs(
        items=[rows.run(entry, latest.get(entry.id)) for entry in shown],
        next=cursor(shown[-1].id) if len(every) > len(shown) else None,
    )


@operations.get("/runs/{run}", answer=models.RunSummary, query=models.Sent)
async def run(call: Call[models.Sent, EmptyModel]) -> Answer:
    site, name = site_of(call.request), call.part("run")
    record = await run_in_thread(_record, site, name)
    judgement = await run_in_thread(site.store.latest_judgement, record.id)
    shown = rows.run(record, judgement)
    if judgement is None:
        return models.RunSummary(run=shown, subjects=0, outcomes={})
    view = await run_in_thread(_view, site, call.account, judgement)
    return models.RunSummary(run=shown, subjects=len(view.subjects), outcomes=dict(view.outcomes))


@operations.get("/runs/{run}/subjects", answer=models.Subjects, query=models.SubjectsQuery, cached=True)
async def run_subjects(call: Call[models.SubjectsQuery, EmptyModel]) -> Answer:
    view = await seen(call)
    headers, query = unchanged(call, view.judgement), call.query
    lines = [
        subject
        for subject in view.subjects
        if query.kind in (None, subject.kind) and query.agency in (None, subject.agency)
    ]
    shown, following = numbered(lines, query.cursor, query.limit)
    return answered(models.Subjects(items=[rows.subject(entry) for entry in shown], next=following), headers)


@operations.get("/runs/{run}/subjects/{subject}", answer=models.SubjectPage, query=models.Sent, cached=True)
async def run_subject(call: Call[models.Sent, EmptyModel]) -> Answer:
    view = await seen(call)
    headers = unchanged(call, view.judgement)
    pair = await run_in_thread(view.subject, SubjectId(call.part("subject")))
    if pair is None:
        raise Refused(404)
    line, whole = pair
    scored = await run_in_thread(view.scores, line)
    page = rows.made(
        models.SubjectPage,
        {
            "subject": rows.subject(line).model_dump(mode="json"),
            "kinds": sorted(kind.value for kind in whole.kinds),
            "name": whole.name,
            "network": whole.network.value,
            "derived_from": list(whole.derived_from),
            "scores": {
                area: {"score": score.score, "coverage": score.coverage} for area, score in scored.scores.items()
            },
            "ladders": {
                name: {"level": ladder.level, "at_least": ladder.at_least, "blocked_by": list(ladder.blocked_by)}
                for name, ladder in scored.ladders.items()
            },
        },
    )
    return answered(page, headers)


@operations.get("/runs/{run}/findings", answer=models.Findings, query=models.FindingsQuery, cached=True)
async def run_findings(call: Call[models.FindingsQuery, EmptyModel]) -> Answer:
    view = await seen(call)
    headers = unchanged(call, view.judgement)
    return answered(await run_in_thread(_findings, site_of(call.request), view, call.query), headers)


def _findings(site: Site, view: AccountView, query: models.FindingsQuery) -> models.Findings:
    """Return findings by subject, from the cursor on, until the page is full or enough subjects were searched."""
    after, texts = place(query.cursor, int, int), rows.both(site.catalogue)
    first, skipped = (0, 0) if after is None else (int(after[0]), int(after[1]))
    if first < 0 or skipped < 0:
        raise Refused(404, "no_page")
    lines, found = view.subjects, list[Finding]()
    end = min(len(lines), first + LOOKED_THROUGH)
    for number, findings in _by_line(view, lines, query, first, end):
        wanted = [finding for finding in findings if _asked(finding, query)][skipped if number == first else 0 :]
        room = query.limit - len(found)
        found += wanted[:room]
        if len(wanted) > room:
            taken = room + (skipped if number == first else 0)
            following = cursor(number, taken)
            break
    else:
        following = cursor(end, 0) if end < len(lines) else ""
    items = [rows.finding(finding, texts) for finding in found]
    return models.Findings(judgement=view.judgement, items=items, next=following or None)


def _by_line(
    view: AccountView, lines: Sequence[SubjectLine], query: models.FindingsQuery, first: int, end: int
) -> Iterator[tuple[int, tuple[Finding, ...]]]:
    numbers = [number for number in range(first, end) if _may_have(lines[number], query)]
    for start in range(0, len(numbers), SUBJECTS_AT_ONCE):
        some = numbers[start : start + SUBJECTS_AT_ONCE]
        held = view.findings_of([lines[number] for number in some])
        for number in some:
            yield number, held[lines[number].id]


def _may_have(line: SubjectLine, query: models.FindingsQuery) -> bool:
    return (
        query.agency in (None, line.agency)
        and query.subject in (None, line.id)
        and (not query.outcome or any(line.outcomes.get(outcome) for outcome in query.outcome))
    )


def _asked(finding: Finding, query: models.FindingsQuery) -> bool:
    return (
        (not query.outcome or finding.outcome in query.outcome)
        and (not query.severity or finding.severity in query.severity)
        and (query.check is None or f"{finding.check}.".startswith(query.check.rstrip(".") + "."))
    )


@operations.get("/runs/{run}/agencies", answer=rollup_models.Agencies, query=models.PageQuery, cached=True)
async def run_agencies(call: Call[models.PageQuery, EmptyModel]) -> Answer:
    view = await seen(call)
    headers = unchanged(call, view.judgement)
    total = view.total()
    shown, following = numbered(list(view.units()), call.query.cursor, call.query.limit)
    page = rollup_models.Agencies(
        total=None if total is None else rows.agency(total, view.sees),
        items=[rows.agency(entry, view.sees) for entry in shown],
        next=following,
    )
    return answered(page, headers)


@operations.get("/runs/{run}/agencies/{agency}", answer=rollup_models.AgencyRow, query=models.Sent, cached=True)
async def run_agency(call: Call[models.Sent, EmptyModel]) -> Answer:
    view = await seen(call)
    headers, code = unchanged(call, view.judgement), AgencyId(call.part("agency"))
    unit_rollup = next((unit for unit in view.units() if unit.agency == code), None)
    if unit_rollup is None:
        raise Refused(404)
    return answered(rows.agency(unit_rollup, view.sees), headers)


@operations.get("/runs/{run}/diff", answer=models.Diff, query=models.DiffQuery, cached=True)
async def run_diff(call: Call[models.DiffQuery, EmptyModel]) -> Answer:
    """Compare a run with an earlier one; an account that is bound to an agency gets changes there and below it."""
    view, site = await seen(call), site_of(call.request)
    earlier = await run_in_thread(_earlier, site, view, call.query.against)
    headers = unchanged(call, view.judgement, earlier.id)
    compared = await run_in_thread(view.changes, earlier, site.digests)
    shown, following = numbered(compared.changes, call.query.cursor, call.query.limit)
    items = [rows.change(entry) for entry in shown]
    return answered(models.Diff(before=earlier.run, after=view.digest.run.id, items=items, next=following), headers)


def _earlier(site: Site, view: AccountView, against: str | None) -> JudgementRecord:
    try:
        chosen = previous(view.digest.run.id, site.store) if against is None else _record(site, against).id
    except StoreError as error:
        raise Refused(404, "no_earlier_run") from error
    judgement = site.store.latest_judgement(chosen)
    if judgement is None:
        raise Refused(404, "no_earlier_run")
    return judgement


@operations.get("/runs/{run}/reports/{format}", answer=None, query=models.LanguageQuery, media=(OCTETS,))
async def run_report(call: Call[models.LanguageQuery, EmptyModel]) -> Answer:
    """Return a report of everything, or of its own agency to an account that is bound to one."""
    view, kind = await seen(call), call.part("format")
    if kind not in (*DOWNLOADS, LETTERS) or not view.reported:
        raise Refused(404)
    return await _sent(call, view, lambda: view.report(site_of(call.request).digests), kind)


@operations.get(
    "/runs/{run}/agencies/{agency}/reports/{file}", answer=None, query=models.LanguageQuery, media=(OCTETS,)
)
async def run_agency_report(call: Call[models.LanguageQuery, EmptyModel]) -> Answer:
    """Return the report of one agency with the units under it, or the letter to it; 404 if nothing is to be fixed."""
    view, kind, code = await seen(call), call.part("file"), AgencyId(call.part("agency"))
    if kind not in (*DOWNLOADS, LETTER) or not view.reports(code):
        raise Refused(404)
    digests = site_of(call.request).digests
    return await _sent(call, view, lambda: view.report_of(code, digests, below=kind != LETTER), kind, code)


async def _sent(
    call: Call[models.LanguageQuery, EmptyModel],
    view: AccountView,
    read: Callable[[], Report | None],
    kind: str,
    agency: str = "",
) -> Answer:
    site, run = site_of(call.request), view.digest.run.id
    about = " ".join(filter(None, (run, agency, kind)))
    await run_in_thread(site.accounts.note, call.account.name, remote(call.request), "export", about)
    sink = await site.rendering.run(
        written_report, site, read, kind, call.query.lang, lambda: work_of_problems(site, view)
    )
    if sink is None:
        raise Refused(404)
    return await send_report(sink, run, call.request)


async def seen(call: Call[Q, B]) -> AccountView:
    """Return the run of the path, by its latest judgement, as the account sees it; 404 if there is none."""
    site = site_of(call.request)
    record = await run_in_thread(_record, site, call.part("run"))
    judgement = await run_in_thread(site.store.latest_judgement, record.id)
    if judgement is None:
        raise Refused(404, "not_judged")
    return await run_in_thread(_view, site, call.account, judgement)


def _view(site: Site, account: Account, judgement: JudgementRecord) -> AccountView:
    return AccountView(account, site.digests.of(judgement), site.store)


def _record(site: Site, name: str) -> RunRecord:
    """Return the run of this id; ``latest`` is the one that the pages show first."""
    if name == LATEST:
        digest = latest(site)
        if digest is None:
            raise Refused(404, "not_judged")
        return digest.run
    try:
        return site.store.run(RunId(name))
    except StoreError as error:
        raise Refused(404) from error
