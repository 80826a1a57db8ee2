"""Runs ``auditor runs``: lists the runs of a store, and figures over time."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from auditor.figures.figure import Figure
from auditor.figures.kpis import KPIS
from auditor.framework import catalogue
from auditor.framework.catalogue import Catalogue
from auditor.framework.escaping import visible
from auditor.framework.operator_problems import nearest
from auditor.service.cli.failures import EXIT_OK, refuse
from auditor.service.cli.global_options import load_config
from auditor.service.cli.list_output import print_json, wants_json
from auditor.service.cli.words import language, ui
from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.pipeline.summaries.summarising import kept_total, summarise
from auditor.service.runs.sealing import covers, stored_seal
from auditor.service.store.api import Store
from auditor.service.store.records import JudgementRecord, RunRecord, StoreError
from auditor.service.store.url import open_store
from auditor.texts.translate import Texts
from probes.framework.evidence import RunId
from reports.figures import plain_figure
from reports.json_data import Plain, iso

_TREND = ("K01", "K02", "K08", "K09", "K10", "K11", "K12", "K15", "K16", "K17")


def list_runs(options: Mapping[str, object], *, ids: bool, form: str) -> int:
    """Print one line for each run, oldest first, and the members of a round below it."""
    as_json = wants_json(form)
    with open_store(load_config(options).config.store, create=False) as store:
        if as_json:
            print_json([_data(run, store) for run in store.runs()])
            return EXIT_OK
        runs = store.runs()
        if not runs:
            print(ui("The store has no run yet: auditor audit FILE"), file=sys.stderr)
        for run in runs:
            print(visible(run.id if ids else _line(run, store)))
            for member in map(store.run, run.members):
                print(visible(member.id if ids else f"  {_line(member, store)}"))
    return EXIT_OK


def _data(run: RunRecord, store: Store) -> dict[str, Plain]:
    """Return a run as data; that of a round has its members."""
    latest = store.latest_judgement(run.id)
    return {
        "id": run.id,
        "name": run.name,
        "started": iso(run.started),
        "finished": iso(run.finished),
        "state": run.state.value,
        "vantage": run.vantage,
        "networks": list(run.networks),
        "profile": run.profile,
        "version": run.version,
        "inventory": run.inventory,
        "judgements": [judgement.id for judgement in store.judgements(run.id)],
        "latest_judgement": None if latest is None else latest.id,
        "sealed": store.is_sealed(run.id),
        "amends": run.amends or None,
        "round": run.round,
        "members": [_data(member, store) for member in map(store.run, run.members)],
    }


def _line(run: RunRecord, store: Store) -> str:
    texts = Texts(language())
    judged = len(store.judgements(run.id))
    parts = [f"{run.id:26}", texts.moment(run.started), texts.word("run_state", run.state.value), run.vantage]
    if run.started > datetime.now(UTC):
        parts.append(ui("dated later than now: the clock was ahead"))
    parts.append(ui("{n:n} {n/judgement/judgements}", n=judged))
    if store.is_sealed(run.id):
        parts.append(_sealed(run.id, store))
    if run.doubt is not None:
        parts.append(texts.word("doubt", run.doubt.state.value))
    if run.amends:
        parts.append(ui("amends {run}", run=run.amends))
    return "  ".join(part for part in (*parts, run.name) if part)


def _sealed(run: RunId, store: Store) -> str:
    try:
        return ui("sealed") if stored_seal(run, store) else ""
    except StoreError:
        return ui("its seal is damaged")


def show(run: str, options: Mapping[str, object], *, form: str) -> int:
    """Print everything about one run except its findings."""
    as_json = wants_json(form)
    with open_store(load_config(options).config.store, create=False) as store:
        if as_json:
            print_json(_data(store.run(RunId(run)), store))
            return EXIT_OK
        for name, value in _facts(store.run(RunId(run)), store):
            print(visible(f"{name:22} {value}"))
    return EXIT_OK


def _facts(run: RunRecord, store: Store) -> Iterator[tuple[str, str]]:
    texts = Texts(language())
    yield ui("run"), run.id
    yield ui("name"), run.name or "–"
    yield ui("started"), texts.moment(run.started)
    yield ui("finished"), "–" if run.finished is None else texts.moment(run.finished)
    yield ui("state"), texts.word("run_state", run.state.value)
    yield ui("vantage"), f"{run.vantage} ({', '.join(run.networks)})"
    if run.round is not None:
        yield ui("member of round"), run.round
    for member in map(store.run, run.members):
        state = texts.word("run_state", member.state.value)
        yield ui("member"), f"{member.id}  {member.vantage} ({', '.join(member.networks)})  {state}"
    if run.forgotten is not None:
        yield ui("evidence"), ui("kept no more since {when}", when=texts.moment(run.forgotten))
    yield ui("program version"), run.version
    subjects, measured = sum(1 for _ in store.subjects(run.id)), len(store.measured(run.id))
    yield ui("subjects"), ui("{measured:n} of {n:n} measured", measured=measured, n=subjects)
    yield ui("inventory"), run.inventory
    yield ui("reference data"), run.reference
    yield ui("policy"), run.policy
    for other in store.runs():
        if other.amends == run.id:
            yield ui("re-checked by"), other.id
    seal = stored_seal(run.id, store)
    for each in store.judgements(run.id):
        tally = store.tally(each.id)
        fails = sum(n for kind, n in tally.items() if kind.outcome.value == "fail")
        said = ui("{n:n} {n/finding/findings}, {fails:n} {fails/fail/fails}", n=sum(tally.values()), fails=fails)
        outside = "" if seal is None or covers(seal, each.id) else f"  {ui('made after the sealing')}"
        yield ui("judgement"), f"{each.id}  {texts.moment(each.judged_at)}  {said}{outside}"
    if seal is not None:
        yield ui("seal"), f"{seal['root']}  {seal['sealed_at']}  {seal.get('sealed_by', '')}".rstrip()


def trend(kpis: Sequence[str], options: Mapping[str, object], *, form: str = "text") -> int:
    """Print the figures of every judged run of the store, a line for each run."""
    chosen, as_json = _chosen(kpis), wants_json(form)
    known, listed = catalogue.load(), list[Plain]()
    with open_store(load_config(options).config.store, create=False) as store:
        latest = store.latest_judgements()
        runs = [run for run in store.runs() if run.id in latest]
        for run in runs:
            figures = _figures(latest[run.id], store, known)
            kept = {name: figures[name] for name in chosen if name in figures}
            if as_json:
                plain: dict[str, Plain] = {name: plain_figure(figure) for name, figure in kept.items()}
                listed.append({"run": run.id, "started": iso(run.started), "figures": plain})
            else:
                _print_trend(run, kept)
    if as_json:
        print_json(listed)
    elif not runs:
        print(ui("no run of this store has been judged"), file=sys.stderr)
    return EXIT_OK


def _figures(judgement: JudgementRecord, store: Store, known: Catalogue) -> Mapping[str, Figure]:
    """Return the kept figures of the whole run, or count them if none were kept."""
    total = kept_total(judgement.id, store)
    if total is None:
        return summarise(stored_judgement(judgement, store, known), store).rollup.total.figures
    return total.figures


def _chosen(kpis: Sequence[str]) -> tuple[str, ...]:
    """Return the requested figures, or the default ones; end with a usage error for an unknown figure."""
    chosen = tuple(part for word in kpis for part in word.split(",")) or _TREND
    unknown = [name for name in chosen if name not in KPIS]
    if unknown:
        hints = [(name, nearest(name, KPIS)) for name in unknown]
        raise refuse(
            ui("unknown figure '{name}'", name=name) + (hint.worded(ui) if hint else "") for name, hint in hints
        )
    return chosen


def _print_trend(run: RunRecord, figures: Mapping[str, Figure]) -> None:
    texts = Texts(language())
    print(visible(f"{run.id}  {texts.day(run.started)}"))
    for name, figure in figures.items():
        if figure.of or figure.exempt:
            print(visible(f"  {name:12} {texts.kpi(name)}: {texts.figure(figure)}"))
