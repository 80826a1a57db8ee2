"""Tests the detection of a mail proxy near the vantage that greets for every exchanger."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from auditor.facts.mail import near_greets
from auditor.facts.mail.near_greets import NearGreets
from auditor.framework.context import TransportKey
from inventory.model import Network
from probes.framework.evidence import Evidence, Failure, FailureKind
from probes.observations.exposure import PortReply, PortSweep
from probes.observations.mail import SmtpDialogue, SmtpReply
from tests.support.compared import no_more_than
from tests.unit.auditor.contexts import REFUSED, SITE, TIMEOUT, evidence

PROXY = "220 relay.isp.example ESMTP ready"
OF_US = Failure(kind=FailureKind.OUT_OF_TIME)


def talk(
    number: int, greeting: str = PROXY, *, exchanger: str = "", family: int = 4, port: int = 25, code: int = 220
) -> Evidence:
    address = ip_address(f"198.51.{number}.1" if family == 4 else f"2001:db8:{number}::1")
    step = SmtpDialogue(
        address=address,
        port=port,
        server_name=exchanger or f"mail.agency{number}.gov.vn",
        connected=True,
        replies=(SmtpReply(code=code, lines=(greeting,)),),
    )
    return evidence(step)


def failed(failure: Failure, family: int = 4) -> Evidence:
    (step,) = talk(99, family=family).steps
    return evidence(replace(step, connected=False, replies=(), failure=failure))  # type: ignore[call-arg]


def sweep(failure: FailureKind | None) -> Evidence:
    return evidence(PortSweep(address=ip_address("192.0.2.1"), replies=(PortReply(port=25, failure=failure),)))


def seen(*found: Evidence, network: Network = Network.INTERNET) -> frozenset[TransportKey]:
    near = NearGreets([replace(SITE, network=network)])
    for piece in found:
        near.add(piece)
    return near.seen()


EVERYBODY = [talk(number) for number in range(3)]


def test_near_greets_for_exchangers_that_have_nothing_to_do_with_each_other() -> None:
    assert seen(*EVERYBODY) == {(4, "tcp/25")}
    assert seen(*reversed(EVERYBODY), sweep(None), failed(OF_US), failed(REFUSED, 6)) == {(4, "tcp/25")}
    assert seen(*(talk(number, family=6) for number in range(3))) == {(6, "tcp/25")}
    assert seen(*EVERYBODY, network=Network.TSLCD) == frozenset()


@pytest.mark.parametrize(
    "found",
    [
        EVERYBODY[:2],
        [*EVERYBODY[:2], talk(1, exchanger="mail.agency7.gov.vn")],  # two networks
        [*EVERYBODY, failed(REFUSED)],
        [*EVERYBODY, failed(TIMEOUT)],
        [*EVERYBODY, sweep(FailureKind.REFUSED)],
        [*EVERYBODY, talk(9, "220 mx.other.example ESMTP")],
        [*EVERYBODY, talk(9, "554 no", code=554)],
        [*EVERYBODY, talk(9, port=587)],  # the exchangers' own hoster, seen where no proxy is
        [talk(number, exchanger=f"mx{number}.isp.example") for number in range(3)],
        [talk(number, exchanger=f"mx{number}.agency.gov.vn") for number in range(3)],  # one owner's, in three networks
        [talk(number, "220 mail.tinh.gov.vn ESMTP", exchanger=f"mail.so{number}.tinh.gov.vn") for number in range(3)],
        [talk(number, "220 localhost.localdomain ESMTP") for number in range(3)],
        [talk(number, "220 ESMTP") for number in range(3)],
        [talk(number, "220 ******************") for number in range(3)],
    ],
)
def test_near_greets_is_told_from_servers_that_are_alike(found: list[Evidence]) -> None:
    assert seen(*found) == frozenset()


def test_near_greets_compares_no_more_names_than_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    with no_more_than(4) as names:
        monkeypatch.setattr(near_greets, "_named", lambda dialogue: names[dialogue.address.packed[2]])
        assert seen(*(talk(number) for number in range(len(names)))) == frozenset()
