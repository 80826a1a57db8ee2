"""Writes the parts of the lines by which a reviewer reads an observation.

The lines are technical, as dig's or curl's are: names of protocols, of their parts and codes stand as they are. Fixed
words and phrases take their text from the caller, in the reader's language; nothing of it is stored. Bytes that a
target sent are cut here, and made harmless by the program that shows the lines; a cut part is given by its size and
hash, so that it can be found in the stored evidence.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

from inventory.model import IPAddress, written
from probes.framework.evidence import Failure, FailureKind, Observation

Word = Callable[[str], str]
"""Translates a fixed word or phrase, or the word for a kind of failure, into the reader's language.

`{}` stand for values. Any other text, such as a target's own, is returned as it is.
"""
T = TypeVar("T")

MOST_RECORDS = 20
_SAID_BY_KIND = frozenset({(FailureKind.TIMEOUT, "no answer in time")})
"""Details that only repeat the word for the kind, in English."""
_NO_TIME = 0.0005
"""Seconds: a step that timed out sooner had no time left when it began; "timeout, 0 ms" would mislead."""
LONGEST_DETAIL, LONGEST_TEXT = 120, 200
_BYTES_SHOWN = 24
_HASH = 16
_TEXT_SHOWN = 80
_TEXT = re.compile(rb"[\t\r\n -~]{6,}|\A[\t\r\n -~]+\Z")
"""Six printable octets in a row, which chance seldom makes, or nothing else at all."""


_TLS_RECORDS = {b"\x15": "an alert of TLS", b"\x16": "a handshake of TLS"}
"""Content types of the records with which a server answers (RFC 8446 §5.1); the version 3.x follows."""


def end(step: Observation, success: str, word: Word) -> str:
    """Return the result of a step: success or failure, and after how long."""
    result = success if step.failure is None else failure_text(step.failure, word)
    seconds = step.t - step.t0
    had_no_time = step.failure is not None and step.failure.kind is FailureKind.TIMEOUT and seconds < _NO_TIME
    return result if seconds <= 0 or had_no_time else f"{result}, {duration(seconds, word)}"


def failure_text(failure: Failure, word: Word) -> str:
    number = "" if failure.errno is None else f" [errno {failure.errno}]"
    says_more = failure.detail and (failure.kind, failure.detail) not in _SAID_BY_KIND
    detail = f" ({word(short(failure.detail, LONGEST_DETAIL))})" if says_more else ""
    return word(failure.kind.value) + detail + number


def kind_text(kind: FailureKind | None, success: str, word: Word) -> str:
    """Return the word for a bare kind of failure, or for success."""
    return success if kind is None else word(kind.value)


def duration(seconds: float, word: Word) -> str:
    """Return ``3.4 s``, or ``17 ms`` for less than a second."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    return word("{} s").format(decimal(f"{seconds:.1f}", word))


def decimal(number: str, word: Word) -> str:
    """Write a formatted number with the reader's decimal sign; text without one stays as it is."""
    return number.replace(".", word(".")) if "." in number else number


def host_port(host: IPAddress | str, port: int) -> str:
    text = host if isinstance(host, str) else written(host)
    return f"[{text}]:{port}" if ":" in text else f"{text}:{port}"


def identity(data: bytes) -> str:
    """Return the size and hash of data that is not shown as a whole."""
    return f"{len(data)} B, sha256 {hashlib.sha256(data).hexdigest()[:_HASH]}"


def cut(texts: Iterable[str]) -> str:
    """Return the size and hash of texts that are not shown."""
    return identity("\n".join(texts).encode("utf-8", "backslashreplace"))


def short(text: str, longest: int = LONGEST_TEXT) -> str:
    """Shorten a text to so many characters, with the size and hash of the whole."""
    return text if len(text) <= longest else f"{text[: longest - 1]}… ({cut([text])})"


def label(word: Word, text: str) -> str:
    """Return the head of a line below that of its step, as wide as the others."""
    return f"  {word(text):10} "


def octets(data: bytes | None, word: Word) -> str:
    """Return the number of bytes and the text in them; without any text, the first of them in hexadecimal.

    The hash is that of all bytes, where not all are shown. Records of TLS are named: text in their keys is chance.
    """
    if data is None:
        return word("no bytes")
    if (kind := _TLS_RECORDS.get(data[:1])) and data[1:2] == b"\x03":
        return f"{identity(data)} {word(kind)}"
    words = [run.decode("ascii").strip() for run in _TEXT.findall(data)]
    if text := " … ".join(word for word in words if word):
        shown = text if len(text) <= _TEXT_SHOWN else text[: _TEXT_SHOWN - 1] + "…"
        return f'{len(data)} B "{shown}"' if data.strip() == shown.encode() else f'{identity(data)} "{shown}"'
    size = f"{len(data)} B" if len(data) <= _BYTES_SHOWN else identity(data)
    return f"{size} {data[:_BYTES_SHOWN].hex(' ')}".rstrip()


def moment(time: datetime | None, word: Word) -> str:
    return word("unknown") if time is None else time.isoformat(timespec="seconds")


def yes(value: bool | None, word: Word) -> str:
    return word("unknown" if value is None else "yes" if value else "no")


def also(label: str, value: object) -> str:
    """Return ``, label value``; nothing where there is no value."""
    return "" if value in (None, "", (), b"") else f", {label} {value}"


def listed(values: Iterable[object]) -> str:
    """Return the first of the values on one line, and how many there are beside."""
    every = [str(value) for value in values]
    return ", ".join(every[:MOST_RECORDS]) + beyond(every, MOST_RECORDS)


def beyond(texts: Sequence[str], shown: int) -> str:
    """Return the number of texts beyond those that are shown, with their size and hash; nothing without any."""
    return f" … (+{len(texts) - shown}: {cut(texts[shown:])})" if len(texts) > shown else ""


def rows(values: Sequence[T], line: Callable[[T], str]) -> Iterator[str]:
    """Yield a line for each of the first values, and how many there are beside."""
    yield from (f"  {line(value)}" for value in islice(values, MOST_RECORDS))
    if len(values) > MOST_RECORDS:
        yield f"  … (+{len(values) - MOST_RECORDS}: {cut(map(line, islice(values, MOST_RECORDS, None)))})"


def status_text(status: int | None, word: Word) -> str:
    return word("no status") if status is None else str(status)


def round_trips(rtts: Sequence[float | None], word: Word) -> str:
    """Return the number of requests sent and answered, and the delays."""
    came = [rtt for rtt in rtts if rtt is not None]
    times = (
        f", rtt min/avg/max {'/'.join(duration(t, word) for t in (min(came), sum(came) / len(came), max(came)))}"
        if came
        else ""
    )
    return word("{} sent, {} received").format(len(rtts), len(came)) + times
