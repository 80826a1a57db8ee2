"""Tests the questions to a name server about the apex of its zone."""

from probes.aaaa_answers import aaaa_answers
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.zone_data import zone_data
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.name_server import SILENT, TASK, asked


async def test_the_top_of_the_zone_is_asked_for_with_tcp_where_it_is_truncated() -> None:
    triples = await asked(zone_data, lambda name, rtype, transport: "TC" if transport == "udp" else "NOERROR")
    assert triples[:2] == [("a.vn", "SOA", "udp"), ("a.vn", "SOA", "tcp")]
    assert len(triples) == 2 * 6 + 2  # six types, and the one with records once more


async def test_a_silent_server_is_asked_once() -> None:
    assert len(await asked(zone_data, lambda name, rtype, transport: SILENT)) == 1


async def test_who_serves_no_audited_zone_is_asked_nothing() -> None:
    for probe in (aaaa_answers, zone_data):
        rec = Recorder(lambda: 0.0)
        await probe(EndpointTask(endpoint=TASK.endpoint), FakeNet(), rec)
        assert not rec.steps
