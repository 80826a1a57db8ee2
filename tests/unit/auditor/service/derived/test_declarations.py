"""Tests that declarations of the inventory become evidence, and that units with connection points become subjects."""

from dataclasses import replace
from datetime import UTC, date, datetime

from auditor.framework.check import load
from auditor.service.derived.declarations import Declarations, units
from inventory.inventory import Inventory
from inventory.model import AgencyId, Kind, RowOrigin, Subject
from inventory.organisation import Organisation, Unit
from probes.framework.evidence import Evidence, RunId
from probes.observations.rows import DeclaredUnit, RowPosition
from tests.golden.lab_tslcd import point

NOW = datetime(2026, 3, 2, tzinfo=UTC)
TREE = Organisation(
    units=(
        Unit(code=AgencyId("XA-A"), name="Xã A", level="commune"),
        Unit(code=AgencyId("XA-B"), name="Xã B", level="commune", valid_to=date(2025, 6, 30)),
    )
)
POINT = replace(point(), origin=RowOrigin(source="inventory.csv", row=7))
PORTAL = replace(POINT, kind=Kind.PORTAL, kinds=frozenset({Kind.PORTAL}))


def declared(inventory: Inventory, subject: Subject) -> list[Evidence]:
    return list(Declarations(inventory, NOW).evidence(RunId("run"), "hub", subject, load().values(), NOW))


def test_units_in_force_are_subjects_where_connection_points_are_listed() -> None:
    assert [unit.id for unit in units(Inventory(subjects=(POINT,), organisation=TREE), NOW)] == ["unit:XA-A"]
    assert units(Inventory(subjects=(PORTAL,), organisation=TREE), NOW) == ()


def test_a_unit_is_shown_with_its_own_points_in_force() -> None:
    closed = replace(POINT, valid_to=date(2025, 12, 31))
    others = replace(POINT, agency=AgencyId("XA-C"))
    second = replace(POINT, tags=("secondary",))
    inventory = Inventory(subjects=(POINT, closed, others, second), organisation=TREE)
    (unit,) = units(inventory, NOW)
    ((step,),) = [envelope.steps for envelope in declared(inventory, unit)]
    assert isinstance(step, DeclaredUnit)
    assert (step.code, step.level, step.listed) == ("XA-A", "commune", 3)
    assert [(point.source, point.row, point.secondary) for point in step.points] == [
        ("inventory.csv", 7, False),
        ("inventory.csv", 7, True),
    ]


def test_a_row_is_evidence_of_where_it_stands_for_those_who_read_it() -> None:
    ((step,),) = [envelope.steps for envelope in declared(Inventory(subjects=(POINT,), organisation=TREE), POINT)]
    assert step == RowPosition(source="inventory.csv", row=7)
    zone = replace(POINT, kind=Kind.ZONE, kinds=frozenset({Kind.ZONE}))
    assert declared(Inventory(subjects=(zone,), organisation=TREE), zone) == []
