"""Composes the notice of a run: how many findings became worse and better, and in a mail also which ones."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from auditor.figures.comparison import ChangeKind, Credibility
from auditor.framework import catalogue
from auditor.framework.message_format import clean
from auditor.service.notify.attaching import attachments
from auditor.service.notify.model import (
    Attachment,
    ChangeCounts,
    Channel,
    DoubtfulChange,
    JobEnd,
    JobEvent,
    MailRecipient,
    Notice,
    NotifySettings,
    NotifyWhen,
    Webhook,
)
from auditor.service.notify.problem_events import events
from auditor.service.pipeline.judging.members import cut_off_vantages
from auditor.service.runs.comparing import RunComparison, compare, judged_run, previous
from auditor.service.store.api import DatabaseStore, Store
from auditor.service.store.records import StoreError
from auditor.texts.translate import Texts
from probes.framework.evidence import RunId

LINES = 60
"""Findings named in one mail; the rest is counted, and can be read in the pages."""
_TOLD = (ChangeKind.NEW, ChangeKind.CHANGED, ChangeKind.FIXED, ChangeKind.EASED, ChangeKind.ADDED)


def awaits_repeat(event: JobEvent, store: Store) -> bool:
    """True if the run is in doubt and its repeat has not decided yet: notices wait for that decision."""
    if event.ending is not JobEnd.FINISHED or event.run is None:
        return False
    doubt = store.run(event.run).doubt
    return doubt is not None and doubt.state is Credibility.WAITING


def compose(
    event: JobEvent,
    channel: Channel,
    setting: NotifySettings,
    store: DatabaseStore,
    written: Callable[[RunId, MailRecipient, NotifySettings, DatabaseStore], tuple[Attachment, ...]] = attachments,
) -> Notice | None:
    """Compose the notice for one recipient, with the reports to attach; None if the recipient gets none.

    Reads two runs, and has the reports ``written``: may take seconds, for a province minutes.
    """
    told = _composed(event, channel, setting, store)
    if told is None or event.run is None or not isinstance(channel, MailRecipient) or not _is_sound(told):
        return told
    return replace(told, attachments=written(event.run, channel, setting, store))


def _is_sound(told: Notice) -> bool:
    """True if reports of the run may be sent: it ended, and no vantage is suspected of its changes."""
    sound = told.doubted is None or told.doubted.state is Credibility.REAL
    return told.event.ending is JobEnd.FINISHED and sound


def _composed(event: JobEvent, channel: Channel, setting: NotifySettings, store: Store) -> Notice | None:
    by_problem = isinstance(channel, Webhook) and channel.problems
    if event.ending is not JobEnd.FINISHED or event.run is None:
        return None if channel.agency or by_problem else _told(event, channel, "", ChangeCounts(), setting, ())
    doubted = _doubted(event.run, store)
    if doubted is None and store.run(event.run).doubt is not None:
        return None  # its repeat is reported instead
    after = judged_run(event.run, store, catalogue.load())
    unit = after.inventory.organisation.unit(channel.agency) if channel.agency else None
    if channel.agency and unit is None:
        return None  # this inventory has nothing of that agency
    name = "" if unit is None else unit.name
    missing = cut_off_vantages(store.run(event.run), store)
    try:
        before = judged_run(previous(event.run, store), store, catalogue.load())
    except StoreError:  # the first run
        if channel.when is NotifyWhen.WORSE or by_problem:
            return None
        return replace(_told(event, channel, name, ChangeCounts(), setting, ()), missing=missing)
    comparison = compare(before, after, store, agency=channel.agency)
    counts = _counts(comparison)
    if not _is_asked_for(channel, counts) and not (missing and not channel.agency and not by_problem):
        return None
    if by_problem:
        return _problems(event, channel, name, comparison, setting, doubted)
    lines = tuple(_lines(comparison, Texts(channel.lang))) if isinstance(channel, MailRecipient) else ()
    return replace(_told(event, channel, name, counts, setting, lines), doubted=doubted, missing=missing)


def _is_asked_for(channel: Channel, counts: ChangeCounts) -> bool:
    worse, changes = channel.when is NotifyWhen.WORSE, channel.when is NotifyWhen.CHANGES
    return not (worse and not counts.worse) and not (changes and not counts.changed)


def _problems(
    event: JobEvent,
    channel: Channel,
    name: str,
    comparison: RunComparison,
    setting: NotifySettings,
    doubted: DoubtfulChange | None,
) -> Notice | None:
    """Compose the events of single problems; None if there are none, or the vantage may have caused the changes."""
    if event.run is None or (doubted is not None and doubted.state is not Credibility.REAL):
        return None
    found = tuple(events(comparison.comparison.changes, event.run, _link(event, setting.pages)))
    told = _told(event, channel, name, _counts(comparison), setting, ())
    return replace(told, problems=found, doubted=doubted) if found else None


def _doubted(run: RunId, store: Store) -> DoubtfulChange | None:
    """Return the mass change to mention; None without one, or if a repeat of this run is to report it.

    A repeat reports its decision about the run before.
    """
    record = store.run(run)
    about = store.run(RunId(record.repeats)) if record.repeats else record
    doubt = about.doubt
    if doubt is None or (about is record and doubt.repeat is not None):
        return None
    return DoubtfulChange(when=about.started, areas=doubt.areas, state=doubt.state, repeated=about is not record)


def _counts(comparison: RunComparison) -> ChangeCounts:
    by_kind = comparison.comparison.counts
    return ChangeCounts(
        worse=len(comparison.comparison.regressions),
        better=by_kind.get(ChangeKind.FIXED, 0),
        eased=by_kind.get(ChangeKind.EASED, 0),
        still_failing=by_kind.get(ChangeKind.STILL_FAILING, 0),
    )


def _lines(comparison: RunComparison, texts: Texts) -> Iterator[str]:
    """Yield a line for each finding that became worse, then for each that changed otherwise."""
    ui = partial(texts.say, "ui")
    changes = [change for change in comparison.comparison.changes if change.kind in _TOLD or change.regression]
    changes.sort(
        key=lambda change: (
            not change.regression,
            _TOLD.index(change.kind) if change.kind in _TOLD else 9,
            change.subject,
        )
    )
    for change in changes[:LINES]:
        outline = change.outline
        place = f" ({outline.address})" if outline.address else ""
        kind = ui("worse") if change.regression else texts.word("change", change.kind.value)
        yield clean(f"{kind}: {change.subject}{place} – {texts.heading(outline)} [{outline.check}]")
    if len(changes) > LINES:
        yield ui("and {n:n} more", n=len(changes) - LINES)


def _told(
    event: JobEvent, channel: Channel, unit: str, counts: ChangeCounts, setting: NotifySettings, lines: tuple[str, ...]
) -> Notice:
    return Notice(
        event=event, agency=channel.agency, unit=unit, counts=counts, link=_link(event, setting.pages), lines=lines
    )


def _link(event: JobEvent, pages: str) -> str:
    """Return the link to the run. It contains only the run's id; each account sees its own part there."""
    return f"{pages}/runs/{event.run}/changes" if pages and event.run else pages
