"""Derives the other common name of the same site: with ``www`` before it, or without."""

from probes.wire.mail.dkim import UNLIKELY


def sibling(name: str) -> str:
    """Return ``www.example.vn`` for ``example.vn``, and the other way round."""
    return name.removeprefix("www.") if name.startswith("www.") else f"www.{name}"


def beside(name: str) -> str:
    """Return an unused name in the parent domain of ``name``: if it resolves, a wildcard answers for both."""
    return f"{UNLIKELY}.{name.partition('.')[2]}"
