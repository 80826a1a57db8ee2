"""Runs ``auditor serve``: the pages over the store, the audits started there or scheduled, and rounds of samples."""

import asyncio
import logging
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from signal import SIGINT, SIGTERM

from aiohttp import web

from auditor.framework.operator_problems import OperatorError
from auditor.service.cli.audit_entries import note
from auditor.service.cli.commands.measuring.sample import sampler
from auditor.service.cli.commands.service.service_store import open_service_store
from auditor.service.cli.failures import EXIT_OK, refuse
from auditor.service.cli.global_options import load_config
from auditor.service.cli.listening_problems import port_not_opened
from auditor.service.cli.words import ui
from auditor.service.config.model import Config
from auditor.service.garbage_collection import collect_as_usual
from auditor.service.inventories.named_inventory import is_kept
from auditor.service.notify.model import NotifySettings
from auditor.service.notify.notifier import Notifier
from auditor.service.notify.settings import setting as notify
from auditor.service.pipeline.credentials.credentials import environment
from auditor.service.runs.forgetting import SERVICE, forget, look_at_clock
from auditor.service.sampling.settings import retention
from auditor.service.sampling.upkeep import keep_delivered
from auditor.service.scheduler.dispatcher import Dispatcher
from auditor.service.scheduler.lock import Lock
from auditor.service.store.api import DatabaseStore
from auditor.service.store.records import RunRecord
from auditor.service.web.app import make_app
from auditor.service.web.background.preparing import keep_prepared
from auditor.service.web.security.setup_code import place
from auditor.service.web.server import BoundedRunner
from auditor.service.web.site import SITE, Site, ends_within, run_in_thread
from inventory.addresses import parse_endpoint
from inventory.model import Endpoint, written

PORT = 8080
_DAY = 86_400.0
_SWEEP = 60.0
_GRACE = 10.0
"""Seconds that running requests may still take when the service ends."""


def serve(named: Sequence[str], listen: Sequence[str], options: Mapping[str, object], *, https: bool) -> int:
    """Serve until Ctrl-C or SIGTERM. Without ``https`` only this machine may be listened on.

    ``named`` are the files to sample, or the name of an inventory in the store, which may also be imported later.
    """
    config = load_config(options).config
    where = _endpoints(listen)
    open_ones = [endpoint for endpoint in where if not endpoint.address.is_loopback]
    if open_ones and not https:
        raise refuse(
            ui(
                "--listen {address}: passwords would travel unencrypted; say --https behind a proxy with HTTPS",
                address=written(endpoint.address),
            )
            for endpoint in open_ones
        )
    notices = notify(config, environment())
    with open_service_store(config, named) as store:
        asyncio.run(_run(config, store, named, where, notices, https=https))
    return EXIT_OK


async def _run(
    config: Config,
    store: DatabaseStore,
    named: Sequence[str],
    where: Sequence[Endpoint],
    notices: NotifySettings,
    *,
    https: bool,
) -> None:
    collect_as_usual()
    files = () if is_kept(named) else [Path(inventory) for inventory in named]
    app = make_app(config, store, secure=https, files=files)
    runner = BoundedRunner(app, access_log=None, shutdown_timeout=_GRACE)
    await runner.setup()
    try:
        for endpoint in where:
            await _listen(runner, endpoint)
        note(store, "service_started", " ".join(map(_shown, where)), own_log=True)
        listed = " ".join(f"http://{_shown(endpoint)}/" for endpoint in where)
        stop = asyncio.Event()
        for signal in (SIGINT, SIGTERM):  # before the file is written that is removed at the end
            asyncio.get_running_loop().add_signal_handler(signal, stop.set)
        _tell_first_code(app[SITE], store.database.path)
        print(ui("pages: {addresses}", addresses=listed), flush=True)
        async with asyncio.TaskGroup() as group:
            works = [
                group.create_task(_dispatcher(config, store, app).run()),
                group.create_task(keep_prepared(app[SITE])),
            ]
            works.append(group.create_task(_sweep(app[SITE])))
            if config.retention.evidence_days:
                works.append(group.create_task(_forget(config.retention.evidence_days, store)))
            if notices.channels:
                works.append(group.create_task(Notifier(notices, store).run()))
            if named:
                works.append(group.create_task(sampler(named, config, store, app[SITE].catalogue).run()))
            else:
                works.append(group.create_task(keep_delivered(store, retention(config))))
            await stop.wait()
            for work in works:
                work.cancel()
    finally:
        await runner.cleanup()


def _tell_first_code(site: Site, store: Path) -> None:
    """Print the set-up code and write it to a file beside the store; delete that file if there is an account."""
    where = place(store)
    if site.accounts.is_set_up():
        where.unlink(missing_ok=True)
        return
    site.first.write(where)
    text = ui(
        "there are no accounts yet: open /setup and give this code: {code} (also in {file})",
        code=site.first.code,
        file=str(where),
    )
    print(f"auditor: {text}", file=sys.stderr, flush=True)


async def _sweep(site: Site) -> None:
    """Delete sessions and tokens as soon as they have expired."""
    while not await ends_within(site, _SWEEP):
        try:
            await run_in_thread(site.accounts.sweep)
        except Exception:  # no error here ends the service
            logging.getLogger("auditor.service.web").exception("what is over could not be deleted")


async def _listen(runner: web.AppRunner, endpoint: Endpoint) -> None:
    try:
        await web.TCPSite(runner, str(endpoint.address), endpoint.port or PORT).start()
    except OSError as error:
        raise OperatorError([port_not_opened(error, at=f"--listen {_shown(endpoint)}")]) from error


def _dispatcher(config: Config, store: DatabaseStore, app: web.Application) -> Dispatcher:
    site, database = app[SITE], store.database
    file = database.path.resolve()  # a link to a store is the same store
    lock = Lock(file.with_name(f"{file.name}.lock"), database)
    return Dispatcher(
        config=config, store=store, jobs=site.jobs, inventories=site.inventories, schedules=site.schedules, lock=lock
    )


async def _forget(days: int, store: DatabaseStore) -> None:
    """Delete the evidence of old runs at start and then once a day, unless the clock was recently set or unobserved."""
    log = logging.getLogger("auditor.retention")
    while True:
        try:
            gone = await asyncio.to_thread(_forgotten, days, store)
        except Exception:  # no error here ends the service
            log.exception("old evidence could not be let go")
        else:
            for run in gone:
                log.info("run %s: its evidence is kept no more", run.id)
        await asyncio.sleep(_DAY)


def _forgotten(days: int, store: DatabaseStore) -> Sequence[RunRecord]:
    now = datetime.now(UTC)
    return forget(store, timedelta(days=days), now) if look_at_clock(store, SERVICE, now) else ()


def _endpoints(texts: Sequence[str]) -> list[Endpoint]:
    bad, found = [], []
    for text in texts or (f"[::1]:{PORT}", f"127.0.0.1:{PORT}"):
        try:
            found.append(parse_endpoint(text))
        except ValueError:
            bad.append(text)
    if bad:
        raise refuse(ui("--listen: '{word}' is not an address such as [::1]:8080", word=word) for word in bad)
    return found


def _shown(endpoint: Endpoint) -> str:
    address = f"[{endpoint.address}]" if endpoint.address.version == 6 else str(endpoint.address)
    return f"{address}:{endpoint.port or PORT}"
