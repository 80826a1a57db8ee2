"""Tests that a sealed file is refused if it was changed, cut off, signed by another key or unpacks to too much."""

import gzip
import json
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from auditor.service.runs import handover, sealed_file
from auditor.service.runs.sealed_file import SealedFileError, TrustedKey
from auditor.service.runs.signing import SignatureState

LINES = [b'{"a":1}', '{"b":"tỉnh"}'.encode()]


def keys(tmp_path: Path, name: str) -> tuple[Path, Path]:
    key = Ed25519PrivateKey.generate()
    private, public = tmp_path / f"{name}.pem", tmp_path / f"{name}.pub"
    private.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public.write_bytes(key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return private, public


def sealed(tmp_path: Path, key: Path | None = None, lines: list[bytes] = LINES, vantage: str = "hub") -> Path:
    path = tmp_path / "a.sealed"
    with path.open("wb") as file:
        sealed_file.write(file, "run", {"vantage": vantage}, lines, key)
    return path


def rewritten(path: Path, old: bytes, new: bytes) -> Path:
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()).replace(old, new)))
    return path


def refusal(path: Path, *public: Path, kind: str = "run") -> str:
    with pytest.raises(SealedFileError) as caught:
        list(sealed_file.read(path, kind, [TrustedKey(file=key) for key in public]).lines())
    (one,) = caught.value.problems
    return one.template


def test_sealed_file_comes_back_as_it_was_written(tmp_path: Path) -> None:
    found = sealed_file.read(sealed(tmp_path), "run")
    assert (found.head["vantage"], found.signed, found.signer) == ("hub", SignatureState.NONE, "")
    assert list(found.lines()) == [(2, {"a": 1}), (3, {"b": "tỉnh"})]
    assert sealed(tmp_path).read_bytes() == sealed(tmp_path).read_bytes()  # no time, no name of a file


def test_sealed_file_without_content_is_whole(tmp_path: Path) -> None:
    assert list(sealed_file.read(sealed(tmp_path, lines=[]), "run").lines()) == []


def test_sealed_file_that_was_changed_or_cut_off_is_refused(tmp_path: Path) -> None:
    assert "digest" in refusal(rewritten(sealed(tmp_path), b'"a":1', b'"a":2'))
    assert "digest" in refusal(rewritten(sealed(tmp_path), b"hub", b"hat"))
    assert "digest" in refusal(rewritten(sealed(tmp_path), b'{"a":1}\n', b""))
    path = sealed(tmp_path)
    whole = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(whole[: whole.index(b'{"end"')]))
    assert "cut off" in refusal(path)
    path.write_bytes(sealed(tmp_path).read_bytes()[:-12])
    assert "cut off" in refusal(path)


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b"{}\n", gzip.compress(b"", mtime=0), gzip.compress(b"[]\n[]\n", mtime=0)]
)
def test_sealed_file_that_is_none_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    assert refusal(path)


def test_sealed_file_of_another_kind_or_a_newer_form_is_refused(tmp_path: Path) -> None:
    assert "kind" in refusal(sealed(tmp_path), kind="mesh")
    assert "newer" in refusal(rewritten(sealed(tmp_path), b'"format":1', b'"format":2'))


def test_sealed_file_that_unpacks_to_too_much_is_refused_early(tmp_path: Path) -> None:
    path = tmp_path / "bomb"
    with gzip.open(path, "wb", compresslevel=9) as out:
        for _ in range(512):
            out.write(b" " * 2**20)
    assert "more than" in refusal(path)


def test_sealed_file_with_a_deep_line_is_refused(tmp_path: Path) -> None:
    assert "not a line" in refusal(sealed(tmp_path, lines=[b"[" * 100_000]))


def test_signature_is_wanted_where_a_key_is_trusted(tmp_path: Path) -> None:
    (own, public), (_, other) = keys(tmp_path, "own"), keys(tmp_path, "other")
    signed = sealed_file.read(sealed(tmp_path, own), "run", [TrustedKey(file=public)])
    assert signed.signed is SignatureState.GOOD
    assert signed.signer.startswith("sha256:")
    assert "another key" in refusal(sealed(tmp_path, own), other)
    assert "no signature" in refusal(sealed(tmp_path), public)


def test_key_of_one_vantage_signs_no_file_of_another(tmp_path: Path) -> None:
    """The holder of one vantage's machine must not hand in evidence in another vantage's name."""
    (_, hub), (theirs, point), (any_, centre) = (keys(tmp_path, name) for name in ("hub", "point", "centre"))
    trusted = [TrustedKey(file=hub, vantage="hub"), TrustedKey(file=point, vantage="point"), TrustedKey(file=centre)]
    for vantage, key, good in (
        ("point", theirs, True),
        ("hub", theirs, False),
        ("hub", any_, False),
        ("third", any_, True),
        ("third", theirs, False),
    ):
        path = sealed(tmp_path, key, vantage=vantage)
        if good:
            assert sealed_file.read(path, "run", trusted, handover.vantage_of).signed is SignatureState.GOOD
        else:
            with pytest.raises(SealedFileError) as caught:
                sealed_file.read(path, "run", trusted, handover.vantage_of)
            assert "another key" in caught.value.problems[0].template
    with pytest.raises(SealedFileError):
        sealed_file.read(sealed(tmp_path, theirs, vantage="hub"), "run", trusted[1:2], handover.vantage_of)


def test_signature_that_was_taken_off_is_missed(tmp_path: Path) -> None:
    own, _ = keys(tmp_path, "own")
    path = sealed(tmp_path, own)
    lines = gzip.decompress(path.read_bytes()).splitlines()
    end = json.loads(lines[-1])
    del end["end"]["signature"]
    path.write_bytes(gzip.compress(b"\n".join([*lines[:-1], json.dumps(end).encode()]) + b"\n"))
    assert "no signature" in refusal(path)


def test_line_that_is_too_long_is_not_written(tmp_path: Path) -> None:
    with pytest.raises(SealedFileError, match="longer"):
        sealed(tmp_path, lines=[b'"' + bytes(sealed_file.LONGEST_LINE) + b'"'])


def test_folder_and_missing_file_are_named(tmp_path: Path) -> None:
    with pytest.raises(SealedFileError, match="nowhere"):
        sealed_file.read(tmp_path / "nowhere", "run")
    with pytest.raises(SealedFileError):
        sealed_file.read(tmp_path, "run")
