"""Writes and reads sealed files, by which one auditor passes data to another, as compressed JSON lines.

The first line names the content of the file and its sender; the last one has the SHA-256 of every line before it and,
if the sender has a key, a signature over that. Everything in such a file is untrusted until it was read to its end: a
file that is too long, unpacks to far more than its size, was changed or cut off is refused before anything is used.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from auditor.framework.operator_problems import OperatorError, OperatorProblem, problem, unreadable
from auditor.service.runs import signing
from auditor.service.runs.signing import SignatureState
from inventory.safe_open import open_file

Fields = dict[str, Any]
MOST_BYTES = 8 * 2**30
"""Maximum bytes of an unpacked file; a province's run takes 0.2 GiB."""
LONGEST_LINE = 32 * 2**20
_SQUEEZED, _SLACK = 200, 2**20
"""Limits of the unpacked size: a multiple of the file's size, plus bytes; evidence unpacks to about ten times."""
_HEAD = "auditor"


class SealedFileError(OperatorError):
    """Raised if a file cannot be imported; nothing of it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """Holds a file that was read to its end and has the digest that its sender sealed.

    ``signed`` is the state of its signature and ``signer`` the fingerprint of the key.
    """

    path: Path
    head: Fields
    digest: str
    signed: SignatureState
    signer: str = ""

    def lines(self) -> Iterator[tuple[int, Fields]]:
        """Yield the lines between the first and the last, with their numbers; the file is read and checked again."""
        whole, before = hashlib.sha256(), b""
        with _explained(self.path), _opened(self.path) as file:
            for number, line in enumerate(_bounded(file, self.path), 1):
                if number > 2:
                    yield number - 1, _object(before, self.path, number - 1)
                whole.update(before)
                before = line
        if whole.hexdigest() != self.digest:
            raise SealedFileError([problem("was changed while it was read", at=str(self.path))])


def write(file: BinaryIO, kind: str, head: Mapping[str, object], lines: Iterable[bytes], key: Path | None) -> str:
    """Write a sealed file and return its digest. ``lines`` are JSON objects without line ends."""
    signer = "" if key is None else signing.signer(key)
    whole, count = hashlib.sha256(), 0
    with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=6, mtime=0) as out:
        for line in _with_head(kind, head, signer, lines):
            count += 1
            if len(line) >= LONGEST_LINE:
                raise SealedFileError([problem("a line would be longer than {most:n} bytes", most=LONGEST_LINE)])
            whole.update(line + b"\n")
            out.write(line + b"\n")
        digest = whole.hexdigest()
        end: Fields = {"lines": count, "sha256": digest}
        if key is not None:
            end["signature"] = dict(signing.sign(digest, key))
        out.write(dump({"end": end}) + b"\n")
    return digest


def _with_head(kind: str, head: Mapping[str, object], signer: str, lines: Iterable[bytes]) -> Iterator[bytes]:
    yield dump({_HEAD: kind, "format": 1, "signed_by": signer, **head})
    yield from lines


def dump(value: object) -> bytes:
    """Return one line of JSON, without its end."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedKey:
    """Holds a file with a public key that may sign files of its ``vantage``, which no other key may then sign.

    Without a vantage it may sign the files of every sender that has no key of its own.
    """

    file: Path
    vantage: str = ""


def of_nobody(head: Fields) -> object:
    """Return the empty vantage, for files that belong to no vantage."""
    return ""


def read(
    path: Path, kind: str, keys: Sequence[TrustedKey] = (), vantage_of: Callable[[Fields], object] = of_nobody
) -> SealedFile:
    """Read a file to its end and check it. Raises SealedFileError; SigningError for an unusable key file.

    If there are ``keys``, the file must be signed with one that may sign it. ``vantage_of`` returns the vantage of the
    file from its first line, exactly as the importing function will read it.
    """
    whole, number, before, head = hashlib.sha256(), 0, b"", Fields()
    with _explained(path), _opened(path) as file:
        for number, line in enumerate(_bounded(file, path), 1):
            if number == 1:
                head = _head(line, path, kind)
            whole.update(before)
            before = line
    end = _end(before, path, number)
    if end.get("sha256") != whole.hexdigest() or end.get("lines") != number - 1:
        raise SealedFileError([problem("is not as it was sealed: its digest is another one", at=str(path))])
    signature = end.get("signature")
    held = {"root": whole.hexdigest(), "signature": signature, "signed_by": head.get("signed_by") or None}
    may_sign = _may_sign(keys, vantage_of(head)) or _may_sign(keys, "")
    signed = SignatureState.OTHER_KEY if keys and not may_sign else signing.check(held, may_sign)
    if not signed.is_accepted:
        raise SealedFileError([_refused(signed, str(path))])
    signer = signing.fingerprint(signature) if isinstance(signature, dict) else ""
    return SealedFile(path=path, head=head, digest=whole.hexdigest(), signed=signed, signer=signer)


def _may_sign(keys: Sequence[TrustedKey], vantage: object) -> list[Path]:
    return [key.file for key in keys if key.vantage == vantage]


def _refused(signed: SignatureState, at: str) -> OperatorProblem:
    match signed:
        case SignatureState.GONE:
            return problem("has no signature, and one is wanted", at=at)
        case SignatureState.OTHER_KEY:
            return problem("is signed with another key than those that are trusted", at=at)
        case _:
            return problem("has a signature that does not fit it", at=at)


@contextmanager
def _opened(path: Path) -> Iterator[gzip.GzipFile]:
    with open_file(path) as raw, gzip.GzipFile(fileobj=raw, mode="rb") as file:
        yield file


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise SealedFileError([problem("is not a sealed file, or was cut off", at=str(path))]) from error
    except OSError as error:
        raise SealedFileError([unreadable(error, at=str(path))]) from error


def _bounded(file: gzip.GzipFile, path: Path) -> Iterator[bytes]:
    most = min(MOST_BYTES, _SQUEEZED * path.stat().st_size + _SLACK)
    read = 0
    while line := file.readline(LONGEST_LINE):
        read += len(line)
        if len(line) == LONGEST_LINE or read > most:
            raise SealedFileError([problem("unpacks to more than a file of its size may", at=str(path))])
        yield line


def _head(line: bytes, path: Path, kind: str) -> Fields:
    found = _object(line, path, 1)
    if found.get(_HEAD) != kind:
        raise SealedFileError([problem("is not a file of the kind '{kind}'", at=str(path), kind=kind)])
    if found.get("format") != 1:
        raise SealedFileError([problem("is of a newer form than this version reads", at=str(path))])
    return found


def _end(line: bytes, path: Path, number: int) -> Fields:
    found = _object(line, path, number).get("end") if number > 1 else None
    if not isinstance(found, dict):
        raise SealedFileError([problem("was cut off: its last line is missing", at=str(path))])
    return found


def _object(line: bytes, path: Path, number: int) -> Fields:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise broken_line(path, number) from error
    if not isinstance(found, dict):
        raise broken_line(path, number)
    return found


def broken_line(path: Path, number: int, why: str = "") -> SealedFileError:
    """Return the error that names a line and its problem."""
    at = f"{path}:{number}"
    if why:
        return SealedFileError([problem("does not belong here: {why}", at=at, why=why[:200])])
    return SealedFileError([problem("is not a line of such a file", at=at)])
