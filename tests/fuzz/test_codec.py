"""The codec against every value its types allow, and against everything else."""

import contextlib
import copy
import json
from dataclasses import replace
from datetime import UTC
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from inventory.model import Endpoint
from probes.framework import codec
from probes.framework.codec import CodecError
from probes.framework.evidence import OBSERVATIONS, Evidence, Failure, FailureKind, Observation
from probes.observations.traces import MOST_HOPS, HopProbe

codec._load_observations()
GOLDEN = Path(__file__).parents[1] / "golden" / "evidence"
STEPS = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(GOLDEN.glob("*-*.json"))]
ENVELOPES = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(GOLDEN.glob("evidence.*.json"))]

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
st.register_type_strategy(float, FINITE)
st.register_type_strategy(str, TEXT)
st.register_type_strategy(bytes, st.binary(max_size=20))
st.register_type_strategy(IPv4Address, st.ip_addresses(v=4))
st.register_type_strategy(IPv6Address, st.ip_addresses(v=6))
st.register_type_strategy(HopProbe, st.builds(HopProbe, hop=st.integers(0, MOST_HOPS)))

STEP: st.SearchStrategy[Observation] = st.sampled_from(sorted(OBSERVATIONS)).flatmap(
    lambda kind: st.from_type(OBSERVATIONS[kind])
)
EVIDENCE = st.builds(
    Evidence,
    endpoint=st.none() | st.from_type(Endpoint),
    failure=st.none() | st.from_type(Failure),
    started=st.datetimes(timezones=st.just(UTC)),
    steps=st.lists(STEP, max_size=3).map(tuple),
    schema=st.just(codec.ENVELOPE_VERSION),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@given(evidence=EVIDENCE)
def test_what_was_stored_comes_back_exactly(evidence: Evidence) -> None:
    data = codec.dump_evidence(evidence)
    assert b"\n" not in data
    assert codec.load_evidence(data) == evidence


@given(step=STEP)
def test_a_step_says_its_kind_first(step: Observation) -> None:
    fields = codec.encode_step(step)
    assert list(fields)[:2] == ["kind", "v"]
    assert codec.decode_step(fields) == step


@given(reason=st.text(max_size=20))
@example(reason="\ud800")
def test_dumping_never_fails_on_text_from_outside(reason: str) -> None:
    hostile = replace(codec.decode_evidence(ENVELOPES[0]), failure=Failure(kind=FailureKind.BUG, detail=reason))
    read = codec.load_evidence(codec.dump_evidence(hostile))
    assert read.failure is not None
    assert read.failure.detail == reason.encode(errors="replace").decode()


@given(data=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes(data: bytes) -> None:
    with contextlib.suppress(CodecError):
        codec.load_evidence(data)


@given(data=st.data())
def test_any_change_to_a_stored_step(data: st.DataObject) -> None:
    fields = copy.deepcopy(data.draw(st.sampled_from(STEPS)))
    _change(fields, data)
    with contextlib.suppress(CodecError):
        codec.decode_step(fields)


@given(data=st.data())
def test_any_change_to_a_stored_envelope(data: st.DataObject) -> None:
    fields = copy.deepcopy(ENVELOPES[0])
    _change(fields, data)
    with contextlib.suppress(CodecError):
        codec.load_evidence(json.dumps(fields).encode())


def _change(fields: dict[str, Any], data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(fields)) | st.text(max_size=5))
    if data.draw(st.booleans()):
        fields.pop(key, None)
    else:
        fields[key] = data.draw(JSON)
