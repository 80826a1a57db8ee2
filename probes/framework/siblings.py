"""Derives the other name that people type for the same site: with ``www`` before it, or without."""


def sibling(name: str) -> str:
    """``www.example.vn`` of ``example.vn``, and the other way round."""
    return name.removeprefix("www.") if name.startswith("www.") else f"www.{name}"
