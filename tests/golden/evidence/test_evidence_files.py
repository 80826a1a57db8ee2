"""The program still reads every stored version of every kind of observation; each has one file here.

A file only ever gains fields, those with a default; anything else is a new version with a file of its own, and the
upcasters convert older ones to today's object. Every field of the current version is in its file with a value that is
not its default, so that no field can change its meaning unnoticed.
"""

import json
from dataclasses import MISSING, Field, fields
from pathlib import Path
from typing import Any

import pytest

from probes.framework import codec
from probes.framework.codec import CodecError
from probes.framework.evidence import OBSERVATIONS, Evidence, Observation

FOLDER = Path(__file__).parent
codec._load_observations()
CURRENT = {f"{kind}.{cls.VERSION}": cls for kind, cls in OBSERVATIONS.items()}
EXPECTED = {f"{kind}.{v}" for kind, cls in OBSERVATIONS.items() for v in range(1, cls.VERSION + 1)}
ENVELOPE = f"evidence.{codec.ENVELOPE_VERSION}"


def _read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return found


def _as_written(document: object) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def test_there_is_a_file_for_each_kind_and_version_and_no_other() -> None:
    assert {path.stem for path in FOLDER.glob("*.json")} == EXPECTED | {ENVELOPE}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_version_is_read(name: str) -> None:
    step = codec.decode_step(_read(name))
    assert type(step) is OBSERVATIONS[name.rpartition(".")[0]]


@pytest.mark.parametrize("name", sorted(CURRENT))
def test_the_current_version_is_written_exactly_so(name: str) -> None:
    text = (FOLDER / f"{name}.json").read_text(encoding="utf-8")
    step = codec.decode_step(json.loads(text))
    assert _as_written(codec.encode_step(step)) == text
    assert codec.decode_step(json.loads(json.dumps(codec.encode_step(step)))) == step


@pytest.mark.parametrize("name", sorted(CURRENT))
def test_a_file_shows_every_field(name: str) -> None:
    step = codec.decode_step(_read(name))
    assert [field.name for field in fields(step) if getattr(step, field.name) == _default(field)] == _left_alone(step)


def _default(field: "Field[Any]") -> object:
    return field.default if field.default is not MISSING else object()


def _left_alone(step: Observation) -> list[str]:
    """Return the fields that stay at their default: an answer and a failure exclude each other."""
    return ["failure"] if step.KIND == "dns-exchange" else []


def test_the_envelope_is_written_exactly_so() -> None:
    text = (FOLDER / f"{ENVELOPE}.json").read_text(encoding="utf-8")
    envelope = codec.decode_evidence(json.loads(text))
    assert _as_written(codec.encode_evidence(envelope)) == text
    assert codec.load_evidence(codec.dump_evidence(envelope)) == envelope
    assert {field.name for field in fields(Evidence)} == set(json.loads(text))


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_a_field_nobody_knows_is_refused(name: str) -> None:
    with pytest.raises(CodecError, match="surprise: Unexpected keyword argument"):
        codec.decode_step({**_read(name), "surprise": 1})


@pytest.mark.parametrize("name", sorted(CURRENT))
def test_a_field_without_default_must_be_there(name: str) -> None:
    document = _read(name)
    for field in fields(CURRENT[name]):
        if field.default is MISSING:
            with pytest.raises(CodecError, match=f"{field.name}: "):
                codec.decode_step({key: value for key, value in document.items() if key != field.name})
