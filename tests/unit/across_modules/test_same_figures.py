"""All formats show the same figures, counted again here from the data in the store.

Outcomes are counted here by agency and subject, indicators by ``recounting``.
"""

import json
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Outcome, Severity, Waiver
from auditor.service.pipeline.summaries.summarising import keep
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.memory.store import MemoryStore
from auditor.texts.translate import Texts
from inventory.model import Kind, SubjectId
from probes.framework.evidence import RunId
from reports.figures import HEADLINES
from reports.report_texts import say
from tests.support.recounting import NO_AGENCY, recounted
from tests.unit.auditor.stored import Brief, Held, put, row
from tests.unit.reports import reading

EN, VI = Texts("en"), Texts("vi")
RESULTS = ("fail", "error", "inconclusive", "not_tested", "warn", "pass", "not_applicable")
KINDS = (Kind.PORTAL, Kind.DVC, Kind.COMMUNE_SITE, Kind.MAIL, Kind.ZONE)
CHECKS = {
    Kind.MAIL: ("ipv6.mail.mx-aaaa", "ipv6.mail.mx-reach", "security.mail.dmarc"),
    Kind.ZONE: (
        "ipv6.dns.ns-aaaa",
        "ipv6.dns.ns-reach",
        "ipv6.dns.ns-reach-tcp",
        "ipv6.dns.ns-addr-sane",
        "security.dns.dnssec",
    ),
}
WEB = (
    "ipv6.web.aaaa",
    "ipv6.web.addr-sane",
    "ipv6.web.reach",
    "ipv6.web.http-ok",
    "security.http.hsts",
    "security.tls.versions",
)
NAMES = {"S1": "Sở Một", "X1": "Xã Một"}
WAIVER = Waiver(reason="Đang chuyển", owner="Sở Một", until=None)
SUBJECTS = tuple(
    row(f"{kind.value}-{number}.tinh.vn", kind, agency)
    for kind in KINDS
    for number, agency in enumerate(("S1", "X1", "S1", "X1", None))
)


def _said(dice: random.Random, check: str) -> Brief:
    outcome = dice.choices(list(Outcome), weights=(6, 2, 4, 1, 2, 1))[0]
    severity = dice.choice(list(Severity))
    waived = WAIVER if outcome is Outcome.FAIL and dice.random() < 0.2 else None
    measured = dice.random() < 0.5
    return Brief(
        check=check, outcome=outcome, severity=severity, waived=waived, address="2001:db8::1", measured=measured
    )


@cache
def held(seed: int) -> Held:
    dice = random.Random(seed)
    findings = {
        str(subject.id): [_said(dice, check) for check in CHECKS.get(subject.kind, WEB)] for subject in SUBJECTS
    }
    return Held(name="r", findings=findings, subjects=SUBJECTS, scored=True)


@cache
def report(seed: int) -> StoredReport:
    store, known = MemoryStore(), catalogue.load()
    put(store, held(seed))
    keep(judged_run(RunId("r"), store, known), store)
    return StoredReport(judged_run(RunId("r"), store, known), store, known)


def said(seed: int, agency: str | None = "*") -> list[Brief]:
    """Return all stored results, of all agencies or of one."""
    owners = {subject.id: subject.agency for subject in SUBJECTS}
    return [
        short
        for subject, some in held(seed).findings.items()
        for short in some
        if agency == "*" or owners[SubjectId(subject)] == agency
    ]


def outcomes(seed: int, agency: str | None = "*") -> Counter[Outcome]:
    return Counter(short.outcome for short in said(seed, agency))


def results(seed: int, agency: str | None = "*") -> Counter[str]:
    """Return outcomes by name; untested checks are apart from measured ones that decided nothing."""
    return Counter(
        "not_tested" if short.outcome is Outcome.INCONCLUSIVE and not short.measured else short.outcome.value
        for short in said(seed, agency)
    )


def indicators(seed: int) -> Mapping[tuple[str, str | None], tuple[int, int, int, int]]:
    document = json.loads(reading.only(report(seed), "json"))
    return {(figure, unit): counts for figure, unit, counts in recounted(document)}


seeds = pytest.mark.parametrize("seed", [1, 2, 3])


@seeds
def test_text_counts_what_was_found(seed: int) -> None:
    shown = reading.only(report(seed), "text").decode()
    last = shown.splitlines()[-1]
    for result, n in results(seed).items():
        assert re.search(rf"(?<!\d){n} {EN.word('outcome', result).lower()}", last), result
    for severity, n in Counter(short.severity for short in said(seed) if short.outcome is Outcome.FAIL).items():
        assert f"{n} {EN.severity(severity)}" in last


@seeds
def test_json_and_lines(seed: int) -> None:
    document = json.loads(reading.only(report(seed), "json"))
    wanted = {outcome.value: outcomes(seed)[outcome] for outcome in Outcome}
    assert document["summary"] == wanted
    assert Counter(one["outcome"] for one in document["findings"]) == Counter(wanted)
    for agency in (*NAMES, None):
        rows = [line["outcome"] for line in reading.lines(report(seed), "jsonl") if line["agency"] == agency]
        assert Counter(rows) == Counter({outcome.value: n for outcome, n in outcomes(seed, agency).items()})


@seeds
def test_csv_counts_what_was_found(seed: int) -> None:
    rows = reading.table(report(seed))
    for agency in (*NAMES, None):
        of_agency = [row for row in rows if row["agency_code"] == (agency or "")]
        assert Counter(one["outcome"] for one in of_agency) == {k.value: n for k, n in outcomes(seed, agency).items()}
    assert sum(bool(row["waived"]) for row in rows) == sum(short.waived is not None for short in said(seed))


@seeds
def test_html_counts_what_was_found(seed: int) -> None:
    source = reading.only(report(seed), "html").decode()
    for result in RESULTS:
        count = re.search(rf'<li class="{result}"><b>(?:<a [^>]*>)?(\d+)', source)
        assert count is not None
        assert int(count[1]) == results(seed)[result]
    for agency, name in NAMES.items():
        match = re.search(rf'<a class="lead" href="#a\d+">{name}</a>.*?</th>(.*?)</tr>', source, re.DOTALL)
        assert match is not None
        counts = [
            int(n)
            for n in re.findall(r'<td class="num(?! steps)[^"]*">(?:<a [^>]*>)?(\d+)(?:</a>)?</td>', match.group(1))
        ]
        own = results(seed, agency)
        assert counts[1:5] == [own[result] for result in ("fail", "warn", "inconclusive", "not_tested")]
        assert counts[0] == sum(subject.agency == agency for subject in SUBJECTS)


@seeds
def test_xlsx_counts_what_was_found(seed: int) -> None:
    sheets = reading.sheets(report(seed))
    lines = {row[0]: row[1] for row in reversed(sheets[say(EN, "overview")]) if row[0]}
    for result in RESULTS:
        assert lines[EN.word("outcome", result)] == results(seed)[result]
    by_agency = {row[0]: row[2:] for row in sheets[say(EN, "agencies")][1:]}
    for agency in NAMES:
        assert by_agency[agency] == [results(seed, agency)[result] for result in RESULTS]


@seeds
def test_pdf_counts_what_was_found(seed: int) -> None:
    shown = reading.printed(report(seed))
    for agency, name in NAMES.items():
        own = results(seed, agency)
        cells = [own[result] for result in ("fail", "warn", "inconclusive", "not_tested", "pass")]
        subjects = sum(subject.agency == agency for subject in SUBJECTS)
        assert re.search(rf"{name} {subjects} (?:.{{1,30}}? )?{' '.join(map(str, cells))}(?!\d)", shown), name
        assert _sentence(EN, seed, agency) in shown


@seeds
def test_letters_count_what_was_found(seed: int) -> None:
    letters = reading.letters(report(seed))
    assert set(letters) == {"cong-van-s1.docx", "cong-van-x1.docx"}
    for agency in NAMES:
        text = letters[f"cong-van-{agency.lower()}.docx"]
        assert _sentence(VI, seed, agency) in text
        fails = Counter(
            short.check for short in said(seed, agency) if short.outcome is Outcome.FAIL and short.waived is None
        )
        parts = text.split("Phát hiện: ")[1:]
        assert sorted(len(re.findall(r"^- \S+\.tinh\.vn", part, re.MULTILINE)) for part in parts) == sorted(
            fails.values()
        )


def _sentence(texts: Texts, seed: int, agency: str) -> str:
    owned = [subject.id for subject in SUBJECTS if subject.agency == agency]
    fails = [subject for subject in owned if any(_counts(each) for each in held(seed).findings[subject])]
    own = results(seed, agency)
    return say(
        texts,
        "agency_sentence",
        subjects=len(owned),
        failing=len(fails),
        warnings=own["warn"],
        undecided=own["inconclusive"] + own["error"],
        untested=own["not_tested"],
        waived=sum(short.waived is not None for short in said(seed, agency)),
    )


def _counts(short: Brief) -> bool:
    return short.outcome is Outcome.FAIL and short.waived is None


@seeds
def test_junit_counts_what_was_found(seed: int) -> None:
    totals: Counter[str] = Counter()
    for suite in reading.suites(report(seed)):
        totals.update({key: int(suite.attrib[key]) for key in ("tests", "failures", "errors", "skipped")})
    own = outcomes(seed)
    waived = sum(short.waived is not None for short in said(seed))
    assert totals == {
        "tests": sum(own.values()),
        "failures": own[Outcome.FAIL] - waived,
        "errors": own[Outcome.ERROR],
        "skipped": own[Outcome.INCONCLUSIVE] + own[Outcome.NOT_APPLICABLE] + waived,
    }


@seeds
def test_oscal_counts_what_was_found(seed: int) -> None:
    found, own = reading.assessment(report(seed)), outcomes(seed)
    states = Counter(one["target"]["status"]["state"] for one in found["findings"])
    assert states == {"not-satisfied": own[Outcome.FAIL], "satisfied": own[Outcome.PASS] + own[Outcome.WARN]}
    assert len(found["observations"]) == sum(own.values()) - own[Outcome.NOT_APPLICABLE]


@seeds
def test_ocsf_counts_what_was_found(seed: int) -> None:
    own = outcomes(seed)
    found = Counter(line["compliance"]["status_id"] for line in reading.lines(report(seed), "ocsf"))
    undecided = own[Outcome.INCONCLUSIVE] + own[Outcome.ERROR]
    assert found == Counter({1: own[Outcome.PASS], 2: undecided, 3: own[Outcome.FAIL], 99: own[Outcome.WARN]})


def _brief(counts: tuple[int, int, int, int]) -> str:
    met, of, unknown, _ = counts
    return f"{met}/{of}" + (f" ?{unknown}" if unknown else "")


def _rate(counts: tuple[int, int, int, int]) -> str:
    return f"{EN.percent(counts[0] / counts[1])} ({counts[0]} of {counts[1]})"


def _told(seed: int) -> Iterator[tuple[str, str | None, tuple[int, int, int, int]]]:
    """Yield the printed figures: for units, only the headlines."""
    for (figure, unit), counts in indicators(seed).items():
        if counts[1] and (unit is None or figure in HEADLINES):
            yield figure, unit, counts


@seeds
def test_indicators_of_the_whole_and_of_every_unit(seed: int) -> None:
    text, page = reading.only(report(seed), "text").decode(), reading.page(report(seed))
    printed, rows = reading.printed(report(seed)), reading.sheets(report(seed))[say(EN, "figures")]
    names: dict[str | None, str] = {None: say(EN, "whole"), NO_AGENCY: say(EN, "no_agency"), "P": "UBND tỉnh"} | NAMES  # type: ignore[operator]
    told = list(_told(seed))
    assert {figure for figure, _, _ in told} >= {"K08", "K09", "K10", "K11", "K12", "K15", "K16", "K17", "K20"}
    for figure, unit, counts in told:
        assert [row[3:7] for row in rows if (row[0], row[1]) == (names[unit], figure)] == [list(counts)]
        if unit is None and not counts[2]:
            for shown in (text, page, printed):
                assert f"{EN.kpi(figure)}" in shown
                assert _rate(counts) in shown
        if unit not in (None, NO_AGENCY):
            (line,) = [line for line in text.splitlines() if re.match(rf"{names[unit]}: \d", line.strip())]
            assert f"{figure} {_brief(counts)}" in line
            assert _brief(counts) in page
