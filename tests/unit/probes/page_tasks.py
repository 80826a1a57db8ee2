"""Makes the tasks and names of a web site to test probes of pages."""

from ipaddress import ip_address

from inventory.model import Endpoint, Service
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask, GroupTask
from probes.net.api import HttpRequest
from tests.unit.probes.fake_names import FakeNames

SIX, SIX2, FOUR = ip_address("2001:db8::80"), ip_address("2001:db8::81"), ip_address("192.0.2.80")
HTTPS = Service(name="https", port=443)
NAMES = FakeNames(
    records={
        ("tinh.vn", "AAAA"): ("2001:db8::90",),
        ("tinh.vn", "A"): ("192.0.2.90",),
        ("cdn.net", "AAAA"): ("2001:db8:c::1", "2001:db8:c::2", "2001:db8:c::3"),
        ("old.net", "A"): ("192.0.2.99",),
    }
)


def endpoint(*, host: str | None = "www.vn", port: int | None = 443) -> EndpointTask:
    return EndpointTask(endpoint=Endpoint(address=SIX, port=port, name=host), host=host, service=HTTPS)


def group(*addresses: object, name: str = "https") -> GroupTask:
    port = {"https": 443, "http": 80}[name]
    ends = tuple(Endpoint(address=address, port=port, name="www.vn") for address in addresses)  # type: ignore[arg-type]
    return GroupTask(endpoints=ends, host="www.vn", service=Service(name=name, port=port))


def recorder() -> Recorder:
    return Recorder(lambda: 0.0)


WALL = (("Set-Cookie", "wall=1; Path=/"),)


def walled(request: HttpRequest) -> tuple[int, str | None]:
    """A front end that lets nobody through without the cookie of its first answer."""
    return (200, None) if ("Cookie", "wall=1") in request.extra else (302, request.url)
