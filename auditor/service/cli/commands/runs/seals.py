"""Runs ``auditor runs seal|verify``: seals an official run, and verifies that it has not changed since."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from auditor.framework import catalogue
from auditor.framework.escaping import visible
from auditor.framework.operator_problems import OperatorError, unreadable
from auditor.service.cli import audit_entries
from auditor.service.cli.failures import EXIT_FINDINGS, EXIT_OK, refuse
from auditor.service.cli.global_options import load_config
from auditor.service.cli.output import writing
from auditor.service.cli.replacing import keep_files
from auditor.service.cli.words import language, ui
from auditor.service.config.model import SealSection
from auditor.service.pipeline.seals import stamping
from auditor.service.pipeline.seals.stamping import NotStamped
from auditor.service.runs import sealing, signing
from auditor.service.runs.audit_log import sealed_roots
from auditor.service.runs.sealing import Seal, Sealing, Verification
from auditor.service.runs.signing import SignatureState
from auditor.service.store import files
from auditor.service.store.api import DatabaseStore
from auditor.service.store.chain import LastLine
from auditor.service.store.records import StoreError
from auditor.service.store.sql.accounts import log_rows
from auditor.service.store.url import open_store
from auditor.texts.translate import Texts
from inventory.safe_open import read_whole
from probes.framework.evidence import RunId


def seal(run: str, key: Path | None, out: Path | None, options: Mapping[str, object]) -> int:
    """Seal a run once, and print its digest.

    If the run already has a seal with this signer, only the file is written: so the command can be repeated after it
    was killed before the file had its name.
    """
    config = load_config(options).config
    keep_files([] if out is None else [out], force=config.force)  # before sealing, which is done only once
    signer = "" if key is None else signing.signer(key)
    with open_store(config.store, create=False) as store:
        held = sealing.stored_seal(RunId(run), store)
        if held is not None and out is not None and held.get("signed_by") == signer:
            return _written_again(RunId(run), out, held, store)
        by = Sealing(
            by=f"{audit_entries.user()} {audit_entries.place()}", at=datetime.now(UTC), signer=signer, head=_head(store)
        )
        made = sealing.make_seal(RunId(run), store, catalogue.load(), by)
        if key is not None:
            made["signature"] = dict(signing.sign(str(made["root"]), key))
        _stamp(made, config.seal)
        data = sealing.dump_seal(made)
        with _written(out, data):
            with store.batch():
                store.add_seal(RunId(run), data, sealing.sealed_judgement(made, store))
                audit_entries.note(store, "run_sealed", " ".join(filter(None, (run, str(made["root"]), signer))))
            store.secure()  # or a power failure could leave only the file, not the stored seal
    print(made["root"])
    return EXIT_OK


@contextmanager
def _written(out: Path | None, data: bytes) -> Iterator[None]:
    """Write the file, run the block, then give the file its name.

    If the file cannot be written, nothing is sealed; if the command is killed in the block, no file holds a seal that
    the store does not have. After both, the same command can be repeated.
    """
    if out is None:
        yield
        return
    with writing(out), files.writing(out) as file:
        file.write(data)
        file.flush()
        yield


def _written_again(run: RunId, out: Path, held: Seal, store: DatabaseStore) -> int:
    with writing(out), files.writing(out) as file:
        file.write(store.seal(run) or b"")
    told = ui("run {run} was sealed before: {path} holds the seal of the store", run=run, path=str(out))
    print(f"auditor: {visible(told)}", file=sys.stderr)
    print(held["root"])
    return EXIT_OK


def _head(store: DatabaseStore) -> LastLine:
    with store.database.reading() as connection:
        return log_rows.head(connection)


def _stamp(made: Seal, section: SealSection) -> None:
    """Add a time stamp to a seal, if a server is configured; if the server fails, only warn."""
    if not section.timestamp_url:
        return
    try:
        made["timestamp"] = stamping.stamped(made, section.timestamp_url, section.timestamp_ca)
    except NotStamped as error:
        text = _not_stamped(section.timestamp_url, error)
        print(f"auditor: {ui('warning')}: {visible(text)}", file=sys.stderr)
        again = ui("take it later: auditor runs stamp {run}", run=str(made["run"]["id"]))
        print(f"auditor: {visible(again)}", file=sys.stderr)


def stamp(run: str, out: Path | None, options: Mapping[str, object]) -> int:
    """Get the time stamp that could not be had when the run was sealed; the seal itself does not change.

    If the seal already has a time stamp, only the file is written.
    """
    config = load_config(options).config
    section = config.seal
    if not section.timestamp_url:
        raise refuse([ui("[seal] timestamp_url names no time-stamping authority")])
    keep_files([] if out is None else [out], force=config.force)
    with open_store(config.store, create=False) as store:
        made = sealing.stored_seal(RunId(run), store)
        if made is None:
            raise StoreError("run {run} is not sealed: auditor runs seal {run}", run=run)
        if "timestamp" in made and out is not None:
            return _written_again(RunId(run), out, made, store)
        if "timestamp" in made:
            raise refuse([ui("the seal of run {run} has a time stamp", run=run)])
        try:
            made["timestamp"] = stamping.stamped(made, section.timestamp_url, section.timestamp_ca)
        except NotStamped as error:
            raise refuse([_not_stamped(section.timestamp_url, error)]) from error
        data = sealing.dump_seal(made)
        with _written(out, data):
            with store.batch():
                store.stamp_seal(RunId(run), data)
                audit_entries.note(store, "seal_stamped", f"{run} {made['root']}")
            store.secure()
    print(made["root"])
    return EXIT_OK


def _not_stamped(url: str, error: NotStamped) -> str:
    return ui("the seal has no time stamp: {url}: {why}", url=url, why=str(error))


def verify(run: str, file: Path | None, key: Path | None, options: Mapping[str, object]) -> int:
    """Print whether a sealed run is unchanged, and return 0 if it is; by default against the seal in the store.

    A seal that was kept elsewhere proves more than the seal in the store.
    """
    section = load_config(options).config.seal
    with open_store(load_config(options).config.store, create=False) as store:
        roots = sealed_roots(store).get(RunId(run), ())
        held = _seal(run, file, store, roots)
        if held is None:
            return EXIT_FINDINGS
        verification = sealing.verify(held, store, catalogue.load())
    signed = signing.check(held, section.public_key if key is None else (key,))
    stamp = None if section.timestamp_ca is None else stamping.check(held, section.timestamp_ca)
    good = verification.holds and signed.is_accepted and (stamp is None or stamp.time is not None)
    other = [root for root in roots if root != held.get("root")]
    for line in (*_found(verification), *_signature(held, signed), *_time_stamp(held, stamp), *_log(other)):
        print(visible(line))
    good = good and not other
    print(
        ui("the run is as it was sealed: {root}", root=str(held.get("root"))) if good else ui("the seal does not hold")
    )
    return EXIT_OK if good else EXIT_FINDINGS


def _found(verification: Verification) -> Iterator[str]:
    for text in verification.altered:
        yield ui("altered: {part}", part=text)
    for text in verification.added:
        yield ui("added since: {part}", part=text)
    if verification.is_first:
        yield ui(
            "this seal was made by an earlier version: it says nothing of the state of the run, of doubts about it, "
            "and of the policies of later assessments"
        )
    if verification.other_texts:
        yield ui("the words of this program's checks are others than when the run was sealed")


def _signature(held: Seal, signed: SignatureState) -> Iterator[str]:
    signature = held.get("signature")
    key = signing.fingerprint(signature if isinstance(signature, dict) else {})
    match signed:
        case SignatureState.NONE:
            yield ui("the seal is not signed")
        case SignatureState.GONE:
            yield ui("the seal has no signature, and should have one")
        case SignatureState.GOOD:
            yield ui("the signature is good, by the key {key}", key=key)
        case SignatureState.OTHER_KEY:
            yield ui("the signature is good, but by another key: {key}", key=key)
        case SignatureState.BAD:
            yield ui("the signature is wrong")


def _time_stamp(held: Seal, stamp: stamping.Stamp | None) -> Iterator[str]:
    if stamp is not None and stamp.time is not None:
        yield ui("the time stamp is good: {when}", when=Texts(language()).moment(stamp.time))
    elif stamp is not None:
        yield ui("the time stamp is wrong: {why}", why=stamp.why)
    elif "timestamp" in held:
        yield ui("there is a time stamp; [seal] timestamp_ca names no roots to check it by")


def _log(other: Sequence[str]) -> Iterator[str]:
    for root in other:
        yield ui("the audit log says that the run was sealed as {root}", root=root)


def _seal(run: str, file: Path | None, store: DatabaseStore, roots: Sequence[str]) -> Seal | None:
    """Return the seal to verify; None, after printing so, if the log has a seal of the run that the store has lost."""
    if file is None:
        found = sealing.stored_seal(RunId(run), store)
        if found is None and roots:
            print(visible(ui("the seal of run {run} is gone: it was sealed as {root}", run=run, root=roots[-1])))
        elif found is None:
            raise StoreError("run {run} is not sealed: auditor runs seal {run}", run=run)
        return found
    try:
        held = sealing.load_seal(read_whole(file, sealing.LARGEST))
    except OSError as error:
        raise OperatorError([unreadable(error, at=str(file))]) from error
    if held["run"].get("id") != run:
        raise refuse(
            [ui("{path}: is the seal of another run, {other}", path=str(file), other=str(held["run"].get("id")))]
        )
    return held
