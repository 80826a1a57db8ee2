"""Tests the behaviour of every store, in memory or in SQLite. Evidence files keep the same tests by their own means."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from auditor.figures.scoring import Ladder, Score
from auditor.framework.findings import CheckId, FindingId, Outcome, Reason, Severity, Waiver, finding_id, outline
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import (
    DAY,
    HOUR,
    Digest,
    JudgementId,
    Quality,
    Retention,
    RunState,
    Sample,
    Series,
    SettledSubject,
    StoreError,
    SubjectScores,
    digest_of,
)
from inventory.model import AgencyId, Kind, SubjectId
from probes.framework.evidence import EvidenceId, RunId, holding
from probes.observations.mail import SmtpDialogue
from tests.unit.auditor.service.store.examples import (
    ADDRESS,
    JUDGEMENT,
    PORTAL,
    RUN,
    START,
    evidence,
    finding,
    judgement,
    plain_finding,
    run,
    subject,
)

OTHER = RunId("2026-02-01-a")
ROUND, INSIDE, OUTSIDE = RunId("2026-04"), RunId("2026-04-inside"), RunId("2026-04-outside")


class TestRuns:
    def test_a_run_comes_back_as_it_was(self, store: Store) -> None:
        assert store.run(RUN) == run()

    def test_runs_are_listed_oldest_first(self, store: Store) -> None:
        older = run(OTHER, started=START - timedelta(days=30))
        store.create_run(older)
        assert store.runs() == (older, run())

    def test_the_same_run_twice_is_refused(self, store: Store) -> None:
        with pytest.raises(StoreError, match=f"holds a run '{RUN}' already"):
            store.create_run(run())

    def test_an_unknown_run_names_the_nearest(self, store: Store) -> None:
        with pytest.raises(StoreError, match=f"no run '2026-03-02-b'; did you mean '{RUN}'"):
            store.run(RunId("2026-03-02-b"))

    def test_a_run_ends_and_goes_on(self, store: Store) -> None:
        store.finish_run(RUN, START, RunState.INTERRUPTED)
        assert store.run(RUN) == replace(run(), finished=START, state=RunState.INTERRUPTED)
        store.resume_run(RUN)
        assert store.run(RUN) == run()
        store.finish_run(RUN, START)
        assert store.run(RUN).state is RunState.FINISHED

    def test_evidence_that_is_forgotten_leaves_everything_else(self, store: Store) -> None:
        ours, vantage = evidence(PORTAL), evidence("vantage:x")
        store.add_subjects(RUN, [subject(PORTAL)])
        store.add_evidence([ours, vantage])
        store.mark_measured(RUN, PORTAL)
        store.add_evidence([evidence(PORTAL, attempt=2)])
        with pytest.raises(StoreError, match="not ended"):
            store.forget_evidence(RUN, START)
        store.finish_run(RUN, START)
        store.forget_evidence(RUN, START + timedelta(days=1))
        assert store.run(RUN).forgotten == START + timedelta(days=1)
        assert [envelope.id for envelope in store.all_evidence(RUN)] == [vantage.id]
        assert [subject.id for subject in store.subjects(RUN)] == [PORTAL]

    def test_evidence_of_a_sealed_run_is_never_forgotten(self, store: Store) -> None:
        store.add_subjects(RUN, [subject(PORTAL)])
        store.add_evidence([evidence(PORTAL)])
        store.finish_run(RUN, START)
        store.add_seal(RUN, b"{}")
        with pytest.raises(StoreError, match="sealed"):
            store.forget_evidence(RUN, START)
        assert len(list(store.all_evidence(RUN))) == 1

    def test_a_blob_is_kept_once_under_its_digest(self, store: Store) -> None:
        data = bytes(range(256)) * 40
        assert store.put_blob(data) == store.put_blob(data) == digest_of(data)
        assert store.blob(digest_of(data)) == data

    def test_an_unknown_blob(self, store: Store) -> None:
        with pytest.raises(StoreError, match="no blob 'sha256:00'"):
            store.blob(Digest("sha256:00"))


class TestRounds:
    """Tests a round of two vantages beside a run of one: ``run()`` of the fixture."""

    @pytest.fixture
    def rounds(self, store: Store) -> Store:
        store.create_run(replace(run(ROUND), name="tháng tư", vantage="", networks=()))
        for number, (name, networks) in enumerate(((INSIDE, ("tslcd",)), (OUTSIDE, ("internet", "tslcd")))):
            begun = START + timedelta(hours=number)
            store.create_run(
                replace(run(name, started=begun), vantage=f"vantage-{number}", networks=networks, round=ROUND)
            )
            store.add_subjects(name, [subject("a"), subject(f"only-{number}")])
            store.add_evidence([evidence("a", of=name), evidence(f"only-{number}", of=name)])
        store.add_evidence([evidence("a")])
        return store

    def test_a_round_without_members_waits_for_them(self, store: Store) -> None:
        made = replace(run(ROUND), vantage="", networks=())
        store.create_run(made)
        assert store.run(ROUND) == made
        assert made.is_round
        assert not run().is_round

    def test_evidence_of_a_subject_in_every_run_is_what_each_run_is_asked_for(self, rounds: Store) -> None:
        rounds.create_run(run(OTHER, started=START - timedelta(days=30)))
        rounds.mark_measured(INSIDE, SubjectId("a"))
        every = rounds.evidence_by_run(SubjectId("a"))
        assert every == {name: rounds.evidence(name, SubjectId("a")) for name in (RUN, ROUND)}
        assert [len(every[name]) for name in (RUN, ROUND)] == [1, 2]
        assert rounds.evidence_by_run(SubjectId("nobody")) == {}

    def test_a_round_is_what_its_members_are(self, rounds: Store) -> None:
        found = rounds.run(ROUND)
        assert (found.vantage, found.networks) == ("vantage-0, vantage-1", ("internet", "tslcd"))
        assert (found.members, found.started, found.finished) == ((INSIDE, OUTSIDE), START, None)
        assert (found.name, found.state, found.is_round) == ("tháng tư", RunState.RUNNING, True)
        member = rounds.run(INSIDE)
        assert (member.round, member.members, member.is_round) == (ROUND, (), False)

    @pytest.mark.parametrize(
        ("ended", "state"),
        [
            ((RunState.FINISHED, RunState.FINISHED), RunState.FINISHED),
            ((RunState.FINISHED, RunState.CANCELLED), RunState.CANCELLED),
            ((RunState.INTERRUPTED, RunState.CANCELLED), RunState.INTERRUPTED),
            ((RunState.FINISHED,), RunState.RUNNING),
        ],
    )
    def test_a_round_ends_with_its_last_member(
        self, rounds: Store, ended: tuple[RunState, ...], state: RunState
    ) -> None:
        for member, each in zip((OUTSIDE, INSIDE), ended, strict=False):
            rounds.finish_run(member, START + timedelta(days=1 if member == OUTSIDE else 0), each)
        found = rounds.run(ROUND)
        assert found.state is state
        assert found.finished == (None if state is RunState.RUNNING else START + timedelta(days=1))

    def test_runs_name_rounds_and_no_members(self, rounds: Store) -> None:
        assert [run.id for run in rounds.runs()] == [RUN, ROUND]
        assert rounds.runs()[1] == rounds.run(ROUND)

    def test_a_member_of_no_round_is_refused(self, store: Store) -> None:
        with pytest.raises(StoreError, match="no run 'nowhere'"):
            store.create_run(replace(run(INSIDE), round=RunId("nowhere")))
        with pytest.raises(StoreError, match="no run"):
            store.run(INSIDE)

    def test_evidence_of_a_round_is_that_of_its_members(self, rounds: Store) -> None:
        shared = sorted(evidence("a", of=name).id for name in (INSIDE, OUTSIDE))
        alone = [evidence("only-0", of=INSIDE).id, evidence("only-1", of=OUTSIDE).id]
        whole = [*shared, *alone]
        assert [envelope.id for envelope in rounds.all_evidence(ROUND)] == whole
        assert [id_ for _, id_, _ in rounds.evidence_bytes(ROUND)] == whole
        assert [envelope.id for envelope in rounds.evidence(ROUND, SubjectId("a"))] == shared
        assert list(rounds.evidence_ids(ROUND, SubjectId("a"))) == shared
        envelopes_by_subject = rounds.evidence_of(ROUND, [SubjectId("a"), SubjectId("only-1")])
        assert [[envelope.id for envelope in each] for each in envelopes_by_subject.values()] == [shared, alone[1:]]
        assert [envelope.id for envelope in rounds.all_evidence(INSIDE)] == [evidence("a", of=INSIDE).id, alone[0]]

    def test_many_pieces_of_two_members_come_whole_and_in_order(self, rounds: Store) -> None:
        for name in (INSIDE, OUTSIDE):
            rounds.add_evidence(evidence(f"{number:03}", of=name) for number in range(301))
        pairs = [(envelope.subject, envelope.id) for envelope in rounds.all_evidence(ROUND)]
        assert len(pairs) == 606
        assert pairs == sorted(pairs)

    def test_measured_is_what_every_member_has_measured(self, rounds: Store) -> None:
        rounds.mark_measured(INSIDE, SubjectId("a"), SubjectId("only-0"))
        assert rounds.measured(ROUND) == {"only-0"}
        rounds.mark_measured(OUTSIDE, SubjectId("a"))
        assert rounds.measured(ROUND) == {"a", "only-0"}

    def test_a_seal_of_a_round_seals_its_members(self, rounds: Store) -> None:
        rounds.add_seal(ROUND, b"{}")
        assert rounds.is_sealed(INSIDE)
        assert not rounds.is_sealed(RUN)
        rounds.finish_run(INSIDE, START)
        with pytest.raises(StoreError, match="sealed"):
            rounds.resume_run(INSIDE)
        with pytest.raises(StoreError, match="sealed"):
            rounds.forget_evidence(INSIDE, START)

    def test_a_round_forgets_the_evidence_of_its_members(self, rounds: Store) -> None:
        with pytest.raises(StoreError, match="not ended"):
            rounds.forget_evidence(ROUND, START)
        for name in (INSIDE, OUTSIDE):
            rounds.finish_run(name, START)
        rounds.forget_evidence(ROUND, START)
        assert list(rounds.all_evidence(ROUND)) == []
        assert [rounds.run(name).forgotten for name in (ROUND, INSIDE, OUTSIDE, RUN)] == [START, START, START, None]
        assert len(list(rounds.all_evidence(RUN))) == 1


class TestSubjects:
    def test_a_subject_comes_back_as_it_was(self, store: Store) -> None:
        store.add_subjects(RUN, [subject()])
        assert list(store.subjects(RUN)) == [subject()]
        assert store.subject(RUN, PORTAL) == subject()

    def test_by_agency_then_id_as_code_points_compare(self, store: Store) -> None:
        added = [
            subject(name, agency)
            for name, agency in [
                ("b", "G02"),
                ("Đ", "G01"),
                ("a", "G01"),
                ("Z", "G01"),
                ("zone:x", None),
                ("\U0001f600", "G01"),
                ("ﬀ", "G01"),
            ]
        ]
        store.add_subjects(RUN, added)
        expected = ["zone:x", "Z", "a", "Đ", "ﬀ", "\U0001f600", "b"]
        assert [subject.id for subject in store.subjects(RUN)] == expected

    def test_many_pages_come_whole_and_in_order(self, store: Store) -> None:
        added = [subject(f"{number:04}", f"G{number % 3}") for number in range(1001)]
        store.add_subjects(RUN, added)
        subjects = list(store.subjects(RUN))
        assert sorted(subjects, key=lambda subject: subject.id) == added
        assert all((left.agency, left.id) < (right.agency, right.id) for left, right in pairwise(subjects))

    def test_owners_gather(self, store: Store) -> None:
        store.add_subjects(RUN, [subject("zone:example.vn", None, "www.example.vn")])
        store.add_subjects(RUN, [replace(subject("zone:example.vn", None, "mail.example.vn"), name="something else")])
        store.add_owners(RUN, SubjectId("zone:example.vn"), [SubjectId("api.example.vn"), PORTAL])
        found = subject("zone:example.vn", None, "api.example.vn", "mail.example.vn", "www.example.vn")
        assert list(store.subjects(RUN)) == [found]

    def test_subjects_of_kinds_are_those_and_the_named_ones(self, store: Store) -> None:
        point, centre = Kind.CONNECTION_POINT, Kind.DATACENTRE
        points = [
            replace(subject("point"), kind=point, kinds=frozenset({point})),
            replace(subject("both"), kinds=frozenset({Kind.PORTAL, point})),
        ]
        others = [replace(subject("named so"), name=f'"{point.value}"'), subject("site"), subject("other")]
        store.add_subjects(RUN, [*points, *others])
        found = store.subjects(RUN, {point, centre}, {SubjectId("site"), SubjectId("unknown")})
        assert [subject.id for subject in found] == ["both", "point", "site"]
        assert list(store.subjects(RUN, {centre})) == []

    def test_subjects_near_agencies_are_theirs_and_what_owners_led_to(self, store: Store) -> None:
        led = [subject("zone:a", None, "a", "b"), subject("zone:c", "G03", "c")]
        store.add_subjects(RUN, [subject("a", "G01"), subject("b", "G02"), subject("c", "G03"), *led])
        store.create_run(run(OTHER))
        store.add_subjects(OTHER, [subject("zone:other", None, "b"), subject("other", "G01")])
        found = store.subjects_near(RUN, {AgencyId("G01")}, {SubjectId("b"), SubjectId("unknown")})
        assert [(subject.id, subject.derived_from) for subject in found] == [("zone:a", ("a", "b")), ("a", ())]
        assert list(store.subjects_near(RUN, frozenset(), frozenset())) == []

    def test_owners_of_nothing(self, store: Store) -> None:
        with pytest.raises(StoreError, match="no subject 'zone:a'"):
            store.add_owners(RUN, SubjectId("zone:a"), [PORTAL])

    def test_runs_are_apart(self, store: Store) -> None:
        store.create_run(run(OTHER))
        store.add_subjects(OTHER, [subject("other")])
        store.add_subjects(RUN, [subject()])
        store.mark_measured(OTHER, SubjectId("other"))
        assert [subject.id for subject in store.subjects(OTHER)] == ["other"]
        assert store.measured(RUN) == frozenset()

    def test_measured_names_subjects_marked_as_measured(self, store: Store) -> None:
        store.add_subjects(RUN, [subject("a"), subject("b"), subject("c")])
        store.mark_measured(RUN, SubjectId("a"))
        store.mark_measured(RUN, SubjectId("a"), SubjectId("c"))
        store.mark_measured(RUN)
        assert store.measured(RUN) == {"a", "c"}

    def test_only_what_is_there_is_measured(self, store: Store) -> None:
        store.add_subjects(RUN, [subject()])
        with pytest.raises(StoreError, match=r"no subject 'www.exampel.vn'; did you mean 'www.example.vn'"):
            store.mark_measured(RUN, SubjectId("www.exampel.vn"))

    def test_an_unknown_run(self, store: Store) -> None:
        for ask in (
            lambda: list(store.subjects(OTHER)),
            lambda: store.measured(OTHER),
            lambda: list(store.all_evidence(OTHER)),
            lambda: store.evidence(OTHER, PORTAL),
            lambda: store.evidence_ids(OTHER, PORTAL),
            lambda: store.judgements(OTHER),
            lambda: store.add_subjects(OTHER, [subject()]),
            lambda: store.add_evidence([evidence(of=OTHER)]),
            lambda: store.finish_run(OTHER, START),
        ):
            with pytest.raises(StoreError, match="no run"):
                ask()


class TestEvidence:
    def test_it_comes_back_as_it_was(self, store: Store) -> None:
        store.add_evidence([evidence()])
        assert store.evidence(RUN, PORTAL) == (evidence(),)
        assert store.evidence_on_demand(RUN, [PORTAL])[PORTAL][evidence().id] == evidence()

    def test_by_id_within_a_subject(self, store: Store) -> None:
        added = [evidence(attempt=attempt) for attempt in range(1, 8)]
        store.add_evidence(reversed(added))
        expected = tuple(sorted(added, key=lambda envelope: envelope.id))
        assert store.evidence(RUN, PORTAL) == expected
        assert store.evidence_ids(RUN, PORTAL) == tuple(envelope.id for envelope in expected)

    def test_evidence_on_demand_is_the_same(self, store: Store) -> None:
        store.add_subjects(RUN, [subject()])
        store.add_evidence(evidence(attempt=attempt) for attempt in range(1, 8))
        store.mark_measured(RUN, PORTAL)
        store.add_evidence([evidence(attempt=8)])
        nobody = SubjectId("nothing")
        mappings = store.evidence_on_demand(RUN, [PORTAL, nobody])
        assert list(mappings[PORTAL].items()) == [(each.id, each) for each in store.evidence(RUN, PORTAL)]
        assert len(mappings[PORTAL]) == 8
        assert evidence().id in mappings[PORTAL]
        assert evidence().id not in mappings[nobody]
        with pytest.raises(KeyError):
            mappings[nobody][evidence().id]

    def test_what_is_there_stays_as_it_is(self, store: Store) -> None:
        store.add_evidence([evidence(detail="first")])
        store.add_evidence([evidence(detail="second"), evidence(attempt=2)])
        assert store.evidence_on_demand(RUN, [PORTAL])[PORTAL][evidence().id] == evidence(detail="first")
        assert len(store.evidence(RUN, PORTAL)) == 2

    def test_all_of_a_run_by_subject(self, store: Store) -> None:
        added = [evidence(name, attempt=attempt) for name in ("b", "a", "Đ") for attempt in range(1, 151)]
        store.add_evidence(added)
        store.create_run(run(OTHER))
        store.add_evidence([evidence(of=OTHER)])
        assert list(store.all_evidence(RUN)) == sorted(added, key=lambda envelope: (envelope.subject, envelope.id))

    def test_of_a_subject_that_is_none(self, store: Store) -> None:
        store.add_evidence([evidence("vantage:trung-tam-tinh")])
        assert len(store.evidence(RUN, SubjectId("vantage:trung-tam-tinh"))) == 1
        assert store.evidence(RUN, SubjectId("nothing")) == ()

    def test_evidence_of_a_measured_subject_is_unchanged(self, store: Store) -> None:
        store.add_subjects(RUN, [subject()])
        store.add_evidence(evidence(attempt=attempt) for attempt in range(1, 8))
        before = (store.evidence(RUN, PORTAL), store.evidence_ids(RUN, PORTAL), list(store.evidence_bytes(RUN)))
        store.mark_measured(RUN, PORTAL)
        assert (store.evidence(RUN, PORTAL), store.evidence_ids(RUN, PORTAL), list(store.evidence_bytes(RUN))) == before
        assert store.evidence_on_demand(RUN, [PORTAL])[PORTAL][evidence(attempt=3).id] == evidence(attempt=3)

    def test_evidence_that_comes_after_a_subject_is_measured_is_added(self, store: Store) -> None:
        store.add_subjects(RUN, [subject()])
        added = [evidence(attempt=attempt) for attempt in range(1, 7)]
        for part in (added[:2], added[2:4], added[4:]):
            store.add_evidence(part)
            assert set(part) <= set(store.evidence(RUN, PORTAL))
            store.mark_measured(RUN, PORTAL)
        assert store.evidence(RUN, PORTAL) == tuple(sorted(added, key=lambda envelope: envelope.id))

    def test_evidence_that_comes_again_after_a_subject_is_measured_stays_as_it_is(self, store: Store) -> None:
        store.add_subjects(RUN, [subject()])
        store.add_evidence([evidence(detail="first")])
        store.mark_measured(RUN, PORTAL)
        store.add_evidence([evidence(detail="second"), evidence(attempt=2)])
        assert store.evidence_on_demand(RUN, [PORTAL])[PORTAL][evidence().id] == evidence(detail="first")
        store.mark_measured(RUN, PORTAL)
        assert store.evidence_on_demand(RUN, [PORTAL])[PORTAL][evidence().id] == evidence(detail="first")
        assert len(store.evidence(RUN, PORTAL)) == 2

    def test_evidence_under_an_id_of_another_subject_is_kept_for_both(self, store: Store) -> None:
        other = replace(evidence(), subject=SubjectId("other.example.vn"))
        store.add_evidence([other, evidence()])
        assert store.evidence_on_demand(RUN, [PORTAL])[PORTAL][evidence().id] == evidence()
        assert store.evidence(RUN, other.subject) == (other,)

    def test_all_evidence_measured_or_not_comes_in_order(self, store: Store) -> None:
        names = [f"{number:03}" for number in range(250)]
        store.add_subjects(RUN, map(subject, names))
        added = [evidence(name, attempt=attempt) for name in (*names, "vantage:x", "0") for attempt in (1, 2)]
        store.add_evidence(added)
        store.mark_measured(RUN, *map(SubjectId, names[::2]))
        expected = sorted(added, key=lambda envelope: (envelope.subject, envelope.id))
        assert list(store.all_evidence(RUN)) == expected
        assert [id_ for _, id_, _ in store.evidence_bytes(RUN)] == [envelope.id for envelope in expected]
        assert [one for one, _ in store.weighed_evidence(RUN)] == expected
        sizes = {0} if isinstance(store, MemoryStore) else {len(data) for _, _, data in store.evidence_bytes(RUN)}
        assert {size for _, size in store.weighed_evidence(RUN)} == sizes

    def test_evidence_of_some_probes_is_left_out(self, store: Store) -> None:
        store.add_subjects(RUN, [subject()])
        kept = replace(evidence(attempt=2), probe="dns")
        store.add_evidence([evidence(), kept])
        assert store.evidence_of(RUN, [PORTAL], without=["tcp"]) == {PORTAL: (kept,)}
        store.mark_measured(RUN, PORTAL)
        assert store.evidence_of(RUN, [PORTAL], without=["tcp"]) == {PORTAL: (kept,)}

    def test_evidence_with_observations_of_a_kind_is_among_what_holds_it(self, store: Store) -> None:
        dialogue = SmtpDialogue(address=ADDRESS, port=25, server_name="mx.vn")
        store.add_subjects(RUN, [subject()])
        wanted = replace(evidence(), steps=(*evidence().steps, dialogue))
        store.add_evidence([wanted, evidence(attempt=2)])
        assert wanted in holding(store.evidence_on_demand(RUN, [PORTAL])[PORTAL], (SmtpDialogue,))
        store.mark_measured(RUN, PORTAL)
        assert wanted in holding(store.evidence_on_demand(RUN, [PORTAL])[PORTAL], (SmtpDialogue,))
        nobody = SubjectId("nobody")
        assert list(holding(store.evidence_on_demand(RUN, [nobody])[nobody], (SmtpDialogue,))) == []


@pytest.fixture
def judged(store: Store) -> Store:
    store.add_subjects(RUN, [subject("b"), subject("a"), subject("c", None)])
    store.add_judgement(judgement())
    return store


A, B, C = SubjectId("a"), SubjectId("b"), SubjectId("c")


class TestJudgements:
    def test_a_judgement_comes_back_as_it_was(self, judged: Store) -> None:
        assert judged.judgement(JUDGEMENT) == judgement()

    def test_the_latest(self, store: Store) -> None:
        assert store.latest_judgement(RUN) is None
        later, earlier = judgement("x", minutes=5), judgement("y", minutes=4)
        store.add_judgement(later)
        store.add_judgement(earlier)
        assert store.latest_judgement(RUN) == later
        assert store.judgements(RUN) == (earlier, later)

    def test_the_latest_of_every_run_are_what_each_run_is_asked_for(self, store: Store) -> None:
        names = [RUN, *(RunId(f"of-{number}") for number in range(4))]
        for name in names[1:]:
            store.create_run(run(name))
        for number, name in enumerate(names[:-1]):
            for minutes in (5, 4):
                made = replace(judgement(f"{name}.{minutes}", minutes=minutes), run=name)
                store.add_judgement(made, whole=number != 2)
        store.add_seal(names[1], b"seal", JudgementId(f"{names[1]}.4"))
        store.add_seal(names[3], b"seal of before it named a judgement")
        each = {name: store.latest_judgement(name) for name in names}
        assert store.latest_judgements() == {name: found for name, found in each.items() if found is not None}
        assert [name for name, found in each.items() if found is None] == [names[2], names[4]]

    def test_judged_twice_under_one_id(self, judged: Store) -> None:
        with pytest.raises(StoreError, match=r"holds a judgement '.*' already"):
            judged.add_judgement(judgement())

    def test_figures_are_kept_once(self, judged: Store) -> None:
        assert judged.summary(JUDGEMENT) is None
        kept = judged.put_blob(b"figures")
        judged.add_summary(JUDGEMENT, kept)
        assert judged.summary(JUDGEMENT) == kept
        with pytest.raises(StoreError, match=r"holds a summary of '.*' already"):
            judged.add_summary(JUDGEMENT, judged.put_blob(b"others"))
        assert judged.summary(JUDGEMENT) == kept

    def test_conditions_are_kept_once(self, judged: Store) -> None:
        assert judged.conditions(JUDGEMENT) is None
        kept = judged.put_blob(b"conditions")
        judged.add_conditions(JUDGEMENT, kept)
        with pytest.raises(StoreError, match=r"holds a conditions of '.*' already"):
            judged.add_conditions(JUDGEMENT, judged.put_blob(b"others"))
        assert judged.conditions(JUDGEMENT) == kept

    def test_settled_subjects_come_back_as_they_were_kept(self, judged: Store) -> None:
        planned = subject(str(A))
        kept = SettledSubject.of(planned, planned.addresses)
        assert judged.settled_of(JUDGEMENT, [A, B]) == {}
        judged.add_settled(JUDGEMENT, {})
        judged.add_settled(JUDGEMENT, {A: kept})
        assert judged.settled_of(JUDGEMENT, [A, B]) == {A: kept}
        with pytest.raises(StoreError, match=r"holds a settled subject of '.*' already"):
            judged.add_settled(JUDGEMENT, {A: kept})
        with pytest.raises(StoreError, match="no subject 'x'"):
            judged.settled_of(JUDGEMENT, [SubjectId("x")])

    def test_a_part_of_a_judgement_is_not_taken_for_the_whole(self, judged: Store) -> None:
        begun = judgement("begun", minutes=9)
        judged.add_judgement(begun, whole=False)
        assert judged.judgements(RUN) == (judgement(),)
        assert judged.judgement(begun.id) == begun
        judged.complete_judgement(begun.id)
        assert judged.latest_judgement(RUN) == begun

    def test_an_unknown_judgement(self, store: Store) -> None:
        nothing = JudgementId("x")
        for ask in (
            lambda: store.judgement(nothing),
            lambda: store.summary(nothing),
            lambda: store.add_summary(nothing, Digest("sha256:00")),
            lambda: store.conditions(nothing),
            lambda: store.add_conditions(nothing, Digest("sha256:00")),
            lambda: store.settled_of(nothing, [A]),
            lambda: store.add_settled(nothing, {}),
            lambda: store.findings(nothing, A),
            lambda: list(store.findings_by_subject(nothing)),
            lambda: store.add_findings(nothing, [finding("a")]),
            lambda: store.scores(nothing, A),
            lambda: list(store.scores_by_subject(nothing)),
            lambda: store.add_scores(nothing, {A: SubjectScores()}),
            lambda: store.findings_of(nothing, [A]),
            lambda: store.scores_of(nothing, [A]),
            lambda: list(store.untested(nothing)),
            lambda: store.tally(nothing),
        ):
            with pytest.raises(StoreError, match="no judgement 'x'"):
                ask()

    def test_findings_come_back_as_they_were(self, judged: Store) -> None:
        full = finding("a", text='"Tên"\n\0', number=3, ratio=3.0, names=("một", "hai"), none=())
        added = [full, plain_finding("a"), finding("a", detail="mx2")]
        judged.add_findings(JUDGEMENT, added)
        findings = judged.findings(JUDGEMENT, A)
        assert list(findings) == added
        assert [type(value) for value in findings[0].args.values()] == [str, int, float, tuple, tuple]
        assert judged.findings(JUDGEMENT, B) == ()

    def test_findings_by_subject_in_the_order_of_subjects(self, judged: Store) -> None:
        judged.add_findings(JUDGEMENT, [finding("b"), finding("a")])
        judged.add_findings(JUDGEMENT, [plain_finding("b")])
        assert list(judged.findings_by_subject(JUDGEMENT)) == [
            (C, ()),
            (A, (finding("a"),)),
            (B, (finding("b"), plain_finding("b"))),
        ]

    def test_some_subjects_at_once(self, judged: Store) -> None:
        judged.add_evidence([evidence("b"), replace(evidence("b"), id=EvidenceId("b2"), probe="dns"), evidence("a")])
        judged.add_findings(JUDGEMENT, [finding("b"), finding("a")])
        assert [subject.id for subject in judged.subjects_of(RUN, [B, A])] == [B, A]
        assert judged.evidence_of(RUN, [B, C, A]) == {subject: judged.evidence(RUN, subject) for subject in (A, B, C)}
        assert {envelope.probe for envelope in judged.evidence_of(RUN, [B], without=("dns",))[B]} == {
            evidence("b").probe
        }
        assert judged.findings_of(JUDGEMENT, [B, C]) == {B: (finding("b"),), C: ()}
        assert judged.subjects_of(RUN, []) == ()
        with pytest.raises(StoreError, match="no subject 'zz'"):
            judged.subjects_of(RUN, [A, SubjectId("zz")])

    def test_outlines_are_findings_without_texts(self, judged: Store) -> None:
        added = [finding("a", number=3, names=("một", "hai")), plain_finding("a"), finding("b")]
        judged.add_findings(JUDGEMENT, added)
        wanted = {A: tuple(map(outline, added[:2])), B: (outline(added[2]),), C: ()}
        assert judged.outlines_of(JUDGEMENT, [A, B, C]) == wanted
        outlines = judged.outlines_of(JUDGEMENT, [A], args_of=[added[0].check])[A]
        assert outlines == (outline(added[0], with_args=True), outline(added[1]))
        assert outlines[0].waived
        assert judged.outlines_of(JUDGEMENT, [SubjectId("zz")]) == {}
        of_check = {
            subject: tuple(each for each in some if each.check == added[1].check) for subject, some in wanted.items()
        }
        assert judged.outlines_of(JUDGEMENT, [A, B, C], check=added[1].check) == of_check
        assert judged.outlines_of(JUDGEMENT, [A], check=CheckId("another")) == {A: ()}
        decided = judged.outlines_of(JUDGEMENT, [A, B, C], outcomes={added[1].outcome})
        assert decided == {
            subject: tuple(each for each in some if each.outcome is added[1].outcome)
            for subject, some in wanted.items()
        }
        assert judged.outlines_of(JUDGEMENT, [A], outcomes=()) == {A: ()}
        assert not outlines[1].waived

    def test_what_was_not_tested(self, judged: Store) -> None:
        undecided = replace(plain_finding("a"), outcome=Outcome.INCONCLUSIVE, reason=Reason.CUT, evidence=())
        seen = replace(undecided, id=FindingId("seen"), evidence=(EvidenceId("e"),))
        other = replace(undecided, id=FindingId("other"), subject=C)
        judged.add_findings(JUDGEMENT, [finding("a"), undecided, seen, other])
        assert list(judged.untested(JUDGEMENT)) == [other, undecided]

    def test_findings_are_counted(self, judged: Store) -> None:
        undecided = replace(plain_finding("a"), outcome=Outcome.INCONCLUSIVE, reason=Reason.CUT, waived=None)
        waived = replace(finding("b"), waived=Waiver(reason="r", owner="o", until=None))
        judged.add_findings(JUDGEMENT, [undecided, replace(undecided, id=FindingId("again")), waived])
        assert {(tally.outcome, tally.reason, tally.waived): n for tally, n in judged.tally(JUDGEMENT).items()} == {
            (Outcome.INCONCLUSIVE, Reason.CUT, False): 2,
            (waived.outcome, waived.reason, True): 1,
        }
        assert {tally.severity for tally in judged.tally(JUDGEMENT)} <= set(Severity)

    def test_more_than_one_batch(self, judged: Store) -> None:
        added = [finding("a", detail=str(number)) for number in range(5_003)]
        judged.add_findings(JUDGEMENT, iter(added))
        assert list(judged.findings(JUDGEMENT, A)) == added

    @pytest.mark.parametrize("before", [0, 1])
    def test_a_finding_twice(self, judged: Store, before: int) -> None:
        added = [finding("a"), plain_finding("a"), finding("a")]
        judged.add_findings(JUDGEMENT, added[:before])
        with pytest.raises(StoreError, match=f"judgement '{JUDGEMENT}' holds one of these"):
            judged.add_findings(JUDGEMENT, added[before:])

    def test_a_finding_of_no_subject(self, judged: Store) -> None:
        with pytest.raises(StoreError, match="no subject 'zz'"):
            judged.add_findings(JUDGEMENT, [finding("a"), finding("zz")])

    def test_judgements_are_apart(self, judged: Store) -> None:
        judged.add_findings(JUDGEMENT, [finding("a")])
        again = judgement("again")
        judged.add_judgement(again)
        changed = replace(finding("a"), code="REACHED")
        judged.add_findings(again.id, [changed])
        assert judged.findings(JUDGEMENT, A) == (finding("a"),)
        assert judged.findings(again.id, A) == (changed,)

    def test_scores_are_read_as_they_were_added(self, judged: Store) -> None:
        scores = {
            "ipv6.dns": Score(score=83, coverage=0.9712, required_fail=True),
            "tslcd": Score(score=None, coverage=None),
        }
        ladders = {"service": Ladder(level=2, at_least=True, blocked_by=(CheckId("ipv6.web.aaaa"), CheckId("x")))}
        whole = SubjectScores(scores=scores, ladders=ladders)
        judged.add_scores(JUDGEMENT, {B: SubjectScores(), A: whole})
        assert judged.scores(JUDGEMENT, A) == whole
        assert judged.scores_of(JUDGEMENT, [B, A]) == {B: SubjectScores(), A: whole}
        assert judged.scores(JUDGEMENT, B) == SubjectScores()
        assert list(judged.scores_by_subject(JUDGEMENT)) == [(C, SubjectScores()), (A, whole), (B, SubjectScores())]
        with pytest.raises(StoreError, match="holds a score of 'a' already"):
            judged.add_scores(JUDGEMENT, {B: whole, A: whole})

    def test_finding_ids_differ_by_subject(self) -> None:
        assert finding_id(A, CheckId("x"), None, None, "") != finding_id(B, CheckId("x"), None, None, "")


class TestSamples:
    series = Series(subject=PORTAL, metric="reach", vantage="hub", family=6)

    def test_a_window_of_them(self, store: Store) -> None:
        taken = [
            Sample(time=START + timedelta(minutes=5 * number), value=None if number == 2 else number / 8)
            for number in range(8)
        ]
        taken[2] = replace(taken[2], quality=Quality.GAP)
        store.add_samples(self.series, taken[4:])
        store.add_samples(self.series, taken[:4])
        assert list(store.samples(self.series, START, START + timedelta(days=1))) == taken
        assert list(store.samples(self.series, taken[1].time, taken[3].time)) == taken[1:3]

    def test_the_first_for_a_time_stays(self, store: Store) -> None:
        first = Sample(time=START, value=1.0)
        store.add_samples(self.series, [first])
        store.add_samples(self.series, [Sample(time=START, value=2.0, quality=Quality.VANTAGE)])
        assert list(store.samples(self.series, START, START + timedelta(seconds=1))) == [first]

    def test_series_are_apart(self, store: Store) -> None:
        others = [
            replace(self.series, family=4),
            replace(self.series, interface="ge-0/0/1"),
            replace(self.series, vantage="x"),
        ]
        for number, series in enumerate(others):
            store.add_samples(series, [Sample(time=START, value=float(number))])
        assert list(store.samples(self.series, START, START + timedelta(days=1))) == []
        for number, series in enumerate(others):
            (sample,) = store.samples(series, START, START + timedelta(days=1))
            assert sample.value == number
        together = store.samples_together([self.series, *others], START, START + timedelta(days=1))
        assert [[each_sample.value for each_sample in together[series]] for series in (self.series, *others)] == [
            [],
            [0],
            [1],
            [2],
        ]

    def test_more_than_a_page(self, store: Store) -> None:
        taken = [Sample(time=START + timedelta(seconds=number), value=0.0) for number in range(12_001)]
        store.add_samples(self.series, taken)
        assert list(store.samples(self.series, START, START + timedelta(days=1))) == taken
        some = store.samples_together([self.series], taken[1].time, taken[-1].time)
        assert list(some[self.series]) == taken[1:-1]

    def test_more_than_a_page_of_several_subjects(self, store: Store) -> None:
        several = [replace(self.series, subject=SubjectId(name)) for name in ("a", "b", "c")]
        taken = [Sample(time=START + timedelta(seconds=number), value=float(number)) for number in range(4_000)]
        for series in several:
            store.add_samples(series, taken)
        found = store.samples_together(several, taken[1].time, taken[-1].time)
        assert [list(found[series]) == taken[1:-1] for series in several] == [True] * 3

    def test_a_round_of_many_subjects(self, store: Store) -> None:
        two = [replace(self.series, subject=SubjectId(name)) for name in ("a", "b")]
        two += [replace(each_series, interface="eth0", metric="in-rate") for each_series in two]
        store.add_round((each_series, Sample(time=START, value=float(n))) for n, each_series in enumerate(two))
        store.add_round((each_series, Sample(time=START, value=9.0)) for each_series in two)
        for number, series in enumerate(two):
            assert [s.value for s in store.samples(series, START, START + timedelta(1))] == [number]
        assert store.series(SubjectId("a"), "hub") == (two[2], two[0])
        assert (store.series(SubjectId("a"), "x"), store.series(SubjectId("c"), "hub")) == ((), ())
        assert store.series_of("hub") == {SubjectId("a"): (two[2], two[0]), SubjectId("b"): (two[3], two[1])}
        assert store.series_of("x") == {}

    def test_what_joins_a_time_later_leaves_the_others_alone(self, store: Store) -> None:
        gap = Sample(time=START, value=None, quality=Quality.VANTAGE)
        other = replace(self.series, family=4)
        store.add_samples(self.series, [gap])
        store.add_samples(other, [Sample(time=START, value=-0.5, quality=Quality.MAINTENANCE)])
        assert list(store.samples(self.series, START, START + timedelta(1))) == [gap]
        assert [sample.value for sample in store.samples(other, START, START + timedelta(1))] == [-0.5]

    def test_the_first_sample_ever(self, store: Store) -> None:
        assert store.first_sample(self.series) is None
        store.add_samples(self.series, [Sample(time=START, value=1.0)])
        store.add_samples(self.series, [Sample(time=START - timedelta(days=1), value=1.0)])
        store.add_samples(self.series, [Sample(time=START + timedelta(days=1), value=1.0)])
        store.add_samples(replace(self.series, family=4), [Sample(time=START - timedelta(days=9), value=1.0)])
        assert store.first_sample(self.series) == START - timedelta(days=1)

    def test_days_that_are_over_are_read_as_before(self, store: Store) -> None:
        """Packed days read as before: each window, of one series and of several together."""
        began = START.replace(hour=0, minute=0, second=0, microsecond=0)
        several = [replace(self.series, subject=SubjectId(name)) for name in ("a", "b", "c")]
        several += [replace(each_series, interface="eth0", metric="in-rate") for each_series in several]
        for number in range(6 * 24):
            time = began + timedelta(hours=number)
            gap = Sample(time=time, value=None, quality=Quality.GAP)
            store.add_round(
                (each_series, gap if number % 7 == n else Sample(time=time, value=number / (n + 1)))
                for n, each_series in enumerate(several[: 3 if number < 40 else 6])
            )
        day = timedelta(days=1)
        windows = [(began, began + 6 * day), (began + 0.5 * day, began + 4.3 * day), (began + 3 * day, began + 4 * day)]
        before = [store.samples_together(several, *window) for window in windows]
        for _ in range(3):
            store.roll_up(began + 6 * day, timedelta(hours=7), Retention())
            assert [store.samples_together(several, *window) for window in windows] == before
            assert [list(store.samples(several[4], *window)) for window in windows] == [
                list(found[several[4]]) for found in before
            ]

    def test_what_comes_late_joins_a_day_that_is_over(self, store: Store) -> None:
        """Late samples of a worker that was cut off join a packed day; the first sample for a time stays."""
        began, other = START.replace(hour=0, minute=0, second=0, microsecond=0), replace(self.series, family=4)
        times = [began + timedelta(hours=hour) for hour in range(96)]
        store.add_samples(self.series, [Sample(time=time, value=1.0) for time in times if time.hour != 5])
        for _ in range(2):
            store.roll_up(times[-1], timedelta(), Retention())
            store.add_samples(self.series, [Sample(time=time, value=2.0) for time in times])
            store.add_samples(other, [Sample(time=times[7], value=3.0)])
            found = list(store.samples(self.series, began, times[-1]))
            assert [sample.value for sample in found] == [2.0 if time.hour == 5 else 1.0 for time in times[:-1]]
            assert [(sample.time, sample.value) for sample in store.samples(other, began, times[-1])] == [
                (times[7], 3.0)
            ]

    def test_what_comes_late_is_in_hours_and_days_that_were_rolled_up(self, store: Store) -> None:
        """Late samples are in rolled up hours and days, after an outage in the midst of an hour and over midnight."""
        began = START.replace(hour=17, minute=0, second=0, microsecond=0)  # midnight in Vietnam
        times = [began + timedelta(minutes=5 * n) for n in range(288 * 4)]
        soon = [time for n, time in enumerate(times) if n < 130 or 300 < n < 400 or n >= 800]
        late = [(self.series, Sample(time=time, value=0.0)) for time in times if time not in soon]
        end = times[-1] + timedelta(minutes=5)
        store.add_samples(self.series, [Sample(time=time, value=1.0) for time in soon])
        for _ in range(2):
            store.roll_up(end, timedelta(hours=7), Retention())
            store.add_delivered(late, end)
        for seconds, each in ((HOUR, 12), (DAY, 288)):
            rolled = [
                (period.start, period.counted, period.total)
                for period in store.rolled(self.series, seconds, began, end)
            ]
            assert rolled == [
                (times[n], each, sum(time in soon for time in times[n : n + each])) for n in range(0, len(times), each)
            ]

    def test_what_comes_late_replaces_no_roll_up_of_what_was_forgotten(self, store: Store) -> None:
        began = START.replace(hour=0, minute=0, second=0, microsecond=0)
        times = [began + timedelta(minutes=5 * n) for n in range(288 * 3)]
        store.add_samples(self.series, [Sample(time=time, value=1.0) for time in times])
        store.roll_up(times[-1], timedelta(), Retention(raw=timedelta(days=1)))
        store.add_delivered([(replace(self.series, family=4), Sample(time=times[3], value=0.0))], times[-1])
        hour = next(iter(store.rolled(self.series, HOUR, began, times[-1])))
        assert (hour.start, hour.counted) == (began, 12)

    def test_hours_and_days(self, store: Store) -> None:
        began = START.replace(hour=16, minute=0, second=0, microsecond=0)
        qualities = {3: Quality.GAP, 4: Quality.VANTAGE, 5: Quality.MAINTENANCE}
        taken = [
            Sample(
                time=began + timedelta(minutes=5 * n),
                value=None if n == 3 else float(n),
                quality=qualities.get(n, Quality.OK),
            )
            for n in range(26)
        ]
        store.add_samples(self.series, taken)
        store.add_samples(replace(self.series, family=4), taken[12:14])
        until = taken[-1].time
        store.roll_up(until, timedelta(hours=7), Retention())
        hours = list(store.rolled(self.series, HOUR, began, until))
        assert [(hour.start, hour.counted, hour.gaps, hour.vantage, hour.maintenance) for hour in hours] == [
            (began, 9, 1, 1, 1),
            (began + timedelta(hours=1), 12, 0, 0, 0),
        ]  # the third has not ended
        first = hours[0]
        assert (first.total, first.minimum, first.maximum, first.median, first.p95) == (54, 0, 11, 7, 11)
        assert next(iter(store.rolled(replace(self.series, family=4), HOUR, began, until))).total == 25
        unknown = replace(self.series, subject=SubjectId("never"))
        together = store.rolled_together([self.series, replace(self.series, family=4), unknown], HOUR, began, until)
        assert [list(periods) for periods in together.values()] == [
            list(store.rolled(series, HOUR, began, until)) for series in together
        ]
        assert [len(periods) for periods in together.values()] == [2, 1, 0]
        # Midnight in Hanoi is 17:00 UTC: of the two days only the first has ended.
        (day,) = store.rolled(self.series, DAY, began - timedelta(days=2), until)
        assert (day.start, day.counted, day.due) == (began.replace(hour=17) - timedelta(days=1), 9, 10)

    def test_what_is_remembered(self, store: Store) -> None:
        assert store.recall("hub") == {}
        store.remember("hub", {"a": b"1", "b": b"\x00"})
        store.remember("hub", {"a": b"2"})
        store.remember("x", {"a": b"3"})
        assert store.recall("hub") == {"a": b"2", "b": b"\x00"}
        store.secure()


class TestBatch:
    def test_it_reads_its_own_writes_and_nests(self, store: Store) -> None:
        with store.batch():
            store.add_subjects(RUN, [subject("a")])
            with store.batch():
                store.add_evidence([evidence("a")])
                assert store.evidence(RUN, A) == (evidence("a"),)
            store.mark_measured(RUN, A)
            assert [subject.id for subject in store.subjects(RUN)] == ["a"]
        assert store.measured(RUN) == {"a"}
