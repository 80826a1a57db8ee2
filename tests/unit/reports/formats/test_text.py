"""Tests the text for a terminal: required parts, and that no text of a target acts on the terminal."""

import re
from collections import Counter
from dataclasses import replace

import pytest

from auditor.figures.scoring import Ladder
from auditor.framework.findings import Outcome, Reason
from inventory.model import Kind
from probes.framework.evidence import Failure, FailureKind
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.transport import TcpConnect
from reports.document import Options, SubjectReport
from reports.registry import renderer
from reports.terminal.layout import fold
from tests.unit.reports.sample import V4, V6_DEAD, MemorySink, SampleReport, Says, make_evidence, province, unauthorised

SGR = re.compile(r"\x1b\[[0-9;]*m")


def text(report: SampleReport, **options: object) -> str:
    sink = MemorySink()
    renderer("text", replace(Options(lang="en"), **options))(report, sink)  # type: ignore[arg-type]
    return sink.only


def test_a_failure_says_what_where_why_and_what_to_do() -> None:
    lines = text(province(())).splitlines()
    at = lines.index(f"  ✘ FAIL (critical)  Website cannot be reached over IPv6  {V6_DEAD}")
    assert lines[at + 1] == "      TCP 443 gave no answer in 2 attempts."
    assert lines[at + 2] == f"      tcp/443 {V6_DEAD}: no answer in time [errno 110], 2.0 s"
    assert lines[at + 3] == "      Requirement: Every IPv6 address accepts TCP 443"
    assert lines[at + 4].startswith("      Remedy: Open the port for IPv6")
    assert lines[at + 4].endswith("auditor checks explain ipv6.web.reach")


def test_finding_of_ipv4_and_ipv6_with_one_text_stands_once_with_both_addresses() -> None:
    groups = list(province(()).groups)
    subject = next(iter(groups[0].subjects))
    twins = [
        Says("ipv6.web.reach", "UNREACHABLE", Outcome.FAIL, {"port": 443, "attempts": 2}, address=address)
        for address in (V4, V6_DEAD)
    ]
    shown = replace(subject, findings=tuple(twin.of(subject.subject.id) for twin in twins))
    said = text(replace(province(()), groups=(replace(groups[0], subjects=(shown,)),)))
    assert f"Website cannot be reached over IPv6  {V4}, {V6_DEAD}\n" in said
    assert said.count("TCP 443 gave no answer") == 1
    assert "2 fail" in said.splitlines()[-1]


def test_subject_without_findings_is_left_out() -> None:
    groups = province(()).groups
    empty = replace(next(iter(groups[0].subjects)), findings=())
    said = text(replace(province(()), groups=(replace(groups[0], subjects=(empty,)),)))
    assert empty.subject.id not in said


def test_it_is_in_the_language_asked_for() -> None:
    said = text(province(()), lang="vi")
    assert "✘ KHÔNG ĐẠT (nghiêm trọng)  Không kết nối được tới trang qua IPv6" in said
    assert "hết thời gian chờ" in said
    assert "Điểm đo tslcd-yt  IPv4 ✔  IPv6 ✘ không có" in said
    assert said.splitlines()[-1].startswith("Kết quả: CHƯA ĐẠT")


def test_the_last_line_counts_findings() -> None:
    report = province()
    last = text(report).splitlines()[-1]
    assert last.startswith("Result: NOT MET   ")
    for result, word in (
        ("fail", "fail"),
        ("pass", "pass"),
        ("warn", "warning"),
        ("error", "auditor error"),
        ("inconclusive", "inconclusive"),
        ("not_tested", "not tested"),
        ("not_applicable", "not applicable"),
    ):
        assert f" {report.results[result]} {word}" in last


def test_what_was_not_tested_is_named_with_its_reason() -> None:
    said = text(province(()))
    reason = "Not tested: The auditor lacks a privilege or an optional tool on this machine (1)"
    assert f"\n○ {reason}: Path MTU discovery works (ipv6.path.pmtud)\n" in said
    assert len([line for line in said.splitlines() if line.startswith("? Inconclusive: ")]) == 1


def test_checks_not_tested_for_one_reason_are_one_line() -> None:
    groups = province(()).groups
    subject = next(iter(groups[0].subjects))
    checks = ("ipv6.path.pmtud", "ipv6.path.echo", "ipv6.web.reach")
    untested = tuple(Says(check, "U_VP", Outcome.INCONCLUSIVE, {}, reason=Reason.VP).of("x") for check in checks)
    said = text(replace(province(()), groups=(replace(groups[0], subjects=(replace(subject, findings=untested),)),)))
    reason = "Not tested: Only another vantage can see this (inside TSLCD, on the local network, or outside)"
    assert f"○ {reason} (3): {', '.join(checks)}\n" in said


def test_a_remedy_shared_by_neighbours_stands_once() -> None:
    hints = Counter(line.rpartition(" ")[2] for line in text(province()).splitlines() if "Remedy:" in line)
    assert hints["security.http.headers"] == 1


def test_a_waiver_stands_beside_the_verdict() -> None:
    said = text(province(()))
    assert "✘ FAIL (high)  At least two name servers have an IPv6 address" in said
    assert "⛨ accepted exception until 30 Oct 2026: Đang chuyển máy chủ" in said


def test_what_nobody_authorised_stands_on_one_line_of_the_whole_text() -> None:
    report = unauthorised(province(()))
    said = text(report)
    assert len([line for line in said.splitlines() if "authorisation" in line]) == 1
    assert f"{len({one.check for one in report.findings})} checks need the owner's authorisation: " in said


def test_passes_are_listed_on_request_only() -> None:
    assert "99.9% of the requests were answered." not in text(province(()))
    assert "99.9% of the requests were answered." in text(province(()), everything=True)


def test_without_color_there_is_no_escape_and_with_it_only_colors() -> None:
    assert "\x1b" not in text(province())
    colored = text(province(), color=True)
    assert "\x1b[31m✘" in colored
    assert SGR.sub("", colored) == text(province())


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_text_of_a_target_is_escaped(lang: str) -> None:
    shown = text(province(), lang=lang)
    assert not {char for char in shown if ord(char) < 32 or 0x7F <= ord(char) < 0xA0} - {"\n"}
    assert not set("\u202e\u2066\u2028\u200b") & set(shown)
    assert max(map(len, shown.splitlines())) < 2_000


def test_symbols_can_be_ascii() -> None:
    assert "x FAIL (critical)  Website cannot be reached over IPv6" in text(province(()), ascii=True)


def test_text_lines_fit_the_width() -> None:
    narrow = text(province(()), width=60)
    assert [line for line in narrow.splitlines() if len(line) > 60 and " " in line.strip()] == []
    assert " ".join(narrow.split()) == " ".join(text(province(())).split())


def test_text_without_findings_says_so() -> None:
    assert text(replace(province(), groups=())).splitlines()[-1] == "Nothing was judged."


def test_folding_keeps_words_and_colors() -> None:
    assert list(fold("aa bb " * 12, 40, 2))[1].startswith("  ")
    assert list(fold("\x1b[31m" + "a" * 40 + "\x1b[0m", 40, 2)) == ["\x1b[31m" + "a" * 40 + "\x1b[0m"]
    assert list(fold("  x " + "b" * 80, 40, 6)) == ["  x", "      " + "b" * 80]


@pytest.mark.parametrize("end", ["", ")"])
def test_folding_keeps_a_command_in_one_piece(end: str) -> None:
    command = f"auditor checks explain ipv6.web.aaaa{end}"
    assert list(fold(f"Remedy: publish AAAA records  see: {command}", 40, 2)) == [
        "Remedy: publish AAAA records  see:",
        f"  {command}",
    ]


def test_who_answers_nothing_is_said_to_in_a_report_of_a_few() -> None:
    """A silent subject is marked so in a short report: no open port and no failure would read as if all were well."""
    report = province(())
    bad = next(iter(report.groups[0].subjects))
    at = f"AAAA {V6_DEAD}   no answer of any kind"
    silent = replace(bad, addresses=(V6_DEAD,))
    assert at in text(_of_one(report, silent))
    assert at not in text(_of_one(report, replace(silent, evidence={})))  # nothing was measured
    assert "no answer of any kind" not in text(_of_one(report, bad))  # another address answers


def test_addresses_outside_the_scope_are_said_to_be() -> None:
    """Addresses outside the scope are named, since nothing else says why no finding about them was decided."""
    report = province(())
    bad, name = next(iter(report.groups[0].subjects)), "www.so-xd.example"
    closed = TcpConnect(address=V6_DEAD, port=443, failure=Failure(kind=FailureKind.OUT_OF_SCOPE))
    envelope = make_evidence(name, "tcp", closed, address=V6_DEAD)
    said = text(_of_one(report, replace(bad, addresses=(V6_DEAD, V4), evidence={envelope.id: envelope})))
    assert f"\n  Nothing was sent to {V6_DEAD}: [scope] of the configuration does not allow it.\n" in said
    assert "no answer of any kind" not in said
    assert "[scope]" not in text(_of_one(report, bad))


def _of_one(report: SampleReport, subject: SubjectReport) -> SampleReport:
    return replace(report, groups=(replace(report.groups[0], subjects=(subject,)),))


@pytest.mark.parametrize(
    ("ladder", "told"),
    [
        (Ladder(level=0, at_least=True), "level undecided"),
        (Ladder(level=0, at_least=False), "level 0 of 4"),
        (Ladder(level=2, at_least=True), "at least level 2 of 4"),
    ],
)
def test_lowest_level_is_stated_only_where_it_was_decided(ladder: Ladder, told: str) -> None:
    report = province(())
    group = report.groups[0]
    (first, *rest) = group.subjects
    subjects = (replace(first, ladders={"service": ladder}), *rest)
    lines = text(replace(report, groups=(replace(group, subjects=subjects), *report.groups[1:]))).splitlines()
    assert next(line for line in lines if line.startswith("IPv6 web ")).endswith(told)


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        (Kind.PORTAL, LookupStatus.NO_SUCH_NAME, "   portal   no address"),
        (Kind.PORTAL, LookupStatus.NO_ANSWER, "   portal   addresses could not be looked up"),
        (Kind.ZONE, LookupStatus.NO_SUCH_NAME, "   domain"),
    ],
)
def test_host_is_without_address_only_where_dns_says_so(kind: Kind, status: LookupStatus, said: str) -> None:
    groups = province(()).groups
    whole = next(iter(groups[0].subjects))
    host = whole.subject.host or ""
    looked = make_evidence(whole.subject.id, "dns", NameLookup(name=host, rtype="AAAA", role="host", status=status))
    subject = replace(whole, subject=replace(whole.subject, kind=kind), addresses=(), evidence={looked.id: looked})
    lines = text(replace(province(()), groups=(replace(groups[0], subjects=(subject,)),))).splitlines()
    assert f"{subject.subject.id}{said}" in lines


def test_checks_of_one_reason_are_named_in_part_on_a_terminal_and_in_full_in_a_file() -> None:
    groups = province(()).groups
    subject = next(iter(groups[0].subjects))
    untested = tuple(
        Says(f"ipv6.path.c{number}", "U_VP", Outcome.INCONCLUSIVE, {}, reason=Reason.VP).of("x") for number in range(9)
    )
    report = replace(province(()), groups=(replace(groups[0], subjects=(replace(subject, findings=untested),)),))
    assert "ipv6.path.c8" in text(report)
    assert "ipv6.path.c8" in text(report, width=80, everything=True)
    on_terminal = text(report, width=300)
    assert "ipv6.path.c5, and 3 more\n" in on_terminal
    assert "ipv6.path.c6" not in on_terminal
