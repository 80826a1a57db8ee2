"""Tests states in figures: one bad round changes nothing, three rounds or a day do, and too old rounds do not count."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import pytest

from auditor.figures.rollup import Rollup
from auditor.framework import catalogue
from auditor.framework.findings import Outcome, Waiver
from auditor.framework.waivers import WaiverRow
from auditor.service.pipeline.summaries.summarising import keep, summarise
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.publishing import StoredReport
from auditor.service.store.memory.store import MemoryStore
from inventory.model import AgencyId, Kind, SubjectId
from probes.framework.evidence import RunId
from tests.support.recounting import differences
from tests.unit.auditor.stored import Brief, Held, put, row
from tests.unit.reports import reading

P, W, F, NA, U = Outcome.PASS, Outcome.WARN, Outcome.FAIL, Outcome.NOT_APPLICABLE, Outcome.INCONCLUSIVE
HOUR = 1 / 24
REACH, AAAA = "tslcd.site.reach", "ipv6.web.aaaa"
SERVICE = (AAAA, "ipv6.web.addr-sane", "ipv6.web.reach", "ipv6.web.http-ok")


def stored(*rounds: tuple[float, dict[str, list[Brief]]], subjects: Sequence[str] = ()) -> MemoryStore:
    """Return a store of runs at these days, the first being ``r0``."""
    store = MemoryStore()
    for number, (days, findings) in enumerate(rounds):
        put(store, Held(name=f"r{number}", days=days, findings=findings, scored=True))
    return store


def figures_of(store: MemoryStore, run: str) -> Rollup:
    judged = judged_run(RunId(run), store, catalogue.load())
    return summarise(judged, store).rollup


def point(outcome: Outcome, *, check: str = REACH, version: int = 1) -> dict[str, list[Brief]]:
    return {"diem-x1": [Brief(check=check, outcome=outcome, version=version)]}


def counts(rollup: Rollup, kpi: str = "K02") -> tuple[int, int, int]:
    figure = rollup.total.figures[kpi]
    return figure.met, figure.of, figure.unknown


def test_one_silent_round_does_not_flip_a_figure_and_three_do() -> None:
    store = stored((0, point(P)), (HOUR, point(F)), (2 * HOUR, point(F)), (3 * HOUR, point(F)))
    seen = [figures_of(store, f"r{number}") for number in range(4)]
    assert [counts(rollup) for rollup in seen] == [(1, 1, 0), (1, 1, 0), (1, 1, 0), (0, 1, 0)]
    assert [rollup.total.required_fails for rollup in seen] == [0, 0, 0, 1]
    (held,) = seen[1].held
    assert (held.subject, held.check, held.outcome, held.said) == ("diem-x1", REACH, P, F)
    assert seen[3].held == ()


def test_change_that_lasts_a_day_is_believed() -> None:
    store = stored((0, point(F)), (0.9, point(P)), (1.91, point(P)))
    assert [counts(figures_of(store, f"r{number}"))[0] for number in range(3)] == [0, 0, 1]


def test_rounds_close_together_are_one_round() -> None:
    store = stored((0, point(P)), *((HOUR + n * HOUR / 60, point(F)) for n in range(5)))
    assert counts(figures_of(store, "r5")) == (1, 1, 0)


@pytest.mark.parametrize(("pause", "met"), [(1.9, 1), (2.1, 0), (30, 0)])
def test_round_after_a_long_pause_is_believed_at_once(pause: float, met: int) -> None:
    assert counts(figures_of(stored((0, point(P)), (pause, point(F))), "r1")) == (met, 1, 0)


def test_round_that_decided_nothing_is_not_decided() -> None:
    store = stored((0, point(P)), (HOUR, point(U)), (2 * HOUR, point(F)))
    assert counts(figures_of(store, "r1")) == (0, 1, 1)
    assert counts(figures_of(store, "r2")) == (1, 1, 0)


def test_what_is_declared_or_excused_counts_at_once() -> None:
    registered = [{"unit:X1": [Brief(check="tslcd.site.registered", outcome=outcome)]} for outcome in (F, P)]
    unit = row("unit:X1", Kind.UNIT, "X1")
    store = MemoryStore()
    for number, findings in enumerate(registered):
        put(store, Held(name=f"r{number}", days=number * HOUR, findings=findings, subjects=(unit,), scored=True))
    assert counts(figures_of(store, "r1"), "K01") == (1, 1, 0)
    exempt = {"diem-x1": [Brief(check=REACH, outcome=NA, code="EXEMPT")]}
    assert figures_of(stored((0, point(F)), (HOUR, exempt)), "r1").total.figures["K02"].exempt == 1


def test_a_waiver_that_was_written_between_two_rounds_makes_no_round_believed() -> None:
    waiver = WaiverRow(agency=AgencyId("S1"), check="ipv6.web", reason="chờ", owner="bà Hoa", until=date(2027, 1, 1))
    store = MemoryStore()
    for number, (outcome, waivers) in enumerate([(P, ()), (F, (waiver,))]):
        put(store, Held(name=f"r{number}", days=number * HOUR, findings=point(outcome), scored=True, waivers=waivers))
    assert counts(figures_of(store, "r1")) == (1, 1, 0)


def test_another_version_of_the_check_holds_nothing() -> None:
    store = stored((0, point(P)), (HOUR, point(F, version=2)))
    assert counts(figures_of(store, "r1")) == (0, 1, 0)


def test_ladder_is_climbed_by_what_is_held() -> None:
    good = {"www.tinh.vn": [Brief(check=check, outcome=P) for check in SERVICE]}
    silent = {"www.tinh.vn": [Brief(check=check, outcome=F if check == "ipv6.web.reach" else P) for check in SERVICE]}
    store = stored((0, good), (HOUR, silent), (2 * HOUR, silent), (3 * HOUR, silent))
    assert [counts(figures_of(store, f"r{number}"), "K08")[0] for number in range(4)] == [1, 1, 1, 0]


def test_ladder_of_a_service_is_climbed_by_what_is_held_of_its_zone() -> None:
    web = replace(row("www.tinh.vn", Kind.PORTAL, "S1"))
    zone = replace(row("zone:tinh.vn", Kind.ZONE, "S1"), derived_from=(SubjectId("www.tinh.vn"),))
    upper = (
        *SERVICE,
        "ipv6.web.port-parity",
        "ipv6.web.same-content",
        "ipv6.web.tls-parity",
        "ipv6.web.redirect-chain",
        "ipv6.path.large-transfer",
    )
    store = MemoryStore()
    for number, outcome in enumerate((P, F)):
        findings = {
            "www.tinh.vn": [Brief(check=check, outcome=P) for check in upper],
            "zone:tinh.vn": [Brief(check=f"ipv6.dns.{text}", outcome=outcome) for text in ("ns-aaaa", "ns-reach")],
        }
        held = Held(name=f"r{number}", days=number * HOUR, findings=findings, subjects=(web, zone), scored=True)
        put(store, held)
    assert counts(figures_of(store, "r1"), "K08.full") == (1, 1, 0)


def test_document_and_page_say_what_is_held() -> None:
    store = stored((0, point(P)), (HOUR, point(F)))
    known = catalogue.load()
    keep(judged_run(RunId("r1"), store, known), store)
    report = StoredReport(judged_run(RunId("r1"), store, known), store, known)
    document = json.loads(reading.only(report, "json"))
    assert [(one["subject"], one["outcome"], one["said"]) for one in document["rollup"]["held"]] == [
        ("diem-x1", "pass", "fail")
    ]
    assert differences(document) == []
    assert "1 result of this run does not change the status yet" in reading.page(report)
    assert "1 result of this run does not change the status yet" in reading.only(report, "text").decode()


def test_document_says_whether_what_is_held_of_a_zone_itself_was_accepted() -> None:
    check = "security.dns.dnssec"
    waiver = Waiver(reason="chờ", owner="bà Hoa", until=None)
    server = Brief(check=check, outcome=P, address="2001:db8::1")
    zone, store, known = row("tinh.vn", Kind.ZONE, "S1"), MemoryStore(), catalogue.load()
    for number, own in enumerate((Brief(check=check, outcome=F, waived=waiver), Brief(check=check, outcome=P))):
        findings = {"tinh.vn": [own, server]}
        put(store, Held(name=f"r{number}", days=number * HOUR, findings=findings, subjects=(zone,), scored=True))
        keep(judged_run(RunId(f"r{number}"), store, known), store)
    document = json.loads(reading.only(StoredReport(judged_run(RunId("r1"), store, known), store, known), "json"))
    (held,) = document["rollup"]["held"]
    assert held["own"] == {"outcome": "fail", "code": held["code"], "waived": True}
    assert differences(document) == []
