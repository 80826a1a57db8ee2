"""Tests the facts about the path to a subject that come from an earlier run."""

from dataclasses import replace
from datetime import datetime, timedelta
from ipaddress import ip_address

from auditor.service.derived import earlier_ways
from auditor.service.store.memory.store import MemoryStore
from auditor.service.store.records import RunRecord
from probes.framework.evidence import Evidence, EvidenceId, RunId
from probes.observations.series import EarlierConnections
from tests.golden.cases_device_links import lldp
from tests.golden.cases_tslcd import traced
from tests.golden.lab import NOW, evidence
from tests.golden.lab_snmp import ADDRESSES, INTERFACES, SYSTEM, V6, polled
from tests.golden.lab_tslcd import HUB4, XA4, echoes, point

SUBJECT = point()
LATER = NOW + timedelta(days=1)
NODE = "10.64.0.9"


def ran(
    store: MemoryStore,
    name: str,
    *found: Evidence,
    at: datetime = NOW,
    vantage: str = "here",
    member_of: RunId | None = None,
) -> None:
    digest = store.put_blob(b"-")
    record = RunRecord(
        id=RunId(name),
        name="",
        started=at,
        version="1",
        profile="audit",
        inventory=digest,
        reference=digest,
        policy=digest,
        vantage=vantage,
        networks=("tslcd",),
        round=member_of,
    )
    if member_of is not None:
        store.create_run(replace(record, id=member_of, vantage="", round=None))
    store.create_run(record)
    store.add_subjects(record.id, [SUBJECT])
    store.add_evidence(
        replace(envelope, run=record.id, subject=SUBJECT.id, id=EvidenceId(f"{name}-{place}"))
        for place, envelope in enumerate(found)
    )
    store.finish_run(record.id, at + timedelta(hours=1))


def told(store: MemoryStore, now: datetime = LATER) -> list[EarlierConnections]:
    return list(earlier_ways.earlier(store, earlier_ways.earlier_runs_of_vantage(store, "here", now), SUBJECT, now))


def test_the_last_hop_the_neighbours_and_its_own_addresses_are_kept() -> None:
    device = polled(SYSTEM, *INTERFACES, ADDRESSES, *lldp(("nut-huyen", b"\x28"), address=NODE))
    with MemoryStore() as store:
        ran(store, "r1", traced(XA4, HUB4, NODE), device)
        (way,) = told(store)
    assert way == EarlierConnections(
        measured=NOW, before=(ip_address(NODE),), neighbours=("nut-huyen", NODE), own=(ip_address(V6),)
    )


def test_a_way_that_did_not_end_at_the_subject_or_hides_its_last_hop_tells_no_node() -> None:
    for trace in (traced(XA4, HUB4, NODE, reached=False), traced(XA4, HUB4, None), traced(XA4)):
        with MemoryStore() as store:
            ran(store, "r1", trace)
            assert told(store) == []


def test_the_last_run_of_the_vantage_that_found_the_subject_counts() -> None:
    with MemoryStore() as store:
        ran(store, "r1", traced(XA4, HUB4), at=NOW - timedelta(days=2))
        ran(store, "r2", traced(XA4, NODE), at=NOW - timedelta(days=1))
        ran(store, "r3", echoes(XA4, 50))
        ran(store, "r4", traced(XA4, "203.0.113.1"), vantage="elsewhere")
        assert [earlier_way.before for earlier_way in told(store)] == [(ip_address(NODE),)]
        assert told(store, NOW + timedelta(days=60)) == []


def test_runs_before_members_of_rounds_count_as_runs_of_their_vantage() -> None:
    with MemoryStore() as store:
        ran(store, "r1", traced(XA4, NODE), member_of=RunId("round"))
        ran(store, "r2", traced(XA4, HUB4), at=NOW - timedelta(days=2))
        assert [earlier_way.before for earlier_way in told(store)] == [(ip_address(NODE),)]


def test_a_way_is_carried_on_through_all_runs_of_an_outage_until_it_is_too_old() -> None:
    with MemoryStore() as store:
        ran(store, "r0", traced(XA4, NODE))
        for day in range(1, 50):
            now = NOW + timedelta(days=day)
            ways = told(store, now)
            assert [way.measured for way in ways] == ([NOW] if day <= 35 else []), day
            ran(store, f"r{day}", echoes(XA4, 50), *(evidence("series", way) for way in ways), at=now)


def test_runs_without_evidence_of_the_subject_do_not_count() -> None:
    with MemoryStore() as store:
        ran(store, "r0", traced(XA4, NODE))
        for hour in range(1, 6):
            ran(store, f"r{hour}", at=NOW + timedelta(hours=hour))
        assert [earlier_way.before for earlier_way in told(store)] == [(ip_address(NODE),)]


def test_runs_with_evidence_of_the_subject_are_looked_at_up_to_three() -> None:
    with MemoryStore() as store:
        ran(store, "r0", traced(XA4, NODE))
        for hour in range(1, 4):
            ran(store, f"r{hour}", echoes(XA4, 50), at=NOW + timedelta(hours=hour))
        assert told(store) == []
