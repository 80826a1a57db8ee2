"""Records the algorithms and keys that an SSH server offers before any log-in."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.exposure.ssh import exchange_keys
from probes.observations.ssh import SshExchange


@endpoint_probe(version=1, title="SSH algorithms", records=(SshExchange,), deadline=30.0)
async def ssh(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Connect once to port 22 of the address; a closed port is recorded as closed."""
    await exchange_keys(net, rec, task.endpoint.address, 22)
