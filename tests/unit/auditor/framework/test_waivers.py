"""Tests accepted defects: read from a table, in force until their day, beside the verdict and never instead of it."""

import tempfile
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from auditor.framework import catalogue
from auditor.framework.findings import Finding, Outcome, Verdict, Waiver
from auditor.framework.operator_problems import OperatorProblem
from auditor.framework.waivers import WaiverRow, read_waivers, waiver
from auditor.service.pipeline.judging.evaluating import evaluate
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.store.kept.waivers import WaiverStore
from inventory.model import AgencyId, Kind, Subject, SubjectId
from probes.framework.evidence import RunId
from tests.support import judged as filled
from tests.unit.auditor.contexts import A6, POLICY, PROVEN, SITE, always, check, connect, judged

KNOWN = ("ipv6.web.aaaa", "ipv6.web.reach", "security.mail.dmarc")
DAY = date(2026, 3, 2)
WWW = Subject(id=SubjectId("www"), kind=Kind.PORTAL, kinds=frozenset({Kind.PORTAL}), agency=AgencyId("S1"))


def row(until: date = DAY, check: str = "test", **whose: str) -> WaiverRow:
    return WaiverRow(
        check=check,
        reason="chờ thay thiết bị",
        owner="Nguyễn Văn A",
        until=until,
        subject=SubjectId(whose["subject"]) if "subject" in whose else None,
        agency=AgencyId(whose["agency"]) if "agency" in whose else None,
    )


def read(text: str) -> tuple[tuple[WaiverRow, ...], list[str]]:
    problems: list[OperatorProblem] = []
    return read_waivers(text.encode(), "w.csv", KNOWN, problems), [str(problem) for problem in problems]


def test_a_table_in_vietnamese() -> None:
    rows, problems = read(
        "Đối tượng;Mã cơ quan;Tiêu chí;Lý do;Người phụ trách;Hết hạn\n"
        "www;;ipv6.web.*;chờ thay thiết bị;Nguyễn Văn A;31/12/2026\n;S1;security;đang mua;B;2026-06-30\n"
    )
    assert problems == []
    assert [(row.of, row.check, row.until) for row in rows] == [
        ("www", "ipv6.web", date(2026, 12, 31)),
        ("S1", "security", date(2026, 6, 30)),
    ]


def test_read_waivers_without_end_reason_or_owner_are_refused() -> None:
    assert read("subject,agency,check,reason,owner,until\na,b,ipv6.wep,,x,\n,,ipv6.web,r,,2026-13-01\n")[1] == [
        "w.csv:2:reason: is missing",
        "w.csv:2:until: is missing",
        "w.csv:2:subject: name a subject or an agency, not both",
        "w.csv:2:check: unknown check 'ipv6.wep' (did you mean 'ipv6.web.aaaa'?)",
        "w.csv:3:owner: is missing",
        "w.csv:3:subject: name a subject or an agency, not both",
        "w.csv:3:until: is not a date (2026-12-31 or 31/12/2026): '2026-13-01'",
    ]
    assert read("subject,check\nwww,ipv6\n")[1][:1] == ["w.csv:1: column 'reason' is missing"]


def test_read_waivers_with_a_first_day() -> None:
    rows, problems = read(
        "subject,check,reason,owner,from,until\nwww,ipv6,r,o,1/3/2026,2026-03-02\nwww,ipv6,r,o,,2026-03-02\n"
    )
    assert problems == []
    assert [row.since for row in rows] == [date(2026, 3, 1), None]
    backwards = "subject,check,reason,owner,from,until\nwww,ipv6,r,o,2026-03-03,2026-03-02\n"
    assert read(backwards)[1] == ["w.csv:2:until: ends before it begins"]


@pytest.mark.parametrize(
    ("one", "covered"),
    [
        (row(subject="www"), True),
        (row(agency="S1"), True),
        (row(subject="ww"), False),
        (row(agency="S2"), False),
        (row(subject="www", check="test.one"), True),
        (row(subject="www", check="test.on"), False),
        (row(subject="www", until=date(2026, 3, 1)), False),
        (replace(row(subject="www"), since=DAY), True),
        (replace(row(subject="www"), since=date(2026, 3, 3), until=date(2026, 3, 9)), False),
    ],
)
def test_waiver_covers_its_subject_check_and_days(one: WaiverRow, covered: bool) -> None:
    assert (waiver([one], WWW, "test.one", DAY) is not None) is covered


def test_the_one_that_lasts_longest_is_shown() -> None:
    found = waiver([row(subject="www"), row(agency="S1", until=date(2026, 9, 1))], WWW, "test.one", DAY)
    assert found == Waiver(reason="chờ thay thiết bị", owner="Nguyễn Văn A", until=date(2026, 9, 1))


def said(code: str, *rows: WaiverRow) -> Finding:
    ctx = replace(PROVEN, policy=replace(POLICY, waivers=rows))
    step = connect(A6)
    (finding,) = judged(check(always(Verdict(code=code, evidence=(step.id,)))), step, ctx=ctx)
    return finding


@pytest.mark.parametrize(("code", "waived"), [("BAD", True), ("SO_SO", True), ("GOOD", False), ("UNSURE", False)])
def test_only_a_defect_is_waived_and_keeps_its_verdict(code: str, waived: bool) -> None:
    finding = said(code, row(subject=SITE.id, until=date(2026, 12, 31)))
    assert (finding.waived is not None) is waived
    assert replace(finding, waived=None) == said(code)
    assert code != "BAD" or finding.outcome is Outcome.FAIL


def test_a_waiver_that_has_ended_waives_nothing() -> None:
    assert said("BAD", row(subject=SITE.id, until=date(2026, 3, 1))).waived is None


def test_the_digest_of_a_policy_knows_them() -> None:
    one = row(subject="www")
    digests = {replace(POLICY, waivers=rows).digest() for rows in ((), (one,), (replace(one, since=DAY),))}
    assert len(digests) == 3


def test_what_the_store_keeps_counts_at_the_next_judgement() -> None:
    """A stored waiver is added to those of the policy until it is revoked; the run's own policy is unchanged."""
    with tempfile.TemporaryDirectory() as folder, open_sqlite(Path(folder, "a.db")) as store:
        filled.fill(store)
        known, kept = catalogue.load(), WaiverStore(store.database)

        def rows() -> tuple[WaiverRow, ...]:
            later = filled.NOW + timedelta(days=len(store.judgements(filled.RUN)))
            return evaluate(filled.RUN, store, known, now=later).policy.waivers

        assert rows() == ()
        mine = row(subject=filled.OURS, check="ipv6.web", until=date(2026, 12, 31))
        key = kept.add(mine, who="an", now=filled.NOW)
        assert rows() == (mine,)
        judgement = store.latest_judgement(filled.RUN)
        assert judgement is not None
        assert judgement.policy != store.run(filled.RUN).policy
        kept.end(key, who="an", now=filled.NOW)
        assert rows() == ()


def test_what_is_accepted_changes_no_run_before_the_one_that_was_seen() -> None:
    with tempfile.TemporaryDirectory() as folder, open_sqlite(Path(folder, "a.db")) as store:
        filled.fill(store, earlier=True)
        known, kept = catalogue.load(), WaiverStore(store.database)

        def rows(run: RunId) -> tuple[WaiverRow, ...]:
            later = filled.NOW + timedelta(days=len(store.judgements(run)))
            return evaluate(run, store, known, now=later).policy.waivers

        old, new = (row(subject=filled.OURS, check=check, until=date(2026, 12, 31)) for check in ("ipv6.web", "ipv6"))
        first = kept.add(old, who="an", now=filled.NOW - timedelta(days=3))
        kept.add(new, who="an", now=filled.NOW + timedelta(hours=1))
        assert (rows(filled.EARLIER), rows(filled.RUN)) == ((old,), (old, new))
        kept.end(first, who="an", now=filled.NOW + timedelta(days=1))
        assert (rows(filled.EARLIER), rows(filled.RUN)) == ((old,), (new,))
