"""``security.tls.cert-name``: the certificate names the host it is served for."""

from collections.abc import Iterator

from auditor.check import Claim, Unit, check, says
from auditor.context import Context
from auditor.facts import tls
from auditor.facts.certificates import covers
from auditor.facts.names import canonical
from auditor.findings import Arg, Outcome, Verdict
from inventory.model import WEB_KINDS, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.framework.siblings import sibling
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue
from probes.observations.transport import TcpConnect
from probes.observations.web import TlsHandshake

_WORST_FIRST = ("NO_NAMES", "MISMATCH", "SIBLING_ONLY", "MATCHES")
_SHOWN = 8
"""Names of a certificate that a message lists; shared hosting puts a hundred in one."""


@check(
    version=1,
    title="Certificate matches the hostname",
    why="A browser refuses a certificate for another name: the citizen cannot tell a wrong setting from an attack.",
    fix="Have the certificate reissued with this name among its subject alternative names.",
    references=("RFC 9525 §6.3", "Internet.nl cert_hostmatch"),
    needs=(NameLookup, TcpConnect, SmtpDialogue, TlsHandshake),
    kinds=WEB_KINDS | {Kind.HOST, Kind.MAIL},
    claims=Claim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Unit.ADDRESS,
    messages={
        **tls.NO_CERTIFICATE,
        **tls.NOT_VERIFIED,
        "MATCHES": says(Outcome.PASS, "The certificate on {address} names {host}."),
        "SIBLING_ONLY": says(
            Outcome.WARN, "The certificate on {address} names {sibling}, but not {host} itself.",
        ),
        "MISMATCH": says(Outcome.FAIL, "The certificate on {address} is for {names:list}, not for {host}."),
        "NO_NAMES": says(
            Outcome.FAIL,
            "The certificate on {address} names no host at all (no subject alternative name), so {host} is not named.",
        ),
        "NOT_NAMED": says(
            Outcome.NOT_APPLICABLE, "{address} is listed by address, so there is no name to match."
        ),
        "BY_ADDRESS": says(Outcome.NOT_APPLICABLE, "The service is listed by address, so there is no name to match."),
    },
)  # fmt: skip
def cert_name(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    if subject.host is None and subject.kinds & WEB_KINDS:
        yield Verdict(code="BY_ADDRESS")
    else:
        yield from tls.judge_each(subject, evidence, ctx, _judge)


def _judge(found: tls.Presented) -> Verdict:
    host = canonical(found.place.name or "")
    if not host:
        return found.say("NOT_NAMED")
    said = [_say(host, found, served) for served in found.served]
    return min(said, key=lambda verdict: _WORST_FIRST.index(verdict.code))


def _say(host: str, found: tls.Presented, served: tls.Served) -> Verdict:
    other = sibling(host)
    args: dict[str, Arg] = {"host": host}
    leaf = (served.chain or ())[0]
    if covers(leaf, host):
        code = "MATCHES"
    elif covers(leaf, other):
        code, args["sibling"] = "SIBLING_ONLY", other
    elif leaf.names:
        code, args["names"] = "MISMATCH", leaf.names[:_SHOWN]
    else:
        code = "NO_NAMES"
    return found.say(code, served.evidence, **args)
