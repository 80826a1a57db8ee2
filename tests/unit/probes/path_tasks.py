"""Makes tasks of a web site with both families to test probes of the path."""

from ipaddress import ip_address

from inventory.model import Endpoint, Service
from probes.framework.tasks import DeviceTarget, EndpointTask, GroupTask, WebTarget
from probes.observations.path import CraftedExchange
from probes.observations.transport import EchoSeries
from tests.unit.probes.fake_net import Asked, FakeNet

HOST = "www.tinh-a.example"


def task(address: str, service: str | None = "https", device: DeviceTarget | None = None) -> EndpointTask:
    known = None if service is None else Service(name=service, port=443)
    endpoint = Endpoint(address=ip_address(address), port=443 if known else None, name=HOST)
    return EndpointTask(endpoint=endpoint, host=HOST, service=known, device=device)


def echoing(largest: int, fits: int | None = None) -> FakeNet:
    """Echo payloads up to ``largest``; for larger ones a router reports an MTU of ``fits``."""

    def answer(asked: Asked) -> Asked:
        rtt = 0.01 if asked["payload_size"] <= largest else None
        return {"rtts": (rtt,) * asked["packets"], "mtu": fits}

    return FakeNet(answers={EchoSeries: answer})


def crafting(answers: dict[str, str]) -> FakeNet:
    """Answer each form of crafted packet as the table says."""
    return FakeNet(answers={CraftedExchange: lambda asked: {"answer": answers.get(asked["form"])}})


FOUR, SIX = "192.0.2.1", "2001:db8::1"


def group(*addresses: str, file: str = "") -> GroupTask:
    endpoints = tuple(Endpoint(address=ip_address(one), port=443, name=HOST) for one in addresses)
    service = Service(name="https", port=443)
    return GroupTask(endpoints=endpoints, host=HOST, service=service, web=WebTarget(object_url=file))
