"""Finds which source address the kernel would use toward an address, by a datagram connect that sends nothing."""

import socket
from ipaddress import ip_address

from inventory.model import IPAddress
from probes.framework.evidence import Failure, FailureKind


def source_toward(address: IPAddress) -> IPAddress | Failure:
    """Return our address toward ``address``, or the failure ``no_route_here`` if this host has no route to it."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((str(address), 53))
            return ip_address(probe.getsockname()[0].partition("%")[0])
    except OSError as error:
        return Failure(kind=FailureKind.NO_ROUTE_HERE, detail=error.strerror or "", errno=error.errno)
