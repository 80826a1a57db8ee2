"""Makes tasks of one address of a web site."""

from ipaddress import ip_address

from inventory.model import Endpoint, Service
from probes.framework.tasks import EndpointTask, WebTarget

SIX = ip_address("2001:db8::80")


def task(port: int = 80, *, address: object = SIX, service: str | None = None, page: str = "") -> EndpointTask:
    name = service or {80: "http", 443: "https", 8080: "http-alt", 8443: "https-alt"}[port]
    endpoint = Endpoint(address=address, port=port, name="www.vn")  # type: ignore[arg-type]  # an address
    return EndpointTask(
        endpoint=endpoint, host="www.vn", service=Service(name=name, port=port), web=WebTarget(page_url=page)
    )
