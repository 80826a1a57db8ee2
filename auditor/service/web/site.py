"""Holds the objects that every page needs: the store, the accounts and the catalogue, opened once for the service."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

from aiohttp import web
from jinja2 import Environment

from auditor.figures.mesh import Grid
from auditor.figures.path_changes import PathChange
from auditor.framework.catalogue import Catalogue
from auditor.service.accounts.accounts import Accounts
from auditor.service.accounts.model import Account, LoginSession, Role
from auditor.service.config.model import Config
from auditor.service.leases.model import Leases
from auditor.service.scheduler.jobs import JobQueue
from auditor.service.scheduler.known_inventories import KnownInventories
from auditor.service.scheduler.live_schedules import LiveSchedules
from auditor.service.store.api import DatabaseStore
from auditor.service.store.at_hand import MustWait, at_once
from auditor.service.store.kept.inventories import Inventories as Stock
from auditor.service.store.kept.problem_states import ProblemStates
from auditor.service.store.kept.waivers import WaiverStore
from auditor.service.store.records import JudgementId
from auditor.service.web.background.bounded_pool import BoundedPool
from auditor.service.web.background.comparing import Comparisons
from auditor.service.web.background.rejudging import RejudgeQueue
from auditor.service.web.caches.forgotten_lists import ForgottenLists
from auditor.service.web.caches.frames import FrameCache
from auditor.service.web.caches.parts import PartCache
from auditor.service.web.caches.periods import PeriodCache
from auditor.service.web.caches.recently_used import RecentlyUsed
from auditor.service.web.forms.drafts import InventoryDrafts
from auditor.service.web.judged_runs.authorisation import UnauthorisedCounts
from auditor.service.web.judged_runs.judgement_summary import JudgementSummaries
from auditor.service.web.judged_runs.untested import UntestedCounts
from auditor.service.web.monitoring.metrics import RequestDurations, ServiceMetrics
from auditor.service.web.problems.choices import FilterChoices
from auditor.service.web.problems.lists import ProblemLists
from auditor.service.web.security.host_names import HostNames
from auditor.service.web.security.oidc import Provider
from auditor.service.web.security.setup_code import SetupCode
from reports.issuer import ReportIssuer

_CHOICES, _MESHES = 50, 4
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    config: Config
    store: DatabaseStore
    accounts: Accounts
    hosts: HostNames
    jobs: JobQueue
    leases: Leases
    inventories: KnownInventories
    stock: Stock
    waivers: WaiverStore
    problem_states: ProblemStates
    schedules: LiveSchedules
    catalogue: Catalogue
    digests: JudgementSummaries
    problems: ProblemLists
    unauthorised: UnauthorisedCounts
    untested: UntestedCounts
    drafts: InventoryDrafts
    judging: RejudgeQueue
    comparisons: Comparisons
    templates: Environment
    requests: RequestDurations
    state: ServiceMetrics
    secure: bool
    """True if browsers reach us over HTTPS, so that cookies may insist on it."""
    parts: PartCache = field(default_factory=PartCache)
    frames: FrameCache = field(default_factory=FrameCache)
    periods: PeriodCache = field(default_factory=PeriodCache)
    choices: RecentlyUsed[tuple[str, ...], FilterChoices] = field(default_factory=lambda: RecentlyUsed(_CHOICES))
    """The choices that the form of the problem list offers to readers that see the same."""
    meshes: RecentlyUsed[JudgementId, tuple[Grid, Sequence[PathChange]]] = field(
        default_factory=lambda: RecentlyUsed(_MESHES)
    )
    """The paths between the vantages of a run, for accounts that see everything."""
    forgotten: ForgottenLists = field(default_factory=ForgottenLists)
    hashing: BoundedPool = field(default_factory=lambda: BoundedPool("hashing", threads=2, waiting=50))
    """The pool for passwords: they never wait for anything that takes longer."""
    rendering: BoundedPool = field(default_factory=lambda: BoundedPool("rendering", threads=2, waiting=8))
    """The pool for reports: few at once, so that the rest of the service has the processor too."""
    intake: BoundedPool = field(default_factory=lambda: BoundedPool("intake", threads=1, waiting=8))
    """The pool for deliveries of the workers of other vantages: large, and untrusted until they are checked."""
    issuer: ReportIssuer = field(default_factory=ReportIssuer)
    """The issuer of the reports that are downloaded here."""
    first: SetupCode = field(default_factory=SetupCode)
    """The code that is needed to create the first account."""
    provider: Provider | None = None
    """The configured provider that authenticates people; None without one."""
    ending: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the service ends; answers that stay open end then."""

    @property
    def must_have_factor(self) -> Sequence[str]:
        """The roles that must have a second factor: the configured ones, else, over HTTPS, all of them.

        Without HTTPS only this machine's users reach the service.
        """
        wanted = self.config.serve.second_factor
        if wanted is not None:
            return wanted
        return [role.value for role in Role] if self.secure else ()


SITE = web.AppKey("site", Site)
SESSION: web.RequestKey[LoginSession | None] = web.RequestKey("session", LoginSession)
"""The key under which a request carries its session; None without one."""
RENEWED: web.RequestKey[str] = web.RequestKey("renewed", str)
"""The key under which a request carries the value that replaces the session cookie of its browser."""
HOLDER: web.RequestKey[Account] = web.RequestKey("holder", Account)
"""The key under which a program's request carries the account of its token."""


def site_of(request: web.Request) -> Site:
    return request.app[SITE]


def session_of(request: web.Request) -> LoginSession | None:
    return request.get(SESSION)


def account_of(request: web.Request) -> LoginSession:
    """Return the session, with its account, of a request that needs one."""
    login_session = session_of(request)
    assert login_session is not None
    return login_session


async def run_in_thread(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run work that waits for the store or the processor in a thread, off the event loop."""
    return await asyncio.to_thread(work, *args, **kwargs)


async def run_lookup(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Run a lookup on the event loop if it is cached, else in a thread, which takes longer."""
    try:
        with at_once():
            return work(*args, **kwargs)
    except MustWait:
        return await run_in_thread(work, *args, **kwargs)


async def ends_within(site: Site, seconds: float) -> bool:
    """Wait for work at most so long, less if the service ends; returns whether it ended."""
    try:
        async with asyncio.timeout(seconds):
            await site.ending.wait()
    except TimeoutError:
        return False
    return True
