"""Derives the other name that people type for the same site: with ``www`` before it, or without."""

from probes.wire.mail.dkim import UNLIKELY


def sibling(name: str) -> str:
    """``www.example.vn`` of ``example.vn``, and the other way round."""
    return name.removeprefix("www.") if name.startswith("www.") else f"www.{name}"


def beside(name: str) -> str:
    """Return a name that nobody has, beside ``name``: where it is there, a wildcard makes both."""
    return f"{UNLIKELY}.{name.partition('.')[2]}"
