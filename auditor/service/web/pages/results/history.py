"""Serves the history of a subject and of a finding: the result of each run, when first seen and when fixed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.figures.held_states import RoundOutcome, life, months
from auditor.framework.findings import DEFECTS, Finding, FindingId, Outcome, Outline, outline
from auditor.framework.message_format import VIETNAM
from auditor.service.accounts.model import Account
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.runs.visible_history import VisibleHistory
from auditor.service.store.kept.problem_states import ProblemState
from auditor.service.store.records import RunRecord, RunState
from auditor.service.store.sql.judgements.defect_rows import ListedFinding
from auditor.service.web.forms.choices import people
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.rechecks import recheck_offer
from auditor.service.web.judged_runs.run_views import view_of_run
from auditor.service.web.judged_runs.untested import shown
from auditor.service.web.problems.filter import ProblemFilter
from auditor.service.web.problems.lists import UnmetRequirement
from auditor.service.web.problems.work import key_text, problem_key, work_of
from auditor.service.web.rendering.render import language, page, texts_in
from auditor.service.web.routes import Routes
from auditor.service.web.site import Site, account_of, run_in_thread, site_of
from inventory.model import SubjectId
from reports import seen_from
from reports.deciding_lines import DecidingLines
from reports.defect_age import lived
from reports.evidence_text import reader_word

routes = Routes()
MOST_RUNS = 24
"""Runs that are searched: two years of monthly ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFindings:
    """Holds the findings of one run about a subject, by id; ``untested`` of them rest on no evidence."""

    run: RunRecord
    outlines: Mapping[FindingId, Outline]
    untested: int

    @property
    def results(self) -> Mapping[str, int]:
        return shown(Counter(outline.outcome for outline in self.outlines.values()), self.untested)


@dataclass(frozen=True, slots=True, kw_only=True)
class DefectHistory:
    """Describes a defect through the runs, the newest first; None in ``outcomes`` if a run does not have it.

    ``outline``: the newest one that states the defect.
    """

    outline: Outline
    outcomes: tuple[Outcome | None, ...]
    first: RunRecord
    last: RunRecord

    @property
    def is_open(self) -> bool:
        """True if the newest run that decided anything of it still found it."""
        decided = (outcome for outcome in self.outcomes if outcome not in (None, Outcome.INCONCLUSIVE, Outcome.ERROR))
        return next(decided, None) in DEFECTS


@routes.get("/subjects/{subject:.+}")
async def subject_history(request: Request) -> StreamResponse:
    name = SubjectId(request.match_info["subject"])
    run_findings = await run_in_thread(lambda: list(_in_runs(site_of(request), account_of(request).account, name)))
    if not run_findings:
        raise web.HTTPNotFound
    stories = sorted(
        _stories(run_findings), key=lambda story: (not story.is_open, story.outline.severity.rank, story.outline.check)
    )
    return await page(request, "subject_history", subject=name, runs=run_findings, stories=stories)


@routes.get("/runs/{run}/findings/{finding}/{subject:.+}")
async def finding(request: Request) -> StreamResponse:
    view, site = await view_of_run(request), site_of(request)
    pair = await run_in_thread(view.subject, SubjectId(request.match_info["subject"]))
    if pair is None:
        raise web.HTTPNotFound
    line, whole = pair
    version = next(
        (each for each in await run_in_thread(view.findings, line) if each.id == request.match_info["finding"]), None
    )
    if version is None:
        raise web.HTTPNotFound
    runs = await run_in_thread(lambda: list(_in_runs(site, account_of(request).account, line.id)))
    rounds = _rounds(version, runs, view.digest.run)
    lived_for = life(rounds) if version.outcome in DEFECTS else None
    evidence = {each.id: each for each in await run_in_thread(view.evidence, line) if each.id in version.evidence}
    deciding = DecidingLines(whole, evidence, reader_word(language(request)))
    marks = deciding.of(version, site.catalogue.checks.get(version.check))
    return await page(
        request,
        "finding",
        await run_in_thread(_work, site, view, line, version),
        run=view.digest.run,
        line=line,
        subject=whole,
        agency="" if line.agency is None else view.name(line.agency),
        contact=view.contact(whole),
        recheck=await run_in_thread(recheck_offer, site, account_of(request).account, whole),
        finding=version,
        life="" if lived_for is None else lived(texts_in(language(request)), lived_for),
        by_vantage=seen_from.by_vantage(texts_in(language(request)), version),
        months=months(rounds, view.digest.run.started.astimezone(VIETNAM).date()),
        verdicts=[(each.run, each.outlines[version.id]) for each in runs if version.id in each.outlines],
        excerpt=deciding.excerpt(marks),
        evidence=[(each, deciding.marked(each.id, marks.get(each.id, ()))) for each in evidence.values()],
    )


# --- helpers of the pages --------------------------------------------------------------------------------------------


def _work(site: Site, view: AccountView, line: SubjectLine, finding: Finding) -> dict[str, object]:
    """Return the remediation state of a finding's problem, and the values that the form for changing it sends."""
    problem = UnmetRequirement(line, [ListedFinding.of(line.id, outline(finding), tested=bool(finding.evidence))])
    work = work_of(site, view)
    wanted = ProblemFilter(subject=line.id, check=finding.check)
    if finding.outcome is Outcome.INCONCLUSIVE:
        wanted = replace(wanted, outcome=finding.outcome.value)
    change = work.change(problem)
    return {
        "change": change,
        "is_overdue": work.is_overdue(problem),
        "work": work.visible(site.problem_states.history(problem_key(problem))),
        "is_work": finding.outcome not in (Outcome.PASS, Outcome.NOT_APPLICABLE),
        "contradicted": change.made
        if change and finding.outcome in DEFECTS and work.is_contradicted(problem)
        else None,
        "work_key": key_text(problem),
        "work_query": f"{urlencode({'run': view.digest.run.id})}&{wanted.query}",
        "states": list(ProblemState),
        "people": people(site),
    }


def _in_runs(site: Site, account: Account, subject: SubjectId) -> Iterator[RunFindings]:
    """List the runs in which the account's agency owned the subject, the newest first."""
    past = VisibleHistory(account.agency, site.store, site.stock)
    latest = site.store.latest_judgements()
    for run in list(reversed(site.store.runs()))[:MOST_RUNS]:
        judgement = latest.get(run.id)
        outlines = None if judgement is None else past.outlines(judgement, subject)
        if judgement is not None and outlines is not None:
            untested = site.untested.of(judgement.id)[subject]
            yield RunFindings(run=run, outlines={outline.id: outline for outline in outlines}, untested=untested)


def _stories(runs: Sequence[RunFindings]) -> Iterator[DefectHistory]:
    """Return the history of each defect that at least one reliable run found."""
    believed = [each for each in runs if not each.run.is_blamed]
    ids = dict.fromkeys(
        outline.id for each in believed for outline in each.outlines.values() if outline.outcome in DEFECTS
    )
    for id_ in ids:
        there = [(each.run, each.outlines[id_]) for each in believed if id_ in each.outlines]
        bad = [run for run, outline in there if outline.outcome in DEFECTS]
        outcomes = tuple(each.outlines[id_].outcome if id_ in each.outlines else None for each in runs)
        yield DefectHistory(
            outline=next(outline for _, outline in there if outline.outcome in DEFECTS),
            outcomes=outcomes,
            first=bad[-1],
            last=bad[0],
        )


def _rounds(finding: Finding, runs: Sequence[RunFindings], this: RunRecord) -> list[RoundOutcome]:
    """Return the results of finished runs up to this one from the same networks, by Vietnam's calendar."""
    return [
        RoundOutcome(at=each.run.started.astimezone(VIETNAM), outcome=each.outlines[finding.id].outcome)
        for each in runs
        if finding.id in each.outlines
        and each.run.networks == this.networks
        and each.run.started <= this.started
        and ((each.run.state is RunState.FINISHED and not each.run.is_blamed) or each.run.id == this.id)
    ]
