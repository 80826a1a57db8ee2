"""Lists the contents of a seal: a digest of each part of a run as the store holds it.

There are two kinds of seal, distinguished by their format. The contents of the first kind never change, so that an old
seal can still be compared; the second also covers the parts that the first left out.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any

from auditor.figures.scoring import Ladder, Score
from auditor.framework.findings import Finding
from auditor.service.pipeline.summaries.declared import DECLARED
from auditor.service.store.api import Store
from auditor.service.store.chunks import chunks
from auditor.service.store.records import Digest, JudgementRecord, RunRecord, StoreError
from inventory.dataclass_json import encode, to_bytes
from inventory.model import written
from probes.framework.evidence import RunId

FIRST, FORMAT = "auditor-seal-1", "auditor-seal-2"
"""The formats of earlier seals and of the seals made now.

Earlier seals do not cover the state of a run, a doubt about it and the policies of later judgements.
"""
PARTS: Mapping[str, tuple[str, ...]] = {
    FIRST: ("run", "blobs", "subjects", "evidence", "declared", "judgements", "figures"),
    FORMAT: ("run", "doubt", "blobs", "subjects", "evidence", "declared", "judgements", "figures"),
}
YOUNGER = frozenset({"figures"})
"""Parts that the very first seals lack; if such a part is removed from a later seal, the root no longer matches."""
_PAGE = 200
Contents = dict[str, dict[str, str]]


def contents(record: RunRecord, store: Store, format: str) -> Contents:
    """Return for each part of a seal the digests of its pieces, by name."""
    judgements = store.judgements(record.id)
    found: Contents = {
        "run": _run(record),
        "blobs": {blob: _blob(blob, store) for blob in _of_run(record)},
        "subjects": {subject.id: digest(to_bytes(subject)) for subject in store.subjects(record.id)},
        "evidence": dict(_evidence(record.id, store)),
        "declared": {
            id_: digest(body) for subject, id_, body in store.evidence_bytes(record.id) if subject == DECLARED
        },
        "judgements": {judgement.id: _judgement(judgement, store) for judgement in judgements},
        "figures": dict(_figures(record.id, store)),
    }
    if format == FIRST:
        return found
    found["run"] |= _settled(record, store) | _members(record, store)
    found["doubt"] = _doubt(record)
    found["blobs"] |= {blob: _blob(blob, store) for each in judgements for blob in _of_judgement(each)}
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
    """Return the further facts that decide how a run is shown: state, inputs, measured subjects, deleted evidence."""
    return {
        "state": record.state.value,
        "inventory": record.inventory,
        "reference": record.reference,
        "policy": record.policy,
        "measured": digest(canonical(sorted(store.measured(record.id)))),
        "forgotten": "" if record.forgotten is None else moment(record.forgotten),
    }


def _members(record: RunRecord, store: Store) -> dict[str, str]:
    """Return a digest for each run of a round, over its record and subjects; their evidence is that of the round."""
    return {f"member {member}": digest(canonical(_member(store.run(member), store))) for member in record.members}


def _member(record: RunRecord, store: Store) -> list[object]:
    subjects = _digest_of_all(to_bytes(subject) for subject in store.subjects(record.id))
    return [_run(record), _settled(record, store), subjects]


def _doubt(record: RunRecord) -> dict[str, str]:
    """Return the digest of the doubt about a run; empty if there is none."""
    doubt = record.doubt
    if doubt is None:
        return {}
    said = [doubt.base, list(doubt.areas), moment(doubt.since), doubt.state.value, doubt.repeat or ""]
    return {"doubt": digest(canonical(said))}


def _of_run(record: RunRecord) -> tuple[Digest, ...]:
    return record.inventory, record.reference, record.policy


def _of_judgement(judgement: JudgementRecord) -> tuple[Digest, ...]:
    return judgement.inventory, judgement.reference, judgement.policy


def _blob(wanted: Digest, store: Store) -> str:
    """Return the digest of the content that the store holds under ``wanted``, or "damaged" if it does not match."""
    try:
        return digest(store.blob(wanted))
    except StoreError:
        return "damaged"


def _evidence(run: RunId, store: Store) -> Iterator[tuple[str, str]]:
    """Yield one digest for all evidence of each subject."""
    for subject, rows in groupby(store.evidence_bytes(run), key=lambda row: row[0]):
        if subject != DECLARED:
            yield subject, _digest_of_all(f"{id_} {digest(body)}".encode() for _, id_, body in rows)


def _figures(run: RunId, store: Store) -> Iterator[tuple[str, str]]:
    """Yield digests of the published figures of each judgement, and of further data that its pages and reports use."""
    for judgement in store.judgements(run):
        kept = store.summary(judgement.id)
        if kept is not None:
            yield judgement.id, _blob(kept, store)
        conditions = store.conditions(judgement.id)
        if conditions is not None:
            yield f"{judgement.id} conditions", _blob(conditions, store)
            yield f"{judgement.id} settled subjects", _digest_of_all(_settled_subjects(judgement, store))


def _settled_subjects(judgement: JudgementRecord, store: Store) -> Iterator[bytes]:
    for some in chunks((each.id for each in store.subjects(judgement.run)), _PAGE):
        kept = store.settled_of(judgement.id, some)
        yield from (canonical([subject, encode(kept[subject]) if subject in kept else None]) for subject in some)


def _judgement(judgement: JudgementRecord, store: Store) -> str:
    """Return the digest of a judgement: its inputs, every finding and every score; "unreadable" for unreadable rows."""
    try:
        return _digest_of_all(_parts(judgement, store))
    except (ValueError, LookupError, TypeError, StoreError):
        return "unreadable"


def _parts(judgement: JudgementRecord, store: Store) -> Iterator[bytes]:
    yield canonical(
        [
            judgement.run,
            judgement.catalogue,
            judgement.policy,
            judgement.reference,
            judgement.inventory,
            moment(judgement.judged_at),
        ]
    )
    for subject, findings in store.findings_by_subject(judgement.id):
        yield canonical([subject, [_finding(each) for each in findings]])
    for subject, scored in store.scores_by_subject(judgement.id):
        scores = [[area, *_score(each)] for area, each in sorted(scored.scores.items())]
        ladders = [[name, *_ladder(each)] for name, each in sorted(scored.ladders.items())]
        yield canonical([subject, scores, ladders])


def _finding(finding: Finding) -> list[Any]:
    args = {name: list(value) if isinstance(value, tuple) else value for name, value in finding.args.items()}
    return [
        finding.id,
        finding.check,
        finding.check_version,
        finding.code,
        finding.outcome.value,
        finding.severity.value,
        finding.level.value,
        finding.level_basis.value,
        None if finding.address is None else written(finding.address),
        finding.detail,
        finding.vantage,
        None if finding.reason is None else finding.reason.value,
        args,
        list(finding.evidence),
        None if finding.waived is None else encode(finding.waived),
        finding.trace,
        *([encode(finding.vantages)] if finding.vantages else ()),
    ]


def _score(score: Score) -> list[Any]:
    return [score.score, score.coverage, score.required_fail]


def _ladder(ladder: Ladder) -> list[Any]:
    return [ladder.level, ladder.at_least, list(ladder.blocked_by)]


def _digest_of_all(parts: Iterable[bytes]) -> str:
    """Return a digest of all parts, each with its length before it, so that no two lists share a digest."""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(len(part).to_bytes(8, "big") + part)
    return "sha256:" + whole.hexdigest()
