"""Renders findings, subjects and the header as plain data for machine formats (INTERFACE, the result document)."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from pydantic_core import PydanticSerializationError, to_json

from auditor.figures.causes import Cause
from auditor.figures.held_states import DefectAge
from auditor.figures.kpis import SECONDARY
from auditor.figures.scoring import AREAS, Ladder, Score
from auditor.framework.findings import Arg, Finding, VantageVerdict, Waiver
from auditor.judging.seen_from import SeenFrom
from auditor.texts.translate import Texts
from inventory.model import written
from reports.document import InventoryInfo, ReportHeader, SealInfo, Statement, SubjectReport, VantageReport

Plain = None | bool | int | float | str | Sequence["Plain"] | Mapping[str, "Plain"]

LADDER_OF_AREA = {"ipv6.web": "service", "ipv6.device": "device", "tslcd": "point"}
"""The ladder shown beside the score of an area, by area."""

_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False)
_INDENTED = json.JSONEncoder(ensure_ascii=False, allow_nan=False, indent=1)
# json leaves these as they are: terminals and editors obey them. None of them is printable.
_ACTIVE = re.compile("[\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


class BilingualTexts:
    """Texts in both languages."""

    def __init__(self, vi: Texts, en: Texts) -> None:
        self.vi, self.en = vi, en

    def message(self, finding: Finding) -> Plain:
        return {"vi": self.vi.message(finding), "en": self.en.message(finding)}

    def problem(self, finding: Finding) -> Plain:
        vi, en = self.vi.defect(finding), self.en.defect(finding)
        return {"vi": vi, "en": en} if vi and en else None

    def remedy(self, finding: Finding) -> Plain:
        vi, en = self.vi.remedy(finding), self.en.remedy(finding)
        return {"vi": vi, "en": en} if vi and en else None


def encode(value: Plain) -> bytes:
    """Return a line of JSON without characters that a terminal would obey; a number that is not finite is null."""
    try:
        made = to_json(value, inf_nan_mode="null")
    except PydanticSerializationError:  # half of a surrogate pair, which is no UTF-8
        return _harmless(_ENCODER.encode(value))
    return made if made.decode().isprintable() else _harmless(made.decode())


def encode_for_people(value: Plain) -> bytes:
    """Return JSON on many lines for people, without characters that a terminal would obey."""
    return _harmless(_INDENTED.encode(value))


def _harmless(text: str) -> bytes:
    if not text.isprintable():
        text = _ACTIVE.sub(lambda match: f"\\u{ord(match.group()):04x}", text)
    return text.encode("utf-8", "backslashreplace")


def finding(finding: Finding, texts: BilingualTexts, life: DefectAge | None = None) -> dict[str, Plain]:
    """Render a finding; the age of a defect, where given, is ``seen``."""
    row = _finding(finding, texts)
    return row if life is None else {**row, "seen": life_of(life)}


def life_of(life: DefectAge) -> Plain:
    pending = life.state.pending
    return {
        "first": iso(life.first),
        "since": iso(life.since),
        "rounds": life.rounds,
        "state": life.state.outcome.value,
        "state_since": iso(life.state.since),
        "pending": None if pending is None else pending.value,
    }


def _finding(finding: Finding, texts: BilingualTexts) -> dict[str, Plain]:
    """``_value_`` of enums because ``value`` is a function call, and a run has a hundred thousand findings."""
    return {
        "id": finding.id,
        "check": finding.check,
        "code": finding.code,
        "outcome": finding.outcome._value_,
        "severity": finding.severity._value_,
        "level": finding.level._value_,
        "level_basis": finding.level_basis._value_,
        "subject": finding.subject,
        "address": None if finding.address is None else written(finding.address),
        "detail": finding.detail,
        "vantage": finding.vantage,
        **({"vantages": [_verdict(other) for other in finding.vantages]} if finding.vantages else {}),
        "reason": None if finding.reason is None else finding.reason._value_,
        "args": {name: value if type(value) is str else _arg(value) for name, value in finding.args.items()},
        "problem": texts.problem(finding),
        "message": texts.message(finding),
        "remedy": texts.remedy(finding),
        "evidence": list(finding.evidence),
        "waived": None if finding.waived is None else _waiver(finding.waived),
    }


def _verdict(verdict: VantageVerdict) -> Plain:
    return {
        "name": verdict.name,
        "outcome": verdict.outcome.value,
        "code": verdict.code,
        "address": None if verdict.address is None else written(verdict.address),
    }


def _arg(value: Arg) -> Plain:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return list(value) if isinstance(value, tuple | list) else value


def _waiver(waiver: Waiver) -> Plain:
    return {"reason": waiver.reason, "owner": waiver.owner, "until": iso(waiver.until)}


def subject(report: SubjectReport) -> dict[str, Plain]:
    return {
        "id": report.subject.id,
        "kind": report.subject.kind.value,
        "kinds": sorted(kind.value for kind in report.subject.kinds),
        "name": report.subject.name,
        "agency": report.subject.agency,
        "network": report.subject.network.value,
        "addresses": [written(address) for address in report.addresses],
        "derived_from": list(report.subject.derived_from),
        "derived": report.derived,
        "security_level": report.subject.declared.security_level,
        "secondary": report.subject.has_tag(SECONDARY),
        "scores": _scores(report.scores, report.ladders),
        "ladders": {name: _ladder(ladder) for name, ladder in sorted(report.ladders.items())},
        **({"seen_from": [_seen(statement) for statement in report.seen_from]} if report.seen_from else {}),
    }


def _seen(seen_from: SeenFrom) -> Plain:
    return {
        "vantage": seen_from.vantage,
        "networks": [network.value for network in seen_from.networks],
        "answered": seen_from.answered.value,
        "reason": None if seen_from.reason is None else seen_from.reason.value,
    }


def _scores(scores: Mapping[str, Score], ladders: Mapping[str, Ladder]) -> Plain:
    found: dict[str, Plain] = {}
    for area in AREAS:
        score = scores.get(area, Score(score=None, coverage=None))
        entry: dict[str, Plain] = {"score": score.score, "coverage": score.coverage}
        ladder = LADDER_OF_AREA.get(area)
        if ladder is not None and ladder in ladders:
            entry["ladder"] = ladders[ladder].level
        found[area] = entry
    return found


def _ladder(ladder: Ladder) -> Plain:
    return {"level": ladder.level, "at_least": ladder.at_least, "blocked_by": list(ladder.blocked_by)}


def run(header: ReportHeader, texts: BilingualTexts) -> Plain:
    return {
        "id": header.run,
        "name": header.name,
        "started": iso(header.started),
        "finished": iso(header.finished),
        "judged": iso(header.judged_at),
        "judgement": header.judgement or None,
        "seal": None if header.seal is None else _seal(header.seal),
        "period": None if header.period is None else [iso(day) for day in header.period],
        "profile": header.profile,
        "version": header.version,
        "catalogue": header.catalogue,
        "policy": header.policy,
        "vantages": [_vantage(vantage, texts) for vantage in header.vantages],
        "inventory": None if header.inventory is None else _inventory(header.inventory, texts),
    }


def _seal(seal: SealInfo) -> Plain:
    return {"root": seal.root, "sealed": iso(seal.sealed_at), "covers": seal.covers, "key": seal.key or None}


def _vantage(vantage_report: VantageReport, texts: BilingualTexts) -> Plain:
    return {
        "name": vantage_report.name,
        "ipv4": vantage_report.ipv4.value,
        "ipv6": vantage_report.ipv6.value,
        "dns": vantage_report.dns.value,
        "sources": [written(address) for address in vantage_report.sources],
        "selftest": [_of_ourselves(each, texts) for each in vantage_report.selftest],
    }


def _inventory(info: InventoryInfo, texts: BilingualTexts) -> Plain:
    return {
        "source": info.source,
        "digest": info.digest,
        "as_of": iso(info.as_of),
        "subjects": info.subjects,
        "findings": [_of_ourselves(each, texts) for each in info.findings],
    }


def _of_ourselves(own_finding: Finding, texts: BilingualTexts) -> Plain:
    row = finding(own_finding, texts)
    return {key: row[key] for key in ("check", "code", "outcome", "reason", "args", "message", "remedy", "evidence")}


def cause(shared: Cause) -> dict[str, Plain]:
    """Render a shared cause; ``subjects`` and ``findings`` list the first of those counted."""
    key = shared.key
    return {
        "id": shared.id,
        "kind": key.kind.value,
        "name": key.name,
        "vantage": key.vantage or None,
        "port": key.port or None,
        "software": key.software or None,
        "certain": shared.certain,
        "severity": shared.severity.value,
        "owner": shared.owner,
        "owner_basis": shared.owner_basis.value,
        "agencies": list(shared.agencies),
        "subject_count": shared.subject_count,
        "subjects": list(shared.subjects),
        "finding_count": shared.finding_count,
        "findings": list(shared.findings),
        "problems": [
            {
                "check": problem.check,
                "code": problem.code,
                "severity": problem.severity.value,
                "subjects": problem.subjects,
                "findings": problem.findings,
            }
            for problem in shared.problems
        ],
        "gains": [
            {
                "figure": gain.figure,
                "met": gain.met,
                "of": gain.of,
                "met_after": gain.met_after,
                "of_after": gain.of_after,
                "possible": gain.possible,
            }
            for gain in shared.gains
        ],
        "targets": [
            {"framework": target.framework, "requirement": target.requirement, "standing": target.now.value}
            for target in shared.targets
        ],
    }


def untested(finding: Finding) -> dict[str, Plain]:
    """Return an untested finding's entry in the index of untested checks."""
    why = finding.code if finding.reason is None else finding.reason.value
    return {"subject": finding.subject, "check": finding.check, "why": why, "finding": finding.id}


def limit(statement: Statement, texts: BilingualTexts) -> Plain:
    return {
        "code": statement.code,
        "args": {name: _arg(value) for name, value in statement.args.items()},
        "message": {
            "vi": texts.vi.limit(statement.code, statement.args),
            "en": texts.en.limit(statement.code, statement.args),
        },
    }


def iso(when: date | None) -> str | None:
    if isinstance(when, datetime):
        return when.isoformat().replace("+00:00", "Z")
    return None if when is None else when.isoformat()
