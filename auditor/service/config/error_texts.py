"""Rewrites the validator's errors in the program's own words: the source, the key, the problem and the value.

The validator's own sentences are English and written for programmers; here each of its error types has a text of ours.
"""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from auditor.framework.operator_problems import OperatorProblem, nearest, problem
from auditor.service.config.model import Config
from auditor.service.config.times import NEVER_DUE, NOT_A_CRON, NOT_A_WINDOW, NOT_A_ZONE
from auditor.service.config.values import (
    HOST_BITS,
    NOT_A_HOST_NAME,
    NOT_A_NETWORK,
    NOT_A_PREFIX,
    NOT_AN_ADDRESS,
    NOT_AN_INTERFACE,
    NOT_HOURS,
    NOT_HTTPS,
    NOT_STRANGERS,
    PLAIN_SECRET,
)

Key = tuple[str, ...]

_SECRET_TABLES = frozenset({"snmp", "store"})
"""Tables in which a value, even a wrong one, may be a secret and is never shown."""
_WITHOUT_VALUE = frozenset({PLAIN_SECRET, "missing"})

_ONE_OF = "must be one of {expected}"
_NUMBER = "must be a number"
_WHOLE = "must be a whole number"
_BOOLEAN = "must be true or false"
_TEXT = "must be text"
_LIST = "must be a list"
_TABLE = "must be a table"
_DATE = "must be a date such as 2026-11-30"
_MOMENT = "must be a date and time such as 2026-11-30T06:00:00Z"

TEXTS: Mapping[str, str] = {
    PLAIN_SECRET: "a secret stands as env:NAME, file:PATH, keyring:SERVICE/NAME or ask:, never as itself",
    NOT_A_PREFIX: "must be a prefix such as 2001:db8::/32 or 192.0.2.0/24",
    HOST_BITS: "must end where its length says: {network} for the whole network, {address} for one address",
    NOT_A_HOST_NAME: "must be the full name of a host, in ASCII, such as probe1.example.vn",
    NOT_STRANGERS: "must be three mail addresses of three domains of your own: a sender and two recipients",
    NOT_HOURS: "must be hours of the day in Vietnam, such as 22:00-05:00",
    NOT_A_NETWORK: "must be internet, tslcd, or lan: and the site of a network of users",
    NOT_HTTPS: "must be an address that begins with https://",
    NOT_AN_INTERFACE: "must be the name of a network interface, such as eth1",
    NOT_AN_ADDRESS: "must be an address such as 2001:db8::53 or, with a port, [2001:db8::53]:53 or 192.0.2.53#53",
    NOT_A_CRON: "must be a cron expression of five fields, such as '0 1 1 * *': minute, hour, day, month, weekday",
    NEVER_DUE: "names a day that no year has",
    NOT_A_ZONE: "must be the name of a time zone, such as Asia/Ho_Chi_Minh",
    NOT_A_WINDOW: "must be a window of the week, such as 'mon-fri 07:30-17:00' or '22:00-05:00'",
    "missing": "is missing",
    "literal_error": _ONE_OF,
    "enum": _ONE_OF,
    "greater_than": "must be greater than {gt:n}",
    "greater_than_equal": "must be at least {ge:n}",
    "less_than": "must be less than {lt:n}",
    "less_than_equal": "must be at most {le:n}",
    "finite_number": _NUMBER,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "bool_type": _BOOLEAN,
    "bool_parsing": _BOOLEAN,
    "string_type": _TEXT,
    "path_type": _TEXT,
    "string_too_short": "must not be empty",
    "string_too_long": "must be at most {max_length:n} characters long",
    "string_pattern_mismatch": "is not of the form that is asked for",
    "too_short": "must hold at least {min_length:n}",
    "too_long": "must hold at most {max_length:n}",
    "tuple_type": _LIST,
    "dict_type": _TABLE,
    "model_type": _TABLE,
    "model_attributes_type": _TABLE,
    "datetime_type": _MOMENT,
    "datetime_parsing": _MOMENT,
    "datetime_from_date_parsing": _MOMENT,
    "datetime_object_invalid": _MOMENT,
    "timezone_naive": _MOMENT,
    "timezone_aware": _MOMENT,
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
}
"""The text of each error type that the configuration's fields can have; a test covers all of them."""


def explain(error: ValidationError, origins: Mapping[Key, str]) -> Iterator[OperatorProblem]:
    """Yield one problem for each error of the validator."""
    for mistake in error.errors():
        key = tuple(str(part) for part in mistake["loc"] if part != "[key]")
        if mistake["type"] == "extra_forbidden":
            yield _unknown(key, origin_of(key, origins))
            continue
        at = _place(key, origins)
        hidden = mistake["type"] in _WITHOUT_VALUE or not _SECRET_TABLES.isdisjoint(key[:1])
        value = None if hidden else problem(", not {value}", value=_shown(mistake["input"]))
        template = TEXTS.get(mistake["type"])
        if template is None:
            yield problem("{why}", at=at, hint=value, why=mistake["msg"])
        else:
            yield OperatorProblem(
                template, {name: _said(given) for name, given in mistake.get("ctx", {}).items()}, at, value
            )


def _unknown(key: Key, origin: str) -> OperatorProblem:
    known = _known_keys(key[:-1])
    hint = nearest(key[-1], known) or problem(" (choose one of: {known})", known=", ".join(known))
    if "near" in hint.values:
        hint = problem(hint.template, near=".".join((*key[:-1], str(hint.values["near"]))))
    return problem("unknown key '{key}'", at=origin, hint=hint, key=".".join(key))


def origin_of(key: Key, origins: Mapping[Key, str]) -> str:
    """Return the file, variable or option that set a key, or a table that contains it."""
    for length in range(len(key), 0, -1):
        if key[:length] in origins:
            return origins[key[:length]]
    return "auditor.toml"


def _place(key: Key, origins: Mapping[Key, str]) -> str:
    """Return the source and the key of a value; an option that spells the key is named once."""
    origin, name = origin_of(key, origins), ".".join(key)
    return origin if origin == f"--{name.replace('_', '-')}" else f"{origin}: {name}"


def _shown(value: object) -> str:
    return repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."


def _said(value: object) -> object:
    """Turn ``'vi' or 'en'`` of the validator into ``'vi', 'en'``, without the English word; keep other values."""
    return value.replace("' or '", "', '") if isinstance(value, str) else value


def _known_keys(table: Key) -> list[str]:
    """Return the keys that are allowed in a table, walking the models down."""
    model: Any = Config
    for part in table:
        if isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(part)
            model = None if field is None else field.annotation
        elif model is not None:
            model = get_args(model)[-1]  # dict[str, Section]: any key, the section's keys below it
    return sorted(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []
