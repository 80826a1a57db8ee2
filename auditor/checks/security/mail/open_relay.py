"""Check that the mail exchangers do not relay for unauthenticated clients.

Tested only where the owner authorised it, up to RCPT and never with a message. A server that accepts any RCPT and
refuses later cannot be told from a relay: only one that refuses a non-existent mailbox of its own domain, and accepts
two recipients of other domains, is called one.
"""

from collections.abc import Iterator
from dataclasses import replace

from auditor.facts import not_judged
from auditor.facts.attribution import BEHIND_NAT, FromOutside, from_outside
from auditor.facts.dns.names import canonical
from auditor.facts.mail.open_relay import Relay, Relayed, relaying
from auditor.facts.mail.smtp import LIMITED_CODE, NO_EXCHANGER, nobody, not_decided, smtp_sessions, unknown_addresses
from auditor.framework.check import FamilyClaim, Granularity, SilenceMeaning, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import Clearance, Kind, Subject
from probes.framework.evidence import EvidenceSet
from probes.framework.expand import is_own_exchanger
from probes.observations.dns import NameLookup
from probes.observations.mail import SmtpRelay


@check(
    version=10,
    title="Mail server is not an open relay",
    problem="Mail server relays mail for anyone (open relay)",
    problems={"TEMPORARY": "Relaying is refused with a temporary error only"},
    why="A mail server that relays mail for anyone is found within hours and used for spam and fraud in the agency's "
    "name; then others refuse all of the agency's mail.",
    fix="Accept mail for other domains only from the agency's own networks or after authentication"
    " (smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, reject_unauth_destination in Postfix).",
    references=("RFC 5321 §7.8", "RFC 2505", "CIS Controls 9"),
    needs=(NameLookup, SmtpRelay),
    kinds=frozenset({Kind.MAIL}),
    claims=FamilyClaim.EACH,
    transports=frozenset({"tcp/25"}),
    unit=Granularity.ADDRESS,
    clearance=Clearance.INTRUSIVE,
    question=SilenceMeaning.EXPOSURE,
    messages={
        **NO_EXCHANGER,
        **LIMITED_CODE,
        "REFUSES": passed("{address} ({exchanger}) does not relay mail to other domains: {reply}."),
        "TEMPORARY": warn(
            "{address} ({exchanger}) refuses to relay mail to other domains with a temporary error only: {reply}.",
            fix="Refuse with a permanent error (reject_unauth_destination instead of defer_unauth_destination in"
            " Postfix).",
        ),
        "RELAYS": fail(
            "{address} ({exchanger}) relays mail to other domains for any client: it accepted {recipients:list} from "
            "{sender}, and refused a mailbox of its own domain that nobody has."
        ),
        "INSIDE": inconclusive(
            "{address} ({exchanger}) relays mail of the vantage, which is in the same network and so no outside "
            "client.",
            fix="Check again from a vantage outside, or take the vantage's address out of the networks that may relay.",
            reason=Reason.VP,
        ),
        "ANYTHING": inconclusive(
            "{address} ({exchanger}) accepts every recipient, also a mailbox that nobody has: it refuses later, or"
            " relays; which of the two would only show with a message, which is never sent.",
            fix="Let the gateway know the recipients and refuse others at RCPT, then check again.",
            reason=Reason.AMB,
        ),
        "MIXED": inconclusive(
            "{address} ({exchanger}) accepted one recipient of another domain and not the others; whether it relays"
            " would only show with a message, which is never sent.",
            reason=Reason.AMB,
        ),
        "FOREIGN": inconclusive(
            "{exchanger} is not within {name}, or leads elsewhere: the authorisation of the domain does not cover it.",
            fix="Ask the operator of the mail server whether it relays mail to other domains for any client.",
            reason=Reason.SCOPE,
        ),
        **BEHIND_NAT,
        **not_judged.NO_SMTP,
        **not_judged.NO_EXCHANGER_ADDRESS,
    },
)
def open_relay(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    dialogues = smtp_sessions(subject, evidence, ctx, "AAAA", "A")
    blank = nobody(dialogues.mail)
    if blank is not None:
        yield blank
        return
    yield from unknown_addresses(dialogues)
    name = canonical(subject.host or subject.name)
    own = frozenset(
        exchanger.name
        for exchanger in dialogues.mail.exchangers
        if is_own_exchanger(name, exchanger.name, (*exchanger.a.chain, *exchanger.aaaa.chain))
    )
    for exchanger in dialogues.mail.exchangers:
        if exchanger.name not in own:
            args = {"exchanger": exchanger.name, "name": name}
            yield Verdict(code="FOREIGN", args=args, detail=exchanger.name, evidence=dialogues.mail.mx.evidence)
    if not dialogues.sessions and not dialogues.unknown:
        yield Verdict(code="NO_ADDRESS", args={"name": dialogues.mail.mx.name}, evidence=dialogues.mail.mx.evidence)
    for dialogue in dialogues.sessions:
        if own & set(dialogue.exchangers):
            verdict = _say(relaying(evidence, ctx, dialogue.address, dialogue.exchangers))
            outside = from_outside(ctx, evidence, dialogue.address)
            if verdict.code == "RELAYS" and outside is not FromOutside.YES:
                code = "INSIDE" if outside is FromOutside.NO else "BEHIND_NAT"
                verdict = replace(dialogue.say(code), evidence=verdict.evidence)
            yield verdict


def _say(relay_answer: Relayed) -> Verdict:
    match relay_answer.relay:
        case Relay.UNKNOWN:
            return not_decided(relay_answer.session)
        case Relay.RELAYS:
            first = relay_answer.accepted[0]
            recipients = tuple(accepted.recipient for accepted in relay_answer.accepted)
            verdict = relay_answer.session.say("RELAYS", sender=first.sender or "<>")
            return Verdict(
                code="RELAYS",
                args={**verdict.args, "recipients": recipients},
                address=verdict.address,
                evidence=verdict.evidence,
            )
        case Relay.LATER:
            return relay_answer.session.say("LIMITED", reply=relay_answer.reply)
        case Relay.REFUSES | Relay.TEMPORARY:
            return relay_answer.session.say(relay_answer.relay.name, reply=relay_answer.reply)
        case _:
            return relay_answer.session.say(relay_answer.relay.name)
