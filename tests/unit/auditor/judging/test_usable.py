"""Tests that steps the vantage could not observe, or that a falsifying intermediary answered, are not judged."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from auditor.facts.dns.names import own
from auditor.facts.exposure.port_state import OpenState, port_state
from auditor.facts.mail.open_relay import Relay, relaying
from auditor.facts.mail.smtp import SmtpState, best_session
from auditor.framework.context import Context, TransportKey
from auditor.framework.findings import Outcome, Reason, Verdict
from auditor.judging.usable import usable
from inventory.model import Subject
from probes.framework.evidence import EvidenceSet, FailureKind
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.exposure import PortReply, PortSweep
from probes.observations.mail import RelayTry, SmtpDialogue, SmtpRelay, SmtpReply
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange
from tests.unit.auditor.contexts import A4, A6, check, context, evidence, judged, point, vantage


def _each_address(subject: Subject, found: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    asked = own(subject, found, ctx, "AAAA")
    yield Verdict(code="GOOD") if asked.known else Verdict(code="VARIES", reason=asked.reason)


@pytest.mark.parametrize(
    ("via", "invents", "iterative", "code", "outcome"),
    [
        ("resolver", True, True, "VARIES", Outcome.INCONCLUSIVE),
        ("resolver", False, True, "GOOD", Outcome.PASS),
        ("iterative", True, True, "GOOD", Outcome.PASS),
        ("iterative", True, False, "VARIES", Outcome.INCONCLUSIVE),
        ("iterative", False, False, "GOOD", Outcome.PASS),
    ],
)
def test_a_resolver_that_makes_up_addresses_is_not_believed(
    via: str, invents: bool, iterative: bool, code: str, outcome: Outcome
) -> None:
    here = context(vantage(point(-9, 4, 6), point(9, 4, 6, iterative=iterative, invents=invents)))
    look = NameLookup(
        name="www.example.vn", rtype="AAAA", role="host", status=LookupStatus.ANSWER, records=(str(A6),), via=via
    )
    (found,) = judged(check(_each_address, needs=(NameLookup,)), evidence(look, probe="dns"), ctx=here)
    assert (found.code, found.outcome) == (code, outcome)
    assert found.reason is (None if code == "GOOD" else Reason.EGR)


def test_what_is_not_there_is_believed_of_a_resolver_that_makes_up_addresses() -> None:
    here = context(vantage(point(-9, 4, 6, invents=True), point(9, 4, 6)))
    look = NameLookup(name="www.example.vn", rtype="AAAA", role="host", status=LookupStatus.NO_DATA, via="resolver")
    (found,) = judged(check(_each_address, needs=(NameLookup,)), evidence(look, probe="dns"), ctx=here)
    assert found.code == "GOOD"


@pytest.mark.parametrize(
    ("look", "hides", "code"),
    [
        ({"via": "resolver"}, True, "VARIES"),
        ({"via": "resolver"}, False, "GOOD"),
        ({"via": "iterative"}, True, "GOOD"),
        ({"via": "resolver", "status": LookupStatus.NO_SUCH_NAME}, True, "GOOD"),
        ({"via": "resolver", "status": LookupStatus.ANSWER, "records": (str(A6),)}, True, "GOOD"),
    ],
)
def test_a_resolver_that_leaves_addresses_out_is_not_believed_that_there_is_none(
    look: dict[str, Any], hides: bool, code: str
) -> None:
    here = context(vantage(point(-9, 4, 6, hides=hides), point(9, 4, 6)))
    empty = NameLookup(name="www.example.vn", rtype="AAAA", role="host", status=LookupStatus.NO_DATA)
    seen = evidence(replace(empty, **look), probe="dns")
    (found,) = judged(check(_each_address, needs=(NameLookup,)), seen, ctx=here)
    assert found.code == code
    assert found.reason is (None if code == "GOOD" else Reason.EGR)


def test_that_there_is_no_ipv4_address_is_believed_of_a_resolver_that_leaves_ipv6_out() -> None:
    here = context(vantage(point(-9, 4, 6, hides=True), point(9, 4, 6)))
    look = NameLookup(name="www.example.vn", rtype="A", role="host", status=LookupStatus.NO_DATA, via="resolver")
    kept, _ = usable(EvidenceSet([evidence(look, probe="dns")]), here)
    assert [step for _, step in kept.of(NameLookup)] == [look]


def _greeting(subject: Subject, found: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    heard = best_session(found, ctx, A4)
    state = port_state(found, ctx, A4, 25)
    relay = relaying(found, ctx, A4, ("mx.example.vn",)).relay
    if (heard.state, state.state, relay) == (SmtpState.GREETS, OpenState.OPEN, Relay.RELAYS):
        yield Verdict(code="GOOD")
    elif {heard.reason, state.reason} == {Reason.EGR} and relay is Relay.UNKNOWN:
        yield Verdict(code="VARIES", reason=heard.reason)


@pytest.mark.parametrize(
    ("near", "code"), [((4, "tcp/25"), "VARIES"), ((6, "tcp/25"), "GOOD"), ((4, "tcp/80"), "GOOD")]
)
def test_what_a_mail_proxy_near_the_vantage_says_is_held_against_nobody(near: TransportKey, code: str) -> None:
    here = replace(vantage(controls=((4, "tcp/25"),)), accepted_here=frozenset({near}))
    greets = SmtpReply(code=220, lines=("220 relay.isp.example ESMTP",))
    hello = SmtpReply(said="EHLO us", code=250, lines=("250 relay.isp.example",))
    talked = SmtpDialogue(address=A4, port=25, server_name="mx", connected=True, replies=(greets, hello))
    taken = [RelayTry(form="plain", sender="a@b.example", recipient=f"{who}@other.example", code=250) for who in "ab"]
    relay = SmtpRelay(
        address=A4,
        port=25,
        server_name="mx",
        domain="example.vn",
        connected=True,
        replies=(greets, hello),
        tries=(*taken, RelayTry(form="local", sender="a@b.example", recipient="nobody@example.vn", code=550)),
    )
    looked = evidence(talked, relay, TcpConnect(address=A4, port=25), to=A4)
    (found,) = judged(check(_greeting, needs=(SmtpDialogue, SmtpRelay)), looked, ctx=context(here))
    assert found.code == code


def test_what_a_mail_proxy_takes_is_no_open_port_of_the_host() -> None:
    here = replace(vantage(), accepted_here=frozenset({(4, "tcp/25")}))
    sweep = PortSweep(address=A4, replies=(PortReply(port=25), PortReply(port=110)))
    kept, _ = usable(EvidenceSet([evidence(sweep, to=A4)]), context(here))
    ((_, told),) = kept.of(PortSweep)
    assert {reply.port: reply.failure for reply in told.replies} == {25: FailureKind.TIMEOUT, 110: None}


@pytest.mark.parametrize(
    ("here", "status", "state"),
    [
        (frozenset({(4, "tcp/80"), (4, "portal/80")}), None, OpenState.UNKNOWN),
        (frozenset({(4, "tcp/80")}), 302, OpenState.OPEN),  # a proxy passes on the site's own answer
        (frozenset({(6, "tcp/80"), (6, "portal/80")}), 302, OpenState.OPEN),
    ],
)
def test_what_a_portal_near_the_vantage_says_is_no_page_of_the_site(
    here: frozenset[TransportKey], status: int | None, state: OpenState
) -> None:
    ctx = context(replace(vantage(controls=((4, "tcp/80"),)), accepted_here=here))
    led = HttpExchange(address=A4, port=80, url="http://x/", status=302, location="http://login.isp.example/")
    secure = HttpExchange(address=A4, port=443, url="https://x/", status=200)
    kept, _ = usable(EvidenceSet([evidence(led, secure, TcpConnect(address=A4, port=80), to=A4)]), ctx)
    assert [step.status for _, step in kept.of(HttpExchange)] == [status, 200]
    port = port_state(kept, ctx, A4, 80)
    assert port.state is state
    assert port.reason is (Reason.EGR if state is OpenState.UNKNOWN else None)
