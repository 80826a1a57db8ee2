"""Runs ``auditor worker``: measures for one vantage on behalf of a centre, and samples as ``serve`` does."""

import asyncio
import logging
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from signal import SIGINT, SIGTERM
from typing import Any

from auditor.framework import catalogue
from auditor.framework.catalogue import Catalogue
from auditor.framework.operator_problems import OperatorError, OperatorProblem, problem
from auditor.service.cli.commands.measuring.sample import sampler
from auditor.service.cli.commands.service.service_store import open_service_store
from auditor.service.cli.failures import EXIT_OK
from auditor.service.cli.global_options import load_config
from auditor.service.config.model import Config
from auditor.service.garbage_collection import collect_as_usual
from auditor.service.pipeline.credentials.credentials import environment
from auditor.service.pipeline.credentials.secret_sources import read_secret
from auditor.service.pipeline.measuring.network import open_kernel
from auditor.service.sampling.sampler import Sampler
from auditor.service.scheduler.lock import Lock
from auditor.service.store.api import DatabaseStore, Store
from auditor.service.store.url import file_of
from auditor.service.worker.centre import Centre, Declined
from auditor.service.worker.loop import Worker
from auditor.service.worker.samples import SampleDelivery
from auditor.service.worker.spool import Spool

_log = logging.getLogger("auditor.worker")


def worker(named: Sequence[str], options: Mapping[str, object], centre: Mapping[str, object]) -> int:
    """Work until Ctrl-C or SIGTERM.

    ``named`` is the inventory that is also sampled. ``centre`` holds options that replace ``[worker]`` of the
    configuration.
    """
    config = load_config({**options, **{f"worker__{key}": value for key, value in centre.items()}}).config
    made = centre_of(config)
    with open_service_store(config, named) as store:
        asyncio.run(_run(config, store, named, made))
    return EXIT_OK


def centre_of(config: Config) -> Centre:
    """Return the centre of the configuration. Raises OperatorError."""
    section = config.worker
    if not section.centre or section.token is None:
        raise OperatorError([problem("name the centre and its token: --centre URL --token file:PATH, or [worker]")])
    problems: list[OperatorProblem] = []
    token = read_secret(section.token, environment(), problems, at="worker.token")
    if token is None or problems:
        raise OperatorError(problems)
    return Centre(section.centre, token.strip(), section.ca_file)


async def _run(config: Config, store: DatabaseStore, named: Sequence[str], to: Centre) -> None:
    collect_as_usual()
    folder = spool_folder(config)
    lock = Lock(folder.with_name(f"{folder.name}.lock"), store.database)
    await lock.take()
    known, stop = catalogue.load(), asyncio.Event()
    for signal in (SIGINT, SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signal, stop.set)
    try:
        async with to as centre, asyncio.TaskGroup() as group:
            measuring = Worker(
                config=config, centre=centre, spool=Spool(folder), store=store, catalogue=known, open_net=open_kernel
            )
            works = [group.create_task(measuring.run())]
            if named:
                works += [group.create_task(work) for work in _sampling(config, store, named, measuring, known)]
            await stop.wait()
            for work in works:
                work.cancel()
    finally:
        lock.leave()


def spool_folder(config: Config) -> Path:
    """Return where leased batches are kept: beside the vantage's own store."""
    store = file_of(config.store)
    return store.with_name(f"{store.name}.spool")


def _sampling(
    config: Config, store: Store, named: Sequence[str], worker: Worker, known: Catalogue
) -> tuple[Coroutine[Any, Any, None], Coroutine[Any, Any, None]]:
    """Return two coroutines: one takes rounds of samples, one delivers the samples after each round."""
    sampled = asyncio.Event()
    rounds = replace(sampler(named, config, store, known), told=lambda visit: sampled.set())
    return rounds.run(), _delivered(rounds, sampled, store, config.vantage.name, worker)


async def _delivered(rounds: Sampler, sampled: asyncio.Event, store: Store, vantage: str, worker: Worker) -> None:
    async def send(lines: bytes) -> None:
        await worker.patiently(partial(worker.centre.deliver_samples, lines))

    delivery = SampleDelivery(store=store, vantage=vantage, send=send)
    while True:
        await sampled.wait()
        sampled.clear()
        plan, _ = await asyncio.to_thread(rounds.plan)
        subjects = [subject.id for subject in (*plan.subjects, *plan.mesh)]
        try:
            await delivery.deliver(subjects, datetime.now(UTC))
        except Declined as error:
            _log.error("the centre does not take samples: %s", error)
