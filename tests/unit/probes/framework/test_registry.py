"""Tests the registration of probes, and properties that every shipped probe has."""

import pytest

from probes.framework import registry
from probes.framework.profile import PROFILES
from probes.framework.recorder import Recorder
from probes.framework.registry import Probe
from probes.framework.tasks import EndpointTask, NameTask
from probes.net.api import Net
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue
from probes.observations.transport import TcpConnect

SHIPPED = registry.load()


async def of_names(task: NameTask, net: Net, rec: Recorder) -> None:
    """Do nothing."""


async def of_endpoints(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Do nothing."""


def test_register_a_probe_is_named_after_its_function(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_PROBES", {})
    assert registry.name_probe(version=3, title="Names", records=(NameLookup,))(of_names) is of_names
    (probe,) = registry._PROBES.values()
    assert (probe.name, probe.shape, probe.version, probe.title) == ("of_names", "name", 3, "Names")


def test_a_second_probe_of_that_name_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_PROBES", {})
    registry.endpoint_probe(version=1, title="A", records=(TcpConnect,), needs_open=True)(of_endpoints)
    with pytest.raises(ValueError, match="probe 'of_endpoints' is registered twice"):
        registry.endpoint_probe(version=1, title="B", records=(TcpConnect,))(of_endpoints)


def test_probes_come_by_name() -> None:
    assert list(SHIPPED) == sorted(SHIPPED)
    assert all(name == probe.name for name, probe in SHIPPED.items())
    assert {"dns", "tcp"} <= set(SHIPPED)


@pytest.mark.parametrize("probe", SHIPPED.values(), ids=lambda probe: probe.name)
def test_what_the_runner_relies_on(probe: Probe) -> None:
    schedules = [profile.retries[probe.retry] for profile in PROFILES.values()]
    if (
        probe.shape == "name"
    ):  # endpoints are derived from the first pass: a late look can only confirm what was missing
        assert probe.retry == "flaw" or all(max(offsets) == 0 for offsets in schedules)
    if probe.needs_open:  # somebody must have looked whether the port is open
        assert probe.shape in {"endpoint", "group"}
        knocking = [
            each_probe.services
            for each_probe in SHIPPED.values()
            if each_probe.records in ((TcpConnect,), (SmtpDialogue,))
        ]
        assert probe.services <= frozenset().union(*knocking)
    assert probe.deadline > 0
    assert probe.records
