"""Serves the shared causes of a run: measured things that explain problems of several hosts, as far as visible."""

from auditor.figures.causes import CauseKind, OwnerBasis
from auditor.figures.compliance import Compliance
from auditor.framework.findings import Severity
from auditor.service.web.api import models, rows
from auditor.service.web.api.operation import Answer, Call, EmptyModel, Operations
from auditor.service.web.api.paging import numbered
from auditor.service.web.api.problems import Refused
from auditor.service.web.api.results import seen
from auditor.service.web.api.serving import answered, unchanged
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.run_views import latest
from auditor.service.web.rendering.render import texts_in
from auditor.service.web.site import run_in_thread, site_of
from auditor.texts.translate import LANGUAGES
from reports import cause_texts, json_data

operations = Operations("causes")


class CauseProblemRow(models.Answered):
    check: str
    code: str
    severity: Severity
    subjects: int
    findings: int


class GainRow(models.Answered):
    """Holds a figure as it is, and as it would be with the cause fixed.

    ``possible``: how many more may be met then, by results that can only be measured after the fix.
    """

    figure: str
    met: int
    of: int
    met_after: int
    of_after: int
    possible: int


class ReachedTargetRow(models.Answered):
    """Describes a requirement with a target that would be reached; ``standing`` is the present one."""

    framework: str
    requirement: str
    standing: Compliance


class CauseRow(models.Answered):
    """Describes one shared cause.

    ``subjects`` and ``findings`` list the first of those counted; a viewer of one agency gets those of its own, and no
    gain of the province. ``certain`` false: probably one cause.
    """

    id: str
    kind: CauseKind
    title: dict[str, str]
    name: str
    vantage: str | None
    port: str | None
    software: str | None
    certain: bool
    severity: Severity
    owner: str | None
    owner_basis: OwnerBasis
    agencies: list[str | None]
    subject_count: int
    subjects: list[str]
    finding_count: int
    findings: list[str]
    problems: list[CauseProblemRow]
    gains: list[GainRow]
    targets: list[ReachedTargetRow]


class Causes(models.Answered):
    run: str
    judgement: str
    items: list[CauseRow]
    next: str | None


@operations.get("/causes", answer=Causes, query=models.PageQuery, cached=True, missing=True)
async def causes(call: Call[models.PageQuery, EmptyModel]) -> Answer:
    """Return the shared causes of the latest run; 404 if no run was judged."""
    site = site_of(call.request)
    digest = await run_in_thread(latest, site)
    if digest is None:
        raise Refused(404, "not_judged")
    return _answer(call, AccountView(call.account, digest, site.store))


@operations.get("/runs/{run}/causes", answer=Causes, query=models.PageQuery, cached=True)
async def run_causes(call: Call[models.PageQuery, EmptyModel]) -> Answer:
    return _answer(call, await seen(call))


def _answer(call: Call[models.PageQuery, EmptyModel], view: AccountView) -> Answer:
    headers = unchanged(call, view.judgement)
    shown, following = numbered(view.causes, call.query.cursor, call.query.limit)
    items = [
        rows.made(
            CauseRow,
            {**json_data.cause(cause), "title": {lang: cause_texts.title(cause, texts_in(lang)) for lang in LANGUAGES}},
        )
        for cause in shown
    ]
    made = Causes(run=view.digest.run.id, judgement=view.judgement, items=items, next=following)
    return answered(made, headers)
