"""Reads the words of ``--public-key``: files with keys, each for any sender or for the vantage named before it."""

from collections.abc import Sequence
from pathlib import Path

from auditor.service.runs.sealed_file import TrustedKey


def trusted_keys(words: Sequence[str]) -> list[TrustedKey]:
    """Return a key for each word, ``FILE`` or ``VANTAGE=FILE``; an existing file may have ``=`` in its name."""
    return [_trusted_key(word) for word in words]


def _trusted_key(word: str) -> TrustedKey:
    vantage, bound, file = word.partition("=")
    if bound and "/" not in vantage and not Path(word).exists():
        return TrustedKey(file=Path(file), vantage=vantage)
    return TrustedKey(file=Path(word))
