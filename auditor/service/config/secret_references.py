"""Finds every reference to a secret in a configuration by the type of its field; reads no secret."""

from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from auditor.service.config.error_texts import Key
from auditor.service.config.values import SecretRef

_MARK = get_args(SecretRef)[1]


def references(section: BaseModel, at: Key = ()) -> Iterator[tuple[Key, str]]:
    """Yield the key and the text of each reference."""
    for name, field in type(section).model_fields.items():
        yield from _below(getattr(section, name), (*at, name), is_secret=_is_secret(field))


def _below(value: Any, at: Key, *, is_secret: bool) -> Iterator[tuple[Key, str]]:
    if isinstance(value, BaseModel):
        yield from references(value, at)
    elif isinstance(value, dict):
        for name, member in value.items():
            yield from _below(member, (*at, str(name)), is_secret=is_secret)
    elif isinstance(value, str) and is_secret:
        yield at, value


def _is_secret(field: FieldInfo) -> bool:
    """True if the field, or a part of its type, has the validator of secret references."""
    return _MARK in field.metadata or _holds(field.annotation)


def _holds(annotation: Any) -> bool:
    return any(part is _MARK or _holds(part) for part in get_args(annotation))
