"""Keeps one line for each subject of a judgement, so that the lists on the pages need no findings.

The lines are made once, together with the figures of a judgement, and never change.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address
from sys import intern
from typing import NamedTuple, Protocol

from auditor.figures.scoring import Ladder
from auditor.framework.findings import CheckId, Outcome, Outline, Severity, network_told
from auditor.service.pipeline.summaries.json_rows import JsonRows
from inventory.model import AgencyId, Kind, Network, Subject, SubjectId

_BADNESS = {Outcome.FAIL: 0, Outcome.ERROR: 1, Outcome.WARN: 2, Outcome.INCONCLUSIVE: 3}
_LISTED = frozenset({Outcome.FAIL, Outcome.WARN, Outcome.ERROR})
"""Outcomes that the list of problems shows."""
_OUTCOMES = {outcome.value: outcome for outcome in Outcome}
_SEVERITIES = {severity.value: severity for severity in Severity}
_KINDS = {kind.value: kind for kind in Kind}
_FORM = 2
"""The format of kept lines; lines of an unknown format are made again."""
_LADDERS = 4
"""Index of the ladders in a kept line."""
_WITHOUT_DOUBT = 1
"""The earlier format: a step has only its level, and the lowest step does not tell if the next was undecided."""


class Rung(NamedTuple):
    """Holds the step of a ladder that a subject reached; ``at_least`` means that the next step could not be decided."""

    level: int
    at_least: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectLine:
    """Holds one subject in a list. ``open_fails``: failing problems that are not accepted, by severity."""

    id: SubjectId
    kind: Kind
    agency: AgencyId | None
    outcomes: Mapping[Outcome, int]
    ladders: Mapping[str, Rung]
    name: str = ""
    host: str = ""
    tags: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    """Addresses of the inventory and those that findings are about."""
    open_fails: Mapping[Severity, int] = field(default_factory=dict)


def line_of(subject: Subject, outlines: Sequence[Outline], ladders: Mapping[str, Ladder]) -> SubjectLine:
    """Sum up the findings of one subject."""
    return SubjectLine(
        id=subject.id,
        kind=subject.kind,
        agency=subject.agency,
        outcomes=Counter(outline.outcome for outline in outlines),
        ladders={name: Rung(rung.level, rung.at_least) for name, rung in ladders.items()},
        name=subject.name,
        host=subject.host or "",
        tags=subject.tags,
        addresses=_addresses(subject, outlines),
        open_fails=_open_fails(subject.id, outlines),
    )


class Graded(Protocol):
    """Describes objects that can be ordered as findings are."""

    @property
    def outcome(self) -> Outcome: ...

    @property
    def severity(self) -> Severity: ...


def badness(graded: Graded) -> tuple[int, int]:
    """Return the key that orders findings: by severity, then by outcome, the worst first."""
    return graded.severity.rank, _BADNESS[graded.outcome]


def network_in(subject: SubjectId, outline: Outline) -> Network:
    """Return the network that a finding of a subject is about."""
    return network_told(outline.id, (subject, outline.check, outline.address, outline.detail))


class WrittenLines:
    """Takes lines one by one and holds them as bytes, which take a tenth of the memory of the objects."""

    def __init__(self) -> None:
        self._rows = JsonRows()

    def add(self, line: SubjectLine) -> None:
        """Add the next line."""
        self._rows.add(
            (
                line.id,
                line.kind.value,
                line.agency,
                {outcome.value: count for outcome, count in line.outcomes.items()},
                dict(line.ladders),
                line.name,
                line.host,
                line.tags,
                line.addresses,
                {severity.value: count for severity, count in line.open_fails.items()},
            )
        )

    def written(self) -> bytes:
        """Return the lines as bytes to keep."""
        return b'{"form":%d,"lines":%b}' % (_FORM, self._rows.written())


def read(data: bytes) -> tuple[SubjectLine, ...] | None:
    """Return lines from kept bytes; None if their format is unknown."""
    kept = json.loads(data.decode("utf-8", "surrogatepass"))
    if kept["form"] not in (_FORM, _WITHOUT_DOUBT):
        return None
    rungs = _rungs if kept["form"] == _FORM else _rungs_without_doubt
    counts: dict[tuple[tuple[str, int], ...], Mapping[Outcome, int]] = {}
    for row in kept["lines"]:
        row[_LADDERS] = rungs(row[_LADDERS])
    return tuple(_line(counts, *row) for row in kept["lines"])


def _rungs(ladders: Mapping[str, tuple[int, bool]]) -> Mapping[str, Rung]:
    return {ladder: Rung(*rung) for ladder, rung in ladders.items()}


def _rungs_without_doubt(ladders: Mapping[str, int]) -> Mapping[str, Rung]:
    """Return the ladders without the lowest steps, which may be steps that could not be decided."""
    return {ladder: Rung(level, at_least=False) for ladder, level in ladders.items() if level}


def _line(
    counts: dict[tuple[tuple[str, int], ...], Mapping[Outcome, int]],
    id_: str,
    kind: str,
    agency: str | None,
    outcomes: Mapping[str, int],
    ladders: Mapping[str, Rung],
    name: str,
    host: str,
    tags: Sequence[str],
    addresses: Sequence[str],
    open_fails: Mapping[str, int],
) -> SubjectLine:
    """Return the line from its kept values. ``counts`` shares outcomes between lines: many subjects have the same."""
    key = tuple(outcomes.items())
    if key not in counts:
        counts[key] = {_OUTCOMES[outcome]: count for outcome, count in key}
    return SubjectLine(
        id=SubjectId(id_),
        kind=_KINDS[kind],
        agency=None if agency is None else AgencyId(intern(agency)),
        outcomes=counts[key],
        ladders=ladders,
        name=name,
        host=host,
        tags=tuple(tags),
        addresses=tuple(addresses),
        open_fails={_SEVERITIES[severity]: count for severity, count in open_fails.items()},
    )


def _open_fails(subject: SubjectId, outlines: Sequence[Outline]) -> Mapping[Severity, int]:
    """Count problems by severity, grouped as in the list of problems: by check and network, by the worst finding."""
    failing = {outline.check for outline in outlines if outline.outcome is Outcome.FAIL}
    groups: dict[tuple[CheckId, Network], list[Outline]] = {}
    for outline in outlines:
        if outline.check in failing and outline.outcome in _LISTED:
            groups.setdefault((outline.check, network_in(subject, outline)), []).append(outline)
    worst = [min(found, key=badness) for found in groups.values() if not all(outline.waived for outline in found)]
    return Counter(outline.severity for outline in worst if outline.outcome is Outcome.FAIL)


def _addresses(subject: Subject, outlines: Iterable[Outline]) -> tuple[str, ...]:
    measured = {outline.address for outline in outlines if outline.address is not None}
    every = {*map(ip_address, measured), *subject.addresses}
    return tuple(map(str, sorted(every, key=lambda address: (-address.version, address))))
