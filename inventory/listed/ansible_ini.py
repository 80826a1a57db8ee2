"""Reads the INI form of inventories of Ansible: groups, hosts with their variables, and ranges of names."""

import re
import shlex
from collections.abc import Iterator

from inventory.listed.model import MOST, NotSuchAListError

_SECTION = re.compile(r"\[([^\]:]+)(?::(\w+))?\]\s*(?:[#;].*)?")
_RANGE = re.compile(r"\[(\w+):(\w+)(?::(\d+))?\]")
_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:]+):\d+")
_DIGITS = 9


def read_ini(text: str, children: dict[str, dict[str, None]]) -> Iterator[tuple[str, str, dict[str, str]]]:
    """Yield the group, the name and the variables of each host; ``children`` collects the groups of groups.

    Raise NotSuchAListError.
    """
    group, part = "ungrouped", "hosts"
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith(("#", ";")):
            continue
        if line.startswith("[") and (section := _SECTION.fullmatch(line)):
            group, part = section[1].strip(), section[2] or "hosts"
            if part not in ("hosts", "children", "vars"):
                raise NotSuchAListError(f"[{section[1]}:{part}]")
        elif part == "children":
            children.setdefault(group, {})[line.split()[0]] = None
        elif part == "hosts":
            pattern, *assigned = _words(line)
            variables = {name: value for name, _, value in (word.partition("=") for word in assigned)}
            for host in _hosts(pattern):
                yield group, host, variables


def _words(line: str) -> list[str]:
    """Return the words of a line without quotes and comment. Raise NotSuchAListError."""
    try:
        return shlex.split(line, comments=True)
    except ValueError as error:
        raise NotSuchAListError(str(error)) from error


def _hosts(pattern: str) -> Iterator[str]:
    """Yield the names that a pattern stands for. Raise NotSuchAListError for one that stands for too many."""
    names = [pattern]
    while (match := _RANGE.search(names[0])) is not None:
        steps = _steps(match[1], match[2], int(match[3][:_DIGITS] or 1) if match[3] else 1)
        if len(names) * len(steps) > MOST or not steps:
            raise NotSuchAListError(match[0])
        names = [_RANGE.sub(step, name, count=1) for name in names for step in steps]
    for name in names:
        with_port = _PORT.fullmatch(name)
        yield (with_port[1] if with_port else name).strip("[]")


def _steps(first: str, last: str, by: int) -> list[str]:
    """Return the values of a range: ``01`` to ``10`` keeps its zeros; letters go from one to another."""
    if first.isdecimal() and last.isdecimal() and max(len(first), len(last)) <= _DIGITS:
        numbers = range(int(first), int(last) + 1, max(by, 1))
        return [str(number).zfill(len(first)) for number in numbers[: MOST + 1]]
    if len(first) == len(last) == 1 and first.isascii() and last.isascii():
        return [chr(point) for point in range(ord(first), ord(last) + 1, max(by, 1))]
    raise NotSuchAListError(f"[{first}:{last}]")
