"""Tests connections that a device near the vantage accepts in the name of others."""

from dataclasses import replace
from ipaddress import ip_address

import pytest

from auditor.facts.exposure import near_accepts
from auditor.facts.exposure.near_accepts import NearAccepts
from auditor.framework.context import TransportKey
from inventory.model import Network
from probes.framework.evidence import Evidence, FailureKind
from probes.observations.exposure import UNUSED, PortReply, PortSweep
from probes.observations.web import HttpExchange
from tests.support.compared import no_more_than
from tests.unit.auditor.contexts import SITE, evidence

SQUID = "1.1 proxy.tinh.example (squid/6.6)"


def sweep(number: int, failure: FailureKind | None, family: int = 4) -> Evidence:
    address = ip_address(f"198.51.{number}.1" if family == 4 else f"2001:db8:{number}::1")
    replies = tuple(PortReply(port=port, failure=failure) for port in UNUSED)
    return evidence(PortSweep(address=address, replies=replies))


def answer(number: int, via: str, port: int = 80) -> Evidence:
    headers = (("Via", via),) if via else ()
    address = ip_address(f"198.51.{number}.1")
    return evidence(HttpExchange(address=address, port=port, url="http://x/", status=200, headers=headers))


def seen(*found: Evidence, network: Network = Network.INTERNET) -> frozenset[TransportKey]:
    near = NearAccepts([replace(SITE, network=network)])
    for piece in found:
        near.add(piece)
    return near.seen()


def test_near_accepts_everything_where_no_unused_port_is_closed() -> None:
    accepted = [sweep(number, None) for number in range(3)]
    assert seen(*accepted) == {(4, "tcp/*")}
    assert seen(*accepted, sweep(9, FailureKind.TIMEOUT)) == frozenset()
    assert seen(*accepted, sweep(9, FailureKind.CUT_SHORT), sweep(9, FailureKind.REFUSED, 6)) == {(4, "tcp/*")}
    assert seen(*accepted[:2], sweep(1, None)) == frozenset()
    assert seen(*accepted, network=Network.TSLCD) == frozenset()


def test_near_accepts_plain_http_where_one_proxy_passes_on_all_answers() -> None:
    passed_on = [answer(number, f"1.0 front{number}, {SQUID}") for number in range(6)]
    assert seen(*passed_on) == {(4, "tcp/80")}
    assert seen(*passed_on[:4]) == frozenset()
    assert seen(*passed_on, answer(9, ""), answer(8, "1.1 other")) == frozenset()  # a content network of some sites
    assert seen(*passed_on, answer(1, SQUID, port=443)) == frozenset()  # a front end of theirs
    assert seen(*(answer(number, "") for number in range(9))) == frozenset()
    assert seen(*(answer(number, "1.1") for number in range(9))) == frozenset()


def test_near_accepts_compares_no_more_names_than_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    with no_more_than(4) as names:
        monkeypatch.setattr(near_accepts, "_nearest", lambda step: names[step.address.packed[2]])
        assert seen(*(answer(number, "") for number in range(len(names)))) == frozenset()
