"""Writes findings for DefectDojo's "Generic Findings Import", JSON: a finding for each defect.

A warning keeps its own severity; a waived defect is an accepted risk. A defect of an earlier run about which this run
could not decide stays in the list, under review: an import that closes what is missing would call it fixed. Nothing
else that is undecided is written. Texts of targets stand in indented code, in which Markdown means nothing.
"""

import re
from collections.abc import Mapping
from functools import partial

from auditor.figures.held_states import DefectAge
from auditor.figures.scoring import area_of
from auditor.framework.findings import DEFECTS, Finding, Outcome, Severity
from auditor.framework.localdate import civil_day
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import written
from reports.document import AgencyReport, Options, RenderFn, Report, Sink, SubjectReport
from reports.json_data import Plain, encode
from reports.report_texts import say
from reports.seen_from import by_vantage

_SEVERITY: Mapping[Severity, str] = {
    Severity.INFO: "Info",
    Severity.LOW: "Low",
    Severity.MEDIUM: "Medium",
    Severity.HIGH: "High",
    Severity.CRITICAL: "Critical",
}
_TITLE = 500
"""Letters of a title; DefectDojo refuses more than 511."""
_NOT_A_TAG = re.compile(r"[^\w.:-]+")


def renderer(options: Options) -> RenderFn:
    """Titles, messages and remedies in ``options.lang``."""
    return partial(_render, options)


def _render(options: Options, report: Report, sink: Sink) -> None:
    findings = _Findings(report, Texts(options.lang, report.checks))
    separator = b"\n"
    with sink.open("findings.defectdojo.json") as out:
        out.write(encode(findings.head())[:-1] + b', "findings": [')
        for agency in report.agencies():
            for subject in agency.subjects:
                for finding in subject.findings:
                    if findings.belongs(finding):
                        out.write(separator + encode(findings.of(agency, subject, finding)))
                        separator = b",\n"
        out.write(b"\n]}\n")


class _Findings:
    """Makes DefectDojo's findings of those of one report."""

    def __init__(self, report: Report, texts: Texts) -> None:
        self._header, self._texts, self._lives, self._checks = report.header, texts, report.lives, report.checks

    def head(self) -> dict[str, Plain]:
        """Return DefectDojo's test object: the run, its version and whether its seal covers it."""
        seal = self._header.seal
        outside = "" if seal is None or seal.covers else say(self._texts, "seal_outside_line", root=clean(seal.root))
        return {
            "name": "IPv6 readiness auditor",
            "type": "IPv6 readiness auditor",
            "version": clean(self._header.version),
            "description": " ".join(filter(None, (clean(self._header.run), outside))),
            "dynamic_tool": True,
            "static_tool": False,
        }

    def belongs(self, finding: Finding) -> bool:
        """Tell whether a finding is a defect, or was one when it was last decided."""
        return finding.outcome in DEFECTS or self._was_defect(finding) is not None

    def _was_defect(self, finding: Finding) -> DefectAge | None:
        life = self._lives.get(finding.id)
        undecided = finding.outcome in (Outcome.INCONCLUSIVE, Outcome.ERROR)
        return life if undecided and life is not None and life.state.outcome in DEFECTS else None

    def of(self, agency: AgencyReport, subject: SubjectReport, finding: Finding) -> dict[str, Plain]:
        life, waived = self._lives.get(finding.id), finding.waived
        found: dict[str, Plain] = {
            "title": clean(f"{self._texts.heading(finding)}: {subject.subject.id}", _TITLE),
            "severity": _SEVERITY[finding.severity],
            "description": self._description(finding),
            "mitigation": self._texts.remedy(finding) or self._texts.fix(finding.check),
            "impact": self._texts.why(finding.check),
            "references": "\n".join(self._checks[finding.check].references) if finding.check in self._checks else "",
            "date": str(civil_day(self._header.started if life is None else life.first)),
            "active": waived is None,
            "risk_accepted": waived is not None,
            "under_review": self._was_defect(finding) is not None,
            "static_finding": False,
            "dynamic_finding": True,
            "unique_id_from_tool": finding.id,
            "vuln_id_from_tool": f"{finding.check}/{finding.code}",
            "component_name": clean(subject.subject.id, 200),
            "tags": [tag for tag in map(_tag, (area_of(finding.check) or "", subject.subject.kind.value)) if tag],
        }
        if agency.agency is not None:
            found["service"] = clean(agency.name or agency.agency, 200)
        if host := _host(subject, finding):
            found["endpoints"] = [{"host": host}]
        return found

    def _description(self, finding: Finding) -> str:
        lines = [self._texts.message(finding)]
        where = [] if finding.address is None else [written(finding.address)]
        lines.append(" ".join([finding.check, finding.code, *where, *([finding.detail] if finding.detail else [])]))
        if finding.vantages:
            lines.append(by_vantage(self._texts, finding))
        if finding.waived is not None:
            until = "" if finding.waived.until is None else f" ({finding.waived.until})"
            lines.append(f"{finding.waived.owner}: {finding.waived.reason}{until}")
        return "\n".join(f"    {clean(line, 2_000)}" for line in lines)


def _host(subject: SubjectReport, finding: Finding) -> str:
    if finding.address is not None:
        return written(finding.address)
    return subject.subject.host or (written(subject.addresses[0]) if subject.addresses else "")


def _tag(text: str) -> str:
    return _NOT_A_TAG.sub("-", text)
