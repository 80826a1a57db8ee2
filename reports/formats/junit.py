"""Writes JUnit XML for continuous integration servers: a suite for each subject, a case for each finding.

An unwaived fail is a failure, an error of the auditor an error; a finding that is undecided, not applicable or
waived is skipped with its reason. A warning passes, with its words in the case's output.
"""

import re
from collections import Counter
from collections.abc import Mapping
from functools import partial
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from auditor.framework.findings import Finding, Outcome
from auditor.framework.message_format import clean
from auditor.texts.translate import Texts
from inventory.model import written
from reports.document import Options, RenderFn, Report, Sink, SubjectReport
from reports.seen_from import by_vantage

_SKIPPED = frozenset({Outcome.INCONCLUSIVE, Outcome.NOT_APPLICABLE})
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2


def renderer(options: Options) -> RenderFn:
    """Messages in ``options.lang``."""
    return partial(_render, options)


def _render(options: Options, report: Report, sink: Sink) -> None:
    texts = Texts(options.lang, report.checks)
    with sink.open("junit.xml") as out:
        # short_empty_elements: a passing case is one element and nothing in it.
        xml = XMLGenerator(out, "utf-8", short_empty_elements=True)
        xml.startDocument()
        _open(xml, "testsuites", {"name": _text(report.header.run)})
        for agency in report.agencies():
            for subject in agency.subjects:
                xml.ignorableWhitespace("\n")
                _suite(xml, subject, report, texts)
        xml.endElement("testsuites")
        xml.endDocument()


def _suite(xml: XMLGenerator, subject: SubjectReport, report: Report, texts: Texts) -> None:
    kinds = Counter(_verdict(finding) for finding in subject.findings)
    _open(
        xml,
        "testsuite",
        {
            "name": _text(subject.subject.id),
            "timestamp": report.header.started.strftime("%Y-%m-%dT%H:%M:%S"),
            "hostname": _text(report.header.vantages[0].name if report.header.vantages else ""),
            "tests": str(len(subject.findings)),
            "failures": str(kinds["failure"]),
            "errors": str(kinds["error"]),
            "skipped": str(kinds["skipped"]),
            "time": "0",
        },
    )
    seal = report.header.seal
    if seal is not None:
        _open(xml, "properties", {})
        for name, value in (("seal", seal.root), ("sealed", "yes" if seal.covers else "no")):
            _open(xml, "property", {"name": name, "value": _text(value)})
            xml.endElement("property")
        xml.endElement("properties")
    for finding in subject.findings:
        xml.ignorableWhitespace("\n ")
        _case(xml, finding, texts)
    xml.endElement("testsuite")


def _case(xml: XMLGenerator, finding: Finding, texts: Texts) -> None:
    where = [
        finding.subject,
        *([] if finding.address is None else [written(finding.address)]),
        *([finding.detail] if finding.detail else []),
    ]
    _open(xml, "testcase", {"classname": _text(finding.check), "name": _text(" ".join(where)), "time": "0"})
    said = " ".join(filter(None, (texts.message(finding), by_vantage(texts, finding))))
    verdict, message = _verdict(finding), _text(said)
    if verdict == "skipped":
        _open(xml, "skipped", {"message": message})
        xml.endElement("skipped")
    elif verdict:
        _open(xml, verdict, {"type": _text(finding.code), "message": message})
        xml.characters(_text(texts.remedy(finding) or ""))
        xml.endElement(verdict)
    elif finding.outcome is Outcome.WARN:
        _open(xml, "system-out", {})
        xml.characters(message)
        xml.endElement("system-out")
    xml.endElement("testcase")


def _open(xml: XMLGenerator, name: str, attributes: Mapping[str, str]) -> None:
    xml.startElement(name, AttributesImpl(dict(attributes)))


def _verdict(finding: Finding) -> str:
    """Return the JUnit element for a finding; empty for one that passes."""
    if finding.outcome is Outcome.ERROR:
        return "error"
    if finding.outcome in _SKIPPED or (finding.outcome is Outcome.FAIL and finding.waived is not None):
        return "skipped"
    return "failure" if finding.outcome is Outcome.FAIL else ""


def _text(text: str) -> str:
    return _NOT_XML.sub("\ufffd", clean(text, 2_000))
