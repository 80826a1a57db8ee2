"""Tests what ``certificate_status`` fetches, and in which order: the staple, the issuer, then lists."""

import asyncio
from dataclasses import replace
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from inventory.model import Endpoint, Service
from probes.certificate_status import certificate_status
from probes.framework.evidence import Failure, FailureKind, Observation
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from probes.observations.certificates import IssuerFetch, RevocationList, TlsStaple
from tests.golden import lab
from tests.golden.cases_certificates import promising
from tests.unit.probes.fake_names import FakeNames
from tests.unit.probes.fake_net import FakeNet

SIX, FOUR = ip_address("2001:db8::ca"), ip_address("192.0.2.202")
NAMES = FakeNames(records={("ca.example", "A"): (str(FOUR),), ("ca.example", "AAAA"): (str(SIX),)})
TASK = EndpointTask(
    endpoint=Endpoint(address=ip_address("2001:db8::80"), port=443, name="www.vn"),
    host="www.vn",
    service=Service(name="https", port=443),
)


def asked(net: FakeNet, task: EndpointTask = TASK) -> list[Observation]:
    rec = Recorder(lambda: 0.0)

    async def main() -> None:
        await certificate_status(task, net, rec)

    asyncio.run(main())
    kinds = (TlsStaple, IssuerFetch, RevocationList)
    return [step for step in rec.steps if isinstance(step, kinds)]


def serving(*certificates: x509.Certificate) -> FakeNet:
    """Simulate a host that sends these certificates, without a staple."""
    chain = tuple(one.public_bytes(Encoding.DER) for one in certificates)
    return FakeNet(names=NAMES, answers={TlsStaple: lambda asked: {"chain": chain}})


def test_certificate_status_without_a_chain_asks_nothing_more() -> None:
    assert [type(step) for step in asked(FakeNet(names=NAMES))] == [TlsStaple]


def test_certificate_status_of_a_leaf_alone_fetches_its_issuer() -> None:
    _, issuer = asked(serving(lab.leaf("www.vn", fetch=True)))
    assert isinstance(issuer, IssuerFetch)
    assert (issuer.url, issuer.address) == ("http://ca.example/intermediate.der", FOUR)


def test_certificate_status_goes_to_the_other_family_where_one_is_down() -> None:
    down = {FOUR: Failure(kind=FailureKind.TIMEOUT)}
    net = serving(lab.leaf("www.vn", fetch=True))
    net.answers |= {IssuerFetch: lambda asked: {"failure": down.get(asked["address"])}}
    found = asked(net)
    assert [step.address for step in found if isinstance(step, IssuerFetch)] == [FOUR, SIX]


def test_certificate_status_of_a_chain_that_points_nowhere_but_to_a_list_asks_for_that() -> None:
    leaf = lab.leaf("www.vn", more=promising())
    found = asked(serving(leaf, lab.MIDDLE))
    lists = [step for step in found if isinstance(step, RevocationList)]
    assert not any(isinstance(step, IssuerFetch) for step in found)
    assert lists[0].url == "http://ca.example/list.crl"
    assert len(lists) == 1


@pytest.mark.parametrize(
    ("service", "port", "protocol"), [("submission", 587, "smtp"), ("imaps", 993, "imaps"), ("ldap", 389, "ldap")]
)
def test_certificate_status_of_a_service_asks_in_its_protocol(service: str, port: int, protocol: str) -> None:
    task = replace(TASK, endpoint=replace(TASK.endpoint, port=port), service=Service(name=service, port=port))
    (staple,) = asked(FakeNet(names=NAMES), task)
    assert isinstance(staple, TlsStaple)
    assert (staple.protocol, staple.port) == (protocol, port)
