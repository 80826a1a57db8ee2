"""Converts evidence to JSON and back; no other module knows the serialisation library.

Evidence to plain JSON and back over the unmodified dataclasses; unknown fields are refused; wire bytes are base64.
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
"""``(kind, v)`` → a function from the fields of version v to those of v + 1. Kept for ever."""

_CONFIG = ConfigDict(extra="forbid", ser_json_bytes="base64", val_json_bytes="base64", ser_json_inf_nan="null")


_NO_STEPS = b'"steps":null'
"""What stands in the JSON of an envelope for its steps; within a text no quotation mark stands unescaped."""
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False)


class CodecError(ValueError):
    """Stored evidence that cannot be read; the message names the field."""


class NewerEvidence(CodecError):
    """Stored evidence of a kind or version that this program does not know: kinds are never taken away again, so a
    later one wrote it."""


_ADAPTERS: dict[type[Observation], TypeAdapter[Any]] = {}
_FROZEN: dict[tuple[type[object], bool], TypeAdapter[Any]] = {}


def _adapter(cls: type[Observation]) -> TypeAdapter[Any]:
    # In a tuple, because a configuration is not taken for a bare dataclass but is handed down to a contained one.
    if cls not in _ADAPTERS:
        _ADAPTERS[cls] = TypeAdapter(tuple[cls], config=_CONFIG)  # type: ignore[valid-type]
    return _ADAPTERS[cls]


_READERS: dict[type[Observation], SchemaValidator] = {}


def _reader(cls: type[Observation]) -> SchemaValidator:
    """Reads the fields of one kind of observation. A million pieces of evidence speak of the same few addresses:
    making address objects is most of the work of reading a connect, and is done once for each text."""
    if cls not in _READERS:
        _READERS[cls] = _validator(_adapter(cls).core_schema)
    return _READERS[cls]


_WRITERS: dict[type[Observation], SchemaSerializer] = {}


def _writer(cls: type[Observation]) -> SchemaSerializer:
    """Writes the fields of one kind of observation, each address as text that is made once: it takes longer than all
    else of a connect."""
    if cls not in _WRITERS:
        _WRITERS[cls] = _serializer(_adapter(cls).core_schema)
    return _WRITERS[cls]


@cache
def _envelope() -> TypeAdapter[tuple[Evidence]]:
    return TypeAdapter(tuple[Evidence], config=_CONFIG)


@cache
def _envelope_writer() -> SchemaSerializer:
    """Writes the fields of an envelope, in place of its steps nothing: each has a writer of its own."""
    nothing = core_schema.any_schema(serialization=core_schema.plain_serializer_function_ser_schema(lambda steps: None))
    return _serializer(_with_steps(_envelope().core_schema, nothing))


@cache
def _envelope_reader() -> SchemaValidator:
    """Reads an envelope from its bytes, its steps by ``decode_step``."""
    steps = core_schema.no_info_plain_validator_function(_decode_steps)
    return _validator(_with_steps(_envelope().core_schema, steps))


@cache
def _current_reader() -> SchemaValidator:
    """Reads an envelope whose steps are all of today's versions from its bytes in one go, in half the time."""
    _load_observations()
    definitions: dict[str, CoreSchema] = {}
    steps = {kind: _tagged(cls, definitions) for kind, cls in OBSERVATIONS.items()}
    every = core_schema.tuple_schema([core_schema.tagged_union_schema(steps, "kind")], variadic_item_index=0)
    envelope = _hoisted(_with_steps(_envelope().core_schema, every), definitions)
    return _validator(core_schema.definitions_schema(envelope, list(definitions.values())))


def _tagged(cls: type[Observation], definitions: dict[str, CoreSchema]) -> CoreSchema:
    """The core schema of the fields of an observation with its kind and version, which become no fields of it."""
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
    """Return a core schema without what it defines, which is added to ``definitions``: all kinds share these."""
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
    """Return the core schema of an envelope in which ``steps`` is read by another one."""
    if isinstance(node, list):
        return [_with_steps(item, steps) for item in node]
    if not isinstance(node, dict):
        return node
    if node.get("type") == "dataclass-field" and node["name"] == "steps":
        return core_schema.dataclass_field("steps", steps, kw_only=True)
    return {key: value if key == "metadata" else _with_steps(value, steps) for key, value in node.items()}


def _with_addresses(node: Any, made: Callable[[frozenset[type[IPAddress]]], CoreSchema]) -> Any:
    """Return a core schema in which ``made`` stands for addresses; pydantic's own tries both families on each."""
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
    """Return the family that a node of a core schema reads, none where it reads something else."""
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
"""What reads an address, through a cache without a function of ours around it; only texts come there."""

_ADDRESS_TEXT: Callable[[IPAddress], str] = lru_cache(maxsize=1_024)(written)


@cache
def _load_observations() -> None:
    """Stored evidence may hold kinds that nothing has imported yet."""
    from probes import observations

    for module in pkgutil.iter_modules(observations.__path__, "probes.observations."):
        importlib.import_module(module.name)


def known_kinds() -> Mapping[str, int]:
    """Return the kinds of observations that this program can read, with their versions."""
    _load_observations()
    return {kind: cls.VERSION for kind, cls in OBSERVATIONS.items()}


def encode_step(step: Observation) -> Json:
    """One observation as JSON; fields that hold their default stay in, so that a recording can be read by eye."""
    fields: Json = _writer(type(step)).to_python((step,), mode="json")[0]
    return {"kind": step.KIND, "v": step.VERSION, **fields}


def decode_step(fields: Json) -> Observation:
    """Return the observation, brought up to today's version. Raises CodecError."""
    if not isinstance(fields, dict):
        raise CodecError("a step is not a JSON object")
    rest = dict(fields)
    kind, version = rest.pop("kind", None), rest.pop("v", None)
    _load_observations()
    cls = OBSERVATIONS.get(str(kind))
    if cls is None or type(version) is not int:  # true is an int too
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
    """One envelope as plain JSON."""
    fields: Json = _envelope_writer().to_python((evidence,), mode="json")[0]
    fields["steps"] = [encode_step(step) for step in evidence.steps]
    return fields


def decode_evidence(fields: Json) -> Evidence:
    """Return the envelope with its steps. Raises CodecError."""
    return load_evidence(json.dumps(fields).encode())


def _decode_steps(listed: object) -> tuple[Observation, ...]:
    if not isinstance(listed, list):
        raise CodecError("evidence: steps: not a list")
    return tuple(decode_step(step) for step in listed)


def dump_evidence(evidence: Evidence) -> bytes:
    """Compact JSON bytes, one envelope. Text that is no Unicode loses what is wrong with it, never the evidence."""
    try:
        head, _, tail = _envelope_writer().to_json((evidence,))[1:-1].partition(_NO_STEPS)
        return b"".join((head, b'"steps":[', b",".join(map(_dumped_step, evidence.steps)), b"]", tail))
    except PydanticSerializationError:
        return _COMPACT.encode(encode_evidence(evidence)).encode(errors="replace")


def _dumped_step(step: Observation) -> bytes:
    """As ``encode_step``, past the objects that it makes: they take as long as all else."""
    tags = f'{{"kind":"{step.KIND}","v":{step.VERSION},'.encode()
    return tags + _writer(type(step)).to_json((step,))[2:-1]


def load_evidence(data: bytes) -> Evidence:
    """Inverse of dump_evidence. Raises CodecError."""
    listed = b"[" + data + b"]"
    try:
        envelope: Evidence = _current_reader().validate_json(listed)[0]
    except ValidationError:  # a step of an older version, or what cannot be read: told step by step
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
    """JSON Schema of one kind of observation, for the reference documentation and ``auditor probe``."""
    found: Json = _adapter(cls).json_schema()
    return found


def evidence_id(run: RunId, subject: str, probe: str, task: str, attempt: int) -> EvidenceId:
    """Digest of what makes a probe run unique, so that a resumed run finds what it already has."""
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

    Text that is no Unicode loses what is wrong with it.
    """
    plain = _frozen(type(value)).dump_python((value,), mode="json")[0]
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(errors="replace")


def load_frozen(cls: type[F], data: bytes, *, part: bool = False) -> F:
    """Inverse of dump_frozen. Raises CodecError.

    ``part``: fields that ``cls`` does not have are passed over, which is much faster than making values of them.
    """
    try:
        found: F = _frozen(cls, part=part).validate_json(b"[" + data + b"]")[0]
    except ValidationError as error:
        raise CodecError(f"{cls.__name__}: {_first(error)}") from error
    return found
