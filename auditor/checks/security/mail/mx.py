"""Check that the domain has correct mail exchangers, and they accept its mail.

One verdict for each exchanger: a host name that is no alias, a public address, and at least one address of any family
that greets on port 25. Differences between IPv6 and IPv4 are the finding of ``ipv6.mail.*``; an exchanger in a domain
that does not exist is that of ``security.dns.dangling``.
"""

from collections.abc import Iterator, Mapping

from auditor.facts import not_judged
from auditor.facts.cut_off import cut_off
from auditor.facts.dns.dangling import unowned
from auditor.facts.mail.exchangers import PORT, Mail, mail, own_host
from auditor.facts.mail.mx import DEAD, MxHost, Taking, mx_host
from auditor.facts.mail.smtp import LIMITED_CODE, NO_EXCHANGER, nobody
from auditor.facts.mail.spf import record, sends_nothing
from auditor.framework.check import FamilyClaim, Message, check, fail, not_applicable, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import Kind, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpDialogue

_PROBES = frozenset({"dns"})
"""The probe that looks up a domain's mail records."""
_NAME = "Name the exchanger in the MX record by a host name that has public A and AAAA records."
_DEAD = " or take {exchanger} out of the MX records."

_TEXTS = {
    Taking.LITERAL: (
        "The MX record of {name} holds an address ({exchanger}), where senders look for a host name",
        _NAME,
    ),
    Taking.MISSING: (
        "{name} names a mail exchanger that does not exist: {exchanger}",
        "Publish {exchanger} with its addresses," + _DEAD,
    ),
    Taking.NO_ADDRESS: (
        "{exchanger}, a mail exchanger of {name}, has no address (neither A nor AAAA)",
        "Publish the A and AAAA records of {exchanger}," + _DEAD,
    ),
    Taking.PRIVATE: (
        "{exchanger}, a mail exchanger of {name}, leads only to addresses that no sender on the Internet reaches:"
        " {addresses:list}",
        "Publish the public addresses of {exchanger}," + _DEAD,
    ),
    Taking.REJECTS: (
        "{exchanger}, a mail exchanger of {name}, greets with a refusal ({reply})",
        "Let the mail server take the domain's mail," + _DEAD,
    ),
    Taking.NOT_SMTP: (
        "{exchanger}, a mail exchanger of {name}, answers on TCP port 25 with something that is not SMTP",
        "Let a mail server listen on TCP port 25 of {exchanger}," + _DEAD,
    ),
    Taking.UNREACHABLE: (
        "{exchanger}, a mail exchanger of {name}, is reported as unreachable by the network (TCP port 25)",
        "Repair the route to {exchanger} or the filter that rejects the packets," + _DEAD,
    ),
    Taking.REFUSED: (
        "{exchanger}, a mail exchanger of {name}, refuses connections on TCP port 25",
        "Start the mail server on {exchanger} and let it listen on its public addresses," + _DEAD,
    ),
    Taking.SILENT: (
        "{exchanger}, a mail exchanger of {name}, does not answer on TCP port 25",
        "Open TCP port 25 to {exchanger} in the firewall," + _DEAD,
    ),
}

_NONE = "; no exchanger takes the domain's mail."
_SOME = "; exchangers that take its mail: {open:n} of {count:n}."


def _codes() -> Iterator[tuple[str, Message]]:
    for taking, (text, fix) in _TEXTS.items():
        yield taking.name, fail(text + _NONE, fix=fix)
        yield f"SOME_{taking.name}", warn(text + _SOME, fix=fix)


_DEAD_CODES: Mapping[str, Message] = dict(_codes())
_NULL = "MX 0 ."


@check(
    version=7,
    title="The domain has mail exchangers that take its mail",
    problem="Domain cannot receive mail",
    problems={
        "ALIAS": "MX record leads to an alias",
        "NULL_BESIDE_MX": "Null MX stands beside other MX records",
        "IMPLICIT": "Domain has no MX record",
        "SOME_LITERAL": "An MX record holds an IP address",
        "SOME_MISSING": "An MX record names a host that does not exist",
        "SOME_NO_ADDRESS": "A mail server (MX) has no address",
        "SOME_PRIVATE": "A mail server (MX) has only private addresses",
        "SOME_REJECTS": "One of the mail servers (MX) takes no mail",
        "SOME_NOT_SMTP": "One of the mail servers (MX) takes no mail",
        "SOME_UNREACHABLE": "One of the mail servers (MX) takes no mail",
        "SOME_REFUSED": "One of the mail servers (MX) takes no mail",
        "SOME_SILENT": "One of the mail servers (MX) takes no mail",
    },
    why="Mail that citizens and other agencies send goes to the exchangers that the MX records name: where they do not"
    " exist or do not answer it comes back, or waits for days and is lost.",
    fix="Name the exchangers in the MX records by host names with public addresses, and let them answer on TCP"
    " port 25.",
    references=("RFC 5321 §2.3.5", "RFC 5321 §5.1", "RFC 2181 §10.3", "RFC 7505 §3"),
    needs=(NameLookup, SmtpDialogue),
    kinds=frozenset({Kind.MAIL}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/25"}),
    messages={
        **NO_EXCHANGER,
        **LIMITED_CODE,
        "GREETS": passed("{exchanger}, a mail exchanger of {name}, is the name of a host that takes mail ({address})."),
        "ALIAS": warn(
            "{exchanger}, a mail exchanger of {name}, is an alias (CNAME) of {target}, which an MX record must not"
            " name: some senders give up.",
            fix="Name {target} itself in the MX record, or give {exchanger} addresses of its own.",
        ),
        "NULL_BESIDE_MX": warn(
            "{name} has a Null MX beside other MX records: it declares that it takes no mail, and names who takes it.",
            fix="Take the record MX 0 . out, or all others where the domain has no mail.",
        ),
        "IMPLICIT": warn(
            "{name} has no MX record; mail reaches it only because {address}, an address of the domain itself, takes"
            " mail.",
            fix="Publish an MX record that names the mail server.",
        ),
        **_DEAD_CODES,
        "NO_MX_NO_MAIL": fail(
            "{name}, a mail domain in the inventory, has no MX record, and none of its own addresses takes mail.",
            fix="Publish an MX record that names the mail server; for a domain without mail publish MX 0 . (Null MX)"
            ' and "v=spf1 -all".',
        ),
        "UNOWNED": not_applicable(
            "{exchanger}, a mail exchanger of {name}, lies in a domain that does not exist; see the finding on records"
            " that lead to names that do not exist."
        ),
        "NO_MX": not_applicable(
            "{name} has no MX record and takes no mail; the record MX 0 . (Null MX) would say so to senders."
        ),
    },
)
def mx(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    mail_domain = mail(subject, evidence, ctx)
    blank = nobody(mail_domain)
    if blank is not None:
        yield blank if blank.code != "NO_MX" else _without_mx(subject, evidence, ctx, mail_domain, blank)
        return
    if mail_domain.contrary:
        yield Verdict(
            code="NULL_BESIDE_MX", args={"name": mail_domain.mx.name}, detail=_NULL, evidence=mail_domain.mx.evidence
        )
    every = [mx_host(subject, evidence, ctx, exchanger) for exchanger in mail_domain.exchangers]
    lapsed = unowned(evidence, ctx)
    for host in every:
        if host.taking is Taking.MISSING and lapsed & {host.exchanger.name, host.alias}:
            args: dict[str, Arg] = {"name": mail_domain.mx.name, "exchanger": host.exchanger.name}
            yield Verdict(code="UNOWNED", args=args, detail=host.exchanger.name, evidence=host.evidence)
        else:
            yield _say(host, every, mail_domain)


def _without_mx(subject: Subject, evidence: EvidenceSet, ctx: Context, mail_facts: Mail, blank: Verdict) -> Verdict:
    """Return the verdict without MX: a row that names the domain declares mail, unless its SPF denies all mail."""
    if subject.agency is None or sends_nothing(evidence, ctx, mail_facts.mx.name):
        return blank
    sent_from = record(evidence, ctx, mail_facts.mx.name)
    if not sent_from.known and (sent_from.evidence or cut_off(evidence, _PROBES)):  # it may deny all mail
        return not_judged.dns(sent_from)
    own = mx_host(subject, evidence, ctx, own_host(subject, evidence, ctx))
    if own.taking is Taking.UNKNOWN:
        return _unknown(own)
    ids = tuple(dict.fromkeys([*mail_facts.mx.evidence, *own.evidence]))
    return Verdict(code="NO_MX_NO_MAIL", args={"name": mail_facts.mx.name}, evidence=ids)


def _say(host: MxHost, every: list[MxHost], mail_facts: Mail) -> Verdict:
    name = host.exchanger.name
    args: dict[str, Arg] = {"name": mail_facts.mx.name, "exchanger": name}
    if host.session is not None:
        args |= {"address": written(host.session.address), "reply": host.session.last}
    ids = tuple(dict.fromkeys([*mail_facts.mx.evidence, *host.evidence]))
    if host.taking is Taking.UNKNOWN and (mail_facts.implicit or not host.alias):
        return _unknown(host)
    if host.taking in DEAD:
        code = host.taking.name if all(other.taking in DEAD for other in every) else f"SOME_{host.taking.name}"
        takes = sum(other.taking is Taking.GREETS for other in every)
        args |= {"addresses": host.private, "open": takes, "count": len(every)}
    elif host.alias and not mail_facts.implicit:
        code, args["target"] = "ALIAS", host.alias
    elif mail_facts.implicit:
        code = "IMPLICIT"
    else:
        code = host.taking.name
    return Verdict(code=code, args=args, detail=name, evidence=ids)


def _unknown(host: MxHost) -> Verdict:
    name = host.exchanger.name
    if host.unknown is not None or host.session is None:
        return not_judged.dns(host.unknown or host.exchanger.a, detail=name)
    args: dict[str, Arg] = {"address": written(host.session.address), "transport": f"tcp/{PORT}"}
    reason = host.session.reason or Reason.CUT
    return Verdict(code="NOT_DECIDED", args=args, detail=name, reason=reason, evidence=host.session.evidence)
