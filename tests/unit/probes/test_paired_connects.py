"""Connections over both families take turns and are timed."""

from inventory.model import Endpoint
from probes.framework.recorder import Recorder
from probes.observations.pages import PairedConnects
from probes.observations.transport import TcpConnect
from probes.paired_connects import PAIRS, paired_connects
from tests.unit.probes.fake_net import FakeNet
from tests.unit.probes.page_tasks import FOUR, SIX, SIX2, group, recorder


async def test_pairs_take_turns() -> None:
    rec = recorder()
    await paired_connects(group(FOUR, SIX, SIX2), FakeNet(), rec)
    (step,) = rec.steps
    assert isinstance(step, PairedConnects)
    assert len(step.pairs) == PAIRS
    assert {str(pair.address6) for pair in step.pairs} == {str(SIX), str(SIX2)}
    assert {pair.seconds6 for pair in step.pairs} == {0.0}


async def test_pairs_are_timed_by_the_kernel_where_it_can_tell() -> None:
    class Late(FakeNet):
        async def tcp(self, rec: Recorder, endpoint: Endpoint) -> TcpConnect:
            step = TcpConnect(address=endpoint.address, port=443, rtt=0.002 if endpoint.address == SIX else None)
            return rec.record(step, t0=rec.now() - 0.5)

    rec = recorder()
    await paired_connects(group(FOUR, SIX), Late(), rec)
    (step,) = rec.steps
    assert isinstance(step, PairedConnects)
    assert {pair.seconds6 for pair in step.pairs} == {0.002}
    assert all(pair.seconds4 is not None and pair.seconds4 >= 0.5 for pair in step.pairs)


async def test_one_family_alone_is_no_pair() -> None:
    rec = recorder()
    await paired_connects(group(SIX), FakeNet(), rec)
    assert rec.steps == ()
