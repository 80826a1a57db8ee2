"""Reads the names of certificates from JSON, as searches in certificate transparency logs export them."""

import json
from collections.abc import Iterator

from inventory.cells.names import looks_like_name
from inventory.listed.model import ListedThings, NotSuchAListError
from inventory.model import Kind


def read_certificates(text: str) -> ListedThings:
    """Return every name that a certificate was issued for, wildcards left out. Raise NotSuchAListError."""
    try:
        entries = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotSuchAListError(str(error)) from error
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise NotSuchAListError("no list of certificates")
    things = ListedThings("certificate transparency")
    for entry in entries:
        for written in _names(entry):
            name = looks_like_name(written.strip()) if "*" not in written and "@" not in written else None
            if name:
                things.add(name, Kind.PORTAL)
    return things


def _names(entry: dict[str, object]) -> Iterator[str]:
    """Yield the names of an entry: ``name_value`` of crt.sh has a name in each line, ``dns_names`` is a list."""
    value, names = entry.get("name_value"), entry.get("dns_names")
    if isinstance(value, str):
        yield from value.splitlines()
    if isinstance(names, list):
        yield from (name for name in names if isinstance(name, str))
