"""Check that the certificate chains to a trusted root, as the server sends it."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from auditor.facts import not_judged
from auditor.facts.targets import for_each
from auditor.facts.tls import presented
from auditor.facts.tls.certificate_grades import chain_ends
from auditor.facts.tls.certificates import ChainTrust, has_roots, top
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import WEB_KINDS, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.certificates import IssuerFetch
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue
from probes.observations.transport import TcpConnect
from probes.observations.web import TlsHandshake

_FULL_CHAIN = 'Install the intermediate certificates beside the server\'s own (the "full chain" file), in order.'
_WORST_FIRST = (
    "SELF_SIGNED",
    "UNTRUSTED",
    "EXPIRED_INTERMEDIATE",
    "BROKEN",
    "INCOMPLETE",
    "VERIFIERS_DIFFER",
    "INCOMPLETE_UNTRIED",
    "INCOMPLETE_FETCHABLE",
    "DECLARED_ROOT",
    "TRUSTED",
)
_CODES = {
    ChainTrust.TRUSTED: "TRUSTED",
    ChainTrust.DECLARED: "DECLARED_ROOT",
    ChainTrust.REPAIRED: "INCOMPLETE_FETCHABLE",
    ChainTrust.DISPUTED: "VERIFIERS_DIFFER",
    ChainTrust.INCOMPLETE: "INCOMPLETE",
    ChainTrust.SELF_SIGNED: "SELF_SIGNED",
    ChainTrust.UNTRUSTED: "UNTRUSTED",
    ChainTrust.EXPIRED: "EXPIRED_INTERMEDIATE",
    ChainTrust.BROKEN: "BROKEN",
}


@check(
    version=8,
    title="Certificate chains to a trusted root",
    problem="Certificate does not lead to a trusted authority",
    problems={
        "UNREADABLE": "Certificate cannot be read",
        "DECLARED_ROOT": "Certificate is not trusted by browsers",
        "INCOMPLETE_FETCHABLE": "Server does not send the full certificate chain",
        "INCOMPLETE_UNTRIED": "Server does not send the full certificate chain",
        "INCOMPLETE": "Certificate chain is incomplete",
        "SELF_SIGNED": "Certificate is self-signed",
        "EXPIRED_INTERMEDIATE": "A certificate in the chain is out of its dates",
        "BROKEN": "Certificate chain does not verify",
    },
    why="A browser that cannot trace the certificate to an authority it trusts warns citizens away, and those who "
    "click through learn to accept forged pages.",
    fix="Install a certificate of a trusted authority together with the full chain.",
    references=("RFC 5280 §6", "Thông tư số 39/2017/TT-BTTTT", "Internet.nl cert_trust"),
    needs=(NameLookup, TcpConnect, SmtpDialogue, TlsHandshake, IssuerFetch),
    kinds=WEB_KINDS | {Kind.HOST, Kind.MAIL},
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/443"}),
    unit=Granularity.ADDRESS,
    clock=True,
    tls=True,
    messages={
        **presented.NO_CERTIFICATE,
        **presented.NOT_VERIFIED,
        "TRUSTED": passed(
            "The certificate on {address} chains to a trusted root as it is sent; the store of roots does not tell "
            "from when browsers distrust a root."
        ),
        "DECLARED_ROOT": warn(
            "The certificate on {address} chains only to a root that was declared for this audit, which browsers lack.",
            fix="Use a certificate of a publicly trusted authority where citizens are to reach the service.",
        ),
        "INCOMPLETE_FETCHABLE": warn(
            "{address} does not send the certificate of {issuer}. Clients that fetch it themselves get to a trusted"
            " root; others refuse the service.",
            fix=_FULL_CHAIN,
        ),
        "INCOMPLETE_UNTRIED": warn(
            "{address} does not send the certificate of {issuer}. Whether clients that fetch it themselves get to a"
            " trusted root could not be tried from here.",
            fix=_FULL_CHAIN,
        ),
        "INCOMPLETE": fail(
            "The chain that {address} sends ends below {issuer}, and nothing that it says where to fetch leads to a"
            " trusted root either.",
            fix=_FULL_CHAIN + " Where the authority is not a public one, have the certificate issued by one that is.",
        ),
        "SELF_SIGNED": fail("The certificate on {address} is signed by itself."),
        "UNTRUSTED": fail("The certificate on {address} leads to a root that is not trusted: {issuer}."),
        "EXPIRED_INTERMEDIATE": fail(
            "A certificate above the one of {address} has expired or is not yet valid.",
            fix="Replace the intermediate certificate by the one that the authority offers now.",
        ),
        "BROKEN": fail("The chain that {address} sends does not verify, although its names lead to a trusted root."),
        "VERIFIERS_DIFFER": inconclusive(
            "Of two programs that verify certificates one takes the chain that {address} sends, and the other does"
            " not.",
            fix="Open the site in the browsers that citizens use. Where one of them refuses it, ask the authority for"
            " a certificate without unusual constraints or policies.",
            reason=Reason.AMB,
        ),
        "UNREADABLE": fail(
            "{address} presents a certificate that cannot be read.",
            fix="Install a well-formed certificate of a trusted authority and reload the web server.",
        ),
        **not_judged.NO_ROOTS,
    },
)
def cert_chain(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield from for_each(presented.targets(subject, evidence, ctx), partial(_judge, ctx))


def _judge(ctx: Context, presented_facts: presented.Presented) -> Verdict:
    roots, declared = ctx.reference.trust_roots, ctx.reference.declared_roots
    if not has_roots(roots + declared):
        return replace(presented_facts.say("NO_ROOTS", *(chain.evidence for chain in presented_facts.served)), args={})
    verdicts = [_say(ctx, presented_facts, served) for served in presented_facts.served]
    return min(verdicts, key=lambda verdict: _WORST_FIRST.index(verdict.code))


def _say(ctx: Context, presented_facts: presented.Presented, served: presented.Served) -> Verdict:
    chain = served.chain or ()
    how, issuers = chain_ends(served, ctx), served.issuers
    code, last = _CODES[how], top(chain, issuers.issuers if how is ChainTrust.UNTRUSTED else ())
    args: dict[str, Arg] = {}
    if how is ChainTrust.INCOMPLETE and issuers.open_still:
        code = "INCOMPLETE_UNTRIED"
    if how in (ChainTrust.INCOMPLETE, ChainTrust.REPAIRED, ChainTrust.UNTRUSTED):
        args["issuer"] = last.issuer
    by_fetching = issuers.evidence if how is ChainTrust.REPAIRED else ()
    return presented_facts.say(code, served.evidence, *by_fetching, **args)
