"""Check that the certificate comes with the log proofs that browsers require.

Browsers require them only under a publicly trusted root. A log that is not in our list is unknown, and no defect.

Signatures of proofs are not verified: browsers reject a forged one, and forging it would only harm the owner's
visitors.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from cryptography import x509
from cryptography.x509 import ocsp

from auditor.facts import not_judged
from auditor.facts.targets import for_each
from auditor.facts.tls import presented, staples
from auditor.facts.tls.certificate_grades import chain_ends
from auditor.facts.tls.certificates import Certificate, ChainTrust, has_roots
from auditor.framework.check import FamilyClaim, Granularity, check, fail, inconclusive, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, Kind, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.certificates import IssuerFetch, TlsStaple
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue
from probes.observations.transport import TcpConnect
from probes.observations.web import TlsHandshake
from probes.wire.certificates.errors import UNREADABLE

_ID = slice(1, 33)
_FEW, _MANY = 2, 3
_LONG_DAYS = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proofs:
    """Holds the ids of the logs, in hexadecimal digits, by the source of their proofs."""

    embedded: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()


_WORST_FIRST = ("TOO_FEW", "TOO_FEW_FOR_SOME", "UNKNOWN_LOGS", "UNSEEN", "ONE_OPERATOR", "ENOUGH", "NOT_PUBLIC")
_PUBLIC = frozenset({ChainTrust.TRUSTED, ChainTrust.REPAIRED, ChainTrust.DISPUTED})


@check(
    version=5,
    title="Certificate carries the CT proofs that browsers ask for",
    problem="Certificate lacks transparency proofs (SCT)",
    problems={"ONE_OPERATOR": "Transparency proofs (SCT) come from one operator only"},
    why="Chrome, Firefox and Safari refuse a public certificate that is in no log which everybody can watch: the site"
    " is dead for citizens although everything else about it is in order.",
    fix="Have the certificate reissued by an authority that embeds the proofs (SCT); all public ones do so today.",
    references=("RFC 6962 §3.3", "Chrome Certificate Transparency Policy", "Apple's Certificate Transparency policy"),
    needs=(NameLookup, TcpConnect, SmtpDialogue, TlsHandshake, TlsStaple, IssuerFetch),
    kinds=WEB_KINDS | {Kind.HOST, Kind.MAIL},
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Granularity.ADDRESS,
    tls=True,
    messages={
        **presented.NO_CERTIFICATE,
        **presented.NOT_VERIFIED,
        "ENOUGH": passed(
            "The certificate on {address} comes with proofs of {count:n} {count/log/logs}, as browsers ask."
        ),
        "ONE_OPERATOR": warn(
            "The certificate on {address} comes with enough proofs, but all of them are of logs of {operator}; browsers"
            " ask for two operators."
        ),
        "TOO_FEW": fail(
            "The certificate on {address} comes with proofs of {count:n} {count/log/logs} and needs {wanted:n}:"
            " browsers refuse it."
        ),
        "TOO_FEW_FOR_SOME": warn(
            "The certificate on {address} comes with proofs of {count:n} {count/log/logs} and needs {wanted:n}: no"
            " browser asks here, but Apple's mail programs may refuse it."
        ),
        "UNKNOWN_LOGS": inconclusive(
            "The certificate on {address} comes with proofs of logs that are not in our list, and without them there"
            " are too few.",
            fix="Give the auditor a newer list of logs ([tls] ct_logs), then check again.",
            reason=Reason.REF,
        ),
        "UNSEEN": inconclusive(
            "The certificate on {address} has too few proofs in itself; whether others come beside it was not seen.",
            fix="Check again; where it stays so, have the certificate reissued by an authority that embeds the proofs.",
            reason=Reason.CUT,
        ),
        "NOT_PUBLIC": not_applicable(
            "The certificate on {address} does not lead to a publicly trusted root, so browsers ask for no proofs."
        ),
        **not_judged.NO_ROOTS,
    },
)
def certificate_transparency(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield from for_each(presented.targets(subject, evidence, ctx), partial(_judge, evidence, ctx))


def _judge(evidence: EvidenceSet, ctx: Context, presented_facts: presented.Presented) -> Verdict:
    if not has_roots(ctx.reference.trust_roots):
        return Verdict(
            code="NO_ROOTS",
            address=presented_facts.address,
            evidence=tuple(chain.evidence for chain in presented_facts.served),
        )
    verdicts = [_say(evidence, ctx, presented_facts, served) for served in presented_facts.served]
    return min(verdicts, key=lambda verdict: _WORST_FIRST.index(verdict.code))


def _say(
    evidence: EvidenceSet, ctx: Context, presented_facts: presented.Presented, served: presented.Served
) -> Verdict:
    leaf = (served.chain or ())[0]
    if chain_ends(served, ctx) not in _PUBLIC:
        return presented_facts.say("NOT_PUBLIC", served.evidence)
    beside = [
        (envelope.id, step) for envelope, step in staples.at(evidence, presented_facts.place) if step.failure is None
    ]
    seen = _proofs(leaf, b"", b"")
    ids: list[EvidenceId] = [served.evidence]
    for id_, step in beside:
        proofs = _proofs(leaf, step.timestamps, step.ocsp)
        seen = _Proofs(embedded=proofs.embedded, beside=seen.beside | proofs.beside)
        ids.append(id_)
    code, args = _graded(seen, leaf, ctx, asked=bool(beside))
    if code == "TOO_FEW" and presented_facts.place.label:
        code = "TOO_FEW_FOR_SOME"
    return presented_facts.say(code, *dict.fromkeys(ids), **args)


def _graded(seen: _Proofs, leaf: Certificate, ctx: Context, *, asked: bool) -> tuple[str, dict[str, Arg]]:
    logs = ctx.reference.ct_logs
    known = _known(seen, logs)
    every = seen.embedded | seen.beside
    operators = {logs[text] for text in known.embedded | known.beside}
    if not _enough(seen, leaf):
        few: dict[str, Arg] = {"count": len(every), "wanted": _wanted(leaf)}
        return ("TOO_FEW", few) if asked else ("UNSEEN", {})
    if not _enough(known, leaf):
        return "UNKNOWN_LOGS", {}
    if len(operators) == 1 and known == seen:
        return "ONE_OPERATOR", {"operator": next(iter(operators))}
    return "ENOUGH", {"count": len(every)}


def _proofs(leaf: Certificate, listed: bytes, response: bytes) -> _Proofs:
    """Return the proofs; ``listed`` came in the TLS extension, ``response`` is the stapled OCSP response."""
    return _Proofs(embedded=frozenset(_embedded(leaf)), beside=frozenset((*_listed(listed), *_stapled(response))))


def _wanted(leaf: Certificate) -> int:
    """Return the number of logs that browsers require in the certificate itself."""
    return _MANY if leaf.lifetime.days > _LONG_DAYS else _FEW


def _enough(proofs: _Proofs, leaf: Certificate) -> bool:
    return len(proofs.embedded) >= _wanted(leaf) or len(proofs.beside) >= _FEW


def _known(proofs: _Proofs, logs: Mapping[str, str]) -> _Proofs:
    """Return the proofs of logs that are in our list."""
    return _Proofs(embedded=proofs.embedded & logs.keys(), beside=proofs.beside & logs.keys())


def _embedded(leaf: Certificate) -> Iterator[str]:
    try:
        kind = x509.PrecertificateSignedCertificateTimestamps
        for timestamp in leaf.parsed.extensions.get_extension_for_class(kind).value:
            yield timestamp.log_id.hex()
    except (x509.ExtensionNotFound, *UNREADABLE):
        return


def _listed(data: bytes) -> Iterator[str]:
    """Yield the log ids of a SignedCertificateTimestampList (RFC 6962 §3.3); a truncated one up to its end."""
    at, end = 2, min(len(data), 2 + int.from_bytes(data[:2]))
    while at + 2 <= end:
        size = int.from_bytes(data[at : at + 2])
        entry = data[at + 2 : min(at + 2 + size, end)]
        if len(entry) >= _ID.stop:
            yield entry[_ID].hex()
        at += 2 + size


def _stapled(response: bytes) -> Iterator[str]:
    if not response:
        return
    try:
        read = ocsp.load_der_ocsp_response(response)
        for timestamp in read.single_extensions.get_extension_for_class(x509.SignedCertificateTimestamps).value:
            yield timestamp.log_id.hex()
    except (x509.ExtensionNotFound, *UNREADABLE):
        return
