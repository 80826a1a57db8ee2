"""Asks an SSH server which log-in methods it offers, where the owner authorised the question."""

from inventory.model import Clearance
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.net.exposure.ssh import ask_methods
from probes.observations.ssh import SshAuthMethods


@endpoint_probe(
    version=1, title="SSH login methods", records=(SshAuthMethods,), deadline=30.0, clearance=Clearance.INTRUSIVE
)
async def ssh_methods(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Send one ``none`` request for a user that does not exist; no password is ever tried."""
    await ask_methods(net, rec, task.endpoint.address, 22)
