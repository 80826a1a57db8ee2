"""Tests the history of defects over the runs of a store: first seen, since when, and held states."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.figures.held_states import DefectAge, RoundOutcome, life
from auditor.figures.scoring import AREAS
from auditor.framework import catalogue
from auditor.framework.findings import CheckId, FindingId, Outcome, finding_id
from auditor.service.runs.comparing import judged_run
from auditor.service.runs.publishing import StoredReport
from auditor.service.runs.rounds import past
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.url import open_store
from inventory.model import SubjectId
from probes.framework.evidence import RunId
from reports.document import Options
from reports.earlier_runs import BETWEEN
from reports.registry import renderer
from tests.unit.auditor.stored import START, SUBJECTS, Brief, Held, put
from tests.unit.reports.sample import MemorySink

P, F, U, W = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE, Outcome.WARN
AAAA, DMARC = "ipv6.web.aaaa", "security.mail.dmarc"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 'a.db'}") as opened:
        for number, (www, dvc) in enumerate([(F, P), (P, P), (U, F), (F, P), (U, P), (F, F)]):
            put(
                opened,
                Held(
                    name=f"r{number}",
                    days=30 * number,
                    findings={
                        "www.tinh.vn": [Brief(check=AAAA, outcome=www)],
                        "dvc.tinh.vn": [Brief(check=AAAA, outcome=dvc)],
                    },
                ),
            )
        put(
            opened,
            Held(name="inside", days=1, networks=("tslcd",), findings={"www.tinh.vn": [Brief(check=AAAA, outcome=F)]}),
        )
        put(opened, Held(name="small", days=2, subjects=SUBJECTS[3:]))
        yield opened


def _id(subject: str) -> FindingId:
    return finding_id(SubjectId(subject), CheckId(AAAA), None, None, "internet")


def test_first_seen_since_when_and_what_is_held(store: Store) -> None:
    defect_ages_by_finding_id = past(judged_run(RunId("r5"), store, catalogue.load()), store).lives
    www, dvc = defect_ages_by_finding_id[_id("www.tinh.vn")], defect_ages_by_finding_id[_id("dvc.tinh.vn")]
    assert www.first == START
    assert www.since == START + timedelta(days=90)
    assert (www.rounds, www.state.outcome) == (4, F)
    assert dvc.first == START + timedelta(days=60)
    assert dvc.since == START + timedelta(days=150)
    assert (dvc.state.outcome, dvc.state.pending) == (P, F)


def test_of_the_first_run_every_defect_is_new(store: Store) -> None:
    defect_ages_by_finding_id = past(judged_run(RunId("r0"), store, catalogue.load()), store).lives
    assert [
        (defect_age.first, defect_age.since, defect_age.rounds) for defect_age in defect_ages_by_finding_id.values()
    ] == [(START, START, 1)]


def test_what_each_round_said_area_by_area(store: Store) -> None:
    timelines = past(judged_run(RunId("r5"), store, catalogue.load()), store).timelines
    assert list(timelines.when) == [START + timedelta(days=days) for days in (0, 2, 30, 60, 90, 120, 150)]
    strips = {
        subject: dict(zip(AREAS, strip.split(BETWEEN), strict=True)) for subject, strip in timelines.strips.items()
    }
    assert strips[SubjectId("www.tinh.vn")] == {area: "f pifif" if area == "ipv6.web" else " " * 7 for area in AREAS}
    assert strips[SubjectId("dvc.tinh.vn")]["ipv6.web"] == "p pfppf"


def test_a_round_of_other_subjects_is_no_round_of_these(store: Store) -> None:
    put(store, Held(name="others", days=3, subjects=(replace(SUBJECTS[0], id=SubjectId("www.khac.vn")),)))
    timelines = past(judged_run(RunId("r1"), store, catalogue.load()), store).timelines
    assert list(timelines.when) == [START + timedelta(days=days) for days in (0, 2, 30)]


def test_a_timeline_is_of_the_last_rounds(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.service.runs.rounds.MOST_SHOWN", 3)
    found = past(judged_run(RunId("r5"), store, catalogue.load()), store)
    strip = found.timelines.strips[SubjectId("www.tinh.vn")]
    assert strip.split(BETWEEN)[AREAS.index("ipv6.web")] == "fif"
    assert found.lives[_id("www.tinh.vn")].rounds == 4  # of all that there are


def test_of_the_first_run_there_is_no_timeline(store: Store) -> None:
    assert past(judged_run(RunId("r0"), store, catalogue.load()), store).timelines.strips == {}


def test_findings_at_hand_say_the_same_as_those_that_are_read(store: Store) -> None:
    judged = judged_run(RunId("r5"), store, catalogue.load())
    findings = dict(store.findings_by_subject(judged.id))
    assert past(judged, store, findings) == past(judged, store)
    assert past(judged, store, dict.fromkeys(findings, ())).lives == {}


@pytest.mark.parametrize("name", ["text", "html", "json", "jsonl"])
def test_every_format_says_so(store: Store, name: str) -> None:
    known = catalogue.load()
    sink = MemorySink()
    renderer(name, Options(lang="en"))(StoredReport(judged_run(RunId("r5"), store, known), store, known), sink)
    text = sink.only
    if name == "json":
        lived = json.loads(text)["lives"][_id("www.tinh.vn")]
        assert (lived["first"], lived["since"], lived["rounds"]) == ("2026-09-01T01:00:00Z", "2026-11-30T01:00:00Z", 4)
        assert '"seen"' not in text
    elif name == "jsonl":
        assert '"seen":{"first":"2026-09-01T01:00:00Z","since":"2026-11-30T01:00:00Z","rounds":4,' in text
    else:
        assert "first seen on 1 Sep 2026, without a break since 30 Nov 2026 (4 rounds)" in text
        assert "a change that is not confirmed yet: until now the state is pass" in text


@given(st.lists(st.sampled_from([P, F, W, U]), min_size=1, max_size=12))
def test_a_life_is_in_order(outcomes: list[Outcome]) -> None:
    rounds = [
        RoundOutcome(at=START + timedelta(days=number), outcome=outcome) for number, outcome in enumerate(outcomes)
    ]
    defect_age: DefectAge | None = life(rounds)
    if defect_age is not None:
        assert defect_age.first <= defect_age.since <= rounds[-1].at
        assert defect_age.rounds == sum(outcome is not U for outcome in outcomes)
    else:
        assert [outcome for outcome in outcomes if outcome is not U][-1:] in ([], [P])


def test_a_defect_that_was_gone_in_between_did_not_last() -> None:
    """A defect that was absent in between did not last: a shut port has no finding; findings of others remain."""
    with MemoryStore() as store:
        for number, address in enumerate([None, "2001:db8::1", "2001:db8::2", "2001:db8::1", None, "2001:db8::1"]):
            outcome = P if address is None else U if address.endswith("2") else F
            put(
                store,
                Held(
                    name=f"g{number}",
                    days=30 * number,
                    findings={"www.tinh.vn": [Brief(check=AAAA, outcome=outcome, address=address)]},
                ),
            )
        (defect_age,) = past(judged_run(RunId("g5"), store, catalogue.load()), store).lives.values()
    assert defect_age.first == START + timedelta(days=30)  # before it was ever seen, nothing was gone
    assert defect_age.since == START + timedelta(days=150)
    assert defect_age.rounds == 4  # one left it open


def test_another_version_of_a_check_does_not_say_that_a_defect_was_gone() -> None:
    with MemoryStore() as store:
        for number, (address, version) in enumerate([("2001:db8::1", 2), (None, 1), ("2001:db8::1", 2)]):
            outcome = P if address is None else F
            put(
                store,
                Held(
                    name=f"v{number}",
                    days=30 * number,
                    findings={"www.tinh.vn": [Brief(check=AAAA, outcome=outcome, address=address, version=version)]},
                ),
            )
        (defect_age,) = past(judged_run(RunId("v2"), store, catalogue.load()), store).lives.values()
    assert (defect_age.since, defect_age.rounds) == (START, 2)


def test_what_an_earlier_version_of_a_check_passed_is_no_change_that_awaits_its_confirmation() -> None:
    with MemoryStore() as store:
        rounds = ((F, 1), (P, 1), (P, 1), (F, 2))
        for number, (outcome, version) in enumerate(rounds):
            said = Brief(check=AAAA, outcome=outcome, version=version)
            put(store, Held(name=f"r{number}", days=number, findings={"www.tinh.vn": [said]}))
        age = past(judged_run(RunId("r3"), store, catalogue.load()), store).lives[_id("www.tinh.vn")]
    began = START + timedelta(days=3)
    assert (age.first, age.since, age.rounds, age.state.outcome) == (began, began, 1, F)
