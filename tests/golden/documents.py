"""Reads and writes the file of a golden case, which holds only the differences from the entries of ``contexts.json``.

In a file ``"context": "internet"`` is the context of that name, and ``{"like": "internet", …}`` one that differs in the
values beside it; a list under ``+controls`` is added to the one of ``controls``. Subjects are written in the same way.
An id of evidence is its probe and its task where neither is given.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

_DEFAULTS = Path(__file__).parent / "contexts.json"
_WIDTH = 120
_ENCODER = json.JSONEncoder(ensure_ascii=False)
_FIRST = ("context", "subject", "about", "trap", "gated", "evidence", "findings")


def read(path: Path) -> dict[str, Any]:
    """Return the whole case, with all defaults filled in."""
    return expanded(json.loads(path.read_text("utf-8")))


def write(path: Path, document: Mapping[str, Any]) -> None:
    path.write_text(_laid_out(reduced(document), 0) + "\n", "utf-8")


def expanded(stored: Mapping[str, Any]) -> dict[str, Any]:
    evidence = [_default("evidence") | _probe_and_task(one["id"]) | one for one in stored["evidence"]]
    return {
        **stored,
        "context": _merged(stored["context"], "contexts"),
        "subject": _merged(stored["subject"], "subjects"),
        "trap": stored.get("trap", ""),
        "gated": stored.get("gated", False),
        "evidence": evidence,
        "findings": [_default("finding") | one for one in stored["findings"]],
    }


def reduced(document: Mapping[str, Any]) -> dict[str, Any]:
    evidence = [_without(one, _default("evidence") | _probe_and_task(one["id"])) for one in document["evidence"]]
    short = {
        **_without(document, {"trap": "", "gated": False}),
        "context": _difference(document["context"], "contexts"),
        "subject": _difference(document["subject"], "subjects"),
        "evidence": evidence,
        "findings": [_without(one, _default("finding")) for one in document["findings"]],
    }
    return {key: short[key] for key in _FIRST if key in short}


@cache
def named(section: str) -> Mapping[str, dict[str, Any]]:
    """Return the named contexts or subjects, each with all its values."""
    found: dict[str, dict[str, Any]] = {}
    for name, stored in json.loads(_DEFAULTS.read_text("utf-8"))[section].items():
        found[name] = _merge(stored, found)
    return found


@cache
def _default(section: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(_DEFAULTS.read_text("utf-8"))[section]
    return found


def _merged(stored: str | Mapping[str, Any], section: str) -> dict[str, Any]:
    return _merge({"like": stored} if isinstance(stored, str) else stored, named(section))


def _merge(stored: Mapping[str, Any], known: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    merged = dict(known[stored["like"]]) if "like" in stored else {}
    for key, value in stored.items():
        if key.startswith("+"):
            merged[key[1:]] = [*merged[key[1:]], *value]
        elif key != "like":
            merged[key] = value
    return merged


def _difference(wanted: Mapping[str, Any], section: str) -> str | dict[str, Any]:
    """Return the shortest form of the differences; a named one with extra values cannot be the start."""
    found = [
        {"like": name} | _differing(values, wanted)
        for name, values in named(section).items()
        if values.keys() <= wanted.keys()
    ]
    shortest = min((*found, dict(wanted)), key=lambda one: len(_text({**one, "like": ""})))
    return shortest["like"] if shortest.keys() == {"like"} else shortest


def _differing(values: Mapping[str, Any], wanted: Mapping[str, Any]) -> dict[str, Any]:
    return dict(_entry(key, values.get(key), value) for key, value in wanted.items() if values.get(key, ...) != value)


def _entry(key: str, given: Any, wanted: Any) -> tuple[str, Any]:
    if isinstance(given, list) and given and given == wanted[: len(given)]:
        return f"+{key}", wanted[len(given) :]
    return key, wanted


def _without(stored: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in stored.items() if key not in defaults or defaults[key] != value}


def _probe_and_task(id_: str) -> dict[str, str]:
    probe, _, task = id_.partition(" ")
    return {"probe": probe, "task": task}


def _laid_out(value: Any, depth: int, before: int = 0, *, is_item: bool = False) -> str:
    """Return JSON with as much as fits on each line; an item of a list that is not a number or word begins a line."""
    line = _text(value)
    if depth and (depth + before + len(line) < _WIDTH or not isinstance(value, dict | list)):
        return line
    is_object = isinstance(value, dict)
    parts = list(_members(value, depth + 1) if is_object else _items(value, depth + 1))
    lines = _filled(parts, depth + 1) if depth and (is_object or _is_plain(value)) else parts
    opening, closing = "{}" if is_object else "[]"
    inner = f",\n{' ' * (depth + 1)}".join(lines)
    if is_item and "\n" not in "".join(lines):
        return f"{opening}{inner}{closing}"
    return f"{opening}\n{' ' * (depth + 1)}{inner}\n{' ' * depth}{closing}"


def _members(value: Mapping[str, Any], depth: int) -> Iterator[str]:
    for name, one in value.items():
        key = f"{_text(name)}: "
        yield key + _laid_out(one, depth, len(key))


def _items(value: Sequence[Any], depth: int) -> Iterator[str]:
    return (_laid_out(one, depth, is_item=True) for one in value)


def _is_plain(values: Sequence[Any]) -> bool:
    return not any(isinstance(value, dict | list) for value in values)


def _filled(parts: Sequence[str], depth: int) -> list[str]:
    """Return lines of as many parts as fit; a part with several lines has lines of its own."""
    lines: list[str] = []
    for part in parts:
        last = lines[-1] if lines else "\n"
        if "\n" in last + part or depth + len(last) + len(part) + 3 > _WIDTH:
            lines.append(part)
        else:
            lines[-1] = f"{last}, {part}"
    return lines


def _text(value: Any) -> str:
    return _ENCODER.encode(value)
