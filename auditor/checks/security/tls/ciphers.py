"""Check that only strong cipher suites are accepted in TLS 1.2 and 1.3.

Suites of older versions are not judged: that such a version is accepted at all is ``versions``' finding. Attacks on
suites are named only here.

A suite that a list does not name is not good enough.

``ncsc-2025``: NCSC-NL, IT Security Guidelines for TLS 2025-05, as Internet.nl applies them; CBC with SHA-1 is
insufficient there and merely old elsewhere, so a finding names its list. ``mozilla-intermediate-6.0``: Mozilla Server
Side TLS, intermediate.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import IntEnum
from functools import partial

from auditor.facts.targets import for_each
from auditor.facts.tls import support as tls_support
from auditor.facts.tls.support import CURRENT, Enumerated
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import WEB_KINDS, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue
from probes.observations.tls import TlsSupport
from probes.observations.transport import TcpConnect
from probes.observations.web import TlsHandshake
from probes.wire.tls.suites import Suite

_NCSC = "ncsc-2025"
_MOZILLA = "mozilla-intermediate-6.0"


class _Grade(IntEnum):
    """Grades, the best first."""

    GOOD = 0
    PHASE_OUT = 1
    INSUFFICIENT = 2


@check(
    version=3,
    title="Only strong cipher suites",
    problem="Weak cipher suites are accepted",
    problems={
        "PHASE_OUT": "Cipher suites to be phased out are accepted",
        "PHASE_OUT_UNORDERED": "Cipher suites to be phased out are accepted",
    },
    why="A weak suite that a server accepts can be forced by an attacker on the path; without forward secrecy, "
    "recorded traffic can be read once the server's key is lost.",
    fix="Accept only ECDHE with AES-GCM or ChaCha20-Poly1305, as in Mozilla's intermediate configuration.",
    references=("NCSC-NL TLS guidelines 2025-05", "Mozilla Server Side TLS 6.0", "RFC 9325 §4"),
    needs=(NameLookup, TcpConnect, SmtpDialogue, TlsSupport),
    beside=(TlsHandshake,),
    kinds=WEB_KINDS | {Kind.HOST, Kind.MAIL},
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Granularity.ADDRESS,
    tls=True,
    messages={
        **tls_support.FRAME,
        "STRONG": passed("All cipher suites of {address} are strong (list: {profile}): {count:n}."),
        "PHASE_OUT": warn(
            "{count:n} cipher {count/suite/suites} of {address} {count/is/are} to be phased out (list: {profile}):"
            " {suites:list}."
        ),
        "PHASE_OUT_UNORDERED": warn(
            "{count:n} cipher {count/suite/suites} of {address} {count/is/are} to be phased out (list: {profile}),"
            " and the server lets the client choose: {suites:list}.",
            fix="Remove these suites; until then, make the server prefer its own order.",
        ),
        "WEAK": fail(
            "{count:n} cipher {count/suite/suites} of {address} {count/is/are} not good enough (list: {profile}):"
            " {suites:list}."
        ),
        "WEAK_ATTACKED": fail(
            "{count:n} cipher {count/suite/suites} of {address} {count/is/are} not good enough (list: {profile}):"
            " {suites:list}; known attacks on {count/it/them}: {attacks:list}."
        ),
        "NO_CURRENT_VERSION": not_applicable(
            "{address} accepts neither TLS 1.2 nor TLS 1.3: see the finding about versions."
        ),
    },
)
def ciphers(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    chosen = ctx.policy.threshold("security.tls.ciphers", "mozilla_intermediate")
    yield from for_each(tls_support.targets(subject, evidence, ctx), partial(_judge, _MOZILLA if chosen else _NCSC))


def _judge(profile: str, enumeration: Enumerated) -> Verdict:
    accepted = enumeration.suites(*CURRENT)
    graded = {level: tuple(suite.name for suite in accepted if _grade(suite, profile) is level) for level in _Grade}
    if graded[_Grade.INSUFFICIENT]:
        return _weak(
            enumeration, profile, [suite for suite in accepted if _grade(suite, profile) is _Grade.INSUFFICIENT]
        )
    if not enumeration.complete(*CURRENT):
        return enumeration.unfinished()
    if graded[_Grade.PHASE_OUT]:
        code = "PHASE_OUT" if _ordered(enumeration) else "PHASE_OUT_UNORDERED"
        return _list(enumeration, code, profile, graded[_Grade.PHASE_OUT])
    if not accepted:
        return enumeration.say("NO_CURRENT_VERSION")
    return enumeration.say("STRONG", count=len(accepted), profile=profile)


def _weak(enumeration: Enumerated, profile: str, weak: Sequence[Suite]) -> Verdict:
    attacks = {
        "SWEET32": any(suite.small_blocks for suite in weak),
        "FREAK": any(suite.export and suite.exchange.startswith("RSA") for suite in weak),
        "LOGJAM": any(suite.export and suite.finite_field for suite in weak),
        "LUCKY13": any(suite.block_chaining and not suite.small_blocks for suite in weak),
    }
    named = tuple(name for name, there in attacks.items() if there)
    verdict = _list(enumeration, "WEAK_ATTACKED" if named else "WEAK", profile, tuple(suite.name for suite in weak))
    return replace(verdict, args={**verdict.args, "attacks": named}) if named else verdict


def _list(enumeration: Enumerated, code: str, profile: str, names: tuple[str, ...]) -> Verdict:
    return enumeration.say(code, count=len(names), suites=names, profile=profile)


def _ordered(enumeration: Enumerated) -> bool:
    """True if TLS 1.2 orders its suites or is not there; TLS 1.3 has nothing to be phased out and needs no order."""
    support = enumeration.version("TLSv1.2")
    return support is None or support.ordered is not False


def _grade(suite: Suite, profile: str) -> _Grade:
    return _mozilla(suite) if profile == _MOZILLA else _ncsc(suite)


def _ncsc(suite: Suite) -> _Grade:
    if suite.unencrypted or suite.short_tag or not suite.forward_secret or _other_signer(suite):
        return _Grade.INSUFFICIENT
    if suite.authenticated_encryption and suite.cipher.startswith(("AES", "CHACHA20")):
        return _Grade.PHASE_OUT if suite.finite_field else _Grade.GOOD
    if suite.cipher.startswith(("ARIA", "CAMELLIA", "AES")) and suite.mac in {"SHA256", "SHA384"}:
        return _Grade.PHASE_OUT
    return _Grade.INSUFFICIENT


def _mozilla(suite: Suite) -> _Grade:
    modern = (
        suite.authenticated_encryption and suite.cipher.startswith(("AES", "CHACHA20")) and "CCM" not in suite.cipher
    )
    if not modern or not suite.forward_secret or _other_signer(suite):
        return _Grade.INSUFFICIENT
    return _Grade.PHASE_OUT if suite.finite_field else _Grade.GOOD


def _other_signer(suite: Suite) -> bool:
    """True if a suite authenticates by means that no public certificate has: DSS, or a password."""
    return "DSS" in suite.exchange or not (suite.tls13 or suite.exchange.endswith(("_RSA", "_ECDSA")))
