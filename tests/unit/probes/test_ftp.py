"""Tests when an FTP server is connected to again."""

from ipaddress import ip_address

import pytest

from inventory.model import Endpoint
from probes import ftp
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.observations.exposure import FtpGreeting
from tests.unit.probes.fake_net import Asked, FakeNet

TASK = EndpointTask(endpoint=Endpoint(address=ip_address("2001:db8::1"), port=None))


@pytest.mark.parametrize(
    "greetings", [["220 ready"], ["421 Too many connections (2) from this IP", "220 ready"], ["421 No", "421 No"], [""]]
)
async def test_a_server_without_room_is_connected_to_once_more(
    greetings: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ftp, "PAUSE", 0.0)
    left = iter(greetings)

    def answer(asked: Asked) -> Asked:
        return {"greeting": next(left)}

    rec = Recorder(lambda: 0.0)
    await ftp.ftp(TASK, FakeNet(answers={FtpGreeting: answer}), rec)
    assert [step.greeting for step in rec.steps if isinstance(step, FtpGreeting)] == greetings
