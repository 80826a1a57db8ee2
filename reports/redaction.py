"""Renders a report's texts of a subject for readers with access to some subjects only."""

from collections.abc import Container, Mapping
from dataclasses import replace

from auditor.framework.check import Check
from auditor.framework.findings import CheckId
from auditor.texts.redaction import evidence_for, finding_for, subject_for
from inventory.model import SubjectId
from reports.document import SubjectReport
from reports.on_demand import ReadOnDemand


def report_for(report: SubjectReport, checks: Mapping[CheckId, Check], seen: Container[SubjectId]) -> SubjectReport:
    """Return the same without owners, arguments and observations outside ``seen``."""
    return replace(
        report,
        subject=subject_for(report.subject, seen),
        findings=tuple(finding_for(finding, checks.get(finding.check), seen) for finding in report.findings),
        evidence=ReadOnDemand(lambda: {id_: evidence_for(envelope, seen) for id_, envelope in report.evidence.items()}),
    )
