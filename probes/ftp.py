"""Reads the greeting of an FTP server and asks whether it would encrypt."""

from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.net.api import Net
from probes.observations.exposure import FtpGreeting


@endpoint_probe(version=1, title="FTP greeting", records=(FtpGreeting,), deadline=30.0)
async def ftp(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """One connection to port 21; nobody logs in."""
    await net.ftp(rec, task.endpoint.address, 21)
