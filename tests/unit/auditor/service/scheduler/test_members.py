"""Where an audit is measured that names no vantage, and where one that adds to a run is."""

from types import SimpleNamespace
from typing import Any

import pytest

from auditor.service.config.model import Config
from auditor.service.scheduler.members import default_vantages, vantages_again

OWN = {"name": "net", "networks": ["internet"]}
OTHERS = {"hub": {"networks": ["tslcd"]}, "ipv6": {"networks": ["internet"]}}
CENTRE = Config.model_validate({"vantage": OWN, "vantages": OTHERS})
WITHOUT_OWN = Config.model_validate({"vantages": OTHERS})


def store_with(*vantages: str) -> Any:
    """A store of the runs of a round, and that round."""
    runs = {f"r-{number}": SimpleNamespace(vantage=name) for number, name in enumerate(vantages)}
    return SimpleNamespace(run=runs.__getitem__), SimpleNamespace(members=tuple(runs))


def test_audit_without_vantages_is_measured_here_or_by_all_workers() -> None:
    assert default_vantages(CENTRE) == ()
    assert default_vantages(WITHOUT_OWN) == ("hub", "ipv6")


@pytest.mark.parametrize(
    ("config", "measured", "again"),
    [
        (CENTRE, ("hub", "net"), ("hub", "net")),
        (CENTRE, ("hub", "gone"), ("hub",)),
        (CENTRE, ("gone",), ()),
        (CENTRE, (), ()),
        (WITHOUT_OWN, ("ipv6",), ("ipv6",)),
        (WITHOUT_OWN, ("gone",), ("hub", "ipv6")),
        (WITHOUT_OWN, (), ("hub", "ipv6")),
    ],
)
def test_addition_is_measured_from_the_vantages_of_its_round(
    config: Config, measured: tuple[str, ...], again: tuple[str, ...]
) -> None:
    store, run = store_with(*measured)
    assert vantages_again(run, store, config) == again
