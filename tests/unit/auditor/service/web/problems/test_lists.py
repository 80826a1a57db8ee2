"""Tests that findings of one check, subject and network are one problem, and that the worst problems come first."""

from ipaddress import ip_address
from pathlib import Path

from auditor.framework.findings import CheckId, Level, Outcome, Outline, Severity, finding_id
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.sql.judgements.defect_rows import ListedFinding
from auditor.service.web.problems.lists import ProblemLists, Selection, grouped
from inventory.model import AgencyId, Kind, Network, SubjectId

FIRST, SECOND = AgencyId("B"), AgencyId("A")
ORDER = {FIRST: 0, SECOND: 1}


def line(name: str, agency: AgencyId | None) -> SubjectLine:
    return SubjectLine(id=SubjectId(name), kind=Kind.PORTAL, agency=agency, outcomes={}, ladders={})


LINES = [line("none.vn", None), line("a.vn", SECOND), line("b.vn", FIRST)]


def finding(
    subject: str,
    check: str = "ipv6.web.reach",
    *,
    outcome: Outcome = Outcome.FAIL,
    severity: Severity = Severity.HIGH,
    address: str | None = None,
    network: Network = Network.INTERNET,
    tested: bool = True,
) -> ListedFinding:
    parsed = None if address is None else ip_address(address)
    outline = Outline(
        id=finding_id(SubjectId(subject), CheckId(check), parsed, None, network.value),
        check=CheckId(check),
        check_version=1,
        code="X",
        outcome=outcome,
        severity=severity,
        level=Level.REQUIRED,
        address=address,
    )
    return ListedFinding.of(SubjectId(subject), outline, tested=tested)


def test_grouped_findings_of_both_families_are_one_problem_with_the_worst_first() -> None:
    found = [finding("a.vn", address="192.0.2.1", outcome=Outcome.WARN), finding("a.vn", address="2001:db8::1")]
    (problem,) = grouped(LINES, ORDER, found)
    assert (problem.worst.address, len(problem.findings), sorted(problem.families)) == ("2001:db8::1", 2, [4, 6])


def test_grouped_findings_of_two_networks_are_two_problems() -> None:
    found = [finding("a.vn", network=network) for network in Network]
    assert [problem.network for problem in grouped(LINES, ORDER, found)] == list(Network)


def test_grouped_problems_are_by_severity_outcome_agency_subject_and_check() -> None:
    found = [
        finding("a.vn", "z", severity=Severity.LOW),
        finding("none.vn"),
        finding("a.vn", "y"),
        finding("a.vn", "x"),
        finding("b.vn", outcome=Outcome.WARN),
        finding("b.vn"),
    ]
    problems = grouped(LINES, ORDER, found[:4] + found[5:] + [finding("b.vn", "w", outcome=Outcome.WARN)])
    assert [(problem.line.id, problem.check) for problem in problems] == [
        ("b.vn", "ipv6.web.reach"),
        ("a.vn", "x"),
        ("a.vn", "y"),
        ("none.vn", "ipv6.web.reach"),
        ("b.vn", "w"),
        ("a.vn", "z"),
    ]


def test_grouped_leaves_out_subjects_that_the_judgement_does_not_list() -> None:
    assert grouped(LINES, ORDER, [finding("other.vn")]) == ()


def test_selection_counts_problems_and_their_findings_by_severity() -> None:
    found = [
        finding("a.vn", address="192.0.2.1"),
        finding("a.vn", address="2001:db8::1"),
        finding("b.vn", severity=Severity.LOW),
    ]
    selection = Selection(grouped(LINES, ORDER, found), lambda problem: len(problem.findings))
    assert selection.severities == {Severity.HIGH: 1, Severity.LOW: 1}
    assert (len(selection.of("")[0]), selection.of("")[1]) == (2, 3)
    shown, findings = selection.of("high")
    assert ([problem.line.id for problem in shown], findings) == (["a.vn"], 2)
    assert selection.of("critical") == ([], 0)


def test_selection_that_was_asked_for_lately_is_made_once(tmp_path: Path) -> None:
    made: list[str] = []

    def select() -> Selection:
        made.append("made")
        return Selection((), lambda problem: len(problem.findings))

    with open_sqlite(tmp_path / "a.db") as store:
        lists = ProblemLists(store.database)
        first = lists.selected(("a", "all", "check=x"), select)
        assert lists.selected(("a", "all", "check=x"), select) is first
        assert lists.selected(("a", "of", "check=x"), select) is not first
    assert len(made) == 2
