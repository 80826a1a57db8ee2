"""Judges the golden cases of an operator's checks: compares the findings from their evidence with the expected ones.

The cases of ``web/example.py`` are in ``web/example.cases.json`` beside it. Evidence is written as ``auditor probe``
prints it, and may leave out fields that a case does not depend on.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from auditor.framework import policy
from auditor.framework.check import Check, CheckScope, VantageKind
from auditor.framework.context import Context, Health, ReferenceData, SelfTestPoint, VantageHealth
from auditor.framework.findings import Finding
from auditor.framework.operator_problems import OperatorProblem, problem, unreadable
from auditor.judging.judge import judge
from auditor.service.pipeline.operator_files.suffixes import shipped_suffixes
from inventory.model import Clearance, Kind, Network, Subject, written
from inventory.problems.problem import InventoryError
from inventory.safe_open import read_text
from inventory.sources.adhoc import parse_target
from probes.framework.codec import CodecError, decode_evidence
from probes.framework.evidence import Evidence, EvidenceSet

_NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
_FRAME = {"run": "case", "task": "", "probe": "", "probe_version": 1, "attempt": 1, "vantage": "case", "queued": 0.0}
_ENVELOPE = frozenset(field.name for field in fields(Evidence))
_KEYS = frozenset({"about", "target", "kind", "evidence", "expect"})
_EXPECTED = frozenset({"code", "outcome", "address", "detail", "args"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """Holds the result of one case: ``wrong`` is None if the findings are the expected ones."""

    check: str
    about: str
    codes: tuple[str, ...] = ()
    wrong: OperatorProblem | None = None


class _UnusableCase(Exception):
    """Raised if a case is written wrongly; ``wrong`` is the problem."""

    def __init__(self, wrong: OperatorProblem) -> None:
        self.wrong = wrong
        super().__init__(str(wrong))


def cases_of(path: Path) -> Path:
    """Return the path of the file with the cases of a file with checks."""
    return path.with_suffix(".cases.json")


def results(path: Path, checks: Sequence[Check]) -> Iterator[CaseResult]:
    """Judge the cases of a file with checks by the checks that it declares."""
    source = cases_of(path)
    name = checks[0].id
    try:
        stored = json.loads(read_text(source))
        cases = stored["cases"] if isinstance(stored, dict) else None
    except (OSError, UnicodeDecodeError) as error:
        yield CaseResult(check=name, about="", wrong=unreadable(error, at=str(source)))
        return
    except (ValueError, RecursionError, KeyError):
        cases = None
    if not isinstance(cases, list) or not cases:
        yield CaseResult(
            check=name, about="", wrong=problem("is not a JSON object with a list of cases", at=str(source))
        )
        return
    for number, case in enumerate(cases, 1):
        yield _result(case, checks, f"{source}: {number}")


def _result(case: Any, checks: Sequence[Check], at: str) -> CaseResult:
    about = str(case.get("about", "")) if isinstance(case, dict) else ""
    try:
        found = _findings(case, checks, at)
        expected = _expected(case, at)
    except _UnusableCase as error:
        return CaseResult(check=checks[0].id, about=about, wrong=error.wrong)
    return CaseResult(
        check=checks[0].id,
        about=about,
        codes=tuple(finding.code for finding in found),
        wrong=_difference(expected, [_shown(finding) for finding in found], at),
    )


def _findings(case: Any, checks: Sequence[Check], at: str) -> tuple[Finding, ...]:
    if not isinstance(case, dict) or not case.keys() <= _KEYS or not isinstance(case.get("evidence"), list):
        raise _UnusableCase(problem("a case has the keys {keys}", at=at, keys=", ".join(sorted(_KEYS))))
    try:
        target = parse_target(str(case.get("target", "")), Kind(case["kind"]) if "kind" in case else None)
        subject = replace(target, clearance=Clearance.INTRUSIVE)
        evidence = [_envelope(stored, subject, number) for number, stored in enumerate(case["evidence"], 1)]
    except (CodecError, ValueError, TypeError, AttributeError, InventoryError) as error:
        raise _UnusableCase(problem("cannot be read: {why}", at=at, why=str(error))) from error
    return judge(subject, EvidenceSet(evidence), checks, _context(checks), on_bug=_raise)


def _envelope(stored: Mapping[str, Any], subject: Subject, number: int) -> Evidence:
    given = {key: value for key, value in stored.items() if key in _ENVELOPE}
    frame = _FRAME | {"id": f"{stored.get('probe', '')} {number}", "started": _NOW.isoformat(), "endpoint": None}
    return decode_evidence(frame | given | {"subject": subject.id})


def _context(checks: Sequence[Check]) -> Context:
    """Return a context in which everything can be decided: a healthy vantage, with every transport proven to work."""
    inside = all(VantageKind.INET not in check.vantage and VantageKind.TSL in check.vantage for check in checks)
    transports = {"icmp", "udp/53", "tcp/80", "tcp/443"}.union(*(check.transports for check in checks))
    families = frozenset({4, 6})
    return Context(
        now=_NOW,
        policy=policy.default(),
        vantage=VantageHealth(
            name="case",
            networks=frozenset({Network.TSLCD if inside else Network.INTERNET}),
            ipv4=Health.OK,
            ipv6=Health.OK,
            dns=Health.OK,
            points=(SelfTestPoint(at=_NOW, label="before", families=families, iterative=True),),
            controls=frozenset((family, transport) for transport in transports for family in families),
        ),
        reference=ReferenceData(documentation_is_global=True, public_suffixes=shipped_suffixes()),
        clearance=Clearance.INTRUSIVE,
    )


def _raise(check: Check, subject: Subject, error: Exception) -> None:
    raise _UnusableCase(
        problem("the check failed: {why}", at=check.id, why=f"{type(error).__name__}: {error}")
    ) from error


def _expected(case: Mapping[str, Any], at: str) -> list[dict[str, Any]]:
    expected = case.get("expect")
    if not isinstance(expected, list) or not all(
        isinstance(one, dict) and "code" in one and one.keys() <= _EXPECTED for one in expected
    ):
        raise _UnusableCase(problem("what is expected has the keys {keys}", at=at, keys=", ".join(sorted(_EXPECTED))))
    return expected


def _shown(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code,
        "outcome": finding.outcome.value,
        "address": None if finding.address is None else written(finding.address),
        "detail": finding.detail,
        "args": {name: list(value) if isinstance(value, tuple) else value for name, value in finding.args.items()},
    }


def _difference(expected: list[dict[str, Any]], found: list[dict[str, Any]], at: str) -> OperatorProblem | None:
    """Compare the findings as multisets, by only the keys that an expected finding gives; None if they match."""
    left, missing = list(found), []
    for wanted in expected:
        match = next((finding for finding in left if wanted.items() <= finding.items()), None)
        if match is None:
            missing.append(wanted)
        else:
            left.remove(match)
    if not missing and not left:
        return None
    return problem("expected {expected}, found {found}", at=at, expected=_listed(missing), found=_listed(left))


def _listed(findings: list[dict[str, Any]]) -> str:
    return json.dumps(findings, ensure_ascii=False)


def untested(checks: Sequence[Check], codes: frozenset[str]) -> Iterator[OperatorProblem]:
    """Yield problems: codes that no case shows, checks not of subjects, and texts in one language only."""
    for check in checks:
        for code, message in check.messages.items():
            if code not in codes and not message.standard:
                yield problem("no case shows {code}", at=check.id, code=code)
        if check.scope is not CheckScope.SUBJECT:
            yield problem("must be a check of subjects", at=check.id)
        for name, text in _texts(check):
            if not hasattr(text, "vi"):
                yield problem("{text} is in English only: write Bilingual(…, vi=…)", at=check.id, text=name)


def _texts(check: Check) -> Iterator[tuple[str, str]]:
    yield from (("title", check.title), ("why", check.why), ("fix", check.fix), ("problem", check.problem))
    for code, message in check.messages.items():
        if not message.standard:
            yield code, message.text
            if message.fix is not None:
                yield f"{code}.fix", message.fix
    yield from ((f"{code}.problem", text) for code, text in check.problems.items())
    yield from ((f"fix.{vendor}", text) for vendor, text in check.vendor_fixes.items())
