"""Tests that envelopes leave a pack unchanged, damaged ones are reported, and memory stays within its limit."""

import json
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.service.store.evidence import evidence_pack
from auditor.service.store.evidence.evidence_pack import DamagedPack, Envelope, inflate, pack, unpack
from probes.framework.evidence import EvidenceId


def _envelope(id_: str, data: bytes = b"{}", probe: str = "tcp") -> Envelope:
    return Envelope(EvidenceId(id_), probe, data)


@given(st.lists(st.builds(_envelope, st.text(), st.binary(), st.text())))
def test_unpack_gives_back_what_was_packed(envelopes: list[Envelope]) -> None:
    assert [envelope for body in pack(envelopes) for envelope in unpack(body)] == envelopes


def test_pack_of_alike_envelopes_is_smaller_than_each_alone() -> None:
    envelopes = [
        _envelope(f"{number:024x}", b'{"host": "www.example.vn", "port": %d}' % number) for number in range(50)
    ]
    (body,) = pack(envelopes)
    assert 2 * len(body) < sum(len(zlib.compress(envelope.data)) for envelope in envelopes)


def test_pack_that_is_full_goes_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_pack, "FULL", 10)
    envelopes = [_envelope("a", b"1" * 6), _envelope("b", b"2" * 6), _envelope("c", b"3" * 60), _envelope("d", b"4")]
    assert [[envelope.id for envelope in unpack(body)] for body in pack(envelopes)] == [["a"], ["b"], ["c"], ["d"]]


def test_pack_of_nothing_is_nothing() -> None:
    assert list(pack([])) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no stream",
        next(pack([_envelope("a", bytes(range(256)))]))[:-9],
        zlib.compress(b""),
        zlib.compress(b"no list\n"),
        zlib.compress(b'[["a", "tcp"]]\n{}'),
        zlib.compress(b'[["a", "tcp", 3]]\n{}'),
        zlib.compress(b'[["a", "tcp", 1]]\n{}'),
        zlib.compress(b"[" * 100_000 + b"\n"),
    ],
)
def test_unpack_damaged_body_is_refused(body: bytes) -> None:
    with pytest.raises(DamagedPack):
        list(unpack(body))


def test_unpack_negative_size_is_refused() -> None:
    listed = json.dumps([["a", "tcp", 4], ["b", "tcp", -2]]).encode()
    with pytest.raises(DamagedPack):
        list(unpack(zlib.compress(listed + b"\n{}")))


def test_inflate_larger_than_allowed_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_pack, "LARGEST", 1_000)
    assert inflate(zlib.compress(bytes(1_000))) == bytes(1_000)
    with pytest.raises(DamagedPack, match="larger than 1000 bytes"):
        inflate(zlib.compress(bytes(1_001)))
