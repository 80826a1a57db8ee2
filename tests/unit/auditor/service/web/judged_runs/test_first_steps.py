"""Tests the page before the first result: the year in Vietnam, and the choice of vantages if there is one."""

from datetime import UTC, datetime

from auditor.service.config.model import Config
from auditor.service.web.judged_runs.first_steps import steps

NIGHT = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)


def test_steps_name_the_year_of_vietnam() -> None:
    values = steps(["Toàn tỉnh"], [], Config(), NIGHT)
    assert (values["year"], values["inventories"]) == (2027, ["Toàn tỉnh"])


def test_steps_offer_a_start_without_choice_only_where_there_is_one_vantage() -> None:
    workers = Config.model_validate({"vantages": {"hub": {"networks": ["internet"]}}})
    assert [steps([], [], config, NIGHT)["has_vantages"] for config in (Config(), workers)] == [False, True]
