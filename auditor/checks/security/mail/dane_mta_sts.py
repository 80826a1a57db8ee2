"""Check that senders know that mail to the domain must be encrypted (RFC 7672, RFC 8461)."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from auditor.facts import not_judged
from auditor.facts.dns.dnssec.trust import TrustState as Vouch
from auditor.facts.mail.dane import Dane, Fit
from auditor.facts.mail.exchangers import NO_EXCHANGERS, mail
from auditor.facts.mail.mta_sts import MtaStsState
from auditor.facts.mail.tls_policies import Protection, protection
from auditor.framework.check import check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.mail import PolicyFetch, SmtpDialogue

_SECURE = frozenset({Vouch.SECURE})
_OPEN = frozenset({Vouch.UNKNOWN, Vouch.BOGUS})
_REFUSED_ANYWAY = frozenset({"TLSA_DIFFERS", "TLSA_EXPIRED"})
_WRONG = (Fit.DIFFERS, Fit.EXPIRED)
_UNCOMPARED = {Fit.UNSEEN: "NOT_COMPARED", Fit.ALIASED: "ALIAS_NOT_COMPARED", Fit.BARE: "KEY_NOT_COMPARED"}
_PRESENT = (Fit.FITS, *_WRONG, *_UNCOMPARED)


@check(
    version=16,
    title="Downgrade protection: DANE or MTA-STS",
    problem="Mail encryption can be downgraded: no DANE or MTA-STS",
    problems={
        "DANE_NO_SPARE": "DANE has no spare record for the next certificate",
        "DANE_SOME_MX": "DANE does not protect every mail server",
        "MX_INSECURE": "MX records that lead to DANE are not signed",
        "STS_SHORT": "MTA-STS policy is kept too briefly",
        "STS_TESTING": "MTA-STS is still in testing mode",
        "STS_SOME_MX": "MTA-STS policy does not cover every mail server",
        "STS_BROKEN": "MTA-STS policy cannot be used",
        "STS_NO_MX": "MTA-STS policy causes all incoming mail to be refused",
        "STS_UNTRUSTED": "MTA-STS policy causes all incoming mail to be refused",
        "STS_SOME_UNTRUSTED": "A mail server's certificate does not pass the MTA-STS policy",
        "TLSA_DIFFERS": "TLSA record does not match the mail server's certificate",
        "TLSA_EXPIRED": "Expired certificate of a mail server with DANE",
        "TLSA_ERROR": "Name servers answer questions for TLSA with an error",
        "TLSA_INSECURE": "TLSA records have no effect without DNSSEC",
    },
    why="An attacker on the path can strike STARTTLS out of the dialogue; with DANE or MTA-STS senders refuse to "
    "hand mail over unencrypted or to another server.",
    fix="Publish an MTA-STS policy in mode enforce that names every mail exchanger, or sign the zone and publish TLSA"
    " records for port 25 of every exchanger.",
    references=("RFC 7672 §2.1.3, §2.2.2, §3.2.2", "RFC 8461 §4.2", "RFC 8460", "Internet.nl dane_exists, dane_valid"),
    needs=(NameLookup, PolicyFetch, SmtpDialogue),
    kinds=frozenset({Kind.MAIL}),
    transports=frozenset({"udp/53"}),
    clock=True,
    tls=True,
    excused_by={
        "STS_UNTRUSTED": frozenset({"dns", "smtp"}),
        "TLSA_INSECURE": frozenset({"mail_transport"}),
        "TLSA_EXPIRED": frozenset({"smtp"}),
    },
    messages={
        **not_judged.DNS_CODES,
        "STS_ENFORCED": passed(
            "{name} has an MTA-STS policy in mode enforce for all its exchangers. Reports: {reports:list}."
        ),
        "DANE_VALID": passed(
            "DNSSEC vouches for the TLSA records of all exchangers of {name}, and they fit the certificates shown."
            " Reports: {reports:list}."
        ),
        "DANE_NO_SPARE": warn(
            "DANE of {name} holds, but {exchangers:list} {exchangers/has/have} no TLSA record beside that of the"
            " certificate in use: when it changes, mail is refused.",
            fix="Publish a second TLSA record, of the next key or of the authority, before the certificate changes.",
        ),
        "DANE_SOME_MX": warn(
            "DANE does not protect every exchanger of {name}: {exchangers:list} {exchangers/lacks/lack} it, and"
            " senders can be driven there.",
            fix="Publish signed TLSA records for port 25 of every exchanger.",
        ),
        "MX_INSECURE": warn(
            "The exchangers of {name} have DANE, but DNSSEC does not vouch for the MX records that name them.",
            fix="Sign the zone of the mail domain and submit its DS record through the registrar.",
        ),
        "STS_SHORT": warn(
            "The MTA-STS policy of {name} is in mode enforce, but senders keep it for {seconds:n} "
            "{seconds/second/seconds} only (max_age): an attacker on the path can hide it from the next message.",
            fix="Set max_age to a week or more (604800), then change the id of the TXT record.",
        ),
        "STS_TESTING": warn(
            "The MTA-STS policy of {name} is in mode testing: mail is still handed over unencrypted.",
            fix="Set the mode to enforce and change the id of the TXT record, once the reports show no failure.",
        ),
        "STS_SOME_MX": warn(
            "The MTA-STS policy of {name} does not cover {exchangers:list}.",
            fix="Name every mail exchanger in the policy, then change the id of the TXT record.",
        ),
        "STS_SOME_UNTRUSTED": warn(
            "The MTA-STS policy of {name} is in mode enforce, but {exchangers:list} {exchangers/shows/show} a"
            " certificate that senders refuse then, or may refuse: for another name, out of its dates, or of an"
            " authority that they do not know.",
            fix="Let every address of the mail exchanger show a certificate for its own name, of a public authority and"
            " with the intermediate certificates.",
        ),
        "STS_BROKEN": warn(
            "{name} announces MTA-STS, but senders cannot use its policy: {term}.",
            fix="Serve the policy at https://mta-sts.DOMAIN/.well-known/mta-sts.txt as text/plain with a certificate"
            " that is trusted, and announce it in one TXT record.",
        ),
        "NONE": warn("{name} has neither DANE nor an MTA-STS policy in force."),
        "STS_NO_MX": fail(
            "The MTA-STS policy of {name} in mode enforce covers none of its exchangers: mail to it is refused.",
            fix="Name every mail exchanger in the policy, then change the id of the TXT record.",
        ),
        "STS_UNTRUSTED": fail(
            "The MTA-STS policy of {name} is in mode enforce, but {exchangers:list} {exchangers/shows/show} only"
            " certificates that do not pass: for another name, out of their dates, or of an authority that senders do"
            " not know. Senders that follow the policy, large providers among them, hand over no mail.",
            fix="Set the mode to testing and change the id of the TXT record now; then give the mail exchangers"
            " certificates for their own names, of a public authority.",
        ),
        "TLSA_DIFFERS": fail(
            "The TLSA records of {exchangers:list} do not fit the certificates {exchangers/it shows/they show}: mail"
            " to {name} is refused.",
            fix="Publish the record of the certificate in use, then keep that of the next one ready.",
        ),
        "TLSA_EXPIRED": fail(
            "The TLSA records of {exchangers:list} name an authority, and its certificate there is out of its dates:"
            " senders that follow DANE hand over no mail to {name}.",
            fix="Renew the certificate of the mail exchanger under the same authority.",
        ),
        "TLSA_INSECURE": warn(
            "{exchangers:list} {exchangers/has/have} TLSA records in a zone that is not signed: no sender heeds them,"
            " and {name} has no other protection.",
            fix="Sign the zone and submit its DS record through the registrar, or take the TLSA records out.",
        ),
        "TLSA_ERROR": warn(
            "The name servers answer with an error ({rcodes:list}) when asked for the TLSA records of"
            " {exchangers:list}, whose addresses are signed: senders that follow DANE cannot tell whether there are"
            " any, and hold mail to {name} back.",
            fix="Have the name servers, or the load balancer or firewall in front of them, say that there is no such"
            " record (NXDOMAIN or NOERROR with the SOA record and its proof) for names and types that they have none"
            " of.",
        ),
        "NOT_VALIDATED": inconclusive(
            "{exchangers:list} {exchangers/has/have} TLSA records; whether DNSSEC vouches for them was not"
            " established from here."
        ),
        "NOT_COMPARED": inconclusive(
            "The certificates of {exchangers:list} were not seen, so that their TLSA records could not be compared."
        ),
        "ALIAS_NOT_COMPARED": inconclusive(
            "{exchangers:list} {exchangers/is an alias/are aliases}, and the {exchangers/certificate/certificates}"
            " shown to the auditor, which asks for that name, {exchangers/does/do} not fit the TLSA records of what"
            " {exchangers/it leads/they lead} to. Senders that follow DANE ask for that host instead and may be shown"
            " another.",
            fix="Name in the MX records the host itself, which MX records must do anyway (RFC 2181 §10.3), or publish"
            " TLSA records that fit whatever name is asked for; then audit again.",
        ),
        "KEY_NOT_COMPARED": inconclusive(
            "The TLSA records of {exchangers:list} name an authority by its bare key (2 1 0); whether that key signed"
            " {exchangers/the certificate/the certificates} shown is not worked out here.",
            fix="Publish the digest of the key instead (2 1 1), and let the mail exchanger send the authority's"
            " certificate along.",
        ),
        "POLICY_NOT_SEEN": inconclusive("{name} announces MTA-STS; its policy could not be fetched from here."),
        **NO_EXCHANGERS,
    },
)
def dane_mta_sts(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    mail_domain = mail(subject, evidence, ctx)
    if not mail_domain.mx.known:
        yield not_judged.dns(mail_domain.mx)
    elif not mail_domain.exchangers:
        code = "NULL_MX" if mail_domain.null else "NO_MX"
        yield Verdict(code=code, args={"name": mail_domain.mx.name}, evidence=mail_domain.mx.evidence)
    else:
        by = protection(evidence, ctx, mail_domain)
        verdict = _judge(mail_domain.mx.name, by)
        yield verdict
        if by.enforced and verdict.code not in _REFUSED_ANYWAY:
            yield from _certificates(mail_domain.mx.name, by)


def _certificates(name: str, by: Protection) -> Iterator[Verdict]:
    """Yield the verdict of senders that follow a good policy on the certificates seen."""
    if by.doubtful:
        code = "STS_UNTRUSTED" if by.refusing else "STS_SOME_UNTRUSTED"
        yield replace(_say(name, by, code, by.doubtful), detail="certificates")


def _judge(name: str, by: Protection) -> Verdict:
    """Return certain defects first, then the undecided about DANE, then the result of both."""
    differing = by.those(Fit.DIFFERS, vouched=_SECURE)
    if differing:
        return _say(name, by, "TLSA_DIFFERS", _names(differing))
    expired = by.those(Fit.EXPIRED, vouched=_SECURE)
    if expired:
        return _say(name, by, "TLSA_EXPIRED", _names(expired))
    if by.enforcing and len(by.bare) == len(by.hosts):
        return _say(name, by, "STS_NO_MX", by.bare)
    failing = by.those(Fit.ERRORS)
    if failing:
        return _say(name, by, "TLSA_ERROR", _names(failing))
    if by.those(Fit.UNKNOWN):
        return not_judged.dns(by.those(Fit.UNKNOWN)[0].look)
    return _undecided(name, by) or _dane(name, by) or _policy(name, by)


def _undecided(name: str, by: Protection) -> Verdict | None:
    """Return the verdict where DANE is undecided; in a domain that a policy protects, good records need no DNSSEC."""
    unvouched = by.those(*((*_WRONG, *_UNCOMPARED) if by.enforced else _PRESENT), vouched=_OPEN)
    if unvouched:
        return _say(name, by, "NOT_VALIDATED", _names(unvouched), unvouched[0].vouched.reason)
    for fit, code in _UNCOMPARED.items():
        if hosts := by.those(fit, vouched=_SECURE):
            return _say(name, by, code, _names(hosts), hosts[0].reason)
    return None


def _dane(name: str, by: Protection) -> Verdict | None:
    """Return the verdict on DANE of all exchangers; None where it does not decide."""
    if not all(host.holds for host in by.hosts) or by.mx.state is Vouch.INSECURE:
        return None
    if by.mx.state is not Vouch.SECURE:
        return None if by.enforced else _say(name, by, "NOT_VALIDATED", _names(by.hosts), by.mx.reason)
    single = [host for host in by.hosts if not host.spare]
    if not single:
        return _say(name, by, "DANE_VALID")
    return None if by.enforced or by.open else _say(name, by, "DANE_NO_SPARE", _names(single))


def _policy(name: str, by: Protection) -> Verdict:
    """Return the verdict on MTA-STS, and on incomplete DANE."""
    if by.enforced:
        return _say(name, by, "STS_ENFORCED" if by.sts.lasting else "STS_SHORT")
    if by.sts.unknown is not None:
        return not_judged.dns(by.sts.unknown)
    if by.open:
        return _say(name, by, "POLICY_NOT_SEEN", reason=by.sts.reason)
    insecure = by.those(*_PRESENT, vouched=frozenset({Vouch.INSECURE}))
    if insecure:
        return _say(name, by, "TLSA_INSECURE", _names(insecure))
    if by.sts.state is MtaStsState.IN_FORCE:
        return _say(name, by, "STS_SOME_MX" if by.bare else "STS_TESTING", by.bare)
    lacking = [host for host in by.hosts if not host.holds]
    if len(lacking) < len(by.hosts):
        return _say(name, by, "DANE_SOME_MX" if lacking else "MX_INSECURE", _names(lacking))
    return _say(name, by, "STS_BROKEN" if by.sts.state is MtaStsState.BROKEN else "NONE")


def _names(hosts: Sequence[Dane]) -> tuple[str, ...]:
    return tuple(host.exchanger for host in hosts)


def _say(
    name: str, by: Protection, code: str, exchangers: tuple[str, ...] = (), reason: Reason | None = None
) -> Verdict:
    args: dict[str, Arg] = {"name": name, "reports": by.reports, "term": by.sts.term, "exchangers": exchangers}
    if code == "TLSA_ERROR":
        args["rcodes"] = tuple(sorted({rcode for host in by.hosts for rcode in host.rcodes}))
    if by.sts.policy is not None:
        args["seconds"] = by.sts.policy.max_age
    return Verdict(code=code, args=args, evidence=by.evidence, reason=reason)
