"""Tests that the codec is exact and strict, and names the field of everything that it cannot read."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from probes.framework import codec
from probes.framework.codec import (
    CodecError,
    Upcaster,
    decode_evidence,
    decode_step,
    encode_evidence,
    encode_step,
    known_kinds,
)
from probes.framework.evidence import OBSERVATIONS, Evidence, RunId, observation
from probes.observations.places import Unplaced
from probes.observations.text import Word
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange
from tests import golden
from tests.unit.probes.framework.examples import RUN, V6, connect, evidence

STEP = encode_step(connect())
_OF_KINDS = (Path(golden.__file__).parent / f"evidence/{kind}.{v}.json" for kind, v in sorted(known_kinds().items()))
EXAMPLES = [path for path in _OF_KINDS if path.is_file()]
ENVELOPE = encode_evidence(evidence(connect()))


def test_a_step_carries_its_kind_version_and_all_fields() -> None:
    assert STEP == {
        "kind": "tcp-connect",
        "v": 1,
        "t0": 0.0,
        "t": 0.0,
        "failure": None,
        "because": None,
        "address": "2001:db8::1",
        "port": 443,
        "source": None,
        "rtt": None,
    }


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"port": "x"}, "tcp-connect: port: Input should be a valid integer"),
        ({"address": "www.example.vn"}, "tcp-connect: address"),
        ({"failure": {"kind": "sad"}}, "tcp-connect: failure.kind: Input should be 'refused'"),
        ({"failure": {"kind": "reset", "why": 1}}, "tcp-connect: failure.why: Unexpected keyword argument"),
        ({"v": 2}, "tcp-connect version 2 is newer than this program knows (1)"),
        ({"v": 0}, "no upcaster for tcp-connect version 0"),
        ({"v": True}, "unknown observation kind 'tcp-connect' version True"),
        ({"v": 1.0}, "unknown observation kind 'tcp-connect' version 1.0"),
        ({"v": None}, "unknown observation kind 'tcp-connect' version None"),
        ({"kind": "telepathy"}, "unknown observation kind 'telepathy' version 1"),
        ({"kind": ["tcp-connect"]}, "unknown observation kind ['tcp-connect'] version 1"),
    ],
)
def test_a_step_that_cannot_be_read(change: Mapping[str, object], message: str) -> None:
    with pytest.raises(CodecError) as caught:
        decode_step({**STEP, **change})
    assert str(caught.value).startswith(message)
    with pytest.raises(CodecError) as caught:
        decode_evidence({**ENVELOPE, "steps": [{**STEP, **change}]})
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"steps": None}, "evidence: steps: not a list"),
        ({"steps": {}}, "evidence: steps: not a list"),
        ({"steps": [5]}, "a step is not a JSON object"),
        ({"schema": 2}, "evidence: schema 2 is not the one that this program knows (1)"),
        ({"started": "2026-03-02T01:30:00"}, "evidence: started: has no time zone"),
        ({"started": "yesterday"}, "evidence: started: "),
        ({"colour": "red"}, "evidence: colour: Unexpected keyword argument"),
        ({"queued": "long"}, "evidence: queued: "),
    ],
)
def test_an_envelope_that_cannot_be_read(change: Mapping[str, object], message: str) -> None:
    with pytest.raises(CodecError) as caught:
        decode_evidence({**ENVELOPE, **change})
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"null", b"5", b"\xff", b"{", b"[" * 100_000, b'{"queued": NaN}', b'{"a": ' + b"9" * 9_999]
)
def test_bytes_that_are_no_evidence(data: bytes) -> None:
    with pytest.raises(CodecError, match="evidence"):
        codec.load_evidence(data)


def test_text_from_outside_that_is_no_unicode_is_stored_all_the_same() -> None:
    page = HttpExchange(address=V6, port=443, url="https://x/", reason="tr\udce1i", headers=(("Server", "\udcff"),))
    read = codec.load_evidence(codec.dump_evidence(evidence(page)))
    (step,) = read.steps
    assert isinstance(step, HttpExchange)
    assert (step.reason, step.headers) == ("tr?i", (("Server", "?"),))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_steps_of_todays_versions_are_read_at_once_as_one_by_one(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    step = json.loads(path.read_bytes())
    read = decode_step(step)
    monkeypatch.setattr(codec, "decode_step", None)
    assert decode_evidence({**ENVELOPE, "steps": [step, step]}).steps == (read, read)


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_encode_step_writes_addresses_as_pydantic_does(path: Path) -> None:
    step = decode_step(json.loads(path.read_text("utf-8")))
    plain: TypeAdapter[Any] = TypeAdapter(tuple[type(step)], config=codec._CONFIG)  # type: ignore[misc, arg-type]
    assert encode_step(step) == {"kind": step.KIND, "v": step.VERSION, **plain.dump_python((step,), mode="json")[0]}


@pytest.mark.parametrize("path", EXAMPLES, ids=[path.stem for path in EXAMPLES])
def test_dump_evidence_writes_what_encode_evidence_says(path: Path) -> None:
    step = decode_step(json.loads(path.read_text("utf-8")))
    envelope = replace(evidence(step, step), task='"steps":null "Cổng"')
    written = json.loads(codec.dump_evidence(envelope))
    assert written == encode_evidence(envelope)
    assert list(written) == list(encode_evidence(envelope))
    assert list(written["steps"][1]) == list(encode_step(step))


@pytest.mark.parametrize("text", ["192.0.2.1", "::ffff:192.0.2.1", "fe80::1%eth0", "2001:db8::1"])
def test_encode_step_writes_each_form_of_address_alike_under_every_python(text: str) -> None:
    assert encode_step(replace(connect(), address=ip_address(text)))["address"] == text


def test_bytes_are_base64_of_either_alphabet() -> None:
    page = HttpExchange(address=V6, port=443, url="https://x/", body=b"\xfb\xff\xfe")
    fields = encode_step(page)
    for text in ("-__-", "+//+"):
        assert decode_step({**fields, "body": text}) == page
    with pytest.raises(CodecError, match="http-exchange: body: Data should be valid base64"):
        decode_step({**fields, "body": "no base64!"})


def test_text_keeps_its_letters() -> None:
    data = codec.dump_evidence(replace(evidence(), task="Cổng thông tin"))
    assert "Cổng thông tin".encode() in data
    assert b"\n" not in data


def test_older_versions_pass_through_all_their_upcasters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("probes.framework.evidence.OBSERVATIONS", OBSERVATIONS.copy())

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Ping(Unplaced):
        microseconds: int

        def lines(self, word: Word) -> Iterator[str]:
            yield ""

    monkeypatch.setitem(OBSERVATIONS, "ping", observation("ping", 3)(Ping))

    def renamed(fields: dict[str, Any]) -> dict[str, Any]:
        return {"milliseconds": fields.pop("ms"), **fields}

    def finer(fields: dict[str, Any]) -> dict[str, Any]:
        return {"microseconds": fields.pop("milliseconds") * 1_000, **fields}

    upcasters: Mapping[tuple[str, int], Upcaster] = {("ping", 1): renamed, ("ping", 2): finer}
    monkeypatch.setattr(codec, "UPCASTERS", upcasters)
    assert decode_step({"kind": "ping", "v": 1, "ms": 7}) == Ping(microseconds=7_000)
    assert decode_step({"kind": "ping", "v": 2, "milliseconds": 7}) == Ping(microseconds=7_000)
    stored = {"kind": "ping", "v": 1, "ms": 7}
    decode_step(stored)
    assert stored == {"kind": "ping", "v": 1, "ms": 7}  # what is stored stays as it was read


def test_the_id_of_evidence_is_all_that_makes_a_probe_run_unique() -> None:
    ids = {
        codec.evidence_id(RunId(run), subject, probe, task, attempt)
        for run in ("a", "b")
        for subject in ("a", "b")
        for probe in ("a", "b")
        for task in ("a", "b")
        for attempt in (1, 2)
    }
    assert len(ids) == 32
    assert codec.evidence_id(RUN, "h", "tcp", "2001:db8::1#443", 1) == "08d648a9037a2a8474baad95"


def test_the_schema_of_a_kind_names_its_fields() -> None:
    text = json.dumps(codec.schema(TcpConnect))
    assert '"address"' in text
    assert '"additionalProperties": false' in text


def test_times_stay_aware() -> None:
    read: Evidence = decode_evidence({**ENVELOPE, "started": "2026-03-02T08:30:00+07:00"})
    assert read.started == datetime.fromisoformat("2026-03-02T01:30:00+00:00")
