"""Writes OSCAL assessment results (NIST, version 1.2.3, JSON) for systems that gather results of many tools.

There is an OSCAL observation for each finding that was measured, and an OSCAL finding for each that decided something:
satisfied or not. An inconclusive one is an observation that says so and nothing else. Written list
by list, each in one pass over the report. Identifiers are made from ours, so that the same judgement gives the same
document.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import BinaryIO
from uuid import UUID, uuid5

from auditor.framework.findings import Finding, Outcome
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import written
from reports.document import Options, RenderFn, Report, ReportHeader, Sink, SubjectReport, limits
from reports.json_data import Plain, encode
from reports.report_texts import say
from reports.seen_from import by_vantage

VERSION = "1.2.3"
_SPACE = UUID("6a0c5c0e-4d5d-5a86-9b8e-8f1f5e0a7c11")
"""The name space of identifiers made from ours (RFC 9562 §5.5)."""
_OWN = "https://auditor.invalid/ns/oscal"
"""The name space of our properties: a name, not a place."""
_DECIDED = frozenset({Outcome.PASS, Outcome.WARN, Outcome.FAIL})


def renderer(options: Options) -> RenderFn:
    """Titles and messages in ``options.lang``."""
    return partial(_render, options)


def _render(options: Options, report: Report, sink: Sink) -> None:
    with sink.open("assessment-results.json") as out:
        _Document(report, Texts(options.lang, report.checks), out).write()


class _Document:
    """Writes one document in parts."""

    def __init__(self, report: Report, texts: Texts, out: BinaryIO) -> None:
        self._report, self._texts, self._out = report, texts, out
        self._run = report.header.run
        self._behind = b""

    def write(self) -> None:
        header = self._report.header
        self._begin(b'{"assessment-results": {')
        self._member("uuid", self._id("document"))
        self._member("metadata", self._metadata(header))
        self._member("import-ap", {"href": f"#{self._id('plan')}"})
        self._begin(b',\n"results": [{')
        self._member("uuid", self._id("result"))
        self._member("title", say(self._texts, "title"))
        self._member("description", " ".join(self._texts.limit(limit.code, limit.args) for limit in limits(header)))
        self._member("start", _moment(header.started))
        if header.finished is not None:
            self._member("end", _moment(header.finished))
        self._begin(b',\n"local-definitions": {')
        self._list("inventory-items", (self._item(stream_subject) for stream_subject in self._report.stream_subjects()))
        self._end(b"}")
        self._member("reviewed-controls", {"control-selections": [{"include-all": {}}]})
        self._list("observations", self._observations())
        self._list("findings", self._findings())
        self._end(b"}]\n}}\n")

    def _metadata(self, header: ReportHeader) -> Plain:
        return {
            "title": say(self._texts, "report"),
            "last-modified": _moment(header.judged_at or header.finished or header.started),
            "version": self._run,
            "oscal-version": VERSION,
            "props": [
                _prop("program-version", header.version),
                _prop("catalogue", header.catalogue),
                _prop("policy", header.policy),
                *(
                    []
                    if header.seal is None
                    else [_prop("seal", header.seal.root), _prop("sealed", "yes" if header.seal.covers else "no")]
                ),
            ],
        }

    def _item(self, report: SubjectReport) -> Plain:
        name = clean(report.subject.name or report.subject.id)
        props = [_prop("asset-id", report.subject.id, own=False), _prop("kind", report.subject.kind.value)]
        props += [_prop(f"ipv{a.version}-address", written(a), own=False) for a in report.addresses]
        return {"uuid": self._id("subject", report.subject.id), "description": name, "props": props}

    def _observations(self) -> Iterator[Plain]:
        for stream_finding in self._report.stream_findings():
            if stream_finding.outcome is Outcome.NOT_APPLICABLE:
                continue
            observation: dict[str, Plain] = {
                "uuid": self._id("observation", stream_finding.id),
                "title": self._texts.heading(stream_finding),
                "description": self._texts.message(stream_finding),
                "props": [
                    _prop("outcome", stream_finding.outcome.value),
                    _prop("code", stream_finding.code),
                    _prop("vantage", stream_finding.vantage),
                ],
                **({"remarks": seen} if (seen := by_vantage(self._texts, stream_finding)) else {}),
                "methods": ["TEST"] if stream_finding.evidence else ["UNKNOWN"],
                "types": ["finding"],
                "subjects": [{"subject-uuid": self._id("subject", stream_finding.subject), "type": "inventory-item"}],
                "collected": _moment(self._report.header.started),
            }
            if stream_finding.evidence:
                observation["relevant-evidence"] = [
                    {"href": f"#{clean(each)}", "description": clean(each)} for each in stream_finding.evidence
                ]
            yield observation

    def _findings(self) -> Iterator[Plain]:
        for stream_finding in self._report.stream_findings():
            if stream_finding.outcome in _DECIDED:
                yield self._finding(stream_finding)

    def _finding(self, finding: Finding) -> Plain:
        satisfied = finding.outcome is not Outcome.FAIL
        status = {"state": "satisfied" if satisfied else "not-satisfied", "reason": "pass" if satisfied else "fail"}
        props = [_prop("severity", finding.severity.value), _prop("level", finding.level.value)]
        props += [_prop("waived", finding.waived.reason)] if finding.waived is not None else []
        return {
            "uuid": self._id("finding", finding.id),
            "title": self._texts.heading(finding),
            "description": self._texts.remedy(finding) or self._texts.message(finding),
            "props": props,
            "target": {"type": "objective-id", "target-id": finding.check, "status": status},
            "related-observations": [{"observation-uuid": self._id("observation", finding.id)}],
        }

    def _id(self, *parts: str) -> str:
        name = "\x00".join((self._run, *parts)).encode("utf-8", "backslashreplace").decode()
        return str(uuid5(_SPACE, name))

    def _begin(self, opening: bytes) -> None:
        self._out.write(opening)
        self._behind = b"\n"

    def _end(self, closing: bytes) -> None:
        self._out.write(closing)
        self._behind = b",\n"

    def _member(self, name: str, value: Plain) -> None:
        self._out.write(self._behind + encode(name) + b": " + encode(value))
        self._behind = b",\n"

    def _list(self, name: str, rows: Iterable[Plain]) -> None:
        """A list with at least one row; OSCAL allows no empty ones, so that one without is left out."""
        opened = False
        for row in rows:
            self._out.write(b",\n" if opened else self._behind + encode(name) + b": [\n")
            self._out.write(encode(row))
            opened = True
        if opened:
            self._end(b"]")


def _prop(name: str, value: str, *, own: bool = True) -> Plain:
    """Return a property; a value may not be empty nor begin or end with white space."""
    text = clean(value).strip() or "-"
    return {"name": name, "ns": _OWN, "value": text} if own else {"name": name, "value": text}


def _moment(when: datetime) -> str:
    return when.isoformat().replace("+00:00", "Z")
