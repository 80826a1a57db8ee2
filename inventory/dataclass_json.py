"""Converts frozen dataclasses of this package to plain JSON values and back, exactly.

Driven by the types' own annotations, so that a new field needs no second place. Fields at their default are left out:
a new field with a default neither breaks stored documents nor changes their digests. Decoding is strict: an unknown
field, a missing one without default or a value of another type is a SerialError with the path to it.
"""

import dataclasses
import json
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from enum import Enum
from functools import cache, lru_cache, partial
from ipaddress import IPv4Address, IPv6Address
from operator import itemgetter
from typing import NewType, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from inventory.json_pieces import DEPTH, Json, loads
from inventory.model import written

T = TypeVar("T")
_Reader = Callable[[Json], object]
_SCALARS = (str, int, bool, float)
_TEXTUAL: Mapping[type, Callable[[str], object]] = {date: date.fromisoformat, datetime: datetime.fromisoformat}


class SerialError(ValueError):
    """Raised where a stored document is not in the form that this version writes."""


def encode(value: object) -> Json:
    """Return the JSON value of a dataclass, or of anything that a field of one may hold."""
    if isinstance(value, Enum):
        return encode(value.value)
    if value is None or isinstance(value, _SCALARS):
        return value
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, IPv4Address | IPv6Address):
        return written(value)
    if isinstance(value, tuple):
        return [encode(each) for each in value]
    if isinstance(value, frozenset):
        return sorted((encode(each) for each in value), key=str)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: encode(held) for name, held in _held(value)}
    raise TypeError(f"no JSON form for {type(value).__name__}")


def decode(wanted: type[T], data: Json, path: str = "") -> T:
    """Return the value of type ``wanted`` that ``encode`` turned into ``data``."""
    try:
        return cast(T, _reader(cast(object, wanted))(data))
    except _Wrong as wrong:
        raise SerialError(f"{path}{wrong.path}: {wrong.why}") from wrong


def to_bytes(value: object) -> bytes:
    """Return the canonical form of a value: sorted keys, no spaces, UTF-8. It is made piece by piece, as it is read."""
    return b"".join(_written(value, DEPTH))


def _written(value: object, depth: int) -> Iterator[bytes]:
    if depth >= 0 and isinstance(value, tuple):
        yield b"["
        for number, each in enumerate(value):
            yield (b"," if number else b"") + _dumped(each)
        yield b"]"
    elif depth >= 0 and dataclasses.is_dataclass(value) and not isinstance(value, type):
        yield b"{"
        for number, (name, held) in enumerate(sorted(_held(value), key=itemgetter(0))):
            yield (b"," if number else b"") + _dumped(name) + b":"
            yield from _written(held, depth - 1)
        yield b"}"
    else:
        yield _dumped(value)


def _dumped(value: object) -> bytes:
    return json.dumps(
        encode(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def from_bytes(wanted: type[T], data: bytes) -> T:
    made = partial(_made, _hints(wanted) if dataclasses.is_dataclass(wanted) else {})
    try:
        read = loads(data, made)
    except (ValueError, RecursionError) as error:
        raise SerialError("not JSON") from error
    return decode(wanted, read)


@dataclasses.dataclass(frozen=True, slots=True)
class _DecodedItem:
    """Holds the value of an item of a list that was read while the document was parsed."""

    value: object


def _made(hints: Mapping[str, object], name: str, item: Json) -> object:
    """Read one item of a field that is a tuple; return an invalid item as it is, so that the error names its place."""
    hint = hints.get(name)
    if get_origin(hint) is tuple:
        with suppress(_Wrong):
            return _DecodedItem(_reader(get_args(hint)[0])(item))
    return item


@cache
def _fields(wanted: type) -> Mapping[str, "dataclasses.Field[object]"]:
    return {field.name: field for field in dataclasses.fields(wanted) if field.init}


@cache
def _hints(wanted: type) -> Mapping[str, object]:
    return get_type_hints(wanted)


def _default(field: "dataclasses.Field[object]") -> object:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    return field.default


def _held(value: object) -> Iterator[tuple[str, object]]:
    """Yield the fields of a dataclass that are not at their default."""
    kind: type = type(value)
    for name, field in _fields(kind).items():
        if (held := getattr(value, name)) != _default(field):
            yield name, held


class _Wrong(Exception):
    """Carries a decoding error and the path to it in the value, from the outside in."""

    def __init__(self, why: str, path: str = "") -> None:
        super().__init__(why)
        self.why, self.path = why, path

    def within(self, place: str) -> "_Wrong":
        self.path = place + self.path
        return self


@cache
def _reader(wanted: object) -> _Reader:
    """Return the reader of a type, made once for each: a province has millions of values."""
    while isinstance(wanted, NewType):
        wanted = wanted.__supertype__
    origin, arguments = get_origin(wanted), get_args(wanted)
    if origin in (Union, types.UnionType):
        return _union(arguments)
    if origin in (tuple, frozenset):
        return partial(_read_many, origin, _reader(arguments[0]))
    if isinstance(wanted, type):
        if dataclasses.is_dataclass(wanted):
            return partial(_read_fields, wanted)
        return _scalar(wanted)
    raise TypeError(f"no decoder for {wanted!r}")


def _union(members: Sequence[object]) -> _Reader:
    readers = [_reader(member) for member in members if member is not types.NoneType]
    optional = types.NoneType in members

    def read(data: Json) -> object:
        if data is None and optional:
            return None
        for reader in readers[:-1]:
            try:
                return reader(data)
            except _Wrong:
                continue
        return readers[-1](data)

    return read


def _read_many(origin: object, reader: _Reader, data: Json) -> object:
    if not isinstance(data, list):
        raise _Wrong("expected a list")
    items: list[object] = []
    for each in cast(list[object], data):
        try:
            items.append(each.value if isinstance(each, _DecodedItem) else reader(cast(Json, each)))
        except _Wrong as wrong:
            raise wrong.within(f"[{len(items)}]") from None
    if origin is tuple:
        return tuple(items)
    found = frozenset(items)
    if len(found) < len(items):
        raise _Wrong("a value stands twice")
    return _shared(reader, found)


@lru_cache(maxsize=1_024)
def _shared(reader: _Reader, value: object) -> object:
    """Return the same object for equal values of one reader, to save memory.

    The reader is part of the key, as a word equals its text. Most subjects are of one of a few sets of kinds, each of
    which takes 200 bytes, and have one of a few lists of services, which take 500.
    """
    return value


@cache
def _readers(wanted: type) -> tuple[Mapping[str, _Reader], frozenset[str]]:
    """Return the reader of every field, and the names of the required fields."""
    fields, hints = _fields(wanted), _hints(wanted)
    needed = frozenset(name for name, field in fields.items() if _default(field) is dataclasses.MISSING)
    return {name: _field_reader(hints[name], field) for name, field in fields.items()}, needed


def _field_reader(wanted: object, field: "dataclasses.Field[object]") -> _Reader:
    """Return the reader of one field.

    A field that held a single value in earlier versions (``single_before``) is read from that form too; one that is
    ``often_alike`` holds the same object wherever it is the same.
    """
    read = _reader(wanted)
    if field.metadata.get("single_before"):
        return lambda data: read(data if isinstance(data, list) else [data])
    if field.metadata.get("often_alike"):
        return lambda data: _shared(read, read(data))
    return read


def _read_fields(wanted: type, data: Json) -> object:
    if not isinstance(data, dict):
        raise _Wrong("expected an object")
    readers, needed = _readers(wanted)
    for name in data:
        if name not in readers:
            raise _Wrong("unknown field", f".{name}")
    if not needed <= data.keys():
        raise _Wrong("missing", f".{next(name for name in readers if name in needed and name not in data)}")
    values = {}
    for name, each in data.items():
        try:
            values[name] = readers[name](each)
        except _Wrong as wrong:
            raise wrong.within(f".{name}") from None
    try:
        return wanted(**values)
    except ValueError as error:
        raise _Wrong(str(error)) from error


def _scalar(wanted: type) -> _Reader:
    if wanted is float:
        return _read_float
    if issubclass(wanted, Enum):
        return _word(wanted)
    return partial(_read_plain if wanted in _SCALARS else _read_text, wanted)


def _word(wanted: type[Enum]) -> _Reader:
    known = {member.value: member for member in wanted}

    def read(data: Json) -> object:
        found = known.get(data) if type(data) is str else None
        return _read_text(wanted, data) if found is None else found  # which reports the error

    return read


def _read_float(data: Json) -> object:
    if type(data) in (float, int):
        with suppress(OverflowError):  # JSON bounds no integer
            return float(cast(float, data))
    raise _Wrong("expected float")


def _read_plain(wanted: type, data: Json) -> object:
    if type(data) is wanted:
        return data
    raise _Wrong(f"expected {wanted.__name__}")


def _read_text(wanted: type, data: Json) -> object:
    if not isinstance(data, str):
        raise _Wrong("expected text")
    read = _TEXTUAL.get(wanted) or cast(Callable[[str], object], wanted)
    try:
        value = read(data)
    except ValueError as error:
        raise _Wrong(str(error)) from error
    if encode(value) != data and not _was_written(value, data):
        raise _Wrong(f"{data!r} is not how it is written")
    return value


def _was_written(value: object, data: str) -> bool:
    """True if ``data`` is as earlier versions wrote it, before Python 3.13: IPv4-mapped addresses in hexadecimal."""
    mapped = value.ipv4_mapped if isinstance(value, IPv6Address) else None
    return mapped is not None and data == f"::ffff:{int(mapped) >> 16:x}:{int(mapped) & 0xFFFF:x}"
