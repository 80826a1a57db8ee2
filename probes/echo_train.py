"""Measures loss and delay of echo to each address of a subject, IPv4 and IPv6 at the same time."""

from dataclasses import replace

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import EchoShape, Net
from probes.observations.path import EchoTrain
from probes.observations.transport import EchoSeries

SHAPE = EchoShape(count=30, interval=0.2, size=56)
SLOWLY = EchoShape(count=10, interval=1.0, size=56)


@endpoint_probe(
    version=2,
    title="Echo over both families, side by side",
    records=(EchoTrain,),
    on_the_way=(EchoSeries,),
    deadline=60.0,
    needs_answer=True,
)
async def echo_train(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send thirty echo requests, five a second, and ten more, one a second, where some were lost.

    The addresses of a subject are asked at once, so that trouble on our own line affects IPv4 and IPv6 alike. A limit
    on echo, which is legitimate, takes none of the ten slow ones.

    While a user waits, the last requests of the thirty are left out where nothing is lost; loss is measured again from
    the beginning, when our other echoes to the address have ended.
    """
    t0, blank = rec.now(), EchoTrain(address=task.endpoint.address, interval=SHAPE.interval)
    enough = replace(SHAPE, count=net.setting.timing.train_enough)
    series = await net.echo(rec.aside(), task.endpoint.address, enough)
    if enough != SHAPE and 0 < series.received < series.sent:
        t0, series = rec.now(), await net.echo(rec.aside(), task.endpoint.address, SHAPE)
    rec.record(replace(blank, rtts=series.rtts, failure=series.failure), t0=t0)
    if 0 < series.received < series.sent:
        await net.echo(rec, task.endpoint.address, SLOWLY)
