"""Runs ``auditor config show``, which prints the configuration in force as TOML, with changed settings first.

Secrets are references; parts of a URL that may be secret, such as a password or a query, are left out.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from auditor.framework.escaping import visible
from auditor.service.cli.global_options import load_config
from auditor.service.cli.words import ui
from auditor.service.config.error_texts import Key
from auditor.service.config.loading import LoadedConfig

_PASSWORD = re.compile(r"(?<=://)[^/?#@\s\"]*:[^/?#\s\"]*(?=@)")
_QUERY = re.compile(r"(://(?:(?!://)[^\s\"?#])*\?)[^\s\"#]+")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BUILT_IN = "built-in"


def show(*, origin: bool, everything: bool) -> int:
    """Print one ``key = value`` per line with its source: changed settings, and with ``everything`` then the others."""
    loaded = load_config({})
    rows = list(_flat((), loaded.config.model_dump(mode="json")))
    changed = [(key, value) for key, value in rows if key in loaded.origins]
    print(f"# {ui('Set in files, the environment or options')}")
    _print(_lines(changed, loaded, with_origin=True))
    if everything or origin:
        print(f"\n# {ui('Built-in')}")
        _print(_lines([row for row in rows if row[0] not in loaded.origins], loaded, with_origin=origin))
    else:
        print(f"# {ui('--all also shows what is built in')}")
    return 0


def _lines(rows: Iterable[tuple[Key, object]], loaded: LoadedConfig, *, with_origin: bool) -> Iterator[str]:
    for key, value in rows:
        where = f"    # {visible(loaded.origins.get(key, _BUILT_IN))}" if with_origin else ""
        name = ".".join(part if _BARE_KEY.fullmatch(part) else _text(part) for part in key)
        if value is None:
            yield f"# {name}: {ui('not set')}{where}"
        else:
            shown = _QUERY.sub(r"\1…", _PASSWORD.sub("…", _value(value)))
            yield f"{name} = {shown}{where}"


def _print(lines: Iterable[str]) -> None:
    for line in lines:
        print(line)


def _flat(at: Key, value: object) -> Iterator[tuple[Key, object]]:
    if isinstance(value, dict) and (value or not at):
        for key, below in value.items():
            yield from _flat((*at, str(key)), below)
    else:
        yield at, value


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        rows = (f"{_text(str(key))} = {_value(below)}" for key, below in value.items() if below is not None)
        return "{" + ", ".join(rows) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(part) for part in value if part is not None) + "]"
    return str(value)


def _text(text: str) -> str:
    """Return a text as a basic string of TOML, which requires escapes for all that JSON escapes, and for DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", r"\u007f")
