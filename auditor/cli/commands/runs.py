"""``auditor runs``: what a store holds, the seal of an official run, and figures over time."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from auditor import catalogue
from auditor.cli.deeds import note
from auditor.cli.failures import EXIT_FINDINGS, EXIT_OK, refuse, visible
from auditor.cli.output import writing
from auditor.cli.state import load_config
from auditor.cli.words import language, ui
from auditor.figures import Figure
from auditor.kpis import KPIS
from auditor.pipeline import sealing, signing
from auditor.pipeline.comparing import judged_run
from auditor.pipeline.sealing import Seal
from auditor.pipeline.signing import Signed
from auditor.pipeline.summarising import summarise
from auditor.problems import nearest
from auditor.store import files
from auditor.store.api import Store
from auditor.store.records import RunRecord, StoreError
from auditor.store.url import open_store
from auditor.texts import Texts
from inventory.opening import read_whole
from probes.framework.evidence import RunId

_TREND = ("K01", "K02", "K08", "K09", "K10", "K11", "K12", "K15", "K16", "K17")


def list_runs(options: Mapping[str, object], *, ids: bool) -> int:
    """One line for each run, oldest first."""
    with open_store(load_config(options).config.store, create=False) as store:
        for one in store.runs():
            print(visible(one.id if ids else _line(one, store)))
    return EXIT_OK


def _line(one: RunRecord, store: Store) -> str:
    texts = Texts(language())
    judged = len(store.judgements(one.id))
    parts = [f"{one.id:26}", texts.moment(one.started), texts.word("run_state", one.state.value), one.vantage]
    parts.append(ui("{n:n} {n/judgement/judgements}", n=judged))
    if store.seal(one.id) is not None:
        parts.append(ui("sealed"))
    if one.doubt is not None:
        parts.append(texts.word("doubt", one.doubt.state.value))
    if one.amends:
        parts.append(ui("amends {run}", run=one.amends))
    return "  ".join(part for part in (*parts, one.name) if part)


def show(run: str, options: Mapping[str, object]) -> int:
    """Everything about one run but its findings."""
    with open_store(load_config(options).config.store, create=False) as store:
        for name, value in _facts(store.run(RunId(run)), store):
            print(visible(f"{name:22} {value}"))
    return EXIT_OK


def _facts(one: RunRecord, store: Store) -> Iterator[tuple[str, str]]:
    texts = Texts(language())
    yield ui("run"), one.id
    yield ui("name"), one.name or "–"
    yield ui("started"), texts.moment(one.started)
    yield ui("finished"), "–" if one.finished is None else texts.moment(one.finished)
    yield ui("state"), texts.word("run_state", one.state.value)
    yield ui("measuring point"), f"{one.vantage} ({', '.join(one.networks)})"
    if one.forgotten is not None:
        yield ui("evidence"), ui("kept no more since {when}", when=texts.moment(one.forgotten))
    yield ui("program version"), one.version
    subjects, measured = sum(1 for _ in store.subjects(one.id)), len(store.measured(one.id))
    yield ui("subjects"), ui("{measured:n} of {n:n} measured", measured=measured, n=subjects)
    yield ui("inventory"), one.inventory
    yield ui("reference data"), one.reference
    yield ui("policy"), one.policy
    for other in store.runs():
        if other.amends == one.id:
            yield ui("re-checked by"), other.id
    for each in store.judgements(one.id):
        tally = store.tally(each.id)
        fails = sum(n for kind, n in tally.items() if kind.outcome.value == "fail")
        said = ui("{n:n} {n/finding/findings}, {fails:n} {fails/fail/fails}", n=sum(tally.values()), fails=fails)
        yield ui("judgement"), f"{each.id}  {texts.moment(each.judged_at)}  {said}"
    seal = store.seal(one.id)
    if seal is not None:
        held = sealing.load_seal(seal)
        yield ui("seal"), f"{held['root']}  {held['sealed_at']}"


def seal(run: str, key: Path | None, out: Path | None, options: Mapping[str, object]) -> int:
    """Seal a run once, and print its digest."""
    with open_store(load_config(options).config.store, create=False) as store:
        made = sealing.make_seal(RunId(run), store, datetime.now(UTC))
        if key is not None:
            made["signature"] = dict(signing.sign(str(made["root"]), key))
        data = sealing.dump_seal(made)
        store.add_seal(RunId(run), data)
        note(store, "run_sealed", f"{run} {made['root']}")
    if out is not None:
        with writing(out):
            files.write(out, data)
    print(made["root"])
    return EXIT_OK


def verify(run: str, file: Path | None, key: Path | None, options: Mapping[str, object]) -> int:
    """Whether what was sealed is as it was. A seal that was kept elsewhere proves more than that of the store."""
    with open_store(load_config(options).config.store, create=False) as store:
        held = _seal(run, file, store)
        found = sealing.verify(held, store)
    signed = signing.check(held, key)
    for one in found.altered:
        print(visible(ui("altered: {part}", part=one)))
    for one in found.added:
        print(visible(ui("added since: {part}", part=one)))
    signature = held.get("signature")
    print(_signed(signed, signing.fingerprint(signature if isinstance(signature, dict) else {})))
    good = found.holds and (signed is Signed.GOOD or (signed is Signed.NONE and key is None))
    print(
        ui("the run is as it was sealed: {root}", root=str(held.get("root"))) if good else ui("the seal does not hold")
    )
    return EXIT_OK if good else EXIT_FINDINGS


def _signed(signed: Signed, key: str) -> str:
    match signed:
        case Signed.NONE:
            return ui("the seal is not signed")
        case Signed.GOOD:
            return ui("the signature is good, by the key {key}", key=key)
        case Signed.OTHER_KEY:
            return ui("the signature is good, but by another key: {key}", key=key)
        case Signed.BAD:
            return ui("the signature is wrong")


def _seal(run: str, file: Path | None, store: Store) -> Seal:
    if file is None:
        data = store.seal(RunId(run))
        if data is None:
            raise StoreError("run {run} is not sealed: auditor runs seal {run}", run=run)
        return sealing.load_seal(data)
    try:
        held = sealing.load_seal(read_whole(file))
    except OSError as error:
        raise refuse([ui("{path}: cannot be read: {why}", path=str(file), why=error.strerror or str(error))]) from error
    if held["run"].get("id") != run:
        raise refuse(
            [ui("{path}: is the seal of another run, {other}", path=str(file), other=str(held["run"].get("id")))]
        )
    return held


def trend(kpis: Sequence[str], options: Mapping[str, object]) -> int:
    """Figures of every judged run of the store, a line for each run."""
    chosen = tuple(part for word in kpis for part in word.split(",")) or _TREND
    unknown = [name for name in chosen if name not in KPIS]
    if unknown:
        hints = [(name, nearest(name, KPIS)) for name in unknown]
        raise refuse(
            ui("unknown figure '{name}'", name=name) + (hint.worded(ui) if hint else "") for name, hint in hints
        )
    texts, known = Texts(language()), catalogue.load()
    with open_store(load_config(options).config.store, create=False) as store:
        runs = [one for one in store.runs() if store.latest_judgement(one.id) is not None]
        for one in runs:
            figures = summarise(judged_run(one.id, store, known), store).rollup.total.figures
            print(visible(f"{one.id}  {texts.day(one.started)}"))
            for name in chosen:
                figure = figures.get(name, Figure())
                if figure.of or figure.exempt:
                    print(visible(f"  {name:12} {texts.kpi(name)}: {texts.figure(figure)}"))
    if not runs:
        print(ui("no run of this store has been judged"), file=sys.stderr)
    return EXIT_OK
