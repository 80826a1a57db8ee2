"""Figures add up only arguments that findings have; any other argument would count something else."""

from pathlib import Path

import pytest

from auditor.figures.kpis import MEASURES
from tests.golden.documents import read

HERE = Path(__file__).parent


@pytest.mark.parametrize("measure", sorted(MEASURES))
def test_every_decided_finding_has_what_its_figure_adds_up(measure: str) -> None:
    check, _, name = measure.partition("/")
    found = [one for path in (HERE / check).glob("*.json") for one in read(path)["findings"]]
    decided = [one for one in found if one["outcome"] in ("pass", "warn", "fail")]
    assert decided
    assert all(name in one["args"] for one in decided)


def test_rates_make_the_share_that_is_told() -> None:
    for path in (HERE / "ipv6.device.traffic").glob("*.json"):
        for one in read(path)["findings"]:
            if "share" in one["args"]:
                v6, v4 = one["args"]["v6_rate"], one["args"]["v4_rate"]
                assert v6 / (v6 + v4) == pytest.approx(one["args"]["share"], abs=1e-5)
