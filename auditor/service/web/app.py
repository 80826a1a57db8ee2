"""Assembles the web application: its routes, its middleware and its static files."""

import os
import pkgutil
from collections.abc import Sequence
from importlib import import_module, resources
from pathlib import Path

from aiohttp import web

from auditor.framework import catalogue
from auditor.framework.operator_problems import OperatorError, problem
from auditor.service.accounts.accounts import Accounts
from auditor.service.accounts.keys import UnusableKey
from auditor.service.config.issuer import issuer
from auditor.service.config.model import Config
from auditor.service.leases.stored import StoredLeases
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.known_inventories import of_service
from auditor.service.scheduler.live_schedules import LiveSchedules
from auditor.service.store.api import DatabaseStore
from auditor.service.store.kept.inventories import Inventories as Stock
from auditor.service.store.kept.problem_states import ProblemStates
from auditor.service.store.kept.waivers import WaiverStore
from auditor.service.web import pages
from auditor.service.web.api import all_operations
from auditor.service.web.background.comparing import Comparisons
from auditor.service.web.background.rejudging import RejudgeQueue
from auditor.service.web.forms.drafts import InventoryDrafts
from auditor.service.web.judged_runs.authorisation import UnauthorisedCounts
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries
from auditor.service.web.judged_runs.untested import UntestedCounts
from auditor.service.web.monitoring.metrics import RequestDurations, ServiceMetrics
from auditor.service.web.pages.inventories import inventory_import
from auditor.service.web.pages.service import monitoring
from auditor.service.web.problems.lists import ProblemLists
from auditor.service.web.rendering.render import environment
from auditor.service.web.routes import Route
from auditor.service.web.security import guard
from auditor.service.web.security.host_names import HostNames
from auditor.service.web.security.oidc import of_config
from auditor.service.web.security.service_keys import keys_of
from auditor.service.web.site import SITE, Site, run_in_thread

LARGEST_BODY = inventory_import.LARGEST
"""Bytes; a route's own bound is narrower."""


def routes() -> Sequence[Route]:
    """Return the routes of every module below ``pages`` that has some, and those of the API."""
    found = (import_module(module.name) for module in pkgutil.walk_packages(pages.__path__, f"{pages.__name__}."))
    of_pages = (route for page in found if hasattr(page, "routes") for route in page.routes.all)
    return (*of_pages, *all_operations.routes())


def make_app(config: Config, store: DatabaseStore, *, secure: bool, files: Sequence[Path] = ()) -> web.Application:
    """Build the application over an open store, which the caller has to close. ``files`` are inventories to audit."""
    known, jobs, stock = catalogue.load(), JobQueue(store.database), Stock(store.database)
    live = LiveSchedules(config, store.database)
    digests = JudgementSummaries(store, known, store.database, stock)
    app = web.Application(
        middlewares=[monitoring.timed, guard.refusals, guard.ours_alone, guard.identity], client_max_size=LARGEST_BODY
    )
    app[SITE] = Site(
        config=config,
        store=store,
        accounts=_accounts(config, store),
        hosts=HostNames(config),
        jobs=jobs,
        leases=StoredLeases(store.database),
        inventories=of_service(config, files),
        stock=stock,
        waivers=WaiverStore(store.database),
        problem_states=ProblemStates(store.database),
        schedules=live,
        catalogue=known,
        digests=digests,
        problems=ProblemLists(store.database),
        unauthorised=UnauthorisedCounts(store.database),
        untested=UntestedCounts(store.database),
        comparisons=Comparisons(digests),
        drafts=InventoryDrafts(),
        judging=RejudgeQueue(store, known),
        templates=environment(),
        requests=RequestDurations(),
        state=ServiceMetrics(config, store.database, jobs, live),
        secure=secure,
        issuer=issuer(config),
        provider=of_config(config, os.environ),
    )
    app.on_response_prepare.append(guard.add_headers)
    app.on_shutdown.append(_end)
    for route in routes():
        app.router.add_route(route.method, route.path, guard.guarded(route))
    app.router.add_static("/static", Path(str(resources.files("auditor.service.web"))) / "static", append_version=True)
    return app


def _accounts(config: Config, store: DatabaseStore) -> Accounts:
    """Open the accounts with the configured keys; encrypt seeds that are stored in the clear or under an older key."""
    try:
        made = Accounts(store.database, keys=keys_of(config, os.environ))
        made.protect_seeds()
    except (UnusableKey, OSError) as error:
        raise OperatorError([problem("the keys cannot be read: {why}", at="serve.keys", why=str(error))]) from error
    return made


async def _end(app: web.Application) -> None:
    site = app[SITE]
    site.ending.set()
    site.hashing.close()
    site.rendering.close()
    site.intake.close()
    site.first.withdraw()
    await run_in_thread(site.accounts.refusals.settle, ends=True)
