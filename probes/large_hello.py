"""Sends hellos as browsers do to one web address, one of two segments and one of one."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.tls import BrowserHello


@endpoint_probe(
    version=1,
    title="TLS hello of more than one segment",
    records=(BrowserHello,),
    services=frozenset({"https", "https-alt"}),
    needs_open=True,
    retry="flaw",
    deadline=40.0,
)
async def large_hello(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """The small one directly behind the large one: what is left of the difference is the size."""
    for large in (True, False):
        await net.browser_hello(rec, task.endpoint, protocol="https", large=large)
