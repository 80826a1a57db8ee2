"""Tests the subjects of a plan: rows of the inventory in force, and the units that these rows belong to."""

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from auditor.framework import catalogue
from auditor.service.config.model import Config
from auditor.service.pipeline.plan.plan import plan
from inventory.inventory import Inventory
from inventory.model import AgencyId, Kind
from inventory.organisation import Organisation, Unit
from tests.golden.lab_tslcd import point

TREE = Organisation(units=tuple(Unit(code=AgencyId(code), name=code, level="commune") for code in ("XA-A", "XA-B")))


@pytest.mark.parametrize(("without_units", "units"), [(False, ["unit:XA-A", "unit:XA-B"]), (True, [])])
def test_units_are_asked_for_their_points_only_where_all_points_are_there(
    without_units: bool, units: list[str]
) -> None:
    inventory = Inventory(subjects=(replace(point(), agency=AgencyId("XA-A")),), organisation=TREE)
    config = Config.model_validate({"vantage": {"name": "hub", "networks": ["tslcd"]}})
    now = datetime(2026, 3, 2, tzinfo=UTC)
    made = plan(inventory, config, catalogue.load(), profile="quick", name="", now=now, without_units=without_units)
    assert [subject.id for subject in made.subjects if subject.kind is Kind.UNIT] == units


def test_plan_self_test_knows_which_addresses_others_see() -> None:
    config = Config.model_validate({"vantage": {"public": ["203.0.113.7"]}})
    now = datetime(2026, 3, 2, tzinfo=UTC)
    made = plan(Inventory(subjects=(point(),)), config, catalogue.load(), profile="quick", name="", now=now)
    assert made.selftest.public == (ip_address("203.0.113.7"),)
