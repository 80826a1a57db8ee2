"""Writes an evidence file as lines of JSON, each with one event, and replays them into a store in order.

The first is the header: the run, the digests of the documents it is judged with, and the planned subjects. An envelope
of evidence is a line as the codec writes it. Other events of a run have lines of their own: subjects found later,
further owners, subjects measured, the end.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from auditor.service.store.api import Store
from auditor.service.store.records import Digest, RunRecord, RunState
from auditor.service.store.run_options import read_run_options
from inventory.dataclass_json import decode, encode
from inventory.model import Subject, SubjectId
from probes.framework.codec import NewerEvidence, decode_evidence, dump_evidence
from probes.framework.evidence import Evidence, RunId

SCHEMA = 1

Fields = dict[str, Any]


def header(run: RunRecord, subjects: Iterable[Subject]) -> bytes:
    return _line(
        {
            "schema": SCHEMA,
            "run": {
                "id": run.id,
                "name": run.name,
                "started": run.started.isoformat(),
                "version": run.version,
                "profile": run.profile,
                "options": run.options.to_json(),
                "vantage": run.vantage,
                "networks": list(run.networks),
            },
            "inventory": run.inventory,
            "reference": run.reference,
            "policy": run.policy,
            "subjects": [encode(subject) for subject in subjects],
        }
    )


def evidence(envelope: Evidence) -> bytes:
    return dump_evidence(envelope) + b"\n"


def found(subjects: Iterable[Subject]) -> bytes:
    return _line({"subjects": [encode(subject) for subject in subjects]})


def owners(subject: SubjectId, owned_by: Iterable[SubjectId]) -> bytes:
    return _line({"owners": {subject: list(owned_by)}})


def measured(subjects: Iterable[SubjectId]) -> bytes:
    return _line({"measured": list(subjects)})


def ended(when: datetime, state: RunState) -> bytes:
    return _line({"ended": when.isoformat(), "state": state.value})


def read_header(fields: Fields) -> RunRecord:
    """Read the run of a header. Raises ValueError, KeyError or TypeError for any other line."""
    if fields["schema"] != SCHEMA:
        raise (NewerEvidence if _is_newer(fields["schema"]) else ValueError)(
            f"schema {fields['schema']!r}, this version reads {SCHEMA}"
        )
    about: Mapping[str, Any] = fields["run"]
    return RunRecord(
        id=RunId(_text(about["id"])),
        name=_text(about["name"]),
        started=_time(about["started"]),
        version=_text(about["version"]),
        profile=_text(about["profile"]),
        options=read_run_options(_text(about["options"])),
        vantage=_text(about["vantage"]),
        networks=tuple(_text(network) for network in about["networks"]),
        inventory=Digest(_text(fields["inventory"])),
        reference=Digest(_text(fields["reference"])),
        policy=Digest(_text(fields["policy"])),
    )


def _is_newer(schema: object) -> bool:
    return type(schema) is int and schema > SCHEMA


def replay(fields: Fields, run: RunId, store: Store) -> None:
    """Apply one line to ``store``. Raises ValueError, KeyError, TypeError or StoreError."""
    match fields:
        case {"id": _}:
            envelope = decode_evidence(fields)
            if envelope.run != run:
                raise ValueError(f"evidence of another run, {envelope.run}")
            store.add_evidence([envelope])
        case {"subjects": list(subjects)}:
            store.add_subjects(run, [decode(Subject, subject) for subject in subjects])
        case {"owners": dict(by_subject)}:
            for subject, owned_by in by_subject.items():
                store.add_owners(run, SubjectId(subject), [SubjectId(_text(owner)) for owner in owned_by])
        case {"measured": list(subjects)}:
            store.mark_measured(run, *(SubjectId(_text(subject)) for subject in subjects))
        case {"ended": when, "state": state}:
            store.finish_run(run, _time(when), RunState(state))
        case _:
            raise ValueError("neither evidence nor anything else of a run")


def _line(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, not {value!r:.40}")
    return value


def _time(value: object) -> datetime:
    when = datetime.fromisoformat(_text(value))
    if when.tzinfo is None:
        raise ValueError(f"a time without a zone, {value}")
    return when
