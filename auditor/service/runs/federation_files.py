"""Writes the summary of a judged round as a sealed file for a national centre, and imports such files there.

A centre keeps each file's figures, targets, counts and worst defects by round and province. A later file of the same
round is a correction: it counts from then on, and the earlier one is kept as well.
"""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from heapq import nsmallest
from pathlib import Path
from typing import BinaryIO

from auditor.figures.federation import (
    MOST_COUNTS,
    MOST_FIGURES,
    MOST_KEPT,
    MOST_TARGETS,
    Argument,
    FederationError,
    ProvinceArgument,
    ProvinceCount,
    ProvinceDefect,
    ProvinceFigure,
    ProvinceHead,
    ProvinceSummary,
    ProvinceTarget,
    gravity,
)
from auditor.framework.findings import Finding, Outcome
from auditor.framework.operator_problems import problem
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.pipeline.judging.settled import SettledSubjects
from auditor.service.pipeline.summaries.summarising import summarise
from auditor.service.runs import sealed_file
from auditor.service.runs.sealed_file import Fields, SealedFile, SealedFileError, broken_line, dump
from auditor.service.store.api import Store
from auditor.service.store.records import Digest
from inventory.dataclass_json import SerialError, decode, encode, from_bytes, to_bytes
from inventory.model import AgencyId, SubjectId, written

KIND = "federation"
AHEAD = timedelta(minutes=10)
MOST_DEFECTS = 1_000_000
MOST_VERSIONS = 50
_PLACE = "federation:"
"""The name under which a store remembers the files that it imported; no vantage can have this name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Holds the province and the round for which a file is made, and the time of issue."""

    province: str
    name: str
    round: str
    issued: datetime


def export_summary(file: BinaryIO, judged: LoadedJudgement, store: Store, issuer: Issuer, key: Path | None) -> str:
    """Write the summary and every defect of a judgement, and return the digest of the file."""
    head = ProvinceHead(
        province=issuer.province,
        name=issuer.name,
        round=issuer.round,
        run=judged.run.id,
        judgement=judged.id,
        started=judged.run.started,
        judged_at=judged.record.judged_at,
        issued=issuer.issued,
        catalogue=judged.record.catalogue,
        policy=judged.record.policy,
        version=judged.run.version,
        vantages=tuple(conditions.vantage.name for conditions in judged.conditions.vantages),
        subjects=sum(1 for _ in store.subjects(judged.run.id)),
    )
    return sealed_file.write(file, KIND, {"head": encode(head)}, _lines(judged, store), key)


def _lines(judged: LoadedJudgement, store: Store) -> Iterator[bytes]:
    summary = summarise(judged, store)
    for name, figure in summary.rollup.total.figures.items():
        row = ProvinceFigure(
            name=name, of=figure.of, met=figure.met, unknown=figure.unknown, exempt=figure.exempt, value=figure.value
        )
        yield dump({"figure": encode(row)})
    for framework in summary.frameworks:
        for result in framework.results:
            target = ProvinceTarget(
                framework=framework.framework.id, requirement=result.requirement.id, compliance=result.compliance
            )
            yield dump({"target": encode(target)})
    counts: dict[ProvinceCount, int] = {}
    for tally, number in store.tally(judged.id).items():
        kind = ProvinceCount(
            outcome=tally.outcome, severity=tally.severity, level=tally.level, waived=tally.waived, count=0
        )
        counts[kind] = counts.get(kind, 0) + number
    yield from (dump({"count": encode(replace(kind, count=number))}) for kind, number in counts.items())
    owners = SettledSubjects(judged, store).agencies()
    for subject, findings in store.findings_by_subject(judged.id):
        for finding in findings:
            if finding.outcome in (Outcome.FAIL, Outcome.WARN):
                yield dump({"defect": encode(_defect(finding, subject, judged, owners.get(subject)))})


def _defect(finding: Finding, subject: SubjectId, judged: LoadedJudgement, owner: AgencyId | None) -> ProvinceDefect:
    unit = judged.inventory.organisation.unit(owner)
    return ProvinceDefect(
        id=finding.id,
        check=finding.check,
        code=finding.code,
        outcome=finding.outcome,
        severity=finding.severity,
        level=finding.level,
        subject=_cut(subject),
        agency=_cut(unit.name if unit is not None else owner or ""),
        address="" if finding.address is None else written(finding.address),
        detail=_cut(finding.detail or ""),
        waived=finding.waived is not None,
        args=tuple(ProvinceArgument(name=name, value=_cut_argument(value)) for name, value in finding.args.items()),
    )


def _cut(text: str) -> str:
    return text[:1_000]


def _cut_argument(value: Argument) -> Argument:
    if isinstance(value, tuple):
        return tuple(map(_cut, value[:50]))
    return _cut(value) if isinstance(value, str) else value


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptFile:
    """Holds a file that a store imported: the digest of its summary, its own digest and signing key, and the times."""

    summary: str
    file: str
    signer: str
    issued: datetime
    imported: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFile:
    """Holds the result of importing a file.

    It is ``new`` unless the store had it; it may correct an earlier file, or be older than the one that counts.
    """

    head: ProvinceHead
    new: bool
    corrects: bool = False
    outdated: bool = False


def import_summary(
    file: SealedFile,
    store: Store,
    now: datetime,
    *,
    trusted: bool = False,
    noted: Callable[[ProvinceHead], None] = lambda _: None,
) -> TakenFile:
    """Keep a file's summary under its round and province. Raises SealedFileError for impossible content.

    ``noted`` records, in the same transaction, that the file was imported, or that it was there already.

    A province keeps the key of its earlier files, so that nobody else can send files in its name. ``trusted`` means
    that the file is signed with a key that the caller named, which may be a new key of the province, but not a key of
    another province.
    """
    summary = _Reader(file=file).summary(now)
    head, every = summary.head, kept_files(store)
    files = list(every.get((head.round, head.province), ()))
    if any(kept.file == file.digest for kept in files):
        noted(head)
        return TakenFile(head=head, new=False)
    _must_speak_for(head.province, file, every, trusted=trusted)
    if len(files) >= MOST_VERSIONS:
        raise SealedFileError([problem("is one correction too many of this round", at=str(file.path))])
    latest = max((kept.issued for kept in files), default=None)
    with store.batch():
        digest = store.put_blob(to_bytes(summary))
        kept = KeptFile(summary=digest, file=file.digest, signer=file.signer, issued=head.issued, imported=now)
        name = dump([head.round, head.province]).decode()
        store.remember(_PLACE, {name: dump([encode(each) for each in (*files, kept)])})
        noted(head)
    outdated = latest is not None and head.issued < latest
    return TakenFile(head=head, new=True, corrects=latest is not None and not outdated, outdated=outdated)


def _must_speak_for(
    province: str, file: SealedFile, every: Mapping[tuple[str, str], Sequence[KeptFile]], *, trusted: bool
) -> None:
    keys: dict[str, set[str]] = {}
    for (_, name), some in every.items():
        keys.setdefault(name, set()).update(kept.signer for kept in some if kept.signer)
    own = keys.pop(province, set())
    if not own - {file.signer}:
        return
    if not trusted:
        raise SealedFileError(
            [problem("is signed otherwise than earlier files of province {name}", at=str(file.path), name=province)]
        )
    others = sorted(name for name, theirs in keys.items() if file.signer in theirs - own)
    if others:
        raise SealedFileError(
            [problem("is signed with the key of province {other}", at=str(file.path), other=others[0])]
        )


def kept_files(store: Store) -> Mapping[tuple[str, str], Sequence[KeptFile]]:
    """Return the files of each round and province, with the file that counts in last place."""
    kept: dict[tuple[str, str], Sequence[KeptFile]] = {}
    for name, data in store.recall(_PLACE).items():
        round_name, province = json.loads(name)
        files = (decode(KeptFile, fields) for fields in json.loads(data))
        kept[round_name, province] = sorted(files, key=lambda file: (file.issued, file.imported))
    return kept


def kept_summary(store: Store, file: KeptFile) -> ProvinceSummary:
    """Read the summary of a file that was imported."""
    return from_bytes(ProvinceSummary, store.blob(Digest(file.summary)))


@dataclass(slots=True, kw_only=True)
class _Reader:
    """Reads the lines of a file within the bounds of each kind."""

    file: SealedFile
    figures: list[ProvinceFigure] = field(default_factory=list)
    targets: list[ProvinceTarget] = field(default_factory=list)
    counts: list[ProvinceCount] = field(default_factory=list)
    defects: int = 0

    def summary(self, now: datetime) -> ProvinceSummary:
        try:
            head = decode(ProvinceHead, self.file.head.get("head"))
            if not head.started <= head.judged_at <= head.issued <= now + AHEAD:
                raise FederationError("the order of its times")
        except (SerialError, ValueError, TypeError) as error:
            raise broken_line(self.file.path, 1, str(error)) from error
        worst = tuple(nsmallest(MOST_KEPT, self._defects(), key=gravity))
        names = [figure.name for figure in self.figures]
        if len(set(names)) < len(names):
            raise broken_line(self.file.path, 1, "two figures of one name")
        return ProvinceSummary(
            head=head,
            figures=tuple(self.figures),
            targets=tuple(self.targets),
            counts=tuple(self.counts),
            defects=self.defects,
            worst=worst,
        )

    def _defects(self) -> Iterator[ProvinceDefect]:
        for number, fields in self.file.lines():
            try:
                defect = self._line(fields)
            except (SerialError, ValueError, TypeError, LookupError, AttributeError) as error:
                raise broken_line(self.file.path, number, str(error)) from error
            if defect is not None:
                yield defect

    def _line(self, fields: Fields) -> ProvinceDefect | None:
        match fields:
            case {"figure": figure} if len(fields) == 1 and len(self.figures) < MOST_FIGURES:
                self.figures.append(decode(ProvinceFigure, figure))
            case {"target": target} if len(fields) == 1 and len(self.targets) < MOST_TARGETS:
                self.targets.append(decode(ProvinceTarget, target))
            case {"count": count} if len(fields) == 1 and len(self.counts) < MOST_COUNTS:
                self.counts.append(decode(ProvinceCount, count))
            case {"defect": defect} if len(fields) == 1 and self.defects < MOST_DEFECTS:
                self.defects += 1
                return decode(ProvinceDefect, defect)
            case _:
                raise FederationError("it is nothing of a summary, or there are too many of its kind")
        return None
