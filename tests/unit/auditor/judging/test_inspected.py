"""Tests verdicts about TLS if only the end near the vantage was seen."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from auditor.framework.check import load
from auditor.framework.context import Context
from auditor.framework.findings import CheckId, Finding, Outcome, Reason, Verdict
from auditor.framework.gathered import TlsInspection
from auditor.framework.policy import default as default_policy
from auditor.judging.judge import judge
from inventory.model import IPAddress, Network, Subject
from probes.framework.evidence import Evidence, EvidenceSet, Failure, FailureKind
from probes.observations.mail import SmtpDialogue, StartTls
from probes.observations.tls import TlsSupport
from probes.observations.web import TlsHandshake
from tests.golden.lab import TRUSTED, leaf
from tests.unit.auditor.contexts import A4, A6, SITE, always, check, connect, context, evidence, names, raise_it

FIREWALL = TlsInspection(
    name="CN=FortiGate CA",
    issuers=frozenset({"CN=FortiGate CA"}),
    keys=frozenset(),
    places=frozenset({(4, "tcp/443"), (4, "tcp/25")}),
    owners=40,
)
SPEAKS = replace(check(always(Verdict(code="BAD"))), tls=True)
CLOSED = Failure(kind=FailureKind.RESET)


def inspected() -> Context:
    ctx = context()
    return replace(ctx, vantage=replace(ctx.vantage, inspection=FIREWALL))


def handshake(address: IPAddress, issuer: str, failure: FailureKind | None = None) -> Evidence:
    """Return a handshake and an enumeration at one address, as our probes record them."""
    chain = [leaf("www.example.vn", issuer=issuer, signer=9)] if failure is None else []
    sent = tuple(one.public_bytes(Encoding.DER) for one in chain)
    why = None if failure is None else Failure(kind=failure)
    step = TlsHandshake(address=address, port=443, server_name="www.example.vn", chain=sent, failure=why)
    hellos = TlsSupport(address=address, port=443, server_name="www.example.vn")
    return evidence(step, hellos, to=address, probe="tls")


def code(*found: Evidence, subject: Subject = SITE, ctx: Context | None = None) -> tuple[str, Reason | None]:
    (finding,) = judge(subject, EvidenceSet([connect(A4), *found]), [SPEAKS], ctx or inspected(), on_bug=raise_it)
    return finding.code, finding.reason


def test_inspected_place_is_undecided_and_says_by_whom() -> None:
    (finding,) = judge(
        SITE, EvidenceSet([connect(A4), handshake(A4, "FortiGate CA")]), [SPEAKS], inspected(), on_bug=raise_it
    )
    assert (finding.code, finding.reason, finding.args["issuer"]) == ("INSPECTED", Reason.EGR, "CN=FortiGate CA")
    assert code(handshake(A4, "FortiGate CA"), ctx=context()) == ("BAD", None)


def test_inspected_place_that_was_broken_off_is_undecided() -> None:
    assert code(handshake(A4, "", FailureKind.RESET)) == ("INSPECTED", Reason.EGR)


def test_inspected_elsewhere_what_the_server_showed_itself_is_judged() -> None:
    assert code(handshake(A4, "Lab Intermediate")) == ("BAD", None)  # exempt from inspection
    assert code(handshake(A6, "", FailureKind.RESET)) == ("BAD", None)  # of the family that is not inspected
    assert code(handshake(A4, "FortiGate CA"), subject=replace(SITE, network=Network.TSLCD)) != ("INSPECTED", None)
    assert code() == ("BAD", None)


@pytest.mark.parametrize(("starttls", "said"), [(StartTls.NOT_OFFERED, "BAD"), (StartTls.FAILED, "INSPECTED")])
def test_inspected_mail_is_undecided_where_tls_began(starttls: StartTls, said: str) -> None:
    step = SmtpDialogue(address=A4, port=25, server_name="mx", connected=True, starttls=starttls, tls_failure=CLOSED)
    assert code(evidence(step, to=A4, probe="smtp"))[0] == said


def test_inspected_what_is_not_about_tls_is_judged() -> None:
    (finding,) = judge(
        SITE,
        EvidenceSet([connect(A4), handshake(A4, "FortiGate CA")]),
        [replace(SPEAKS, tls=False)],
        inspected(),
        on_bug=raise_it,
    )
    assert finding.code == "BAD"


def test_inspected_site_is_called_untrusted_by_no_check() -> None:
    """A sound site behind a firewall that signs anew fails before the firewall is known, and not after."""
    tls_checks = [found for id_, found in load().items() if id_.startswith("security.tls.")]
    everything = EvidenceSet([names(A4), connect(A4), handshake(A4, "FortiGate CA")])

    def accused(ctx: Context) -> list[CheckId]:
        ctx = replace(ctx, policy=default_policy(), reference=replace(ctx.reference, trust_roots=TRUSTED))
        vantage = replace(ctx.vantage, controls=frozenset({(4, "tcp/443"), (4, "tcp-full")}))
        found: tuple[Finding, ...] = judge(SITE, everything, tls_checks, replace(ctx, vantage=vantage), on_bug=raise_it)
        return [finding.check for finding in found if finding.outcome in (Outcome.WARN, Outcome.FAIL)]

    assert CheckId("security.tls.cert-chain") in accused(context())
    assert accused(inspected()) == []
