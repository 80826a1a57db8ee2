"""Runs ``auditor sample``: stores one round of samples, for cron."""

import asyncio
import logging
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from auditor.framework import catalogue
from auditor.framework.catalogue import Catalogue
from auditor.service.cli.bugs import report_failure
from auditor.service.cli.commands.measuring.audit import named_inventory
from auditor.service.cli.failures import EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_OK
from auditor.service.cli.file_protection import keep_private
from auditor.service.cli.global_options import STATE, load_config
from auditor.service.cli.inventory_texts import warning_line
from auditor.service.cli.words import language, ui
from auditor.service.config.model import Config
from auditor.service.garbage_collection import collect_rarely
from auditor.service.inventories.named_inventory import is_kept, load_named
from auditor.service.pipeline.measuring.network import open_kernel, own_addresses
from auditor.service.pipeline.plan.plan import Plan, plan
from auditor.service.sampling.renamed import take_over
from auditor.service.sampling.sampler import Sampler, SamplerVisit
from auditor.service.sampling.settings import SamplerSettings, settings
from auditor.service.scheduler.job_errors import Expected, error_texts
from auditor.service.store.api import DatabaseStore, Store
from auditor.service.store.url import open_store
from inventory.inventory import Inventory
from inventory.model import Subject
from inventory.problems.summary import summary


def sample(named: Sequence[str], options: Mapping[str, object]) -> int:
    """Take the samples that are due and print a summary line; take none if this slot was already sampled.

    ``named`` are files, or the name of an inventory that the store keeps.
    """
    config = load_config(options).config
    loaded = named_inventory(named, config)
    for warning in summary(loaded.warnings) if STATE.verbosity >= 0 else ():
        print(f"auditor: {warning_line(warning)}", file=sys.stderr)
    known = catalogue.load()
    made = planned(loaded.inventory, config, known)
    with open_store(config.store) as store:
        keep_private(config.store)
        keep_series(config, store)
        bugs: list[Exception] = []
        collect_rarely()

        def on_bug(subject: Subject, error: Exception) -> None:
            bugs.append(error)
            report_failure(subject, error)

        visits = Sampler(plan=lambda: made, store=store, catalogue=known, open_net=open_kernel, on_bug=on_bug)
        try:
            visit = asyncio.run(visits.once())
        except KeyboardInterrupt:
            print(ui("Interrupted; this round is left out."), file=sys.stderr)
            return EXIT_INTERRUPTED
    if STATE.verbosity >= 0:
        for line in lines(visit):
            print(line)
    return EXIT_INTERNAL if bugs else EXIT_OK


def planned(inventory: Inventory, config: Config, known: Catalogue) -> tuple[Plan, SamplerSettings]:
    """Return the plan and the settings of sampling. Raises the errors of ``plan``, and SettingsError."""
    how = settings(config, inventory.subjects)
    made = plan(inventory, config, known, profile="quick", name="", now=datetime.now(UTC), own=own_addresses)
    return made, how


def keep_series(config: Config, store: DatabaseStore) -> None:
    """Continue the series of renamed vantages, and warn of those that cannot be continued."""
    for former, name in take_over(config, store):
        text = ui(
            "the samples of vantage '{former}' stay apart: it is still there, or '{name}' has samples of its own",
            former=former,
            name=name,
        )
        print(f"auditor: {ui('warning')}: {text}", file=sys.stderr)


def must_be_usable(named: Sequence[str], config: Config, store: Store) -> None:
    """Refuse an unusable inventory before a service starts to sample it, with the errors of every other command.

    An inventory that the store does not keep yet is only warned of: it may be imported on the pages later.
    """
    if is_kept(named):
        if named[0] not in store.inventories():
            text = ui(
                "the store has no inventory '{name}' yet; it is sampled as soon as one is imported", name=named[0]
            )
            print(f"auditor: {ui('warning')}: {text}", file=sys.stderr)
    elif named:
        planned(load_named(named, store).inventory, config, catalogue.load())


def sampler(named: Sequence[str], config: Config, store: Store, known: Catalogue) -> Sampler:
    """Return a sampler for a service. It reads the inventory again before each round and logs the problems in it."""
    log = logging.getLogger("auditor.service.sampling")

    def failed(error: Exception) -> None:
        if isinstance(error, Expected):
            log.error("no samples were taken: %s", error_texts(error, named[0])[language()])
        else:
            log.error("a round of samples failed", exc_info=error)

    def bug(subject: Subject, error: Exception) -> None:
        """Log the error; the subject has a gap in its samples, and all others have theirs."""
        log.error("%s could not be sampled", subject.id, exc_info=error)

    return Sampler(
        plan=lambda: planned(load_named(named, store).inventory, config, known),
        store=store,
        catalogue=known,
        open_net=open_kernel,
        failed=failed,
        on_bug=bug,
    )


def lines(visit: SamplerVisit) -> Sequence[str]:
    """Return the results of a sampling visit as text lines, with problems of the vantage and clocks that were set."""
    done = visit.round
    if not done.taken:
        return (ui("The slot of {slot:datetime} was sampled already.", slot=done.slot.isoformat()),)
    said = [
        ui(
            "{slot:datetime}: {points:n} {points/point or device/points and devices}: {reached:n} answered, {silent:n}"
            " did not, {aside:n} set aside; {samples:n} {samples/sample/samples}.",
            slot=done.slot.isoformat(),
            points=done.points,
            reached=done.reached,
            silent=done.silent,
            aside=done.aside,
            samples=done.samples,
        )
    ]
    if visit.pages is not None:
        said.append(
            ui(
                "{pages:n} {pages/web site (over IPv6) or shared system was/web sites (over IPv6) and shared systems"
                " were} looked at.",
                pages=visit.pages,
            )
        )
    if 0 in done.sick:
        said.append(ui("Too many subjects were silent at once: this counts as a fault of the vantage only."))
    said += [
        ui("IPv{family} did not work from here: what is silent over it is set aside.", family=family)
        for family in sorted(done.sick - {0})
    ]
    if done.missed:
        said.append(
            ui(
                "{missed:n} {missed/slot before this one was not sampled; it counts as a gap/slots before this one were"
                " not sampled; they count as gaps}.",
                missed=done.missed,
            )
        )
    if done.clock_step:
        said.append(
            ui(
                "The clock of this machine was set by {seconds:n} {seconds/second/seconds} since the last round.",
                seconds=round(done.clock_step),
            )
        )
    return said
