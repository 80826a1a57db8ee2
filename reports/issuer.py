"""Describes the issuer of a report."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Emblem:
    """A picture for the head of a page; ``kind`` is its media type, ``data`` were checked to be that."""

    kind: str
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportIssuer:
    """The issuer of the report, as the operator configured it."""

    name: str = ""
    emblem: Emblem | None = None
