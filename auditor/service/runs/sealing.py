"""Seals official runs with hashes over all their data, and verifies that a seal still holds.

Evidence and findings are hashed as they were stored, subject by subject. Later data (a judgement, a declared value) is
reported as an addition and breaks nothing; sealed data that has changed is reported too. For a sealed run, the
judgement that was sealed last is shown.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from auditor.figures.comparison import Credibility
from auditor.framework.catalogue import Catalogue
from auditor.service.pipeline.seals.seal_contents import (
    FIRST,
    FORMAT,
    PARTS,
    YOUNGER,
    canonical,
    contents,
    digest,
    moment,
)
from auditor.service.runs.signing import fingerprint
from auditor.service.store.api import Store
from auditor.service.store.chain import LastLine
from auditor.service.store.records import JudgementId, JudgementRecord, RunState, StoreError, damaged_seal
from auditor.texts.translate import LANGUAGES, Texts
from probes.framework.evidence import RunId
from reports.document import SealInfo

Seal = dict[str, Any]
BESIDE = frozenset({"root", "signature", "timestamp"})
"""Members of a seal that its root does not cover."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """Holds the person and time of a seal as it records them.

    ``signer`` is the fingerprint of the key that is to sign, so that a removed signature is noticed; ``head`` is the
    last line of the audit log.
    """

    by: str
    at: datetime
    signer: str = ""
    head: LastLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Holds the result of verifying a seal.

    ``altered`` are sealed parts that have changed or are missing; ``added`` are parts that came later. Both name parts
    of the run: ``evidence www.example.vn``, ``judgement ID``. ``is_first``: the seal is of the first kind.
    ``other_texts``: the texts of this program differ from those that findings had when they were sealed.
    """

    altered: tuple[str, ...]
    added: tuple[str, ...]
    is_first: bool = False
    other_texts: bool = False

    @property
    def holds(self) -> bool:
        return not self.altered


def make_seal(run: RunId, store: Store, catalogue: Catalogue, sealing: Sealing) -> Seal:
    """Make the seal of a run. Raises StoreError unless it is finished and judged, and no doubt stands against it."""
    record = store.run(run)
    if record.state is not RunState.FINISHED:
        raise StoreError("run {run} is not finished and cannot be sealed", run=run)
    if not store.judgements(run):
        raise StoreError("run {run} has not been judged: auditor judge {run}", run=run)
    if record.doubt is not None and record.doubt.state is Credibility.WAITING:
        raise StoreError("run {run} is in doubt and cannot be sealed before a repeat has decided", run=run)
    if record.is_blamed:
        raise StoreError("the vantage was to blame for what changed in run {run}: seal another one", run=run)
    seal: Seal = {
        "format": FORMAT,
        "sealed_at": moment(sealing.at),
        "sealed_by": sealing.by,
        "signed_by": sealing.signer,
        "log": {"number": sealing.head.number, "hash": sealing.head.hash},
        "texts": {"catalogue": catalogue.version, "digest": texts_digest(catalogue)},
        **contents(record, store, FORMAT),
    }
    return {**seal, "root": root(seal)}


def texts_digest(catalogue: Catalogue) -> str:
    """Return the digest over the texts of every check in both languages: the stated meaning of each code."""
    said = []
    for lang in LANGUAGES:
        texts = Texts(lang, catalogue.checks)
        for one in sorted(catalogue.checks.values(), key=lambda check: check.id):
            codes = [[code, texts.saying(one.id, code), texts.fix(one.id, code)] for code in sorted(one.messages)]
            said.append([lang, one.id, texts.title(one.id), texts.why(one.id), codes])
    return digest(canonical(said))


def root(seal: Mapping[str, Any]) -> str:
    """Return the root digest of a seal, over all of it except itself, its signature and its time stamp."""
    return digest(canonical({key: value for key, value in seal.items() if key not in BESIDE}))


LARGEST = 64 * 2**20
"""Maximum bytes of a seal as a file, which lists the evidence of every subject."""


def dump_seal(seal: Seal) -> bytes:
    return json.dumps(seal, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def load_seal(data: bytes) -> Seal:
    """Read a seal. Raises StoreError for data that is not a seal."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise StoreError("this is not a seal: {why}", why=str(error)) from error
    if not isinstance(found, dict) or found.get("format") not in PARTS or not isinstance(found.get("run"), dict):
        raise StoreError("this is not a seal: {why}", why=f"format {FORMAT}")
    try:
        datetime.fromisoformat(str(found.get("sealed_at", "")))
    except ValueError as error:
        raise StoreError("this is not a seal: {why}", why="sealed_at") from error
    return found


def stored_seal(run: RunId, store: Store) -> Seal | None:
    """Return the seal of a run as the store holds it; None if the run is not sealed.

    Raises StoreError, naming the run, if the seal cannot be read.
    """
    data = store.seal(run)
    if data is None:
        return None
    try:
        return load_seal(data)
    except StoreError as error:
        raise damaged_seal(run) from error


def sealed_judgement(seal: Mapping[str, Any], store: Store) -> JudgementId | None:
    """Return the last judgement that a seal covers; None if there is none."""
    run = RunId(str(seal["run"].get("id", "")))
    covered = [judgement.id for judgement in store.judgements(run) if covers(seal, judgement.id)]
    return covered[-1] if covered else None


def covers(seal: Mapping[str, Any], judgement: JudgementId) -> bool:
    held = seal.get("judgements")
    return isinstance(held, dict) and judgement in held


def log_head(seal: Mapping[str, Any]) -> LastLine | None:
    """Return the last line of the audit log at the time of the seal; None if the seal does not record it."""
    found = seal.get("log")
    if not isinstance(found, dict) or not isinstance(found.get("number"), int):
        return None
    return LastLine(number=found["number"], hash=str(found.get("hash", "")))


def seal_info(judgement: JudgementRecord, store: Store) -> SealInfo | None:
    """Return the seal of the judgement's run as the store holds it; None if the run is not sealed."""
    seal = stored_seal(judgement.run, store)
    if seal is None:
        return None
    signature = seal.get("signature")
    return SealInfo(
        root=str(seal.get("root", "")),
        sealed_at=datetime.fromisoformat(str(seal["sealed_at"])),
        sealed_by=str(seal.get("sealed_by", "")),
        covers=covers(seal, judgement.id),
        key=fingerprint(signature) if isinstance(signature, dict) else "",
    )


def verify(seal: Seal, store: Store, catalogue: Catalogue) -> Verification:
    """Compare a seal with the current data of the store. Raises StoreError if the store does not hold the run."""
    record = store.run(RunId(str(seal["run"].get("id", ""))))
    now = contents(record, store, str(seal["format"]))
    altered, added = [], []
    if seal.get("root") != root(seal):
        altered.append("seal")
    for part in PARTS[seal["format"]]:
        before, after = seal.get(part, {} if part in YOUNGER else None), now[part]
        if not isinstance(before, dict):
            altered.append(part)
            continue
        altered += [f"{part} {key}" for key in sorted(before) if before[key] != after.get(key)]
        new = [f"{part} {key}" for key in sorted(after) if key not in before]
        if part == "doubt":
            altered += new  # a sealed run gets no new doubt: it is an alteration
        else:
            added += new
    altered += _shown(seal, store)
    return Verification(
        altered=tuple(altered),
        added=tuple(added),
        is_first=seal["format"] == FIRST,
        other_texts=_has_other_texts(seal, catalogue),
    )


_MEASURED = ("run", "blobs", "subjects", "evidence")


def altered_parts(seal: Seal, store: Store) -> tuple[str, ...]:
    """Return the measured parts of a run that differ from its seal, in a store that has not judged the run."""
    record = store.run(RunId(str(seal["run"].get("id", ""))))
    now = contents(record, store, str(seal["format"]))
    altered = [] if seal.get("root") == root(seal) else ["seal"]
    for part in _MEASURED:
        before, after = seal.get(part), now[part]
        if not isinstance(before, dict):
            altered.append(part)
            continue
        names = before.keys() | after.keys() if part != "blobs" else after.keys()
        altered += [f"{part} {name}" for name in sorted(names) if before.get(name) != after.get(name)]
    return tuple(altered)


def _shown(seal: Seal, store: Store) -> list[str]:
    """Return the judgement that the store shows of a sealed run, as an altered part, if the seal does not cover it."""
    run = RunId(str(seal["run"].get("id", "")))
    shown = store.latest_judgement(run)
    if not store.is_sealed(run) or (shown is not None and covers(seal, shown.id)):
        return []
    return [f"shown {'' if shown is None else shown.id}".strip()]


def _has_other_texts(seal: Seal, catalogue: Catalogue) -> bool:
    held = seal.get("texts")
    if not isinstance(held, dict):
        return False
    return held != {"catalogue": catalogue.version, "digest": texts_digest(catalogue)}
