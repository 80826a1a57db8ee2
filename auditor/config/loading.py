"""Finds, layers and checks the configuration, and reports every problem of it at once."""

import difflib
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from auditor.config.model import PLAIN_SECRET, Config

ENVIRONMENT_PREFIX = "AUDITOR_"
_PATH_KEYS = (("resolver", "root_hints"), ("resolver", "trust_anchor"), ("tls", "ca_file"), ("tls", "declared_roots"),
              ("policy",), ("evidence",))  # fmt: skip
_SHORT = {
    "resolver": ("resolver", "servers"),
    "root_hints": ("resolver", "root_hints"),
    "trust_anchor": ("resolver", "trust_anchor"),
    "ca_file": ("tls", "ca_file"),
    "vantage": ("vantage", "name"),
    "scope_allow": ("scope", "allow"),
    "scope_deny": ("scope", "deny"),
}
"""Options and environment variables whose key stands inside a table."""
_SECRET_TABLES = frozenset({"snmp", "store"})
"""Where a value, also a wrong one, may be a secret and is never shown."""
_SAID_ALREADY = frozenset({PLAIN_SECRET, "missing", "value_error"})

Key = tuple[str, ...]


class ConfigError(Exception):
    """A configuration that cannot be used; one line per problem, naming the file or variable and the key."""

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """The configuration and, for each key that was set, where it was."""

    config: Config
    origins: Mapping[Key, str]


def load(
    *, explicit: Path | None, environment: Mapping[str, str], options: Mapping[str, object], directories: Iterable[Path]
) -> Loaded:
    """Layer files, environment and options. ``options`` that are None were not given. Raises ConfigError."""
    merged: dict[str, Any] = {}
    origins: dict[Key, str] = {}
    problems: list[str] = []
    for path in _files(explicit, environment, directories):
        problems += _lay(merged, origins, _read(path, problems), str(path))
    for name, text in sorted(environment.items()):
        if name.startswith(ENVIRONMENT_PREFIX) and name not in _NOT_SETTINGS:
            key = _short_key(name.removeprefix(ENVIRONMENT_PREFIX).lower())
            problems += _lay(merged, origins, _nested(key, text), name)
    for option, value in options.items():
        if value is not None and value not in ([], ()):
            _lay(merged, origins, _nested(_short_key(option), value), f"--{option.replace('_', '-')}")
    try:
        config = Config.model_validate(merged)
    except ValidationError as error:
        raise ConfigError([*problems, *_explain(error, origins)]) from error
    if problems:
        raise ConfigError(problems)
    return Loaded(config=config, origins=origins)


_NOT_SETTINGS = frozenset({"AUDITOR_CONFIG", "AUDITOR_REHEARSAL"})


def _files(explicit: Path | None, environment: Mapping[str, str], directories: Iterable[Path]) -> Iterator[Path]:
    named = explicit or (Path(environment["AUDITOR_CONFIG"]) if environment.get("AUDITOR_CONFIG") else None)
    if named is not None:
        yield named
        return
    yield from (found for place in directories if (found := place / "auditor.toml").is_file())


def _read(path: Path, problems: list[str]) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problems.append(f"{path}: cannot be read: {error.strerror}")
        return {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        problems.append(f"{path}: {error}")
        return {}
    for key in _PATH_KEYS:  # a path in a file is meant from where the file is
        holder: Any = document
        for part in key[:-1]:
            holder = holder.get(part) if isinstance(holder, dict) else None
        if isinstance(holder, dict) and isinstance(holder.get(key[-1]), str):
            holder[key[-1]] = str(path.resolve().parent / holder[key[-1]])
    return document


def _short_key(name: str) -> Key:
    return _SHORT.get(name, (name,))


def _nested(key: Key, value: object) -> dict[str, Any]:
    nested: Any = value
    for part in reversed(key):
        nested = {part: nested}
    found: dict[str, Any] = nested
    return found


def _lay(
    merged: dict[str, Any], origins: dict[Key, str], layer: Mapping[str, Any], origin: str, at: Key = ()
) -> list[str]:  # fmt: skip
    """Put ``layer`` over ``merged``: tables are merged, everything else replaced."""
    problems: list[str] = []
    for key, value in layer.items():
        here = (*at, key)
        if isinstance(value, dict):
            below = merged.setdefault(key, {})
            if not isinstance(below, dict):
                below = merged[key] = {}
            problems += _lay(below, origins, value, origin, here)
            origins.setdefault(here, origin)
        else:
            merged[key] = value
            origins[here] = origin
    return problems


def _explain(error: ValidationError, origins: Mapping[Key, str]) -> Iterator[str]:
    for one in error.errors():
        key = tuple(str(part) for part in one["loc"] if part != "[key]")
        where = ".".join(key)
        if one["type"] == "extra_forbidden":
            known = _known_keys(key[:-1])
            close = difflib.get_close_matches(key[-1], known, n=1)
            hint = f" (did you mean {'.'.join((*key[:-1], close[0]))!r}?)" if close else f" (known: {', '.join(known)})"
            yield f"{_origin(key, origins)}: unknown key {where!r}{hint}"
        else:
            message = one["msg"].removeprefix("Value error, ")
            hidden = one["type"] in _SAID_ALREADY or not _SECRET_TABLES.isdisjoint(key[:1])
            shown = "" if hidden else f", not {_shown(one['input'])}"
            yield f"{_origin(key, origins)}: {where}: {message}{shown}"


def _origin(key: Key, origins: Mapping[Key, str]) -> str:
    for length in range(len(key), 0, -1):
        if key[:length] in origins:
            return origins[key[:length]]
    return "configuration"


def _shown(value: object) -> str:
    return repr(value) if len(repr(value)) <= 60 else repr(value)[:57] + "..."


def _known_keys(table: Key) -> list[str]:
    """The keys that may stand in a table, walking the models down."""
    model: Any = Config
    for part in table:
        if isinstance(model, type) and issubclass(model, BaseModel):
            field = model.model_fields.get(part)
            model = None if field is None else field.annotation
        elif model is not None:
            model = get_args(model)[-1]  # dict[str, Section]: any key, the section's keys below it
    return sorted(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else []
