"""Runs ``auditor config show``, which prints the configuration in force.

Secrets are references; parts of a URL that may be one, a password or a query, are left out.
"""

import json
import re

from auditor.service.cli.global_options import load_config

_PASSWORD = re.compile(r"(?<=://)[^/?#@\s\"]*:[^/?#\s\"]*(?=@)")
_QUERY = re.compile(r"(://(?:(?!://)[^\s\"?#])*\?)[^\s\"#]+")


def show(*, origin: bool) -> int:
    """One ``key = value`` a line, with where it comes from if asked."""
    loaded = load_config({})
    for key, value in _flat((), loaded.config.model_dump(mode="json")):
        where = f"    # {loaded.origins.get(key, 'built-in')}" if origin else ""
        shown = _QUERY.sub(r"\1…", _PASSWORD.sub("…", json.dumps(value, ensure_ascii=False)))
        print(f"{'.'.join(key)} = {shown}{where}")
    return 0


def _flat(at: tuple[str, ...], value: object) -> list[tuple[tuple[str, ...], object]]:
    if isinstance(value, dict) and value:
        return [row for key, below in value.items() for row in _flat((*at, str(key)), below)]
    return [(at, value)]
