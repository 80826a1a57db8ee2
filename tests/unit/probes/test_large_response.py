"""The sizes in which large answers are asked for."""

from ipaddress import ip_address

from inventory.model import Endpoint, Service
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.large_response import large_response
from probes.observations.dns import DnsExchange
from tests.unit.probes.fake_net import FakeNet


async def test_large_answers_are_asked_for_by_size() -> None:
    endpoint = Endpoint(address=ip_address("2001:db8::53"), port=53, name="ns1.a.vn")
    rec = Recorder(lambda: 0.0)
    task = EndpointTask(endpoint=endpoint, service=Service(name="dns", port=53), zone="a.vn")
    await large_response(task, FakeNet(), rec)
    sizes = [(step.qtype, step.edns_size, step.transport) for step in rec.steps if isinstance(step, DnsExchange)]
    assert sizes == [("DNSKEY", size, "udp") for size in (1232, 512, 4096, 0)]
