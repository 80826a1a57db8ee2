"""Lists what a seal covers: a digest of each part of a run as the store holds it.

There are two kinds of seal, told apart by their format. What the first kind covers never changes, so that a seal made
then is held against what it was made of; the second covers what the first left out.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from auditor.figures.scoring import Ladder, Score
from auditor.framework.findings import Finding
from auditor.service.pipeline.summarising import DECLARED
from auditor.service.store.api import Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import Digest, JudgementRecord, RunRecord, StoreError
from inventory.dataclass_json import encode, to_bytes
from inventory.model import written
from probes.framework.evidence import RunId

FIRST, FORMAT = "auditor-seal-1", "auditor-seal-2"
"""The format of earlier seals, which do not cover the state of a run, a doubt about it and the policies of later
judgements; and that of the seals made now."""
PARTS: Mapping[str, tuple[str, ...]] = {
    FIRST: ("run", "blobs", "subjects", "evidence", "declared", "judgements", "figures"),
    FORMAT: ("run", "doubt", "blobs", "subjects", "evidence", "declared", "judgements", "figures"),
}
YOUNGER = frozenset({"figures"})
"""Parts that the very first seals have not; taken out of a later one, its root would not hold."""
_PAGE = 200
Contents = dict[str, dict[str, str]]


def contents(record: RunRecord, store: Store, format: str) -> Contents:
    """Of each part its pieces, by name."""
    judgements = store.judgements(record.id)
    found: Contents = {
        "run": _run(record),
        "blobs": {one: _blob(one, store) for one in _of_run(record)},
        "subjects": {one.id: digest(to_bytes(one)) for one in store.subjects(record.id)},
        "evidence": dict(_evidence(record.id, store)),
        "declared": {
            id_: digest(body) for subject, id_, body in store.evidence_bytes(record.id) if subject == DECLARED
        },
        "judgements": {one.id: _judgement(one, store) for one in judgements},
        "figures": dict(_figures(record.id, store)),
    }
    if format == FIRST:
        return found
    found["run"] |= _settled(record, store) | _members(record, store)
    found["doubt"] = _doubt(record)
    found["blobs"] |= {one: _blob(one, store) for each in judgements for one in _of_judgement(each)}
    return found


def canonical(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode()


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


def moment(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")


def _run(record: RunRecord) -> dict[str, str]:
    return {
        "id": record.id,
        "name": record.name,
        "started": moment(record.started),
        "finished": "" if record.finished is None else moment(record.finished),
        "version": record.version,
        "profile": record.profile,
        "vantage": record.vantage,
        "networks": " ".join(record.networks),
        "options": record.options.to_json(),
    }


def _settled(record: RunRecord, store: Store) -> dict[str, str]:
    """What else decides how a run is shown: whether it came to its end, what was measured, what was let go of."""
    return {
        "state": record.state.value,
        "inventory": record.inventory,
        "reference": record.reference,
        "policy": record.policy,
        "measured": digest(canonical(sorted(store.measured(record.id)))),
        "forgotten": "" if record.forgotten is None else moment(record.forgotten),
    }


def _members(record: RunRecord, store: Store) -> dict[str, str]:
    """Digest the runs of a round with their subjects; their evidence is that of the round."""
    return {f"member {one}": digest(canonical(_member(store.run(one), store))) for one in record.members}


def _member(record: RunRecord, store: Store) -> list[object]:
    subjects = _digest_of_all(to_bytes(one) for one in store.subjects(record.id))
    return [_run(record), _settled(record, store), subjects]


def _doubt(record: RunRecord) -> dict[str, str]:
    """Nothing of a run that nobody doubts."""
    one = record.doubt
    if one is None:
        return {}
    said = [one.base, list(one.areas), moment(one.since), one.state.value, one.repeat or ""]
    return {"doubt": digest(canonical(said))}


def _of_run(record: RunRecord) -> tuple[Digest, ...]:
    return record.inventory, record.reference, record.policy


def _of_judgement(one: JudgementRecord) -> tuple[Digest, ...]:
    return one.inventory, one.reference, one.policy


def _blob(wanted: Digest, store: Store) -> str:
    """Of what the store holds under a digest; one whose content is another was not sealed so."""
    try:
        return digest(store.blob(wanted))
    except StoreError:
        return "damaged"


def _evidence(run: RunId, store: Store) -> Iterator[tuple[str, str]]:
    """One digest for all evidence of a subject."""
    for subject, rows in groupby(store.evidence_bytes(run), key=lambda row: row[0]):
        if subject != DECLARED:
            yield subject, _digest_of_all(f"{id_} {digest(body)}".encode() for _, id_, body in rows)


def _figures(run: RunId, store: Store) -> Iterator[tuple[str, str]]:
    """Digest what was published of each judgement, and what its pages and reports rest on beside the findings."""
    for one in store.judgements(run):
        kept = store.summary(one.id)
        if kept is not None:
            yield one.id, _blob(kept, store)
        conditions = store.conditions(one.id)
        if conditions is not None:
            yield f"{one.id} conditions", _blob(conditions, store)
            yield f"{one.id} settled subjects", _digest_of_all(_settled_subjects(one, store))


def _settled_subjects(one: JudgementRecord, store: Store) -> Iterator[bytes]:
    for some in chunks((each.id for each in store.subjects(one.run)), _PAGE):
        kept = store.settled_of(one.id, some)
        yield from (canonical([subject, encode(kept[subject]) if subject in kept else None]) for subject in some)


def _judgement(one: JudgementRecord, store: Store) -> str:
    """Over what it was made under, every finding and every score; rows that cannot be read were not sealed so."""
    try:
        return _digest_of_all(_parts(one, store))
    except (ValueError, LookupError, TypeError, StoreError):
        return "unreadable"


def _parts(one: JudgementRecord, store: Store) -> Iterator[bytes]:
    yield canonical([one.run, one.catalogue, one.policy, one.reference, one.inventory, moment(one.judged_at)])
    for subject, findings in store.findings_by_subject(one.id):
        yield canonical([subject, [_finding(each) for each in findings]])
    for subject, scored in store.scores_by_subject(one.id):
        scores = [[area, *_score(each)] for area, each in sorted(scored.scores.items())]
        ladders = [[name, *_ladder(each)] for name, each in sorted(scored.ladders.items())]
        yield canonical([subject, scores, ladders])


def _finding(one: Finding) -> list[Any]:
    args = {name: list(value) if isinstance(value, tuple) else value for name, value in one.args.items()}
    return [
        one.id,
        one.check,
        one.check_version,
        one.code,
        one.outcome.value,
        one.severity.value,
        one.level.value,
        one.level_basis.value,
        None if one.address is None else written(one.address),
        one.detail,
        one.vantage,
        None if one.reason is None else one.reason.value,
        args,
        list(one.evidence),
        None if one.waived is None else encode(one.waived),
        one.trace,
        *([encode(one.vantages)] if one.vantages else ()),
    ]


def _score(one: Score) -> list[Any]:
    return [one.score, one.coverage, one.required_fail]


def _ladder(one: Ladder) -> list[Any]:
    return [one.level, one.at_least, list(one.blocked_by)]


def _digest_of_all(parts: Iterable[bytes]) -> str:
    """Each part with its length before it, so that no two lists have one digest."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return "sha256:" + whole.hexdigest()
