"""``security.mail.dane-mta-sts``: senders know that mail to the domain must be encrypted (RFC 7672, RFC 8461)."""

from collections.abc import Iterator

from auditor.facts import inconclusive
from auditor.facts.mail.downgrade import protection
from auditor.facts.mail.downgrade_conclusions import judge
from auditor.facts.mail.exchangers import NO_EXCHANGERS, mail
from auditor.framework.check import check, says
from auditor.framework.context import Context
from auditor.framework.findings import Outcome, Verdict
from inventory.model import Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.mail import PolicyFetch, SmtpDialogue


@check(
    version=3,
    title="Downgrade protection: DANE or MTA-STS",
    why="STARTTLS alone gives way to whoever stands in between and strikes it out of the dialogue; with DANE or MTA-STS"
    " senders refuse to hand mail over unencrypted or to a stranger.",
    fix="Publish an MTA-STS policy in mode enforce that names every mail exchanger, or sign the zone and publish TLSA"
    " records for port 25 of every exchanger.",
    references=("RFC 7672 §3.2.2", "RFC 8461", "RFC 8460", "Internet.nl dane_exists, dane_valid"),
    needs=(NameLookup, PolicyFetch, SmtpDialogue),
    kinds=frozenset({Kind.MAIL}),
    transports=frozenset({"udp/53"}),
    clock=True,
    messages={
        **inconclusive.DNS_CODES,
        "STS_ENFORCED": says(
            Outcome.PASS,
            "{name} has an MTA-STS policy in mode enforce for all its exchangers. Reports: {reports:list}.",
        ),
        "DANE_VALID": says(
            Outcome.PASS,
            "DNSSEC vouches for the TLSA records of all exchangers of {name}, and they fit the certificates shown."
            " Reports: {reports:list}.",
        ),
        "DANE_NO_SPARE": says(
            Outcome.WARN,
            "DANE of {name} holds, but {exchangers:list} {exchangers/has/have} no TLSA record beside that of the"
            " certificate in use: when it changes, mail is refused.",
            fix="Publish a second TLSA record, of the next key or of the authority, before the certificate changes.",
        ),
        "DANE_SOME_MX": says(
            Outcome.WARN,
            "DANE does not protect every exchanger of {name}: {exchangers:list} {exchangers/lacks/lack} it, and"
            " senders can be driven there.",
            fix="Publish signed TLSA records for port 25 of every exchanger.",
        ),
        "MX_INSECURE": says(
            Outcome.WARN,
            "The exchangers of {name} have DANE, but DNSSEC does not vouch for the MX records that name them.",
            fix="Sign the zone of the mail domain and submit its DS record through the registrar.",
        ),
        "STS_SHORT": says(
            Outcome.WARN,
            "The MTA-STS policy of {name} is in mode enforce, but senders keep it for {seconds:n}"
            " {seconds/second/seconds} only (max_age): whoever stands in between can hide it from the next message.",
            fix="Set max_age to a week or more (604800), then change the id of the TXT record.",
        ),
        "STS_TESTING": says(
            Outcome.WARN,
            "The MTA-STS policy of {name} is in mode testing: mail is still handed over unencrypted.",
            fix="Set the mode to enforce and change the id of the TXT record, once the reports show no failure.",
        ),
        "STS_SOME_MX": says(
            Outcome.WARN,
            "The MTA-STS policy of {name} does not cover {exchangers:list}.",
            fix="Name every mail exchanger in the policy, then change the id of the TXT record.",
        ),
        "STS_BROKEN": says(
            Outcome.WARN,
            "{name} announces MTA-STS, but senders cannot use its policy: {term}.",
            fix="Serve the policy at https://mta-sts.DOMAIN/.well-known/mta-sts.txt as text/plain with a certificate"
            " that is trusted, and announce it in one TXT record.",
        ),
        "NONE": says(Outcome.WARN, "{name} has neither DANE nor an MTA-STS policy in force."),
        "STS_NO_MX": says(
            Outcome.FAIL,
            "The MTA-STS policy of {name} in mode enforce covers none of its exchangers: mail to it is refused.",
            fix="Name every mail exchanger in the policy, then change the id of the TXT record.",
        ),
        "TLSA_DIFFERS": says(
            Outcome.FAIL,
            "The TLSA records of {exchangers:list} do not fit the certificates {exchangers/it shows/they show}: mail"
            " to {name} is refused.",
            fix="Publish the record of the certificate in use, then keep that of the next one ready.",
        ),
        "TLSA_INSECURE": says(
            Outcome.WARN,
            "{exchangers:list} {exchangers/has/have} TLSA records in a zone that is not signed: no sender heeds them,"
            " and {name} has no other protection.",
            fix="Sign the zone and submit its DS record through the registrar, or take the TLSA records out.",
        ),
        "NOT_VALIDATED": says(
            Outcome.INCONCLUSIVE,
            "{exchangers:list} {exchangers/has/have} TLSA records; whether DNSSEC vouches for them was not"
            " established from here.",
        ),
        "NOT_COMPARED": says(
            Outcome.INCONCLUSIVE,
            "The certificates of {exchangers:list} were not seen, so that their TLSA records could not be compared.",
        ),
        "POLICY_NOT_SEEN": says(
            Outcome.INCONCLUSIVE, "{name} announces MTA-STS; its policy could not be fetched from here."
        ),
        **NO_EXCHANGERS,
    },
)
def dane_mta_sts(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = mail(subject, evidence, ctx)
    if not found.mx.known:
        yield inconclusive.dns(found.mx)
    elif not found.exchangers:
        code = "NULL_MX" if found.null else "NO_MX"
        yield Verdict(code=code, args={"name": found.mx.name}, evidence=found.mx.evidence)
    else:
        yield judge(found.mx.name, protection(evidence, ctx, found))
