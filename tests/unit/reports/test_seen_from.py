"""Tests the texts about the vantages that a subject answers, and about the result of each vantage of a round."""

import io
import zipfile
from dataclasses import replace
from ipaddress import ip_address

import pytest

from auditor.framework.findings import Outcome, VantageVerdict
from auditor.judging.seen_from import AnswerState, SeenFrom
from auditor.texts.translate import Texts
from inventory.model import Network
from reports.document import Options
from reports.registry import renderer
from reports.seen_from import by_vantage, one_sided
from tests.unit.auditor.service.store.examples import finding, plain_finding
from tests.unit.reports.sample import MemorySink, province

VI, EN = Texts("vi"), Texts("en")


def seen(vantage: str, network: str, answered: str) -> SeenFrom:
    return SeenFrom(vantage=vantage, networks=tuple(map(Network, network.split())), answered=AnswerState(answered))


INSIDE, OUTSIDE = seen("hub", "tslcd", "yes"), seen("hn", "internet", "no")


def test_one_sided_names_both_networks_and_their_vantages() -> None:
    assert one_sided(EN, [INSIDE, OUTSIDE]) == "Answers inside TSLCD (hub), not from the Internet (hn)."
    assert one_sided(VI, [INSIDE, OUTSIDE]) == "Có trả lời trong mạng TSLCD (hub), không trả lời từ Internet (hn)."
    turned = [seen("hub", "tslcd", "no"), seen("hn", "internet", "yes"), seen("a", "internet", "yes")]
    assert one_sided(EN, turned) == "Answers from the Internet (a and hn), not inside TSLCD (hub)."


@pytest.mark.parametrize(
    "others",
    [
        [],
        [seen("hn", "internet", "unknown")],
        [seen("hn", "internet", "yes")],
        [seen("hn", "internet tslcd", "no")],
        [OUTSIDE, seen("hue", "internet", "yes")],
        [OUTSIDE, seen("node", "tslcd", "no")],
    ],
    ids=["alone", "cannot tell", "answers too", "stands in both", "outside they differ", "inside they differ"],
)
def test_one_sided_says_nothing_that_is_not_shown(others: list[SeenFrom]) -> None:
    assert one_sided(EN, [INSIDE, *others]) == ""


def test_by_vantage_names_each_with_what_it_came_to() -> None:
    other = VantageVerdict(name="hn\x1b[2J", outcome=Outcome.FAIL, code="SILENT", address=ip_address("2001:db8::9"))
    one = replace(finding(), outcome=Outcome.PASS, vantage="hub", vantages=(other,))
    said = by_vantage(EN, one)
    assert said.startswith("By vantage: hub: Pass and hn")
    assert said.endswith("Fail (2001:db8::9).")
    assert "\x1b" not in said
    assert by_vantage(EN, plain_finding()) == ""


def rendered(format: str, vantages: tuple[VantageVerdict, ...]) -> bytes:
    """Return a report in which these vantages saw every failure too; packed formats are unpacked."""
    report, sink = province(()), MemorySink()
    groups = tuple(
        replace(
            group,
            subjects=tuple(
                replace(
                    subject,
                    findings=tuple(
                        replace(one, vantages=vantages if one.outcome is Outcome.FAIL else ())
                        for one in subject.findings
                    ),
                )
                for subject in group.subjects
            ),
        )
        for group in report.groups
    )
    renderer(format, Options(lang="en", everything=True))(replace(report, groups=groups), sink)
    (data,) = sink.files.values()
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as parts:
        return b"".join(parts.read(name) for name in parts.namelist())


@pytest.mark.parametrize(
    "format", ["text", "json", "jsonl", "html", "csv", "xlsx", "oscal", "junit", "ocsf", "defectdojo"]
)
def test_every_format_that_lists_findings_names_the_other_vantages(format: str) -> None:
    other = VantageVerdict(name="second-place", outcome=Outcome.PASS, code="REACHED", address=None)
    assert b"second-place" in rendered(format, (other,))
    assert b"second-place" not in rendered(format, ())
