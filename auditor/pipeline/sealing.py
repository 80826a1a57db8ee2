"""The seal of an official run: a list of hashes over everything the run rests on, and whether it still holds.

Evidence and findings are hashed as they were stored, subject by subject. What comes later (a judgement, a declared
value) is an addition, told as such, and breaks nothing; what was sealed and is otherwise now is told too.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from auditor.findings import Finding
from auditor.pipeline.signing import fingerprint
from auditor.pipeline.summarising import DECLARED
from auditor.scoring import Ladder, Score
from auditor.store.api import Store
from auditor.store.chain import Head
from auditor.store.records import JudgementRecord, RunRecord, RunState, StoreError
from inventory.model import written
from inventory.serial import encode, to_bytes
from probes.framework.evidence import RunId
from reports.document import SealInfo

FORMAT = "auditor-seal-1"
_PARTS = ("run", "blobs", "subjects", "evidence", "declared", "judgements", "figures")
_YOUNGER = frozenset({"figures"})
"""Parts that a seal of an earlier program has not; taken out of a later one, its root would not hold."""
Seal = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """``altered``: what was sealed and is otherwise or missing now. ``added``: what has come since. Both name parts of
    the run: ``evidence www.example.vn``, ``judgement ID``."""

    altered: tuple[str, ...]
    added: tuple[str, ...]

    @property
    def holds(self) -> bool:
        return not self.altered


def make_seal(run: RunId, store: Store, now: datetime) -> Seal:
    """Of a run that is finished and was judged; any other is a StoreError."""
    record = store.run(run)
    if record.state is not RunState.FINISHED:
        raise StoreError("run {run} is not finished and cannot be sealed", run=run)
    if not store.judgements(run):
        raise StoreError("run {run} has not been judged: auditor judge {run}", run=run)
    seal: Seal = {"format": FORMAT, "sealed_at": _moment(now), **_contents(record, store)}
    return {**seal, "root": root(seal)}


def root(seal: Mapping[str, Any]) -> str:
    """The one digest of a seal, over all of it but itself and its signature."""
    rest = {key: value for key, value in seal.items() if key not in ("root", "signature")}
    return _digest(_canonical(rest))


def dump_seal(seal: Seal) -> bytes:
    return json.dumps(seal, ensure_ascii=False, sort_keys=True, indent=1).encode() + b"\n"


def load_seal(data: bytes) -> Seal:
    """Raises StoreError for anything that is no seal."""
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise StoreError("this is no seal: {why}", why=str(error)) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT or not isinstance(found.get("run"), dict):
        raise StoreError("this is no seal: {why}", why=f"format {FORMAT}")
    return found


def stored_seal(run: RunId, store: Store) -> Seal | None:
    """The seal of a run as the store holds it; None of a run that is not sealed."""
    data = store.seal(run)
    return None if data is None else load_seal(data)


def log_head(seal: Mapping[str, Any]) -> Head | None:
    """The last line of the audit log when the seal was made, where it says so."""
    found = seal.get("log")
    if not isinstance(found, dict) or not isinstance(found.get("number"), int):
        return None
    return Head(number=found["number"], hash=str(found.get("hash", "")))


def seal_info(judgement: JudgementRecord, store: Store) -> SealInfo | None:
    """The seal of the judgement's run as the store holds it; None of a run that is not sealed."""
    seal = stored_seal(judgement.run, store)
    if seal is None:
        return None
    signature = seal.get("signature")
    return SealInfo(
        root=str(seal.get("root", "")),
        sealed_at=datetime.fromisoformat(str(seal.get("sealed_at", ""))),
        covers=judgement.id in seal.get("judgements", {}),
        key=fingerprint(signature) if isinstance(signature, dict) else "",
    )


def verify(seal: Seal, store: Store) -> Verification:
    """What a seal says against what the store holds now. Raises StoreError where the store does not hold the run."""
    record = store.run(RunId(str(seal["run"].get("id", ""))))
    now = _contents(record, store)
    altered, added = [], []
    if seal.get("root") != root(seal):
        altered.append("seal")
    for part in _PARTS:
        before, after = seal.get(part, {} if part in _YOUNGER else None), now[part]
        if not isinstance(before, dict):
            altered.append(part)
            continue
        altered += [f"{part} {key}" for key in sorted(before) if before[key] != after.get(key)]
        added += [f"{part} {key}" for key in sorted(after) if key not in before]
    return Verification(altered=tuple(altered), added=tuple(added))


def _contents(record: RunRecord, store: Store) -> Seal:
    return {
        "run": _run(record),
        "blobs": {
            digest: _digest(store.blob(digest)) for digest in (record.inventory, record.reference, record.policy)
        },
        "subjects": {one.id: _digest(to_bytes(one)) for one in store.subjects(record.id)},
        "evidence": dict(_evidence(record.id, store)),
        "declared": {
            id_: _digest(body) for subject, id_, body in store.evidence_bytes(record.id) if subject == DECLARED
        },
        "judgements": {one.id: _judgement(one, store) for one in store.judgements(record.id)},
        "figures": dict(_figures(record.id, store)),
    }


def _run(record: RunRecord) -> dict[str, str]:
    return {
        "id": record.id,
        "name": record.name,
        "started": _moment(record.started),
        "finished": "" if record.finished is None else _moment(record.finished),
        "version": record.version,
        "profile": record.profile,
        "vantage": record.vantage,
        "networks": " ".join(record.networks),
        "options": record.options,
    }


def _evidence(run: RunId, store: Store) -> Iterator[tuple[str, str]]:
    """One digest for all evidence of a subject."""
    for subject, rows in groupby(store.evidence_bytes(run), key=lambda row: row[0]):
        if subject != DECLARED:
            yield subject, _digest_of_all(f"{id_} {_digest(body)}".encode() for _, id_, body in rows)


def _figures(run: RunId, store: Store) -> Iterator[tuple[str, str]]:
    """What was published of each judgement."""
    for one in store.judgements(run):
        kept = store.summary(one.id)
        if kept is not None:
            yield one.id, _digest(store.blob(kept))


def _judgement(one: JudgementRecord, store: Store) -> str:
    """Over what it was made under, every finding and every score; rows that cannot be read were not sealed so."""
    try:
        return _digest_of_all(_parts(one, store))
    except (ValueError, LookupError, TypeError, StoreError):
        return "unreadable"


def _parts(one: JudgementRecord, store: Store) -> Iterator[bytes]:
    yield _canonical([one.run, one.catalogue, one.policy, one.reference, one.inventory, _moment(one.judged_at)])
    for subject, findings in store.findings_by_subject(one.id):
        yield _canonical([subject, [_finding(each) for each in findings]])
    for subject, scored in store.scores_by_subject(one.id):
        scores = [[area, *_score(each)] for area, each in sorted(scored.scores.items())]
        ladders = [[name, *_ladder(each)] for name, each in sorted(scored.ladders.items())]
        yield _canonical([subject, scores, ladders])


def _finding(one: Finding) -> list[Any]:
    args = {name: list(value) if isinstance(value, tuple) else value for name, value in one.args.items()}
    return [
        one.id, one.check, one.check_version, one.code, one.outcome.value, one.severity.value, one.level.value,
        one.level_basis.value, None if one.address is None else written(one.address), one.detail, one.vantage,
        None if one.reason is None else one.reason.value, args, list(one.evidence),
        None if one.waived is None else encode(one.waived), one.trace,
    ]  # fmt: skip


def _score(one: Score) -> list[Any]:
    return [one.score, one.coverage, one.required_fail]


def _ladder(one: Ladder) -> list[Any]:
    return [one.level, one.at_least, list(one.blocked_by)]


def _moment(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")


def _canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def _digest_of_all(parts: Iterable[bytes]) -> str:
    """Each part with its length before it, so that no two lists have one digest."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return "sha256:" + whole.hexdigest()
