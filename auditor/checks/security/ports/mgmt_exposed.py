"""``security.ports.mgmt-exposed``: no management or database port can be reached from the internet.

SSH is looked at more closely: with keys alone it is a warning, and on a declared jump host it is as it should be.
"""

from collections.abc import Iterator
from itertools import chain

from auditor.check import Claim, Question, Unit, check, says
from auditor.context import Context
from auditor.facts import ssh, sweeps
from auditor.facts.ssh import Methods
from auditor.facts.sweeps import Swept
from auditor.findings import Outcome, Reason, Verdict
from inventory.model import HOST_KINDS, WEB_KINDS, Subject
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.exposure import DATA, MANAGEMENT, DatagramReply, PortSweep
from probes.observations.ssh import SshAuthMethods

_SSH = 22
_WEB_ALT = 8443
_UDP = {"snmp": "161/udp (SNMP)", "ipmi": "623/udp (IPMI)"}
"""Of list M, asked where the owner allows it, by their names in ``probes.wire.amplifiers``."""
_LISTED = (*MANAGEMENT, *DATA)


@check(
    version=1,
    title="No management or database port on the Internet",
    why="Whoever reaches a management or database port needs one flaw or one weak password to own the machine; these"
    " ports are tried within minutes of being opened.",
    fix="Close the port towards the internet on both families, or move it behind a VPN.",
    references=("CIS Controls 4", "CIS Controls 12", "CIS Controls 13", "RFC 9099 §2.4.2", "RFC 9099 §2.8"),
    needs=(NameLookup, PortSweep, SshAuthMethods, DatagramReply),
    kinds=HOST_KINDS,
    claims=Claim.EACH,
    unit=Unit.ADDRESS,
    question=Question.EXPOSURE,
    messages={
        **sweeps.FRAME,
        "NONE_OPEN": says(Outcome.PASS, "{address} has no management or database port open."),
        "JUMP_HOST": says(
            Outcome.PASS, "{address} has only SSH open, with keys alone; the inventory names it as a jump host."
        ),
        "SSH_OPEN": says(
            Outcome.WARN,
            "{address} has SSH open to the internet.",
            fix="Restrict SSH to a VPN; a jump host that takes keys alone is declared by the tag jump-host.",
        ),
        "EXPOSED": says(Outcome.FAIL,
            "{address} has {ports/a management or database port/management or database ports} open: {ports:list}."),
        "SSH_PASSWORDS": says(
            Outcome.FAIL,
            "{address} has SSH open to the internet, and it does not insist on keys: {methods:list}.",
            fix="Switch password authentication off (PasswordAuthentication no), and restrict SSH to a VPN.",
        ),
        "SSH_UNCLEAR": says(
            Outcome.INCONCLUSIVE,
            "{address} is a declared jump host with SSH open; how it lets people in was not tested.",
            fix="Have the owner authorise intrusive tests of this host in the inventory (clearance = intrusive).",
        ),
        "WRAPPED": says(
            Outcome.INCONCLUSIVE,
            "{address} accepts connections on {ports:list} and closes them at once: what is behind is not clear.",
            fix="Look at what listens on these ports; filter them if only some addresses are meant to get in.",
            reason=Reason.AMB,
        ),
    },
)  # fmt: skip
def mgmt_exposed(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    listed = tuple(port for port in _LISTED if not (port == _WEB_ALT and _is_web_alt(subject)))

    def judge(one: Swept) -> Verdict:
        found = one.opened(listed)
        # Where SNMP is declared we may be the station that is let in; that is for security.snmp.exposed to say.
        managed = {service.name for service in subject.services}
        asked = {name: word for name, word in _UDP.items() if name not in managed}
        udp = {word: ids for name, word in asked.items() if (ids := sweeps.answered(evidence, one.address, name))}
        if udp or any(port != _SSH for port in found):
            return one.beside(chain(*udp.values())).say("EXPOSED", ports=(*map(str, found), *udp))
        if found:
            return _ssh(subject, one, ssh.methods(evidence, ctx, one.address, _SSH), sweeps.authorised(subject, ctx))
        wrapped, unknown = one.wrapped(listed), one.unknown(listed)
        if wrapped:
            return one.say("WRAPPED", ports=tuple(map(str, wrapped)))
        return one.say("UNPROVEN", ports=tuple(map(str, unknown))) if unknown else one.say("NONE_OPEN")

    yield from sweeps.judge_each(subject, evidence, ctx, judge)


def _is_web_alt(subject: Subject) -> bool:
    """8443 is a management port unless it is what a web site is declared to be served on."""
    names = {"https", "https-alt"}
    return bool(subject.kinds & WEB_KINDS) and any(
        one.port == _WEB_ALT and one.name in names for one in subject.services
    )


def _ssh(subject: Subject, one: Swept, methods: Methods, authorised: bool) -> Verdict:
    shown = Swept(address=one.address, evidence=(*one.evidence, *methods.evidence))
    if methods.known and not methods.keys_only:
        return shown.say("SSH_PASSWORDS", methods=methods.names)
    if not subject.has_tag("jump-host"):
        return shown.say("SSH_OPEN")
    if methods.known:
        return shown.say("JUMP_HOST")
    verdict = shown.say("SSH_UNCLEAR")
    reason = (methods.reason or Reason.CUT) if authorised else Reason.SCOPE
    return Verdict(
        code=verdict.code, args=verdict.args, address=one.address, evidence=verdict.evidence, reason=reason
    )  # fmt: skip
