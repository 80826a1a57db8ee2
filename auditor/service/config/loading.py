"""Finds, layers and checks the configuration, and reports all of its problems at once."""

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from auditor.framework.operator_problems import OperatorError, OperatorProblem, unreadable
from auditor.framework.toml_problems import bad_toml
from auditor.service.config.error_texts import Key, explain
from auditor.service.config.file_trust import distrust
from auditor.service.config.model import Config
from auditor.service.config.values import as_list
from inventory.safe_open import read_text

ENVIRONMENT_PREFIX = "AUDITOR_"
_PATH_KEYS = (
    ("resolver", "root_hints"),
    ("resolver", "trust_anchor"),
    ("tls", "ca_file"),
    ("tls", "declared_roots"),
    ("tls", "ct_logs"),
    ("policy",),
    ("waivers",),
    ("evidence",),
    ("calendar", "holidays"),
    ("report", "emblem"),
    ("seal", "timestamp_ca"),
    ("notify", "mail", "ca_file"),
    ("worker", "ca_file"),
    ("schedule", "*", "inventory"),
)
_PATH_LISTS = (
    ("reference", "roas"),
    ("reference", "routes"),
    ("reference", "cbdtw"),
    ("frameworks", "files"),
    ("checks", "folders"),
    ("seal", "public_key"),
)
_SHORT = {
    "resolver": ("resolver", "servers"),
    "root_hints": ("resolver", "root_hints"),
    "trust_anchor": ("resolver", "trust_anchor"),
    "ca_file": ("tls", "ca_file"),
    "vantage": ("vantage", "name"),
    "scope_allow": ("scope", "allow"),
    "scope_deny": ("scope", "deny"),
    "subject_seconds": ("limits", "subject_seconds"),
    "serve_proxies": ("serve", "proxies"),
}
"""Keys inside a table by the short names of their options and environment variables."""


class ConfigError(OperatorError):
    """Raised for a configuration that cannot be used; each problem names the file or variable and the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedConfig:
    """Holds the configuration and, for each key that was set, its source."""

    config: Config
    origins: Mapping[Key, str]


def load(
    *,
    explicit: Path | None,
    environment: Mapping[str, str],
    options: Mapping[str, object],
    directories: Iterable[Path],
    here: Path | None = None,
) -> LoadedConfig:
    """Layer files, environment and options, each over the ones before. Raises ConfigError.

    ``options`` that are None were not given. ``here`` is the one of ``directories`` in which anybody may have left a
    file (auditor.service.config.file_trust).
    """
    merged: dict[str, Any] = {}
    origins: dict[Key, str] = {}
    problems: list[OperatorProblem] = []
    for path in _files(explicit, environment, directories):
        doubt = distrust(path, environment) if path.parent == here and not _named(explicit, environment) else None
        if doubt is not None:
            raise ConfigError([doubt])
        _lay(merged, origins, _read(path, problems), str(path))
    for name, text in sorted(environment.items()):
        if name.startswith(ENVIRONMENT_PREFIX) and name not in _NOT_SETTINGS:
            key = _variable_key(name.removeprefix(ENVIRONMENT_PREFIX).lower())
            _lay(merged, origins, _nested(key, text), name)
    for option, value in options.items():
        if value is not None and value not in ([], ()):
            _lay(merged, origins, _nested(_short_key(option), value), f"--{option.replace('_', '-')}")
    try:
        config = Config.model_validate(merged)
    except ValidationError as error:
        raise ConfigError([*problems, *explain(error, origins)]) from error
    if problems:
        raise ConfigError(problems)
    return LoadedConfig(config=config, origins=origins)


_NOT_SETTINGS = frozenset({"AUDITOR_CONFIG", "AUDITOR_REHEARSAL", "AUDITOR_RAWPKT_SOCKET", "AUDITOR_USER"})


def _named(explicit: Path | None, environment: Mapping[str, str]) -> Path | None:
    return explicit or (Path(environment["AUDITOR_CONFIG"]) if environment.get("AUDITOR_CONFIG") else None)


def _files(explicit: Path | None, environment: Mapping[str, str], directories: Iterable[Path]) -> Iterator[Path]:
    named = _named(explicit, environment)
    if named is not None:
        yield named
        return
    # os.path: a folder that we may not read (another user's home) holds no configuration for us.
    yield from (path for place in directories if os.path.isfile(path := place / "auditor.toml"))


def _read(path: Path, problems: list[OperatorProblem]) -> dict[str, Any]:
    try:
        document = tomllib.loads(read_text(path))
    except (OSError, UnicodeDecodeError) as error:
        problems.append(unreadable(error, at=str(path)))
        return {}
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, or a number of 5,000 digits
        problems.append(bad_toml(error, at=str(path)))
        return {}
    _set_paths_out_from(path.resolve().parent, document)
    return document


def _set_paths_out_from(folder: Path, document: dict[str, Any]) -> None:
    """Resolve every relative path of a file against the file's folder."""
    for key in _PATH_KEYS:
        for holder in _holders(document, key[:-1]):
            named = holder.get(key[-1])
            if isinstance(named, str) and not (key[0] == "schedule" and _is_kept(named)):
                holder[key[-1]] = str(folder / named)
    for key in _PATH_LISTS:
        for holder in _holders(document, key[:-1]):
            paths = as_list(holder.get(key[-1]))
            if isinstance(paths, list):
                holder[key[-1]] = [str(folder / path) if isinstance(path, str) else path for path in paths]


def _is_kept(text: str) -> bool:
    """True if the text names an inventory of the store, not a file."""
    from auditor.service.store.kept.inventory_names import is_name  # slow to import, and few configurations need it

    return is_name(text)


def _holders(table: Any, key: Key) -> Iterator[dict[str, Any]]:
    """Yield the tables at a key, in which ``*`` matches any name."""
    if isinstance(table, dict):
        if not key:
            yield table
        elif key[0] == "*":
            for below in table.values():
                yield from _holders(below, key[1:])
        else:
            yield from _holders(table.get(key[0]), key[1:])


def _variable_key(name: str) -> Key:
    """Return the key of a variable; ``limits__concurrency`` is a key inside a table."""
    return tuple(name.split("__")) if "__" in name else _short_key(name)


def _short_key(name: str) -> Key:
    """Return the key of a short name such as ``ca_file``, or of names joined by ``__``: ``limits__concurrency``."""
    return _SHORT.get(name) or tuple(name.split("__"))


def _nested(key: Key, value: object) -> dict[str, Any]:
    nested: Any = value
    for part in reversed(key):
        nested = {part: nested}
    found: dict[str, Any] = nested
    return found


def _lay(merged: dict[str, Any], origins: dict[Key, str], layer: Mapping[str, Any], origin: str, at: Key = ()) -> None:
    """Put ``layer`` over ``merged``: tables are merged, everything else replaced."""
    for key, value in layer.items():
        here = (*at, key)
        if isinstance(value, dict):
            below = merged.setdefault(key, {})
            if not isinstance(below, dict):
                below = merged[key] = {}
            _lay(below, origins, value, origin, here)
            origins.setdefault(here, origin)
        else:
            merged[key] = value
            origins[here] = origin
