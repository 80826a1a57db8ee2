"""Tests shared causes from stored findings: owners and gains, stored with the figures of the judgement."""

import gc
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from datetime import date
from ipaddress import ip_address
from pathlib import Path

import pytest

from auditor.figures.cause_gains import GainBase
from auditor.figures.causes import Cause, CauseKind, Contradictions, OwnerBasis, Symptom, SymptomGroup, group
from auditor.figures.kpis import KPIS, FoldedCheck, SubjectFacts
from auditor.framework import catalogue
from auditor.framework.findings import Finding, Outcome, Outline
from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.pipeline.summaries import shared_causes
from auditor.service.pipeline.summaries.shared_causes import CauseSearch
from auditor.service.pipeline.summaries.subject_facts import FactsReader
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.pipeline.summaries.summarising import keep, summarise
from auditor.service.store.api import Store
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.url import open_store
from inventory.model import Kind, SubjectId
from probes.framework.evidence import RunId
from tests.unit.auditor.stored import SUBJECTS, Brief, Held, put, row

SHARED = "2001:db8:7::1"
PORTALS = ("www.tinh.vn", "dvc.tinh.vn", "xa.tinh.vn")
ZONE_NAMES = ("ns1.hoster.example", "ns2.hoster.example")


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with MemoryStore() if request.param == "memory" else open_store(f"sqlite:///{tmp_path / 'a.db'}") as opened:
        yield opened


def reach(outcome: Outcome, code: str, address: str = SHARED) -> list[Brief]:
    return [
        Brief(check="ipv6.web.aaaa", outcome=Outcome.PASS),
        Brief(check="ipv6.web.reach", outcome=outcome, code=code, address=address, args={"port": "443"}),
    ]


def causes(store: Store, held: Held) -> tuple[Cause, ...]:
    put(store, held)
    record = store.latest_judgement(RunId(held.name))
    assert record is not None
    judged = stored_judgement(record, store, catalogue.load())
    keep(judged, store)
    kept = summarise(judged, store).causes
    assert kept == summarise(judged, store).causes  # read back as they were stored
    return kept


def test_causes_refusing_address_of_three_agencies_portals_is_told_once(store: Store) -> None:
    refused = {name: reach(Outcome.FAIL, "REFUSED") for name in PORTALS}
    (cause,) = causes(store, Held(name="r1", findings=refused, scored=True))
    assert (cause.key.kind, cause.key.name, cause.key.port) == (CauseKind.ADDRESS, SHARED, "443")
    assert cause.subjects == tuple(sorted(PORTALS))
    assert cause.agencies == ("S1", "X1")
    assert (cause.owner, cause.owner_basis) == (None, OwnerBasis.UNKNOWN)
    assert all(gain.met_after > gain.met for gain in cause.gains)


@pytest.mark.parametrize(
    ("kind", "passing"),
    [
        (Kind.PORTAL, (Outline, SubjectFacts, SubjectLine, Finding, FoldedCheck)),
        (Kind.CONNECTION_POINT, (Outline, SubjectLine, Finding, FoldedCheck)),
    ],
)
def test_search_holds_no_more_of_many_subjects_than_of_few(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: Kind, passing: tuple[type, ...]
) -> None:
    found: list[Counter[type]] = []

    def counted(search: CauseSearch, base: GainBase, read: shared_causes.ReadFacts) -> tuple[Cause, ...]:
        found.append(Counter(type(each) for each in gc.get_objects()))
        return ()

    monkeypatch.setattr(CauseSearch, "causes", counted)
    gc.collect()  # garbage of an earlier test must not be freed between the two counts
    for count in (10, 60):
        failing = {name: reach(Outcome.FAIL, "REFUSED", f"2001:db8:{name}::1") for name in map(str, range(count))}
        subjects = (*SUBJECTS, *(row(name, kind, "S1") for name in failing))
        with open_store(f"sqlite:///{tmp_path / str(count)}.db") as store:
            causes(store, Held(name="r1", findings=failing, subjects=subjects, scored=True))
    few, many = found
    assert {held.__name__: many[held] - few[held] for held in passing} == {held.__name__: 0 for held in passing}


def test_causes_of_one_subject_alone_are_dropped_before_they_are_grouped(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Symptom] = []

    def grouped(symptoms: Iterable[Symptom], against: Contradictions) -> Iterator[SymptomGroup]:
        seen.extend(symptoms)
        return group(seen, against)

    monkeypatch.setattr(shared_causes, "group", grouped)
    monkeypatch.setattr(shared_causes, "_PACKED", 2)
    failing = {name: reach(Outcome.FAIL, "REFUSED") for name in PORTALS[:2]}
    lone = {PORTALS[2]: reach(Outcome.FAIL, "REFUSED", "2001:db8:9::9")}
    (cause,) = causes(store, Held(name="r1", findings={**failing, **lone}, scored=True))
    assert cause.subjects == tuple(sorted(PORTALS[:2]))
    assert {each.subject for each in seen} == set(PORTALS[:2])


def test_causes_subjects_of_one_are_read_some_at_a_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    read_all = FactsReader.read

    def read(reader: FactsReader, ids: Set[SubjectId]) -> Mapping[SubjectId, tuple[SubjectFacts, Sequence[Outline]]]:
        sizes.append(len(ids))
        return read_all(reader, ids)

    refused = {name: reach(Outcome.FAIL, "REFUSED") for name in PORTALS}
    (whole,) = causes(store, Held(name="r1", findings=refused, scored=True))
    monkeypatch.setattr(shared_causes, "_AT_ONCE", 2)
    monkeypatch.setattr(FactsReader, "read", read)
    (cause,) = causes(store, Held(name="r2", findings=refused, scored=True))
    assert max(sizes) == 2
    assert (cause.gains, cause.targets) == (whole.gains, whole.targets)


def test_causes_belong_to_nobody_whose_machine_was_given_up_before(store: Store) -> None:
    refused = {name: reach(Outcome.FAIL, "REFUSED") for name in PORTALS}
    machines = [replace(row(name, Kind.HOST, name), addresses=(ip_address(SHARED),)) for name in ("P", "S1")]
    given_up = replace(machines[0], valid_to=date(2026, 8, 31))
    subjects = (*SUBJECTS, given_up, machines[1])
    (cause,) = causes(store, Held(name="r1", findings=refused, subjects=subjects, scored=True))
    assert (cause.owner, cause.owner_basis) == ("S1", OwnerBasis.ROW)


def test_causes_address_that_answers_for_one_of_them_is_none(store: Store) -> None:
    mixed = {name: reach(Outcome.FAIL, "REFUSED") for name in PORTALS[:2]}
    mixed[PORTALS[2]] = reach(Outcome.PASS, "OPEN")
    assert causes(store, Held(name="r1", findings=mixed, scored=True)) == ()


def test_causes_each_silent_at_its_own_address_have_none_in_common(store: Store) -> None:
    apart = {name: reach(Outcome.FAIL, "SILENT", f"2001:db8:{n}::1") for n, name in enumerate(PORTALS)}
    assert causes(store, Held(name="r1", findings=apart, scored=True)) == ()


def test_causes_name_servers_of_two_zones_gain_their_figure(store: Store) -> None:
    zones = tuple(row(name, Kind.ZONE, agency) for name, agency in (("a.vn", "S1"), ("b.vn", "X1")))
    none = [
        Brief(check="ipv6.dns.ns-aaaa", outcome=Outcome.FAIL, code="NONE", args={"names": ZONE_NAMES}),
        *(
            Brief(check=f"ipv6.dns.{name}", outcome=Outcome.PASS)
            for name in ("ns-reach", "ns-reach-tcp", "ns-addr-sane")
        ),
    ]
    held = Held(name="r1", findings={"a.vn": none, "b.vn": none}, subjects=zones, scored=True)
    (cause,) = causes(store, held)
    assert (cause.key.kind, cause.key.name) == (CauseKind.NAME_SERVERS, ", ".join(ZONE_NAMES))
    assert [(gain.met, gain.met_after, gain.of) for gain in cause.gains if gain.figure in KPIS] == [(0, 2, 2)]
