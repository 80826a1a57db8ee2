"""Check for extended master secret, secure renegotiation, no compression and no 0-RTT.

The first three are questions to TLS 1.2 and before: they do not apply to a server with only TLS 1.3 (trap L3). Where it
is not known how often a client may renegotiate, the finding states so.
"""

from collections.abc import Iterator
from dataclasses import replace

from auditor.facts.targets import for_each
from auditor.facts.tls import support as tls_support
from auditor.facts.tls.support import Enumerated, Renegotiates
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, fail, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import WEB_KINDS, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue
from probes.observations.tls import TlsRenegotiation, TlsSupport
from probes.observations.transport import TcpConnect
from probes.observations.web import TlsHandshake

_NAMES = {
    "COMPRESSION": "TLS compression",
    "INSECURE_RENEGOTIATION": "renegotiation (RFC 5746)",
    "EARLY_DATA": "0-RTT",
    "NO_EMS": "extended master secret (RFC 7627)",
}


@check(
    version=4,
    title="Handshake hardening: EMS, renegotiation, compression, 0-RTT",
    problem="TLS handshake has weaknesses",
    problems={
        "RENEGOTIATES": "Clients can renegotiate TLS at will",
        "COMPRESSION": "TLS compression is enabled",
        "INSECURE_RENEGOTIATION": "TLS renegotiation is not protected",
        "EARLY_DATA": "Replayable 0-RTT data is accepted",
        "NO_EMS": "TLS 1.2 lacks the extended master secret",
    },
    why="Each of these lets an attacker in without breaking any cipher: splice two sessions together, read secrets"
    " through compression, or send a citizen's request twice.",
    fix="Update the TLS library; switch TLS compression and 0-RTT (early data) off.",
    references=("RFC 7627", "RFC 5746", "RFC 8446 §8", "RFC 9325 §3", "Internet.nl zero_rtt, ems"),
    needs=(NameLookup, TcpConnect, SmtpDialogue, TlsSupport, TlsRenegotiation),
    beside=(TlsHandshake,),
    kinds=WEB_KINDS | {Kind.HOST, Kind.MAIL},
    vantage=frozenset({VantageKind.INET}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Granularity.ADDRESS,
    tls=True,
    messages={
        **tls_support.FRAME,
        "HARDENED": passed(
            "{address} has the extended master secret and secure renegotiation, no compression and no 0-RTT, and does"
            " not let clients renegotiate at will."
        ),
        "HARDENED_0RTT_UNKNOWN": passed(
            "{address} has the extended master secret and secure renegotiation, and no compression, and does not let"
            " clients renegotiate at will; 0-RTT could not be tested."
        ),
        "HARDENED_CLIENT_UNKNOWN": passed(
            "{address} has the extended master secret and secure renegotiation, no compression and no 0-RTT;"
            " renegotiation by the client was not tested."
        ),
        "HARDENED_0RTT_CLIENT_UNKNOWN": passed(
            "{address} has the extended master secret and secure renegotiation, and no compression; 0-RTT and"
            " renegotiation by the client could not be tested."
        ),
        "RENEGOTIATES": warn(
            "{address} lets a client renegotiate at will ({count:n} {count/time/times} on one connection), each time at"
            " many times the client's cost.",
            fix="Switch renegotiation by clients off: current versions of OpenSSL, nginx, Apache and IIS refuse it by"
            " themselves; on an appliance look for SSL renegotiation in its TLS profile.",
        ),
        "TLS13_ONLY": passed("{address} accepts only TLS 1.3, where these flaws do not exist, and offers no 0-RTT."),
        "TLS13_ONLY_0RTT_UNKNOWN": passed(
            "{address} accepts only TLS 1.3, where these flaws do not exist; 0-RTT could not be tested."
        ),
        "COMPRESSION": fail("{address} compresses inside TLS, which gives secrets away (CRIME)."),
        "INSECURE_RENEGOTIATION": fail("{address} does not protect renegotiation (RFC 5746)."),
        "EARLY_DATA": fail(
            "{address} accepts 0-RTT data, up to {bytes:n} bytes; an attacker can send such a request again.",
            fix="Switch 0-RTT (early data) off: ssl_early_data off in nginx.",
        ),
        "NO_EMS": fail("{address} does not use the extended master secret in TLS 1.2."),
        "SEVERAL": fail("The handshake of {address} has several flaws: {flaws:list}."),
    },
)
def handshake(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    def judge(enumeration: Enumerated) -> Verdict:
        return _judge(enumeration, tls_support.renegotiates(evidence, ctx, enumeration.place))

    yield from for_each(tls_support.targets(subject, evidence, ctx), judge)


def _judge(enumeration: Enumerated, client: Renegotiates) -> Verdict:
    support = enumeration.support
    assert support is not None
    flaws = _flaws(enumeration, support)
    if len(flaws) > 1:
        return enumeration.say("SEVERAL", flaws=tuple(_NAMES[flaw] for flaw in flaws))
    if flaws == ("EARLY_DATA",):
        return enumeration.say("EARLY_DATA", bytes=support.early_data or 0)
    if flaws:
        return enumeration.say(flaws[0])
    if client.freely:
        return replace(enumeration.say("RENEGOTIATES", count=client.count), evidence=client.evidence)
    if not enumeration.whole or enumeration.unsettled("TLSv1.3", "TLSv1.2"):
        return enumeration.unfinished()
    early = "_0RTT" if enumeration.accepts("TLSv1.3") and support.early_data is None else ""
    if not enumeration.accepts("TLSv1.2", *tls_support.OBSOLETE):
        return enumeration.say(f"TLS13_ONLY{early}_UNKNOWN" if early else "TLS13_ONLY")
    unknown = early + ("_CLIENT" if client.freely is None else "")
    verdict = enumeration.say(f"HARDENED{unknown}_UNKNOWN" if unknown else "HARDENED")
    return replace(verdict, evidence=(*verdict.evidence, *client.evidence))


def _flaws(enumeration: Enumerated, support: TlsSupport) -> tuple[str, ...]:
    seen = {
        "COMPRESSION": support.compression is True,
        "INSECURE_RENEGOTIATION": support.secure_renegotiation is False,
        "EARLY_DATA": bool(support.early_data and support.early_data > 0),
        "NO_EMS": support.extended_master_secret is False and bool(enumeration.accepts("TLSv1.2")),
    }
    return tuple(flaw for flaw, there in seen.items() if there)
