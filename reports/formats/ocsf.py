"""Writes OCSF Compliance Findings (Open Cybersecurity Schema Framework 1.5, class 2003), one event a line.

It is read by systems that gather events of many tools. There is an event for each finding that applies. Inconclusive
findings have the status that OCSF gives to insufficient information; our warning has no counterpart there and is
"other". A waived finding is suppressed.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache, partial

from auditor.figures.scoring import area_of
from auditor.framework.findings import CheckId, Finding, Outcome, Severity
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import written
from reports.document import AgencyReport, Options, RenderFn, Report, Sink, SubjectReport
from reports.json_data import Plain, encode
from reports.report_texts import say
from reports.seen_from import by_vantage

VERSION = "1.5.0"
_CLASS, _CREATE, _FINDINGS = 2003, 1, 2
_STATUS: Mapping[Outcome, int] = {
    Outcome.PASS: 1,
    Outcome.INCONCLUSIVE: 2,
    Outcome.ERROR: 2,
    Outcome.FAIL: 3,
    Outcome.WARN: 99,
}
_SEVERITY: Mapping[Severity, int] = {
    Severity.INFO: 1,
    Severity.LOW: 2,
    Severity.MEDIUM: 3,
    Severity.HIGH: 4,
    Severity.CRITICAL: 5,
}
_DEFECTS = (Outcome.FAIL, Outcome.WARN)
_NEW, _SUPPRESSED = 1, 3


def renderer(options: Options) -> RenderFn:
    """Titles, messages and remedies in ``options.lang``."""
    return partial(_render, options)


def _render(options: Options, report: Report, sink: Sink) -> None:
    events = _Events(report, Texts(options.lang, report.checks))
    with sink.open("findings.ocsf.jsonl") as out:
        for agency in report.agencies():
            for subject in agency.subjects:
                for finding in subject.findings:
                    if finding.outcome is not Outcome.NOT_APPLICABLE:
                        out.write(encode(events.of(agency, subject, finding)) + b"\n")


class _Events:
    """The fields that all events of one report share."""

    def __init__(self, report: Report, texts: Texts) -> None:
        self._header, self._texts, self._lives = report.header, texts, report.lives
        self._checks, self._frameworks = report.checks, report.frameworks
        self._when = _milliseconds(report.header.judged_at or report.header.started)
        self._compliance = lru_cache(maxsize=None)(self._of_check)

    def of(self, agency: AgencyReport, subject: SubjectReport, finding: Finding) -> dict[str, Plain]:
        defect = finding.outcome in _DEFECTS
        remedy = self._texts.remedy(finding)
        event: dict[str, Plain] = {
            "category_uid": _FINDINGS,
            "category_name": "Findings",
            "class_uid": _CLASS,
            "class_name": "Compliance Finding",
            "activity_id": _CREATE,
            "type_uid": _CLASS * 100 + _CREATE,
            "time": self._when,
            "severity_id": _SEVERITY[finding.severity] if defect else 1,
            "message": self._texts.message(finding),
            "status_code": finding.code,
            "status_detail": self._texts.outcome(finding.outcome),
            "metadata": self._metadata(finding),
            "finding_info": self._info(finding),
            "compliance": {**self._compliance(finding.check), "status_id": _STATUS[finding.outcome]},
            "resources": [_resource(agency, subject)],
            "unmapped": self._unmapped(finding),
        }
        if defect:
            event["status_id"] = _NEW if finding.waived is None else _SUPPRESSED
        if remedy:
            event["remediation"] = {"desc": remedy}
        return event

    def _metadata(self, finding: Finding) -> Plain:
        return {
            "version": VERSION,
            "uid": f"{self._header.judgement or self._header.run}/{finding.id}",
            "event_code": finding.check,
            "correlation_uid": self._header.run,
            "product": {
                "name": say(self._texts, "foot"),
                "vendor_name": "IPv6 readiness auditor",
                "version": self._header.version,
                "lang": self._texts.lang,
            },
        }

    def _info(self, finding: Finding) -> Plain:
        life = self._lives.get(finding.id)
        info: dict[str, Plain] = {
            "uid": finding.id,
            "title": self._texts.heading(finding),
            "desc": self._texts.message(finding),
            "types": [area_of(finding.check) or finding.check],
            "created_time": self._when,
        }
        return info if life is None else {**info, "first_seen_time": _milliseconds(life.first)}

    def _of_check(self, check: CheckId) -> dict[str, Plain]:
        """Return a check's demand, its sources, and the requirements of frameworks that contain it."""
        asked = [
            f"{result.framework.id}/{requirement_result.requirement.id}"
            for result in self._frameworks
            for requirement_result in result.results
            if requirement_result.requirement.names(check)
        ]
        found: dict[str, Plain] = {"control": check, "desc": self._texts.why(check)}
        if check in self._checks:
            found["standards"] = list(self._checks[check].references)
        return {**found, "requirements": asked} if asked else found

    def _unmapped(self, finding: Finding) -> Plain:
        waived = finding.waived
        return {
            "run": self._header.run,
            "judgement": self._header.judgement or None,
            "sealed": None if self._header.seal is None else self._header.seal.covers,
            "outcome": finding.outcome.value,
            "reason": None if finding.reason is None else finding.reason.value,
            "level": finding.level.value,
            "level_basis": finding.level_basis.value,
            "address": None if finding.address is None else written(finding.address),
            "detail": finding.detail,
            "vantage": finding.vantage,
            "by_vantage": by_vantage(self._texts, finding) or None,
            "evidence": list(finding.evidence),
            "waived": None
            if waived is None
            else {
                "reason": waived.reason,
                "owner": waived.owner,
                "until": None if waived.until is None else str(waived.until),
            },
        }


def _resource(agency: AgencyReport, subject: SubjectReport) -> Plain:
    found: dict[str, Plain] = {
        "uid": subject.subject.id,
        "name": clean(subject.subject.name or subject.subject.id),
        "type": subject.subject.kind.value,
        "data": {"addresses": [written(address) for address in subject.addresses]},
    }
    if agency.agency is not None:
        found["group"] = {"name": clean(agency.name or agency.agency), "uid": agency.agency}
    return found


def _milliseconds(when: datetime) -> int:
    return int(when.timestamp() * 1_000)
