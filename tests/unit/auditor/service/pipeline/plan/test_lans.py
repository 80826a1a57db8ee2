"""Tests which user networks a vantage watches: those named in its configuration with rows in the inventory."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from auditor.framework.operator_problems import OperatorProblem
from auditor.service.config.loading import ConfigError, load
from auditor.service.config.model import Config
from auditor.service.pipeline.plan.lans import lan_tasks
from inventory.model import DeclaredFacts, Kind, Subject, SubjectId
from probes.framework.tasks import LanTask

ROWS = [
    Subject(
        id=SubjectId(name),
        kind=Kind.ROUTER,
        kinds=frozenset({Kind.ROUTER}),
        tags=tags,
        declared=DeclaredFacts(site="xa-a"),
    )
    for name, tags in (("rt-1", ()), ("rt-2", ("ra=fe80::1",)))
]


def config(*networks: str, **lans: Mapping[str, object]) -> Config:
    return Config.model_validate({"vantage": {"networks": networks}, "lan": lans})


def test_the_row_that_tells_of_the_network_has_the_task() -> None:
    problems: list[OperatorProblem] = []
    wanted = config("lan:xa-a", **{"xa-a": {"interface": "eth1"}})
    assert lan_tasks(wanted, ROWS, 660.0, problems) == {"rt-2": LanTask(site="xa-a", interface="eth1", seconds=660.0)}
    longer = config("lan:xa-a", **{"xa-a": {"interface": "eth1", "seconds": 86_400}})
    assert [lan_task.seconds for lan_task in lan_tasks(longer, ROWS, 660.0, problems).values()] == [86_400]
    assert problems == []


def test_a_site_without_rows_is_not_watched() -> None:
    problems: list[OperatorProblem] = []
    assert lan_tasks(config("lan:xa-b", **{"xa-b": {"interface": "eth1"}}), ROWS, 6.0, problems) == {}
    assert lan_tasks(config("internet", **{"xa-a": {"interface": "eth1"}}), ROWS, 6.0, problems) == {}
    assert problems == []


def test_a_network_without_an_interface_is_a_mistake() -> None:
    problems: list[OperatorProblem] = []
    assert lan_tasks(config("lan:xa-a"), ROWS, 6.0, problems) == {}
    assert [problem.values["site"] for problem in problems] == ["xa-a"]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ('[vantage]\nnetworks = ["lan:"]', "vantage.networks"),
        ('[vantage]\nnetworks = ["intranet"]', "vantage.networks"),
        ('[lan.xa-a]\ninterface = "a b"', "lan.xa-a.interface"),
        ('[lan.xa-a]\ninterface = "eth1"\nseconds = 0', "lan.xa-a.seconds"),
        ("[lan.xa-a]\nseconds = 60", "lan.xa-a.interface"),
    ],
)
def test_what_is_no_network_or_interface(text: str, key: str, tmp_path: Path) -> None:
    (tmp_path / "auditor.toml").write_text(text, "utf-8")
    with pytest.raises(ConfigError) as caught:
        load(explicit=None, environment={}, options={}, directories=[tmp_path])
    assert key in str(caught.value)
