"""Tests that derived subjects belong to the common ancestor of all their owners."""

from dataclasses import replace
from datetime import date

import pytest

from auditor.service.pipeline.judging.ownership import Ownership, by_agency, common_agency
from auditor.service.pipeline.processes.process_handover import hand_over
from inventory.inventory import Inventory
from inventory.model import AgencyId, DeclaredFacts, Expectation, ExpectedState, Kind, Subject, SubjectId
from inventory.organisation import Organisation, Unit

DAY = date(2026, 3, 2)
TREE = Organisation(
    units=(
        Unit(code=AgencyId("P"), name="Tỉnh"),
        Unit(code=AgencyId("A"), name="Sở A", parent=AgencyId("P")),
        Unit(code=AgencyId("B"), name="Sở B", parent=AgencyId("P")),
        Unit(code=AgencyId("A1"), name="Phòng A1", parent=AgencyId("A")),
        Unit(code=AgencyId("X"), name="Tỉnh khác"),
    )
)
SITE = DeclaredFacts(site="Trụ sở", contact="An")
EXEMPT = Expectation(state=ExpectedState.EXEMPT, reason="nội bộ", signatory="An")


def _row(name: str, agency: str | None, expected: Expectation | None = None) -> Subject:
    code = None if agency is None else AgencyId(agency)
    kinds = frozenset({Kind.PORTAL})
    return Subject(
        id=SubjectId(name), kind=Kind.PORTAL, kinds=kinds, agency=code, host=name, expected=expected or Expectation()
    )


def _zone(*owners: str) -> Subject:
    owned = tuple(SubjectId(owner) for owner in owners)
    return replace(_row("zone:tinh.vn", "A"), kind=Kind.ZONE, kinds=frozenset({Kind.ZONE}), derived_from=owned)


@pytest.mark.parametrize(
    ("agencies", "common"),
    [
        (["A"], "A"),
        (["A", "A1"], "A"),
        (["A1", "B"], "P"),
        (["A", "X"], None),
        (["A", None], None),
        ([None], None),
        ([], None),
        (["unlisted", "unlisted"], "unlisted"),
    ],
)
def test_the_lowest_unit_in_common(agencies: list[AgencyId | None], common: str | None) -> None:
    assert common_agency(agencies, TREE) == common
    assert common_agency(list(reversed(agencies)), TREE) == common


def test_a_zone_belongs_to_all_its_owners_whichever_was_first() -> None:
    rows = (_row("a.vn", "A1"), _row("b.vn", "B"))
    ownership = Ownership(Inventory(subjects=rows, organisation=TREE), DAY)
    zone = ownership.settled(_zone("a.vn", "b.vn"))
    assert zone.agency == "P"
    groups = dict(by_agency({row.id: row.agency for row in (*rows, zone)}))
    assert groups == {"A1": ["a.vn"], "B": ["b.vn"], "P": ["zone:tinh.vn"]}


def test_a_zone_is_excused_only_where_every_owner_is() -> None:
    rows = (_row("a.vn", "A", EXEMPT), _row("b.vn", "A"))
    ownership = Ownership(Inventory(subjects=rows, organisation=TREE), DAY)
    assert ownership.settled(_zone("a.vn")).expected == EXEMPT
    assert ownership.settled(_zone("a.vn", "b.vn")).expected == Expectation()


def test_a_row_stays_as_it_was_written() -> None:
    row = replace(_row("tinh.vn", "B"), derived_from=(SubjectId("a.vn"),))
    assert Ownership(Inventory(subjects=(row, _row("a.vn", "A")), organisation=TREE), DAY).settled(row) is row


def test_little_of_the_rows_is_handed_to_other_processes() -> None:
    """Handing the inventory's owners to a process takes little memory: every process that judges holds all of them."""
    rows = tuple(replace(_row(f"{number}.vn", "A"), name="Cổng thông tin", declared=SITE) for number in range(1_000))
    handed = hand_over(Ownership(Inventory(subjects=rows, organisation=TREE), DAY))
    assert len(handed) / len(rows) < 40
