"""Tests which observations show that an address is up, for every kind of observation."""

from dataclasses import replace
from ipaddress import IPv6Address

import pytest

from auditor.facts.life import sign_of_life, silent
from probes.framework.evidence import EvidenceSet, Failure, FailureKind, Observation
from probes.observations.snmp import SnmpSession
from probes.observations.ssh import SshExchange
from probes.observations.transport import StampSeries, TcpConnect, UdpPortTest
from tests.unit.auditor.contexts import A4, REFUSED, TIMEOUT, connect, evidence

A6 = IPv6Address("2001:db8:1::1")
RESET = Failure(kind=FailureKind.RESET)


@pytest.mark.parametrize(
    "step",
    [
        TcpConnect(address=A6, port=443, failure=RESET),
        StampSeries(address=A6, port=862, interval=1, rtts=(0.1,)),
        SnmpSession(address=A6, port=161, profile="operators"),
        UdpPortTest(address=A6, port=33434, failure=REFUSED),
        SshExchange(address=A6, port=22, banner="SSH-2.0-x"),
    ],
)
def test_life_whatever_answered_is_a_sign_of_it(step: Observation) -> None:
    mute = connect(A6, TIMEOUT)
    other = replace(evidence(step), probe="other", id=evidence(step, probe="other").id)
    assert sign_of_life(EvidenceSet([mute]), A6) is None
    assert silent(EvidenceSet([mute]), A6) == (mute.id,)
    assert sign_of_life(EvidenceSet([mute, other]), A6) == other.id
    assert silent(EvidenceSet([mute, other]), A6) == ()


def test_life_another_address_that_answers_is_no_sign_of_it() -> None:
    assert sign_of_life(EvidenceSet([connect(A4)]), A6) is None


def test_life_what_this_machine_did_not_send_was_no_question() -> None:
    ours = connect(A6, Failure(kind=FailureKind.CUT_SHORT, detail="this machine dropped packets"))
    mute = replace(connect(A6, TIMEOUT), id=evidence(probe="other").id, probe="other")
    assert silent(EvidenceSet([ours]), A6) == ()
    assert silent(EvidenceSet([ours, mute]), A6) == (mute.id,)
