"""Tests that the probe ``tls`` makes one handshake."""

from probes.framework.recorder import Recorder
from probes.observations.web import TlsHandshake
from probes.tls import tls
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.web_tasks import task


async def test_tls_is_one_handshake_with_the_name() -> None:
    rec = Recorder(lambda: 0.0)
    await tls(task(443), FakeNet(), rec)
    (done,) = rec.steps
    assert isinstance(done, TlsHandshake)
    assert (done.server_name, done.protocol, done.port) == ("www.vn", "https", 443)
