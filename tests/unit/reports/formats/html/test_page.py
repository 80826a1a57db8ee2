"""Tests the page: complete, in both languages, self-contained, and without markup from a target's text."""

import base64
import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser

import pytest
from markupsafe import escape

from auditor.figures.compliance import Compliance
from auditor.figures.scoring import area_of
from auditor.framework.findings import Outcome, Waiver
from auditor.framework.message_format import clean
from inventory.model import DeclaredFacts, Expectation, ExpectedState, Kind, SubjectId
from probes.framework.evidence import EvidenceById, EvidenceId, Failure, FailureKind
from probes.observations.snmp import SnmpGet, SnmpSession, Varbind
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange, TlsHandshake
from reports.document import AgencyReport, Options, SubjectReport
from reports.figures import ring
from reports.formats.html import page as html
from reports.formats.html.family_table import MOST_PORTS
from reports.issuer import Emblem, ReportIssuer
from reports.on_demand import ReadOnDemand
from reports.overview import gather
from reports.registry import renderer
from reports.shown_results import RESULTS
from tests.unit.reports.earlier import FRAMEWORK, whole_province
from tests.unit.reports.sample import (
    BIDI,
    CHECKS,
    HOSTILE,
    SCRIPT,
    V4,
    V6,
    MemorySink,
    SampleReport,
    certificate,
    good_portal,
    header,
    make_evidence,
    point,
    province,
)

VOID = {"meta", "input", "br", "rect", "img", "link"}


class Page(HTMLParser):
    """Holds elements with their attributes, and the text outside style and script; refuses bad nesting."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self._texts: list[str] = []
        self._open: list[str] = []
        self.feed(source)
        assert self._open == []
        self.text = "".join(self._texts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] not in ("style", "script"):
            self._texts.append(data)

    def of_class(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for _, attrs in self.elements if name in (attrs.get("class") or "").split()]


def source(report: SampleReport, lang: str = "vi") -> str:
    sink = MemorySink()
    renderer("html", Options(lang=lang))(report, sink)
    assert list(sink.files) == ["report.html"]
    return sink.only


def test_every_finding_is_there_once() -> None:
    report = province()
    found = Counter(attrs["data-outcome"] for attrs in Page(source(report)).of_class("finding"))
    assert found == {outcome.value: n for outcome, n in report.summary.items()}


def test_undecided_findings_are_folded_below_defects_and_unmeasured_ones_take_a_line() -> None:
    page = source(province())
    ((before, undecided),) = re.findall(
        r'<details class="subject" id="s1".*?<div class="body">(.*?)<details class="undecided">(.*?)</details>',
        page,
        re.DOTALL,
    )
    assert 'class="finding fail"' in before
    assert 'class="finding inconclusive"' not in before
    (line,) = re.findall(r'<li class="finding"[^>]*>', undecided)
    (box,) = re.findall(r'<div class="finding inconclusive"[^>]*>', undecided)
    assert ('data-outcome="inconclusive"' in line, 'data-family="6"' in box) == (True, True)


def test_the_totals_are_those_of_the_findings() -> None:
    report = province()
    overview = gather(report)
    assert overview.results == report.results
    assert sum((agency.results for agency in overview.agencies), Counter()) == report.results
    for result in RESULTS:
        number = f"(?:<a [^>]+>)?{report.results[result]}(?:</a>)?"
        assert re.search(f'<li class="{result}"><b>{number}</b>', source(report))


def test_columns_of_the_agency_table_are_what_their_heads_say() -> None:
    row = re.search(
        r'<th scope="row"><a class="lead" href="#a1">Sở Xây dựng</a>.*?</th>(.*?)</tr>', source(province()), re.DOTALL
    )
    assert row is not None
    assert re.findall(r'<td class="num (\w+)"><a [^>]+>(\d+)', row.group(1)) == [
        ("fail", "10"),
        ("warn", "2"),
        ("inconclusive", "1"),
        ("not_tested", "1"),
    ]


def test_rates_have_their_denominators() -> None:
    overview = gather(province())
    assert (overview.services.met, overview.services.of) == (3, 4)
    assert (overview.points.met, overview.points.of) == (1, 2)
    assert (overview.security.met, overview.security.of) == (3, 4)
    assert [(check_numbers.check, check_numbers.subjects) for check_numbers in overview.top()][:2] == [
        ("ipv6.web.reach", 1),
        ("tslcd.site.reach", 1),
    ]
    assert [(check, code, check_numbers.subjects) for (check, code), check_numbers in overview.untested.items()] == [
        ("ipv6.path.pmtud", "U_PRIV", 1)
    ]


def test_nothing_a_target_said_is_markup() -> None:
    page = Page(source(province()))
    assert Counter(tag for tag, _ in page.elements if tag in ("script", "style", "img", "iframe", "link")) == {
        "script": 1,
        "style": 1,
    }
    assert not [attrs for _, attrs in page.elements if any(name.startswith("on") or name == "style" for name in attrs)]
    assert SCRIPT in page.text
    assert "{{ 7*7 }}{% raw %}" in page.text
    assert "abc\\u202egnp.exe" in page.text
    assert not (set(BIDI) - set("abcgnp.exe")) & set(source(province()))
    assert "\x1b" not in source(province())
    assert "A" * 301 not in page.text


def test_hostile_names_are_harmless_too() -> None:
    report = province(())
    evil = good_portal("evil", None)
    evil = replace(evil, subject=replace(evil.subject, id=SCRIPT, tags=HOSTILE, host=SCRIPT))  # type: ignore[arg-type]
    group = AgencyReport(agency=None, name=SCRIPT, level=SCRIPT, path=(SCRIPT, BIDI), subjects=(evil,))
    header = replace(report.header, name=SCRIPT, run=SCRIPT, version=SCRIPT, policy=SCRIPT, profile=SCRIPT)  # type: ignore[arg-type]
    page = Page(source(replace(report, groups=(group,), header=header)))
    assert [tag for tag, _ in page.elements if tag in ("script", "img")] == ["script"]
    assert "\u202e" not in page.text


def test_it_asks_the_network_for_nothing() -> None:
    for tag, attrs in Page(source(province())).elements:
        assert not {"src", "srcset", "action", "data", "background", "poster"} & set(attrs), tag
        assert (attrs.get("href") or "#").startswith("#")


def test_its_policy_admits_its_own_style_and_script_only() -> None:
    text = source(province())
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy is not None
    assert policy.group(1).startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        body = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        assert body is not None
        digest = base64.b64encode(hashlib.sha256(body.group(1).encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy.group(1)
    assert "unsafe" not in policy.group(1)


def test_both_languages_stand_side_by_side() -> None:
    page = Page(source(province()))
    spans = Counter(attrs["lang"] for tag, attrs in page.elements if tag == "span" and "lang" in attrs)
    assert spans["vi"] == spans["en"] > 100
    assert "Khắc phục" in page.text
    assert "Remedy" in page.text


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_language_asked_for_shows_first(lang: str) -> None:
    page = Page(source(province(), lang))
    assert [attrs["value"] for _, attrs in page.elements if "checked" in attrs and attrs.get("name") == "lang"] == [
        lang
    ]
    assert page.elements[0] == ("html", {"lang": lang})


def test_who_when_where_and_by_which_rules() -> None:
    text = Page(source(province())).text
    for part in (
        "2026Q1-01",
        "trung-tam-tinh",
        "2001:db8:a::10",
        "tslcd-yt",
        "02/03/2026 08:30 (UTC+7)",
        "0.1.0",
        "2026.1",
        "sha256:" + "ab" * 32,
        "danh-muc-2026.xlsx",
        "sha256:" + "cd" * 32,
        "từ 01/01/2026 đến 31/03/2026",
        "Nghị định số 85/2016/NĐ-CP",
        "TCP 25 is blocked here.",
    ):
        assert part in text


def test_a_finding_has_evidence_remedy_and_the_command_that_repeats_it() -> None:
    text = source(province(()))
    at = text.index("<code>auditor check www.so-xd.example --kind portal --only ipv6.web.reach --profile audit</code>")
    block = text[text.rindex("<div", 0, at) : at]
    (first, *_) = re.findall(r'href="#e-([0-9a-f]+)"', block)
    assert f'id="e-{first}"' in text
    assert "Khắc phục" in block
    vietnamese = '<span lang="vi">hết thời gian chờ [errno 110], 2,0 giây</span>'
    english = '<span lang="en">no answer in time [errno 110], 2.0 s</span>'
    assert f"tcp/443 2001:db8:10::11: {vietnamese}{english}" in text


def test_every_finding_says_what_the_filter_goes_by() -> None:
    report = province()
    marks = Counter((attrs["data-area"], attrs["data-family"]) for attrs in Page(source(report)).of_class("finding"))
    assert marks == Counter(
        (area_of(finding.check) or "other", "0" if finding.address is None else str(finding.address.version))
        for finding in report.findings
    )
    assert len({area for area, _ in marks}) > 2
    assert {family for _, family in marks} >= {"0", "6"}


def test_every_part_says_where_the_reader_is() -> None:
    report = province()
    lines = re.findall(r'<p class="crumbs">(.*?)</p>', source(report))
    subjects = [(group, subject) for group in report.groups for subject in group.subjects]
    assert len(lines) == len(report.groups) + len(subjects)
    assert all(line.startswith('<a class="lead" href="#overview">') for line in lines)
    ends = [str(escape(clean(subject_report.subject.id))) for _, subject_report in subjects]
    assert [re.search(r"<b>(.*)</b>$", line).group(1) for line in lines if "<a href" in line] == ends  # type: ignore[union-attr]


def test_links_lead_somewhere_and_anchors_are_unique() -> None:
    page = Page(source(province()))
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    assert {attrs["href"] for tag, attrs in page.elements if tag == "a"} <= {f"#{id_}" for id_ in ids}


def _proofs(text: str) -> set[str]:
    return set(re.findall(r'id="e-([^"]+)"', text))


def test_a_large_report_leaves_evidence_of_passes_in_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "THOROUGH", 1)
    monkeypatch.setattr(html, "PROVEN", 1)
    page = Page(source(province()))
    ids = {attrs["id"] for _, attrs in page.elements if "id" in attrs}
    assert {attrs["href"] for tag, attrs in page.elements if tag == "a"} <= {f"#{id_}" for id_ in ids}
    assert "*.so-xd.example" in page.text  # still there: a warning rests on it


def test_pages_of_a_large_report_have_evidence_of_what_is_wrong_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    report, quiet = province(), {"pass", "not_applicable"}
    wrong = {id_ for finding in report.findings if finding.outcome.value not in quiet for id_ in finding.evidence}
    small = source(report)
    monkeypatch.setattr(html, "PROVEN", len(list(report.stream_subjects())) - 1)
    large = source(report)
    assert _proofs(large) == _proofs(small) & wrong < _proofs(small)
    assert large.count('<li class="finding"') == small.count('<li class="finding"')  # the messages are there
    assert set().union(*map(_proofs, folder(report, monkeypatch, subjects=1).values())) == _proofs(large)


def test_it_is_written_agency_by_agency() -> None:
    """The page is written agency by agency: at the last agency, all but a buffer of the earlier ones is written."""
    report = province()
    written: list[int] = []
    sink = MemorySink(many=False)

    class Watched(SampleReport):
        def agencies(self) -> Iterator[AgencyReport]:
            for group in super().agencies():
                written.append(sum(len(b.getvalue()) for b in sink.open_files))
                yield group

    renderer("html")(Watched(report.groups, report.header), sink)
    assert written[: len(report.groups)] == [0] * len(report.groups)  # the pass for the numbers
    assert 0 < written[-2] < written[-1]


def test_an_empty_report_is_a_page() -> None:
    page = Page(source(replace(province(), groups=())))
    assert page.of_class("finding") == []


def folder(
    report: SampleReport, monkeypatch: pytest.MonkeyPatch, *, subjects: int = 1_300, size: int = 5_000_000
) -> dict[str, str]:
    monkeypatch.setattr(html, "WHOLE_SUBJECTS", subjects)
    monkeypatch.setattr(html, "WHOLE_BYTES", size)
    sink = MemorySink()
    renderer("html")(report, sink)
    return {name: content.decode() for name, content in sink.files.items()}


AGENCIES = {"agencies/so-xd.html", "agencies/so-yt.html", "agencies/xa-01.html", "agencies/agency.html"}


@pytest.mark.parametrize("limits", [{"subjects": 2}, {"size": 20_000}])
def test_a_large_report_is_an_overview_and_a_page_for_each_agency(
    limits: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    report = province()
    pages = folder(report, monkeypatch, **limits)
    assert set(pages) == {"report.html"} | AGENCIES
    found = sum(
        (Counter(a["data-outcome"] for a in Page(page).of_class("finding")) for page in pages.values()), Counter()
    )
    assert found == {outcome.value: n for outcome, n in report.summary.items()}
    assert Page(pages["report.html"]).of_class("finding") == []
    assert "Sở Xây dựng" in Page(pages["agencies/so-xd.html"]).text


def test_pages_are_the_same_whether_a_whole_page_was_begun_before(monkeypatch: pytest.MonkeyPatch) -> None:
    report = province()
    whole = folder(report, monkeypatch)["report.html"]
    begun = folder(report, monkeypatch, size=len(whole.encode()) - 1)
    assert set(begun) == {"report.html"} | AGENCIES
    assert begun == folder(report, monkeypatch, subjects=2)


@pytest.mark.parametrize("thorough", [0, 300])
def test_no_whole_page_is_begun_where_what_passed_is_too_much_for_it(
    thorough: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(html, "THOROUGH", thorough)
    report = province()
    expected = folder(report, monkeypatch, subjects=2)

    def whole(*_: object) -> None:
        raise AssertionError("a page was begun")

    monkeypatch.setattr(html._Pages, "whole", whole)
    assert folder(report, monkeypatch, size=100) == expected


def test_evidence_of_parts_that_are_made_is_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    reads = Counter[SubjectId]()

    class Watched(SampleReport):
        def agencies(self) -> Iterator[AgencyReport]:
            for group in super().agencies():
                yield replace(group, subjects=map(watched, group.subjects))

    def watched(report: SubjectReport) -> SubjectReport:
        def read() -> EvidenceById:
            reads[report.subject.id] += 1
            return report.evidence

        return replace(report, evidence=ReadOnDemand(read))

    report = province()
    whole = folder(Watched(report.groups, report.header), monkeypatch)["report.html"]
    first = next(iter(reads))
    once = reads[first]
    reads.clear()
    begun = folder(Watched(report.groups, report.header), monkeypatch, size=len(whole.encode()) - 1)
    assert set(begun) == {"report.html"} | AGENCIES
    assert reads[first] == once


def test_pages_of_a_folder_lead_to_each_other_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = {name: Page(text) for name, text in folder(province(), monkeypatch, subjects=2).items()}
    anchors = {name: {attrs["id"] for _, attrs in page.elements if "id" in attrs} for name, page in pages.items()}
    for name, page in pages.items():
        for tag, attrs in page.elements:
            assert not {"src", "srcset", "action", "data"} & set(attrs), tag
            path, _, anchor = (attrs.get("href") or "").partition("#")
            target = {"": name, "../report.html": "report.html"}.get(path, path)
            if "href" in attrs:
                assert target in pages
                assert not anchor or anchor in anchors[target], (name, attrs)


def test_one_file_is_one_page_however_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "WHOLE_SUBJECTS", 2)
    sink = MemorySink(many=False)
    renderer("html")(province(), sink)
    assert list(sink.files) == ["report.html"]
    assert Page(sink.only).of_class("finding")


def test_steps_are_counted_for_each_agency() -> None:
    first, *_, commune, _ = gather(province()).agencies
    web, dns = first.steps["web"], first.steps["dns"]
    assert (web.of, web.reached, web.unknown) == (2, [2, 1, 1], 0)  # one has an address that does not answer
    assert (dns.of, dns.reached, dns.unknown) == (2, [1, 0, 0], 1)  # nothing says whether its servers answer
    assert (commune.steps["point"].of, commune.steps["point"].reached) == (2, [2, 1, 0])
    assert "2/1/1 trên 2" in Page(source(province())).text


def test_exceptions_are_listed_with_their_end() -> None:
    text = Page(source(province())).text
    start = text.index("Accepted exceptions in force")
    listed = text[start : text.index("The checks of this report", start)]
    for said in ("Đang chuyển máy chủ", "30/10/2026", "Sở Xây dựng", "www.so-xd.example"):
        assert said in listed


def test_subjects_of_which_nothing_was_decided_are_named() -> None:
    report = province()
    point = report.groups[2].subjects[0]  # type: ignore[index]
    undecided = tuple(replace(finding, outcome=Outcome.INCONCLUSIVE) for finding in point.findings)
    other = replace(report.groups[2], subjects=(replace(point, findings=undecided),))
    overview = gather(replace(report, groups=(*report.groups[:2], other)))
    assert (overview.tested.met, overview.tested.of, overview.silent) == (3, 4, [point.subject.id])


def test_an_agency_says_what_to_put_right_and_where() -> None:
    text = source(whole_province())
    part = text[text.index('<details class="problems">') : text.index('<details class="subject" id="s1"')]
    shown = Page(part[: part.rindex("</details>") + len("</details>")]).text
    failing, warned = (
        re.findall(r'<div class="problem"><h5>.*?<a href="#c-([\w.-]+)"', listed)
        for listed in part.split('<details class="problems">')[1:]
    )
    assert failing == ["ipv6.web.reach", "security.http.headers"]  # the gravest first; a waived check does not count
    assert warned == ["security.tls.cert-expiry", "ipv6.web.same-content"]
    assert '<a href="#s1">www.so-xd.example</a> <span class="addr">2001:db8:10::11</span>' in part
    assert "first seen on 2 Dec 2025" in shown
    assert 'class="finding' not in part


def device(facts: bool) -> SubjectReport:
    subject_report = point("rt-01", "xa-01", works=True)
    router = replace(
        subject_report.subject,
        id=SubjectId("rt-01"),
        kind=Kind.ROUTER,
        kinds=frozenset({Kind.ROUTER}),
        declared=DeclaredFacts(device="MikroTik CCR"),
    )
    rows = {
        "1.3.6.1.2.1.1.1.0": Varbind("1.3.6.1.2.1.1.1.0", "octets", SCRIPT.encode().hex()),
        "1.3.6.1.2.1.4.25.0": Varbind("1.3.6.1.2.1.4.25.0", "int", "1"),
        "1.3.6.1.2.1.4.39.1.2.3": Varbind("1.3.6.1.2.1.4.39.1.2.3", "int", "1"),
    }
    session = SnmpSession(
        address=V4,
        port=161,
        profile="p" if facts else None,
        version="3" if facts else None,
        auth="sha256" if facts else "",
        priv="aes128" if facts else "",
    )
    get = SnmpGet(address=V4, port=161, profile="p", oids=tuple(rows), rows=tuple(rows.values()))
    told = make_evidence("rt-01", "snmp", session, *([get] if facts else []))
    return replace(subject_report, subject=router, evidence={told.id: told})


def test_devices_stand_in_a_table_of_what_they_said() -> None:
    report = province()
    groups = (replace(report.groups[2], subjects=(device(facts=True), device(facts=False))),)
    text = source(replace(report, groups=groups))
    rows = re.findall(r"<tr>(.*?)</tr>", text[text.index('<table class="wide devices">') :], re.DOTALL)[:3]
    cells = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in rows]
    assert cells[1][1].startswith("&lt;script&gt;")
    assert ">yes</span>" in cells[1][3]
    assert cells[1][4:] == ["3", "v3 sha256 aes128"]
    assert cells[2][0] == "MikroTik CCR"
    assert "gave no answer over SNMP" in cells[2][1]


def both_families(**later: str) -> SubjectReport:
    """Return a portal with an IPv4 and an IPv6 address; ``later``: the differences of the IPv6 one."""
    subject_report, url = good_portal("www.so-yt.example", "so-yt"), "https://www.so-yt.example/"
    steps = []
    for address in (V4, V6):
        six = later if address is V6 else {}
        refused = Failure(kind=FailureKind.REFUSED)
        steps += [
            TcpConnect(address=address, port=443, failure=refused if six.get("port") else None),
            *([TcpConnect(address=address, port=443, failure=refused)] if six.get("again") else []),
            TcpConnect(address=address, port=8080, failure=refused),
            TlsHandshake(
                address=address,
                port=443,
                server_name="www.so-yt.example",
                version=six.get("tls", "TLSv1.3"),
                chain=(certificate(six.get("name", "www.so-yt.example")),),
            ),
            HttpExchange(address=address, port=443, url=url, status=int(six.get("status", 200))),
            HttpExchange(address=address, port=443, url=url + "other", status=500 if six else 200),
        ]
    told = make_evidence("www.so-yt.example", "tls", *steps)
    return replace(subject_report, evidence={told.id: told}, addresses=(V4, V6))


def differing(subject_report: SubjectReport) -> list[str]:
    report = province()
    text = source(replace(report, groups=(replace(report.groups[1], subjects=(subject_report,)),)))
    rows = re.findall(r'<tr><th scope="row">(\d+) .*?lang="en">([^<]*)</span></th>(.*?)</tr>', text)
    assert {number for number, *_ in rows} == {"443"}  # the other port is only known to be closed
    assert [kind for _, kind, _ in rows] == ["connect", "TLS version", "certificate", "HTTP status of /"]
    return [kind for _, kind, cells in rows if "≠" in cells]


def test_families_stand_side_by_side_and_differences_are_marked() -> None:
    assert differing(both_families()) == []
    assert differing(both_families(tls="TLSv1.2")) == ["TLS version"]
    assert differing(both_families(name="other.example")) == ["certificate"]
    assert differing(both_families(status="301")) == ["HTTP status of /"]
    assert differing(both_families(port="closed")) == ["connect"]
    assert differing(both_families(again="refused")) == []  # it was open once


def test_families_tell_how_many_ports_are_left_out() -> None:
    subject_report = both_families()
    (told,) = subject_report.evidence.values()
    open_ones = [TcpConnect(address=address, port=port) for address in (V4, V6) for port in range(1, MOST_PORTS + 3)]
    many = replace(subject_report, evidence={told.id: replace(told, steps=(*told.steps, *open_ones))})
    report = province()
    text = source(replace(report, groups=(replace(report.groups[1], subjects=(many,)),)))
    part = text[text.index('<details class="families">') :]
    assert "and 3 more" in part[: part.index("</details>")]


def test_what_one_family_was_not_asked_is_no_difference() -> None:
    subject_report = both_families()
    (told,) = subject_report.evidence.values()
    half = replace(told, steps=tuple(step for step in told.steps if getattr(step, "address", None) == V4))
    report = province()
    group = replace(report.groups[1], subjects=(replace(subject_report, evidence={told.id: half}),))
    text = source(replace(report, groups=(group,)))
    assert "not measured" in text
    assert "≠" not in text


def test_a_subject_says_what_it_is_called_and_what_was_promised() -> None:
    subject_report = good_portal("www.so-yt.example", "so-yt")
    planned = Expectation(state=ExpectedState.PLANNED, due=date(2027, 6, 1))
    exempt = Expectation(state=ExpectedState.EXEMPT, reason=SCRIPT, signatory="Sở Y tế")
    report = province()
    for expected, said in ((planned, "IPv6 is planned for 1 Jun 2027"), (exempt, f"exempt from IPv6: {SCRIPT}")):
        subject = replace(subject_report.subject, name="Cổng Sở Y tế", tags=("critical", SCRIPT), expected=expected)
        group = replace(report.groups[1], subjects=(replace(subject_report, subject=subject),))
        text = Page(source(replace(report, groups=(group,)))).text
        assert said in text
        assert "Cổng Sở Y tế" in text
        assert f"critical, {SCRIPT}" in text


def test_the_issuer_and_the_emblem_stand_in_the_head() -> None:
    issuer = ReportIssuer(name=SCRIPT, emblem=Emblem(kind="image/svg+xml", data=b"<svg/>"))
    sink = MemorySink()
    renderer("html", Options(issuer=issuer))(province(), sink)
    page = Page(sink.only)
    assert [attrs["src"] for tag, attrs in page.elements if tag == "img"] == ["data:image/svg+xml;base64,PHN2Zy8+"]
    assert "; img-src data:; " in sink.only
    assert page.text.count(SCRIPT) > Page(source(province())).text.count(SCRIPT)
    assert "img-src" not in source(province())


def test_a_check_of_devices_has_the_commands_of_every_maker() -> None:
    report = province()
    check = replace(CHECKS["ipv6.web.reach"], vendor_fixes={"cisco": "On IOS: x.", "huawei": SCRIPT})  # type: ignore[index]
    page = Page(source(replace(report, checks={**CHECKS, check.id: check})))
    assert "On IOS: x." in page.text
    assert page.text.count(SCRIPT) > Page(source(report)).text.count(SCRIPT)


def test_a_requirement_leads_to_its_checks_and_they_lead_back() -> None:
    text = source(whole_province())
    rows = dict(re.findall(r'<tr id="(r-tt-mau-\d)">(.*?)</tr>', text, re.DOTALL))
    of_row = {name: re.findall(r'href="#c-([\w.-]+)"', row) for name, row in rows.items()}
    web = sorted({finding.check for finding in province().findings if finding.check.startswith("ipv6.web.")})
    assert of_row == {"r-tt-mau-1": web, "r-tt-mau-2": ["ipv6.path.echo"], "r-tt-mau-3": [], "r-tt-mau-4": []}
    back = {
        check: re.findall(r'href="#(r-[\w-]+)"', part)
        for check, part in re.findall(r'<details class="check" id="c-([\w.-]+)">(.*?</p>\s)</details>', text, re.DOTALL)
    }
    assert back["ipv6.web.aaaa"] == ["r-tt-mau-1"]
    assert back["ipv6.path.echo"] == ["r-tt-mau-2"]
    assert back["security.http.headers"] == []


def test_a_ring_goes_once_round_and_a_table_says_the_same() -> None:
    arcs = list(ring(FRAMEWORK.counts))
    assert [(arc.standing, arc.count) for arc in arcs] == [
        (Compliance.MET, 1),
        (Compliance.NOT_MET, 1),
        (Compliance.MANUAL, 2),
    ]
    assert [arc.length for arc in arcs] == [25, 25, 50]
    assert [arc.start for arc in arcs] == [0, 25, 50]
    text = source(whole_province())
    drawn = re.findall(
        r'<circle class="arc (\w+)"[^>]*stroke-dasharray="([\d.]+) [\d.]+" stroke-dashoffset="([-\d.]+)"', text
    )
    assert [(kind, float(offset)) for kind, _, offset in drawn] == [
        (arc.standing.value, 25 - arc.start) for arc in arcs
    ]
    assert all(0 < arc.length - float(length) < 1 for (_, length, _), arc in zip(drawn, arcs, strict=True))
    table = text[text.index('<table class="standings">') :]
    assert [int(n) for n in re.findall(r'<td class="num">(\d+)</td>', table[: table.index("</table>")])] == [1, 1, 2]


def test_links_to_requirements_lead_from_the_pages_of_agencies_too(monkeypatch: pytest.MonkeyPatch) -> None:
    pages = folder(whole_province(), monkeypatch, subjects=2)
    hrefs = {attrs.get("href") for _, attrs in Page(pages["agencies/so-xd.html"]).elements}
    assert "../report.html#r-tt-mau-1" in hrefs
    assert 'id="r-tt-mau-1"' in pages["report.html"]


def test_exceptions_count_subjects_and_not_findings() -> None:
    waiver = Waiver(reason="Đang chuyển", owner="Sở Xây dựng", until=None)
    report = province()
    (subject, *_) = report.groups[0].subjects
    twice = tuple(
        replace(subject.findings[0], outcome=Outcome.FAIL, waived=waiver, address=address)
        for address in subject.addresses[:2]
    )
    assert len(twice) == 2
    subjects = [
        replace(
            subject,
            subject=replace(subject.subject, id=SubjectId(f"s{n}")),
            findings=tuple(replace(finding, subject=SubjectId(f"s{n}")) for finding in twice),
        )
        for n in range(15)
    ]
    overview = gather(replace(report, groups=(replace(report.groups[0], subjects=subjects),)))
    (numbers,) = overview.waivers.values()
    assert (numbers.findings, numbers.subjects) == (30, 15)
    single = Page(source(replace(report, groups=(replace(report.groups[0], subjects=subjects[:1]),)))).text
    start = single.index("Accepted exceptions in force")
    assert "more" not in single[start : single.index("The checks of this report", start)]


def test_evidence_of_two_subjects_stands_on_the_page_once() -> None:
    """An exchanger's evidence belongs to every domain that it takes mail for, and stands on the page once."""
    report = province()
    group = report.groups[0]
    (subject, *_) = group.subjects
    failing = next(finding for finding in subject.findings if finding.outcome is Outcome.FAIL and finding.evidence)
    subject_report = replace(subject, findings=(failing,))
    other = replace(subject_report, subject=replace(subject.subject, id=SubjectId("cung-nha")))
    text = source(replace(report, groups=(replace(group, subjects=[subject_report, other]),)))
    assert text.count(f'id="e-{failing.evidence[0]}"') == 1
    assert text.count(f'href="#e-{failing.evidence[0]}"') == 2


def test_evidence_of_another_subject_is_named_and_no_link() -> None:
    report = province()
    group = report.groups[0]
    (subject, *_) = group.subjects
    failing = next(finding for finding in subject.findings if finding.outcome is Outcome.FAIL)
    far = replace(failing, evidence=(EvidenceId("feedfeedfeedfeed"), *failing.evidence))
    made = replace(report, groups=(replace(group, subjects=[replace(subject, findings=(far,))]),))
    page = Page(source(made))
    assert '<span class="id">feedfeedfeedfeed</span>' in source(made)
    ids = {attrs["id"] for _, attrs in page.elements if "id" in attrs}
    assert {attrs["href"] for tag, attrs in page.elements if tag == "a"} <= {f"#{id_}" for id_ in ids}


def test_report_of_one_host_begins_with_its_name_and_opens_it() -> None:
    report = province()
    group = replace(report.groups[3], subjects=(good_portal("www.one.example", None),))
    text = source(replace(report, groups=(group,)))
    assert "<title>www.one.example – " in text
    assert "<h2>www.one.example</h2>" in text
    assert '<details class="subject" id="s1" open>' in text


def test_report_of_several_hosts_names_none_in_its_title() -> None:
    report = province()
    group = replace(report.groups[3], subjects=tuple(good_portal(f"www.{n}.example", None) for n in (1, 2)))
    assert "<title>www." not in source(replace(report, groups=(group,)))


def test_report_of_one_host_has_nothing_of_agencies_and_of_one_agency_counts_none() -> None:
    report = province()
    group = replace(report.groups[3], subjects=(good_portal("www.one.example", None),))
    host = source(replace(report, groups=(group,)))
    agency = source(replace(report, groups=report.groups[:1]))
    several = source(report)
    parts = ('href="#agencies"', 'id="agencies"', "Cơ quan, đơn vị liên quan", "điểm kết nối liên lạc được")
    assert [part in several for part in parts] == [True, True, True, True]
    assert [part in agency for part in parts[:3]] == [True, True, False]
    assert [part in host for part in parts] == [False, False, False, False]
    assert "1/1 cơ quan, đơn vị" not in agency


def test_report_of_one_agency_begins_with_its_name() -> None:
    whole = province()
    alone, several = source(replace(whole, groups=whole.groups[:1])), source(whole)
    name = whole.groups[0].name
    for told in (f"<h1>{name}</h1>", f"<title>{name} – "):
        assert (told in alone, told in several) == (True, False)


def test_report_of_one_target_is_called_by_it_beside_what_was_derived_from_it() -> None:
    portal = good_portal("www.xa-1.example", "")
    zone = replace(portal, subject=replace(portal.subject, id=SubjectId("zone:xa-1.example")), derived=True)
    alone = AgencyReport(agency=None, name="", level="", path=(), subjects=(portal, zone))
    text = source(SampleReport(header=header(), groups=(alone,)))
    assert "<h1>www.xa-1.example</h1>" in text
    other = replace(zone, derived=False)
    text = source(SampleReport(header=header(), groups=(replace(alone, subjects=(portal, other)),)))
    assert "<h1>www.xa-1.example</h1>" not in text


def test_what_is_wrong_stands_above_what_was_not_tested(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = source(province())
    pages = folder(province(), monkeypatch, subjects=2)
    for text, parts in (
        (whole, ("problems", "results", "untested", "limits", "checks")),
        (pages["report.html"], ("problems", "untested", "limits", "checks")),
    ):
        places = [text.index(f'<section id="{part}"') for part in parts]
        assert places == sorted(places)
        contents = text[text.index('<nav class="contents"') :]
        links = [contents.index(f'<a href="#{part}">') for part in parts]
        assert links == sorted(links)


def test_print_tells_of_an_overview_that_agencies_print_their_problems(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = source(province())
    pages = folder(province(), monkeypatch, subjects=2)
    assert "On paper: the overview." in pages["report.html"]
    for text in (whole, pages["agencies/so-xd.html"]):
        assert "On paper: what must be fixed and warnings." in text
