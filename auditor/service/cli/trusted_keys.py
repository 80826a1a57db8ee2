"""Reads the words of ``--public-key``: files with keys, each of any sender or of the vantage that stands before it."""

from collections.abc import Sequence
from pathlib import Path

from auditor.service.runs.sealed_file import TrustedKey


def trusted_keys(words: Sequence[str]) -> list[TrustedKey]:
    """Each word is ``FILE`` or ``VANTAGE=FILE``; a file of which the name has an equals sign is found as it is."""
    return [_trusted_key(word) for word in words]


def _trusted_key(word: str) -> TrustedKey:
    vantage, bound, file = word.partition("=")
    if bound and "/" not in vantage and not Path(word).exists():
        return TrustedKey(file=Path(file), vantage=vantage)
    return TrustedKey(file=Path(word))
