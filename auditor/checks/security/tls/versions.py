"""Check that TLS 1.2 and 1.3 are accepted and nothing older. Attacks on SSL are named only here."""

from collections.abc import Iterator

from auditor.facts.targets import for_each
from auditor.facts.tls import support
from auditor.facts.tls.support import CURRENT, OBSOLETE, Enumerated
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, fail, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Verdict
from inventory.model import WEB_KINDS, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue
from probes.observations.tls import TlsSupport
from probes.observations.transport import TcpConnect
from probes.observations.web import TlsHandshake

_ATTACKS = {"SSLv2": "DROWN", "SSLv3": "POODLE"}


@check(
    version=3,
    title="Only current TLS versions",
    problem="Obsolete TLS versions are accepted",
    problems={
        "NO_TLS13": "TLS 1.3 is missing",
        "OBSOLETE_SSL": "Obsolete SSL versions are accepted",
        "NOTHING_CURRENT": "Only obsolete TLS versions are accepted",
    },
    why="SSL and TLS before 1.2 rest on broken cryptography: what citizens send can be read or changed on the way, and"
    " the national technical standards demand TLS 1.2.",
    fix="Switch SSL 2.0, SSL 3.0, TLS 1.0 and TLS 1.1 off, and TLS 1.2 and TLS 1.3 on.",
    references=("mục 4.2 Thông tư số 39/2017/TT-BTTTT", "QCVN 12:2026/BCA §3.16.2.2.1", "RFC 8996", "RFC 9325 §3.1"),
    needs=(NameLookup, TcpConnect, SmtpDialogue, TlsSupport),
    beside=(TlsHandshake,),
    kinds=WEB_KINDS | {Kind.HOST, Kind.MAIL},
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Granularity.ADDRESS,
    tls=True,
    messages={
        **support.FRAME,
        "CURRENT": passed("{address} accepts {versions:list} and nothing older."),
        "NO_TLS13": warn(
            "{address} accepts only TLS 1.2; TLS 1.3 is missing.",
            fix="Switch TLS 1.3 on; where the server software does not know it, update the software.",
        ),
        "OBSOLETE": fail("{address} still accepts {versions:list}."),
        "OBSOLETE_SSL": fail(
            "{address} still accepts {versions:list}, which {attacks/a known attack breaks/known attacks break}:"
            " {attacks:list}.",
            fix="Switch SSL 2.0 and SSL 3.0 off before anything else, and TLS 1.0 and 1.1 with them. Where the same key"
            " is used elsewhere, SSL 2.0 here endangers it there as well (DROWN): replace the key too.",
        ),
        "NOTHING_CURRENT": fail("{address} accepts only {versions:list}, and neither TLS 1.2 nor TLS 1.3."),
    },
)
def versions(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield from for_each(support.targets(subject, evidence, ctx), _judge)


def _judge(enumeration: Enumerated) -> Verdict:
    current, obsolete = enumeration.accepts(*CURRENT), enumeration.accepts(*OBSOLETE)
    attacks = tuple(attack for version, attack in _ATTACKS.items() if version in obsolete)
    if attacks:
        return enumeration.say("OBSOLETE_SSL", versions=obsolete, attacks=attacks)
    if obsolete and (current or enumeration.unsettled(*CURRENT)):
        return enumeration.say("OBSOLETE", versions=obsolete)
    if obsolete:
        return enumeration.say("NOTHING_CURRENT", versions=obsolete)
    if enumeration.unsettled(*OBSOLETE, *CURRENT):
        return enumeration.unfinished()
    if "TLSv1.3" not in current:
        return enumeration.say("NO_TLS13")
    return enumeration.say("CURRENT", versions=current)
