"""Serves waivers: a list with the ended ones, and adding and ending them (operators).

The next judgement applies them; the latest run can be judged again at once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from aiohttp import web
from aiohttp.web import Request, StreamResponse

from auditor.framework.localdate import civil_day
from auditor.framework.waivers import WaiverRow
from auditor.service.accounts.model import Account, Role
from auditor.service.store.records import KeptWaiver, StoreError
from auditor.service.web.forms import choices
from auditor.service.web.forms.sent_forms import field
from auditor.service.web.judged_runs.account_view import AccountView
from auditor.service.web.judged_runs.cut_off import is_whole
from auditor.service.web.judged_runs.judgement_summary import JudgementSummary
from auditor.service.web.judged_runs.run_views import latest, view_of_run
from auditor.service.web.rendering.render import language, page, texts_in
from auditor.service.web.routes import Routes
from auditor.service.web.security.guard import remote
from auditor.service.web.site import Site, account_of, run_in_thread, site_of
from inventory.model import AgencyId, SubjectId

routes = Routes()
_LONGEST = {"subject": 300, "agency": 100, "check": 100, "reason": 1000, "owner": 200, "until": 10}
_USUAL = timedelta(days=90)
"""The duration that is proposed for a waiver."""
_YEAR, _MOST_NAMES = timedelta(days=366), 8
"""The time back, and the most names of runs, for which runs are searched for the subjects of waivers."""
_PATIENCE = 10.0
"""Seconds that a page waits for a judgement; a longer one continues while the page says so."""


class WaiverError(ValueError):
    """Raised for a waiver that cannot be kept, with its field; ``code`` is a key of the pages' words."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(code)
        self.code, self.field = code, field


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverLine:
    """Describes one waiver as it stands today.

    ``kept`` is None for one of the operator's file. ``idle``: no inventory's latest run has a subject of it, as after a
    merger of agencies.
    """

    row: WaiverRow
    state: str
    kept: KeptWaiver | None
    idle: bool = False


@routes.get("/waivers")
async def waivers(request: Request) -> StreamResponse:
    """List the waivers; ``subject`` and ``check`` fill the form in, as a finding leads here."""
    asked = request.query
    today = {"owner": account_of(request).account.name, "until": (_today() + _USUAL).isoformat()}
    return await _waivers(request, {**today, **asked})


@routes.post("/waivers", Role.OPERATOR)
async def add(request: Request) -> StreamResponse:
    site, account = site_of(request), account_of(request).account
    given = {name: (await field(request, name)).strip()[:most] for name, most in _LONGEST.items()}
    try:
        row = await run_in_thread(waiver_row, site, given)
    except WaiverError as error:
        return await _waivers(request, given, error, status=422)
    await run_in_thread(accept, site, [row], account.name, remote(request))
    raise web.HTTPSeeOther("/waivers")


@routes.post("/waivers/end", Role.OPERATOR)
async def end(request: Request) -> StreamResponse:
    key = await field(request, "key")
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        raise web.HTTPBadRequest
    try:
        await run_in_thread(_end, site_of(request), int(key), account_of(request).account.name, remote(request))
    except StoreError:
        return await _waivers(request, {}, WaiverError("NO_WAIVER", ""), status=409)
    raise web.HTTPSeeOther("/waivers")


@routes.post("/runs/{run}/judge", Role.OPERATOR)
async def judge_again(request: Request) -> StreamResponse:
    """Make a new judgement of the same evidence under the present waivers; the old one stays."""
    site, view = site_of(request), await view_of_run(request)
    run = view.digest.run.id
    await run_in_thread(site.accounts.note, account_of(request).account.name, remote(request), "judged_again", str(run))
    done = await site.judging.again(run, _PATIENCE)
    own = "/seal" if await run_in_thread(site.store.is_sealed, run) else ""  # the sealed judgement stays the one shown
    raise web.HTTPSeeOther(f"/runs/{run}{own}" if done else "/waivers")


# --- helpers of the pages --------------------------------------------------------------------------------------------


async def _waivers(
    request: Request, given: Mapping[str, str], problem: WaiverError | None = None, *, status: int = 200
) -> StreamResponse:
    site, account = site_of(request), account_of(request).account
    return await page(
        request,
        "waivers",
        {
            **await run_in_thread(_told, site, account),
            **(await run_in_thread(_offered, request, site) if account.role.covers(Role.OPERATOR) else {}),
        },
        filled={field_name: given.get(field_name, "") for field_name in _LONGEST},
        problem=problem,
        today=_today(),
        status=status,
    )


def _told(site: Site, account: Account) -> dict[str, object]:
    digest = latest(site)
    view = None if digest is None else AccountView(account, digest, site.store)
    lines = [
        line for line in _lines(site, view) if account.agency is None or (view is not None and view.accepts(line.row))
    ]
    run = None if digest is None else digest.run
    return {
        "lines": lines,
        "run": run,
        "judging": run is not None and run.id in site.judging,
        "names": {} if view is None else view.names,
        "subjects": {} if view is None else {subject.id for subject in view.subjects},
        "known_checks": site.catalogue.checks,
    }


def _offered(request: Request, site: Site) -> dict[str, object]:
    """Return the choices that the form offers; operators see every agency."""
    digest = latest(site)
    view = None if digest is None else AccountView(account_of(request).account, digest, site.store)
    return {
        "agencies": choices.agencies(site, digest),
        "offered": choices.subjects(view),
        "groups": choices.check_groups(site.catalogue.checks, texts_in(language(request))),
        "people": choices.people(site),
    }


def _lines(site: Site, view: AccountView | None) -> Iterator[WaiverLine]:
    """Yield the waivers: those in force first, by their last day, then those that begin later, expired ones, and those
    ended early."""
    kept = [WaiverLine(row=waiver.row, state=_state(waiver), kept=waiver) for waiver in site.waivers.all()]
    rows = {line.row for line in kept}
    filed = () if view is None else view.digest.waivers
    other = [WaiverLine(row=row, state=_of_today(row), kept=None) for row in filed if row not in rows]
    order = ("in_force", "begins_later", "run_out", "ended_early")
    lines = sorted((*kept, *other), key=lambda line: (order.index(line.state), line.row.until, line.row.of))
    yield from lines if view is None else marked(lines, _last_runs(site, view.digest))


def _last_runs(site: Site, digest: JudgementSummary) -> Sequence[JudgementSummary]:
    """Read the latest whole run of each name in the year up to the run that is shown, and that run."""
    runs = [run for run in site.store.runs() if is_whole(run) and not run.amends]
    year = [run for run in runs if abs(digest.run.started - run.started) < _YEAR and run.name != digest.run.name]
    latest = site.store.latest_judgements()
    last = {run.name: latest.get(run.id) for run in year}
    return [digest, *(site.digests.of(judgement) for judgement in list(last.values())[-_MOST_NAMES:] if judgement)]


def marked(lines: Iterable[WaiverLine], digests: Iterable[JudgementSummary]) -> Iterator[WaiverLine]:
    """Yield the lines, marked as idle if none of the runs has a subject of them; partial runs do not decide that."""
    whole = [digest for digest in digests if not digest.run.is_part]
    ids = frozenset[SubjectId]().union(*(digest.ids for digest in whole))
    agencies = {line.agency for digest in whole for line in digest.lines}
    yield from (replace(line, idle=bool(whole) and is_idle(line.row, ids, agencies)) for line in lines)


def is_idle(row: WaiverRow, subjects: Set[SubjectId], agencies: Set[AgencyId | None]) -> bool:
    """True if a waiver concerns none of these subjects and none of the agencies that own them."""
    return row.subject not in subjects if row.subject is not None else row.agency not in agencies


def _state(kept_waiver: KeptWaiver) -> str:
    return "ended_early" if kept_waiver.ended is not None else _of_today(kept_waiver.row)


def _of_today(row: WaiverRow) -> str:
    if row.in_force(_today()):
        return "in_force"
    return "run_out" if row.until < _today() else "begins_later"


def _today() -> date:
    return civil_day(datetime.now(UTC))


def waiver_row(site: Site, given: Mapping[str, str]) -> WaiverRow:
    """Read a waiver from the fields of a form. Raises WaiverError."""
    subject, agency = _subject(site, given["subject"]), given["agency"]
    check = given["check"].removesuffix("*").removesuffix(".")
    if bool(subject) == bool(agency):
        raise WaiverError("ONE_OF_BOTH", "subject")
    if not check or not any(f"{check_id}.".startswith(f"{check}.") for check_id in site.catalogue.checks):
        raise WaiverError("UNKNOWN_CHECK", "check")
    for name in ("reason", "owner"):
        if not given[name]:
            raise WaiverError("NEEDED", name)
    until = _until(given["until"])
    if not _is_known(site, subject, agency):
        raise WaiverError("UNKNOWN_SUBJECT", "subject" if subject else "agency")
    return WaiverRow(
        subject=SubjectId(subject) if subject else None,
        agency=AgencyId(agency) if agency else None,
        check=check,
        reason=given["reason"],
        owner=given["owner"],
        until=until,
    )


def _subject(site: Site, typed: str) -> str:
    """Return the id of the subject in the latest run that the typed text names, else the text itself."""
    digest = latest(site)
    return typed if digest is None else choices.subject_named(digest.lines, typed) or typed


def _until(text: str) -> date:
    try:
        until = date.fromisoformat(text)
    except ValueError as error:
        raise WaiverError("BAD_DAY", "until") from error
    if until < _today():
        raise WaiverError("DAY_PAST", "until")
    return until


def _is_known(site: Site, subject: str, agency: str) -> bool:
    """True if the latest run or an inventory has it: a waiver of an unknown subject would never apply."""
    digest = latest(site)
    if digest is not None and (
        digest.of(SubjectId(subject)) is not None or digest.organisation.unit(AgencyId(agency)) is not None
    ):
        return True
    inventories = (site.stock.read(version) for version in site.stock.latest())
    return any(
        inventory.organisation.unit(AgencyId(agency)) is not None
        or any(each.id == subject for each in inventory.subjects)
        for inventory in inventories
    )


def accept(site: Site, rows: Sequence[WaiverRow], who: str, address: str) -> None:
    """Keep new waivers, all or none, each with its line of the audit log."""
    with site.store.batch():
        for row in rows:
            key = site.waivers.add(row, who=who, now=datetime.now(UTC))
            site.accounts.note(who, address, "waiver_added", f"{key} {row.of} {row.check} {row.until.isoformat()}")


def _end(site: Site, key: int, who: str, address: str) -> None:
    with site.store.batch():
        site.waivers.end(key, who=who, now=datetime.now(UTC))
        site.accounts.note(who, address, "waiver_ended", str(key))
