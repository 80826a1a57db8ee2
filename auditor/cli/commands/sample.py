"""``auditor sample``: one round of samples into the store, for cron."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from auditor import catalogue
from auditor.catalogue import Catalogue
from auditor.cli.bugs import report_failure
from auditor.cli.failures import EXIT_INTERNAL, EXIT_INTERRUPTED, EXIT_OK
from auditor.cli.state import STATE, load_config
from auditor.cli.words import language, ui
from auditor.config.model import Config
from auditor.pipeline.network import open_kernel, own_addresses
from auditor.pipeline.planning import Plan, plan
from auditor.sampling.sampler import Sampler, Visit
from auditor.sampling.settings import Settings, settings
from auditor.store.url import open_store
from inventory.inventory import Inventory
from inventory.loader import load_with_warnings
from inventory.model import Subject


def sample(files: Sequence[Path], options: Mapping[str, object]) -> int:
    """Sample what is due and say so in a line; nothing where this slot has been sampled already."""
    config = load_config(options).config
    loaded = load_with_warnings(files)
    for warning in loaded.warnings if STATE.verbosity >= 0 else ():
        print(f"auditor: {ui('warning')}: {warning.line(language())}", file=sys.stderr)
    known = catalogue.load()
    made = planned(loaded.inventory, config, known)
    with open_store(config.store) as store:
        bugs: list[Exception] = []

        def on_bug(subject: Subject, error: Exception) -> None:
            bugs.append(error)
            report_failure(subject, error)

        sampler = Sampler(plan=lambda: made, store=store, catalogue=known, open_net=open_kernel, on_bug=on_bug)
        try:
            visit = asyncio.run(sampler.once())
        except KeyboardInterrupt:
            print(ui("Interrupted; this round is left out."), file=sys.stderr)
            return EXIT_INTERRUPTED
    if STATE.verbosity >= 0:
        for line in lines(visit):
            print(line)
    return EXIT_INTERNAL if bugs else EXIT_OK


def planned(inventory: Inventory, config: Config, known: Catalogue) -> tuple[Plan, Settings]:
    """What is sampled, and how. Raises what ``plan`` raises, and SettingsError."""
    how = settings(config, inventory.subjects)
    made = plan(
        inventory, config, known, profile="quick", name="", now=datetime.now(UTC), own=own_addresses
    )  # fmt: skip
    return made, how


def lines(visit: Visit) -> Sequence[str]:
    """What came of a visit, for people; what is wrong with the vantage is said, and whose clock was set."""
    done = visit.round
    if not done.taken:
        return (ui("The slot of {slot:datetime} was sampled already.", slot=done.slot.isoformat()),)
    said = [
        ui(
            "{slot:datetime}: {points:n} points and devices: {reached:n} answered, {silent:n} did not, {aside:n} set"
            " aside; {samples:n} samples.",
            slot=done.slot.isoformat(),
            points=done.points,
            reached=done.reached,
            silent=done.silent,
            aside=done.aside,
            samples=done.samples,
        )
    ]
    if visit.pages is not None:
        said.append(ui("{pages:n} web sites were looked at over IPv6.", pages=visit.pages))
    if 0 in done.sick:
        said.append(ui("Too much was silent at once: this is held against the vantage, and nobody else."))
    said += [
        ui("IPv{family} did not work from here: what is silent over it is set aside.", family=family)
        for family in sorted(done.sick - {0})
    ]
    if done.missed:
        said.append(ui("{missed:n} slots before this one were not sampled; they count as gaps.", missed=done.missed))
    if done.clock_step:
        said.append(
            ui("The clock of this machine was set by {seconds:n} seconds since the last round.",
               seconds=round(done.clock_step))
        )  # fmt: skip
    return said
