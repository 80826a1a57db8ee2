"""Tests the evidence guard: the evidence that a verdict may rest on, for a check that does not look itself."""

from dataclasses import replace

import pytest

from auditor.framework.address_owners import Location
from auditor.framework.check import Check, SilenceMeaning
from auditor.framework.context import Context
from auditor.framework.findings import Outcome, Reason, Verdict
from auditor.judging.evidence_guard import doubt
from inventory.model import Network
from probes.framework.evidence import NO_CONNECT, Evidence, EvidenceSet, Failure, FailureKind, Observation
from probes.observations.dns import Delegation, DnsExchange, LookupStatus, NameLookup
from probes.observations.mail import SmtpDialogue
from probes.observations.pages import Pair, PairedConnects
from probes.observations.throughput import ThroughputTest
from probes.observations.transport import EchoSeries, TcpConnect
from probes.observations.vantage import TCP_FULL, ControlAnswer
from probes.observations.web import HttpExchange, TlsHandshake
from tests.unit.auditor.contexts import (
    A4,
    A6,
    B6,
    PROVEN,
    REFUSED,
    TIMEOUT,
    always,
    at,
    check,
    connect,
    context,
    evidence,
    judged,
    point,
    said,
    vantage,
)

BAD = Verdict(code="BAD")
ALL = (
    TcpConnect,
    TlsHandshake,
    SmtpDialogue,
    HttpExchange,
    DnsExchange,
    EchoSeries,
    NameLookup,
    Delegation,
    ControlAnswer,
)
WHAT = check(always(BAD), needs=ALL)
EXPOSURE = replace(WHAT, question=SilenceMeaning.EXPOSURE)
UNPROVEN = context()


def _doubt(
    *found: Evidence,
    outcome: Outcome = Outcome.FAIL,
    ctx: Context = UNPROVEN,
    what: Check = WHAT,
    verdict: Verdict | None = None,
) -> Reason | None:
    rests_on = Verdict(code="BAD", evidence=tuple(envelope.id for envelope in found)) if verdict is None else verdict
    return doubt(what, rests_on, outcome, EvidenceSet(found), ctx)


def _failed(kind: FailureKind) -> Failure:
    return Failure(kind=kind)


@pytest.mark.parametrize("kind", [FailureKind.UNREACHABLE, FailureKind.PROHIBITED])
def test_doubt_icmp_error_counts_only_where_the_transport_works(kind: FailureKind) -> None:
    assert _doubt(connect(A6, _failed(kind))) is Reason.EGR
    assert _doubt(connect(A6, _failed(kind)), ctx=PROVEN) is None


@pytest.mark.parametrize("outcome", [Outcome.FAIL, Outcome.WARN])
def test_doubt_silence_counts_only_where_the_transport_works(outcome: Outcome) -> None:
    assert _doubt(connect(A6, TIMEOUT), outcome=outcome) is Reason.EGR
    assert _doubt(connect(A6, TIMEOUT), outcome=outcome, ctx=PROVEN) is None


@pytest.mark.parametrize("outcome", [Outcome.PASS, Outcome.NOT_APPLICABLE, Outcome.INCONCLUSIVE, Outcome.ERROR])
def test_doubt_outcome_that_is_no_defect_is_unchanged(outcome: Outcome) -> None:
    assert _doubt(connect(A6, TIMEOUT), outcome=outcome) is None


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (FailureKind.REFUSED, None),
        (FailureKind.RESET, None),
        (FailureKind.PROTOCOL, None),
        (FailureKind.NO_PERMISSION, Reason.PRIV),
        (FailureKind.FILTERED_HERE, Reason.EGR),
        (FailureKind.NO_ROUTE_HERE, Reason.CUT),
        (FailureKind.OUT_OF_SCOPE, Reason.SCOPE),
        (FailureKind.CUT_SHORT, Reason.CUT),
        (FailureKind.BUG, Reason.CUT),
    ],
)
@pytest.mark.parametrize("ctx", [UNPROVEN, PROVEN], ids=["unproven", "proven"])
def test_doubt_refusal_counts_and_local_failures_do_not(kind: FailureKind, reason: Reason | None, ctx: Context) -> None:
    assert _doubt(connect(A6, _failed(kind)), ctx=ctx) is reason


def test_one_failure_that_counts_is_enough() -> None:
    assert _doubt(connect(A6, TIMEOUT), connect(B6, REFUSED)) is None
    assert _doubt(connect(A6, TIMEOUT), connect(A6, REFUSED, attempt=2)) is None


def test_doubt_comparison_with_one_undecided_side_does_not_count() -> None:
    """A comparison does not count if IPv6 is silent and nothing shows that IPv6 gets out on that port."""
    assert _doubt(connect(A4), connect(A6, TIMEOUT)) is Reason.EGR
    assert _doubt(connect(A4), connect(A6, TIMEOUT), ctx=PROVEN) is None
    assert _doubt(connect(A4), connect(A6, _failed(FailureKind.CUT_SHORT)), ctx=PROVEN) is Reason.CUT


def test_doubt_fail_may_rest_on_a_success() -> None:
    """A fail may rest on an accepted weak version although another attempt at the same address was lost."""
    weak = evidence(TlsHandshake(address=A6, port=443, server_name=None), to=A6, probe="tls")
    lost = evidence(
        TlsHandshake(address=A6, port=443, server_name=None, failure=TIMEOUT), to=A6, probe="tls", attempt=2
    )
    assert _doubt(weak) is None
    assert _doubt(weak, lost) is None
    assert _doubt(lost) is Reason.EGR


def test_a_verdict_that_names_no_evidence_is_looked_at_all_the_same() -> None:
    assert _doubt(connect(A6, TIMEOUT), verdict=BAD) is Reason.EGR
    assert _doubt(connect(A6, TIMEOUT), connect(B6, REFUSED), verdict=BAD) is None
    about = Verdict(code="BAD", address=A6)
    assert _doubt(connect(A6, TIMEOUT), connect(B6, REFUSED), verdict=about) is Reason.EGR
    assert _doubt(verdict=BAD) is None  # declared facts need no evidence


def test_only_what_the_check_reads_counts() -> None:
    reads = replace(WHAT, needs=(HttpExchange,))
    page = HttpExchange(address=A6, port=443, url="https://x/", failure=_failed(FailureKind.CUT_SHORT))
    both = evidence(TcpConnect(address=A6, port=443, failure=REFUSED), page, to=A6)
    assert _doubt(both, what=reads) is Reason.CUT
    assert _doubt(both) is None


@pytest.mark.parametrize(
    ("step", "key"),
    [
        (TcpConnect(address=A6, port=25, failure=TIMEOUT), (6, "tcp/25")),
        (TlsHandshake(address=A4, port=443, server_name=None, failure=TIMEOUT), (4, "tcp/443")),
        (SmtpDialogue(address=A6, port=25, server_name=None, failure=TIMEOUT), (6, "tcp/25")),
        (HttpExchange(address=A6, port=80, url="http://x/", failure=TIMEOUT), (6, "tcp/80")),
        (DnsExchange(server=A6, qname=".", qtype="NS", failure=TIMEOUT), (6, "udp/53")),
        (DnsExchange(server=A4, qname=".", qtype="NS", transport="tcp", failure=TIMEOUT), (4, "tcp/53")),
        (EchoSeries(address=A6, interval=1, payload_size=56, rtts=(None,), failure=TIMEOUT), (6, "icmp")),
        (EchoSeries(address=A6, interval=1, payload_size=56, rtts=(None, None)), (6, "icmp")),
    ],
)
def test_the_control_must_be_of_the_same_family_and_transport(step: Observation, key: tuple[int, str]) -> None:
    envelope = evidence(step)
    other, full = (10 - key[0], key[1]), (key[0], TCP_FULL)
    assert _doubt(envelope, ctx=context(vantage(controls=(key, full)))) is None
    assert _doubt(envelope, ctx=context(vantage(controls=(other, (key[0], "tcp/1"))))) is Reason.EGR


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (TlsHandshake(address=A6, port=443, server_name=None, failure=TIMEOUT), Reason.EGR),
        (HttpExchange(address=A6, port=443, url="https://x/", failure=TIMEOUT), Reason.EGR),
        (
            HttpExchange(
                address=A6, port=443, url="https://x/", failure=Failure(kind=FailureKind.TIMEOUT, detail=NO_CONNECT)
            ),
            None,
        ),
        (TlsHandshake(address=A6, port=443, server_name=None, failure=Failure(kind=FailureKind.RESET)), None),
        (TcpConnect(address=A6, port=443, failure=TIMEOUT), None),
    ],
)
def test_silence_instead_of_what_fills_packets_needs_full_segments_from_elsewhere(
    step: Observation, reason: Reason | None
) -> None:
    assert _doubt(evidence(step), ctx=context(vantage(controls=((6, "tcp/443"),)))) is reason


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (FailureKind.TIMEOUT, Reason.DNS),
        (FailureKind.UNREACHABLE, Reason.DNS),
        (FailureKind.CUT_SHORT, Reason.CUT),
        (FailureKind.NAME_ERROR, None),
        (FailureKind.PROTOCOL, None),
    ],
)
def test_doubt_unresolved_name_does_not_count(kind: FailureKind, reason: Reason | None) -> None:
    lost = NameLookup(name="x.vn", rtype="AAAA", role="host", status=LookupStatus.NO_ANSWER, failure=_failed(kind))
    assert _doubt(evidence(lost)) is reason
    assert _doubt(evidence(Delegation(zone="x.vn", parent="vn", failure=_failed(kind)))) is reason
    empty = NameLookup(name="x.vn", rtype="AAAA", role="host", status=LookupStatus.NO_DATA)
    assert _doubt(evidence(empty)) is None


def test_the_control_must_have_answered_about_when_the_step_was_taken() -> None:
    """A filter that comes up during a run does not excuse failures before it; they may be held against the subject."""
    key = (6, "tcp/443")
    good, silent = (
        replace(point(-60, 4, 6), answered=frozenset({key})),
        replace(point(60, 4, 6), silent=frozenset({key})),
    )
    between = replace(good, at=at(-30))
    ctx = context(vantage(good, between, silent, controls=(key,)))
    assert _doubt(connect(A6, TIMEOUT, minutes=-45), ctx=ctx) is None
    assert _doubt(connect(A6, TIMEOUT, minutes=0), ctx=ctx) is Reason.EGR
    assert _doubt(connect(A6, TIMEOUT, minutes=90), ctx=ctx) is Reason.EGR


def test_doubt_exposure_passes_only_with_proven_silence() -> None:
    ssh = evidence(TcpConnect(address=A6, port=22, failure=TIMEOUT), to=A6)
    web = connect(A6, TIMEOUT, attempt=2)
    shut = connect(B6, REFUSED)
    proven = context(vantage(controls=((6, "tcp/22"), (6, "tcp/443"))))
    for found, ctx, reason in (
        ((ssh, web), UNPROVEN, Reason.EGR),
        ((ssh, web), context(vantage(controls=((6, "tcp/22"),))), Reason.EGR),
        ((ssh, web), proven, None),
        ((ssh, web, shut), context(vantage(controls=((6, "tcp/443"),))), Reason.EGR),
        ((shut,), UNPROVEN, None),
        ((connect(A6, TIMEOUT), connect(A6, REFUSED, attempt=2)), UNPROVEN, None),
        ((connect(A6, _failed(FailureKind.OUT_OF_SCOPE)),), proven, Reason.SCOPE),
    ):
        assert _doubt(*found, outcome=Outcome.PASS, what=EXPOSURE, ctx=ctx) is reason
        assert _doubt(*found, outcome=Outcome.PASS, ctx=ctx) is None


def test_doubt_exposure_fails_on_one_answer() -> None:
    open_ssh = evidence(TcpConnect(address=A6, port=22), to=A6)
    assert _doubt(open_ssh, connect(A6, TIMEOUT, attempt=2), what=EXPOSURE) is None
    assert _doubt(connect(A6, TIMEOUT), what=EXPOSURE) is Reason.EGR


def test_the_judge_asks_and_says_why() -> None:
    envelope = connect(A6, TIMEOUT)
    careless = check(always(Verdict(code="BAD", evidence=(envelope.id,), address=A6, args={"port": 443})))
    (finding,) = judged(careless, envelope, ctx=UNPROVEN)
    assert (finding.outcome, finding.reason, finding.code) == (Outcome.INCONCLUSIVE, Reason.EGR, "U_EGR")
    assert (finding.address, finding.evidence, finding.args) == (A6, (envelope.id,), {})
    assert said(judged(careless, envelope)) == [("BAD", str(A6))]


def test_doubt_of_a_silent_download_its_transport_has_to_be_shown_to_work() -> None:
    step = ThroughputTest(address=A6, port=443, url="https://x/", wanted=1, failure=TIMEOUT)
    what = check(always(BAD), needs=(ThroughputTest,))
    assert _doubt(evidence(step, to=A6), what=what) is Reason.EGR
    full = replace(PROVEN, vantage=replace(PROVEN.vantage, controls=frozenset({(6, "tcp/443"), (6, TCP_FULL)})))
    assert _doubt(evidence(step, to=A6), what=what, ctx=PROVEN) is Reason.EGR  # a download fills packets
    assert _doubt(evidence(step, to=A6), what=what, ctx=full) is None


def test_doubt_of_paired_connects_is_that_of_each_connect() -> None:
    pair = Pair(address4=A4, address6=A6, seconds4=0.1, failure6=FailureKind.TIMEOUT)
    step = PairedConnects(port=443, pairs=(pair,))
    what = check(always(BAD), needs=(PairedConnects,))
    assert _doubt(evidence(step), what=what) is Reason.EGR
    assert _doubt(evidence(step), what=what, ctx=PROVEN) is None


def test_doubt_refusal_by_everybody_may_be_of_a_firewall_of_ours() -> None:
    """A refusal may come from our own firewall: if a provider rejects port 25, every exchanger seems to refuse."""
    rejected = replace(UNPROVEN, vantage=replace(UNPROVEN.vantage, turned_away=frozenset({(6, "tcp/443")})))
    shut = connect(A6, REFUSED)
    assert _doubt(shut) is None
    assert _doubt(shut, ctx=rejected) is Reason.EGR
    assert _doubt(connect(A4, REFUSED), ctx=rejected) is None
    assert _doubt(shut, ctx=rejected, what=EXPOSURE, outcome=Outcome.PASS) is None
    inside = replace(rejected, location=Location(network=Network.TSLCD))
    assert _doubt(shut, ctx=inside) is None
