"""Converts evidence to JSON and back; no other module knows the serialisation library.

It works over the unmodified dataclasses; unknown fields are rejected; wire bytes are base64.
Each step is ``{"kind", "v", "t0", "t", "failure", …}``. A step of an older version passes through its upcasters first.
"""

import hashlib
import importlib
import json
import pkgutil
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any, TypeVar, cast

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic_core import (
    CoreConfig,
    CoreSchema,
    PydanticSerializationError,
    SchemaSerializer,
    SchemaValidator,
    core_schema,
    to_json,
)

from inventory.model import IPAddress, written
from probes.framework.evidence import OBSERVATIONS, Evidence, EvidenceId, Observation, RunId

Json = dict[str, Any]
F = TypeVar("F")
Upcaster = Callable[[Json], Json]

ENVELOPE_VERSION = 1

UPCASTERS: Mapping[tuple[str, int], Upcaster] = {}
"""``(kind, v)`` → a function from the fields of version v to those of v + 1. Never removed."""

_CONFIG = ConfigDict(extra="forbid", ser_json_bytes="base64", val_json_bytes="base64", ser_json_inf_nan="null")


_NO_STEPS = b'"steps":null'
"""The placeholder for the steps in an envelope's JSON; it cannot occur in a text, where quotation marks are escaped."""
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class CodecError(ValueError):
    """Raised if stored evidence cannot be read; the message names the field."""


class NewerEvidence(CodecError):
    """Raised if stored evidence has a kind or version unknown to this program.

    Kinds are never removed, so a later program wrote it.
    """


_ADAPTERS: dict[type[Observation], TypeAdapter[Any]] = {}
_FROZEN: dict[tuple[type[object], bool], TypeAdapter[Any]] = {}


def _adapter(cls: type[Observation]) -> TypeAdapter[Any]:
    # In a tuple: pydantic takes no configuration for a bare dataclass, but passes it on to a contained one.
    if cls not in _ADAPTERS:
        _ADAPTERS[cls] = TypeAdapter(tuple[cls], config=_CONFIG)  # type: ignore[valid-type]
    return _ADAPTERS[cls]


_READERS: dict[type[Observation], SchemaValidator] = {}


def _reader(cls: type[Observation]) -> SchemaValidator:
    """Return the reader of one kind of observation, which caches addresses by text.

    A million pieces of evidence contain the same few addresses, and creating address objects is most of the work of
    reading a connect.
    """
    if cls not in _READERS:
        _READERS[cls] = _validator(_adapter(cls).core_schema)
    return _READERS[cls]


_WRITERS: dict[type[Observation], SchemaSerializer] = {}


def _writer(cls: type[Observation]) -> SchemaSerializer:
    """Return the writer of one kind of observation; it caches address texts, the costliest part of a connect."""
    if cls not in _WRITERS:
        _WRITERS[cls] = _serializer(_adapter(cls).core_schema)
    return _WRITERS[cls]


@cache
def _envelope() -> TypeAdapter[tuple[Evidence]]:
    return TypeAdapter(tuple[Evidence], config=_CONFIG)


@cache
def _envelope_writer() -> SchemaSerializer:
    """Return the writer of an envelope with ``null`` in place of its steps, which have their own writers."""
    nothing = core_schema.any_schema(serialization=core_schema.plain_serializer_function_ser_schema(lambda steps: None))
    return _serializer(_with_steps(_envelope().core_schema, nothing))


@cache
def _envelope_reader() -> SchemaValidator:
    """Return the reader of an envelope from bytes, with steps read by ``decode_step``."""
    steps = core_schema.no_info_plain_validator_function(_decode_steps)
    return _validator(_with_steps(_envelope().core_schema, steps))


@cache
def _current_reader() -> SchemaValidator:
    """Return the fast reader of an envelope with only current steps: one pass, in half the time."""
    _load_observations()
    definitions: dict[str, CoreSchema] = {}
    steps = {kind: _tagged(cls, definitions) for kind, cls in OBSERVATIONS.items()}
    every = core_schema.tuple_schema([core_schema.tagged_union_schema(steps, "kind")], variadic_item_index=0)
    envelope = _hoisted(_with_steps(_envelope().core_schema, every), definitions)
    return _validator(core_schema.definitions_schema(envelope, list(definitions.values())))


def _tagged(cls: type[Observation], definitions: dict[str, CoreSchema]) -> CoreSchema:
    """Return the core schema of an observation that also accepts kind and version, which do not become fields."""
    today = core_schema.int_schema(strict=True, ge=cls.VERSION, le=cls.VERSION)
    tags = {"kind": core_schema.any_schema(), "v": today}
    observation: Any = dict(_hoisted(_adapter(cls).core_schema, definitions)["items_schema"][0])
    fields = [
        *observation["schema"]["fields"],
        *(core_schema.dataclass_field(name, tag, kw_only=True, init_only=True) for name, tag in tags.items()),
    ]
    observation["schema"] = {**observation["schema"], "fields": fields, "collect_init_only": True}
    return cast(CoreSchema, observation)


def _hoisted(schema: Any, definitions: dict[str, CoreSchema]) -> Any:
    """Return a core schema without its definitions, which are added to ``definitions``, shared by all kinds."""
    if schema["type"] != "definitions":
        return schema
    definitions.update((definition["ref"], definition) for definition in schema["definitions"])
    return schema["schema"]


def _serializer(schema: CoreSchema) -> SchemaSerializer:
    config = CoreConfig(ser_json_bytes="base64", ser_json_inf_nan="null")
    return SchemaSerializer(_with_addresses(schema, _written_address), config)


def _validator(schema: CoreSchema) -> SchemaValidator:
    config = CoreConfig(extra_fields_behavior="forbid", val_json_bytes="base64", allow_inf_nan=False)
    return SchemaValidator(_with_addresses(schema, _read_address), config)


def _with_steps(node: Any, steps: CoreSchema) -> Any:
    """Return the core schema of an envelope with the schema ``steps`` for its steps."""
    if isinstance(node, list):
        return [_with_steps(item, steps) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") == "dataclass-field" and node["name"] == "steps":
        return core_schema.dataclass_field("steps", steps, kw_only=True)
    return {key: value if key == "metadata" else _with_steps(value, steps) for key, value in node.items()}


def _with_addresses(node: Any, made: Callable[[frozenset[type[IPAddress]]], CoreSchema]) -> Any:
    """Return a core schema with ``made`` in place of addresses; pydantic's own tries both IP versions on each."""
    if isinstance(node, list):
        return [_with_addresses(item, made) for item in node]
    if not isinstance(node, dict):
        return node
    families = _families(node) if node.get("type") != "union" else [f for c in node["choices"] for f in _families(c)]
    if families and (node["type"] != "union" or len(families) == len(node["choices"])):
        return made(frozenset(families))
    return {key: value if key == "metadata" else _with_addresses(value, made) for key, value in node.items()}


def _read_address(families: frozenset[type[IPAddress]]) -> CoreSchema:
    read = core_schema.no_info_plain_validator_function(_ADDRESSES[families])
    return core_schema.chain_schema([core_schema.str_schema(), read])


def _written_address(_: frozenset[type[IPAddress]]) -> CoreSchema:
    return core_schema.any_schema(serialization=core_schema.plain_serializer_function_ser_schema(_ADDRESS_TEXT))


def _families(node: Any) -> list[type[IPAddress]]:
    """Return the address class that a node of a core schema reads, an empty list if it reads something else."""
    read = _read_by(node)
    return (
        [] if read is None else [function for function in (IPv4Address, IPv6Address) if read is _own_reading(function)]
    )


def _read_by(node: Any) -> object:
    return node["lax_schema"].get("function", {}).get("function") if node.get("type") == "lax-or-strict" else None


@cache
def _own_reading(family: type[IPAddress]) -> object:
    return _read_by(TypeAdapter(family).core_schema)


_ADDRESSES: Mapping[frozenset[type[IPAddress]], Callable[[str], IPAddress]] = {
    frozenset({IPv4Address, IPv6Address}): lru_cache(maxsize=1_024)(ip_address),
    frozenset({IPv4Address}): lru_cache(maxsize=1_024)(IPv4Address),
    frozenset({IPv6Address}): lru_cache(maxsize=1_024)(IPv6Address),
}
"""Cached parsers of address texts, without a wrapper function; they get only texts."""

_ADDRESS_TEXT: Callable[[IPAddress], str] = lru_cache(maxsize=1_024)(written)


@cache
def _load_observations() -> None:
    """Import all observation kinds, as stored evidence may hold kinds not yet imported."""
    from probes import observations

    for module in pkgutil.iter_modules(observations.__path__, "probes.observations."):
        importlib.import_module(module.name)


def known_kinds() -> Mapping[str, int]:
    """Return the kinds of observations that this program can read, with their versions."""
    _load_observations()
    return {kind: cls.VERSION for kind, cls in OBSERVATIONS.items()}


def encode_step(step: Observation) -> Json:
    """Return one observation as JSON; default values are included, so that a recording can be read by eye."""
    fields: Json = _writer(type(step)).to_python((step,), mode="json")[0]
    return {"kind": step.KIND, "v": step.VERSION, **fields}


def decode_step(fields: Json) -> Observation:
    """Return the observation, converted to today's version. Raise CodecError if it cannot be read."""
    if not isinstance(fields, dict):
        raise CodecError("a step is not a JSON object")
    rest = dict(fields)
    kind, version = rest.pop("kind", None), rest.pop("v", None)
    _load_observations()
    cls = OBSERVATIONS.get(str(kind))
    if cls is None or type(version) is not int:  # JSON true is an int in Python
        wrong = NewerEvidence if isinstance(kind, str) and type(version) is int else CodecError
        raise wrong(f"unknown observation kind {kind!r} version {version!r}")
    while version < cls.VERSION:
        upcast = UPCASTERS.get((str(kind), version))
        if upcast is None:
            raise CodecError(f"no upcaster for {kind} version {version}")
        rest, version = upcast(rest), version + 1
    if version > cls.VERSION:
        raise NewerEvidence(f"{kind} version {version} is newer than this program knows ({cls.VERSION})")
    try:
        observation: Observation = _reader(cls).validate_json(to_json([rest]))[0]
    except ValidationError as error:
        raise CodecError(f"{kind}: {_first(error)}") from error
    return observation


def encode_evidence(evidence: Evidence) -> Json:
    """Return one envelope as plain JSON."""
    fields: Json = _envelope_writer().to_python((evidence,), mode="json")[0]
    fields["steps"] = [encode_step(step) for step in evidence.steps]
    return fields


def decode_evidence(fields: Json) -> Evidence:
    """Return the envelope with its steps. Raise CodecError if it cannot be read."""
    return load_evidence(json.dumps(fields).encode())


def _decode_steps(listed: object) -> tuple[Observation, ...]:
    if not isinstance(listed, list):
        raise CodecError("evidence: steps: not a list")
    return tuple(decode_step(step) for step in listed)


def dump_evidence(evidence: Evidence) -> bytes:
    """Return one envelope as compact JSON bytes; invalid Unicode in texts is replaced and never loses the evidence."""
    try:
        head, _, tail = _envelope_writer().to_json((evidence,))[1:-1].partition(_NO_STEPS)
        return b"".join((head, b'"steps":[', b",".join(map(_dumped_step, evidence.steps)), b"]", tail))
    except PydanticSerializationError:
        return _COMPACT.encode(encode_evidence(evidence)).encode(errors="replace")


def _dumped_step(step: Observation) -> bytes:
    """Return the JSON of ``encode_step`` as bytes, without its intermediate objects, which take most of the time."""
    tags = f'{{"kind":"{step.KIND}","v":{step.VERSION},'.encode()
    return tags + _writer(type(step)).to_json((step,))[2:-1]


def load_evidence(data: bytes) -> Evidence:
    """Return the evidence that ``dump_evidence`` wrote. Raise CodecError if it cannot be read."""
    listed = b"[" + data + b"]"
    try:
        envelope: Evidence = _current_reader().validate_json(listed)[0]
    except ValidationError:  # a step of an older version or an unreadable one: read step by step
        envelope = _told(listed)
    if envelope.schema != ENVELOPE_VERSION:
        raise (NewerEvidence if envelope.schema > ENVELOPE_VERSION else CodecError)(
            f"evidence: schema {envelope.schema} is not the one that this program knows ({ENVELOPE_VERSION})"
        )
    if envelope.started.tzinfo is None:
        raise CodecError("evidence: started: has no time zone")
    return envelope


def _told(listed: bytes) -> Evidence:
    try:
        envelope: Evidence = _envelope_reader().validate_json(listed)[0]
    except ValidationError as error:
        inner = error.errors()[0].get("ctx", {}).get("error")
        if isinstance(inner, CodecError):
            raise inner from error
        raise CodecError(f"evidence: {_first(error)}") from error
    return envelope


def schema(cls: type[Observation]) -> Json:
    """Return the JSON Schema of one observation kind, for the reference documentation and ``auditor probe``."""
    found: Json = _adapter(cls).json_schema()
    return found


def evidence_id(run: RunId, subject: str, probe: str, task: str, attempt: int) -> EvidenceId:
    """Return a digest of the values that make a probe run unique, so that a resumed run finds its evidence."""
    text = "\0".join((run, subject, probe, task, str(attempt)))
    return EvidenceId(hashlib.sha256(text.encode()).hexdigest()[:24])


def _first(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"] if part != 0)
    return f"{where}: {first['msg']}" if where else str(first["msg"])


def _frozen(cls: type[object], *, part: bool = False) -> TypeAdapter[Any]:
    if (cls, part) not in _FROZEN:
        config: ConfigDict = {**_CONFIG, "extra": "ignore"} if part else _CONFIG
        _FROZEN[cls, part] = TypeAdapter(tuple[cls], config=config)  # type: ignore[valid-type]
    return _FROZEN[cls, part]


def dump_frozen(value: object) -> bytes:
    """Write any of our frozen dataclasses (policy, reference data) as canonical JSON, for content addressing.

    Invalid Unicode in texts is replaced.
    """
    plain = _frozen(type(value)).dump_python((value,), mode="json")[0]
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(errors="replace")


def load_frozen(cls: type[F], data: bytes, *, part: bool = False) -> F:
    """Return the value that ``dump_frozen`` wrote. Raise CodecError if it cannot be read.

    ``part``: fields that ``cls`` does not have are ignored, which is much faster than converting them.
    """
    try:
        found: F = _frozen(cls, part=part).validate_json(b"[" + data + b"]")[0]
    except ValidationError as error:
        raise CodecError(f"{cls.__name__}: {_first(error)}") from error
    return found
