"""Tests that only addresses at which anything answered are measured at length."""

from dataclasses import replace

import pytest

from inventory.model import Endpoint
from probes.framework.answered_addresses import alive, was_silent
from probes.framework.evidence import Failure, FailureKind, Observation
from probes.observations.dns import DnsExchange
from probes.observations.snmp import SnmpAttempt, SnmpSession
from probes.observations.transport import EchoSeries, QuicInitial, StampSeries, TcpConnect, UdpPortTest
from probes.observations.web import TlsHandshake
from tests.unit.auditor.contexts import A6, REFUSED, TIMEOUT, evidence

RESET, ALERT = (Failure(kind=kind) for kind in (FailureKind.RESET, FailureKind.TLS_ALERT))
PROHIBITED = Failure(kind=FailureKind.PROHIBITED)
REJECTED = (SnmpAttempt("operators", "3", rejected=True),)


@pytest.mark.parametrize(
    "step",
    [
        EchoSeries(address=A6, interval=1, payload_size=56, rtts=(None, 0.1)),
        StampSeries(address=A6, port=862, interval=1, rtts=(None, 0.1)),
        TcpConnect(address=A6, port=443),
        TcpConnect(address=A6, port=443, failure=REFUSED),
        TcpConnect(address=A6, port=443, failure=RESET),
        TlsHandshake(address=A6, port=443, server_name=None, failure=ALERT),
        UdpPortTest(address=A6, port=33434, failure=REFUSED),
        QuicInitial(address=A6, port=443, server_name=None, reply=b"x"),
        DnsExchange(server=A6, qname=".", qtype="NS", response=b"x"),
        SnmpSession(address=A6, port=161, attempts=REJECTED, failure=TIMEOUT),
        SnmpSession(address=A6, port=161, failure=REFUSED),
    ],
)
def test_alive_address_that_answered_is_alive(step: Observation) -> None:
    assert alive([evidence(step)]) == {A6}


@pytest.mark.parametrize(
    "step",
    [
        EchoSeries(address=A6, interval=1, payload_size=56, rtts=(None, None)),
        StampSeries(address=A6, port=862, interval=1, rtts=(None, None)),
        TcpConnect(address=A6, port=443, failure=TIMEOUT),
        TcpConnect(address=A6, port=443, failure=PROHIBITED),
        DnsExchange(server=A6, qname=".", qtype="NS", failure=TIMEOUT),
        SnmpSession(address=A6, port=161),
    ],
)
def test_alive_address_that_is_silent_is_not_alive(step: Observation) -> None:
    assert alive([evidence(step)]) == frozenset()


LYING = TlsHandshake(address=A6, port=443, server_name=None, failure=TIMEOUT)
AGREED = TlsHandshake(address=A6, port=443, server_name=None)


@pytest.mark.parametrize(
    ("steps", "silent"),
    [
        ((LYING,), True),
        ((LYING, LYING), True),
        ((), False),
        ((AGREED, LYING), False),  # slow behind its handshake
        ((TlsHandshake(address=A6, port=443, server_name=None, failure=RESET),), False),  # nobody waited
        ((TlsHandshake(address=A6, port=443, server_name=None, failure=ALERT), LYING), False),
    ],
)
def test_was_silent_where_one_was_left_waiting_and_nothing_came(steps: tuple[Observation, ...], silent: bool) -> None:
    assert was_silent(replace(evidence(*steps), endpoint=Endpoint(address=A6, port=443))) is silent
    assert was_silent(replace(evidence(*steps), endpoint=None)) is False
