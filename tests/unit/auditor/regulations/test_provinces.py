"""Tests that a province is compared with its own plan only."""

from dataclasses import replace
from datetime import date

import pytest

from auditor.regulations.loading import shipped
from auditor.regulations.provinces import concerning
from inventory.model import AgencyId
from inventory.organisation import Organisation, Unit

DAY = date(2026, 3, 2)
PLAN = "plan-daklak-2023-2025"
NATIONAL = tuple(each.id for each in shipped() if each.id != PLAN)


def chosen(*roots: tuple[str, str]) -> tuple[str, ...]:
    units = tuple(Unit(code=AgencyId(f"U{n}"), name=name, level=level) for n, (name, level) in enumerate(roots))
    return tuple(each.id for each in concerning(shipped(), Organisation(units=units), day=DAY))


@pytest.mark.parametrize(
    "root",
    [
        ("UBND tỉnh Đắk Lắk", "province"),
        ("Tỉnh ĐẮK LẮK", "tỉnh"),
        ("UBND tỉnh Dak Lak (thử nghiệm)", ""),
        ("Sở KH&CN tỉnh Đắc Lắc", ""),
        ("UBND TỈNH ĐĂK LĂK", "province"),
        ("Sở Khoa học và Công nghệ tỉnh Đắk Lắk", "department"),
        ("Thành phố Buôn Ma Thuột", ""),  # a city within a province
        ("UBND tỉnh", "province"),  # names none
        ("Trung tâm dữ liệu", ""),
    ],
)
def test_concerning_keeps_the_plan_of_the_province_and_of_units_that_name_none(root: tuple[str, str]) -> None:
    assert PLAN in chosen(root)
    assert set(NATIONAL) < set(chosen(root))


@pytest.mark.parametrize(
    "root", [("Ủy ban nhân dân tỉnh Sơn Lâm", "province"), ("UBND tỉnh Gia Lai", ""), ("Thành phố Đà Nẵng", "province")]
)
def test_concerning_leaves_out_the_plan_of_another_province(root: tuple[str, str]) -> None:
    assert chosen(root) == NATIONAL


def test_concerning_keeps_plans_of_every_province_at_the_top_and_those_of_none() -> None:
    assert PLAN in chosen(("UBND tỉnh Gia Lai", "province"), ("UBND tỉnh Đắk Lắk", "province"))
    assert PLAN in chosen()
    theirs = replace(shipped()[0], id="gia-lai", province="Gia Lai")
    units = Organisation(units=(Unit(code=AgencyId("T"), name="UBND tỉnh Gia Lai"),))
    assert [each.id for each in concerning([*shipped(), theirs], units, day=DAY)] == [*NATIONAL, "gia-lai"]


def test_concerning_heeds_every_inventory() -> None:
    names = ("UBND tỉnh Gia Lai", "Trung tâm dữ liệu", "UBND tỉnh Đắk Lắk")
    gia_lai, nobody, dak_lak = (Organisation(units=(Unit(code=AgencyId("T"), name=name),)) for name in names)
    assert tuple(each.id for each in concerning(shipped(), gia_lai, nobody, day=DAY)) == NATIONAL
    assert PLAN in {each.id for each in concerning(shipped(), gia_lai, dak_lak, day=DAY)}
    assert PLAN in {each.id for each in concerning(shipped(), day=DAY)}


def test_a_province_that_has_become_part_of_another_has_no_plan_any_more() -> None:
    ended = Unit(code=AgencyId("PY"), name="UBND tỉnh Đắk Lắk", level="province", valid_to=date(2025, 6, 30))
    other = Unit(code=AgencyId("GL"), name="UBND tỉnh Gia Lai", level="province")
    units = Organisation(units=(ended, other))
    assert PLAN not in {each.id for each in concerning(shipped(), units, day=DAY)}
    assert PLAN in {each.id for each in concerning(shipped(), units, day=date(2025, 6, 30))}
