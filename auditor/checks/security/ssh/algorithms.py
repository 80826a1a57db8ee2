"""``security.ssh.algorithms``: SSH 2.0 with algorithms that hold today. Nobody logs in."""

from collections.abc import Iterator

from auditor.facts import inconclusive
from auditor.facts.exposure import ssh, ssh_grades, sweeps
from auditor.facts.exposure.ssh import Server
from auditor.framework.check import FamilyClaim, Granularity, VantageKind, check, says
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Outcome, Reason, Verdict
from inventory.model import HOST_KINDS, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.ssh import SshExchange

PORT = 22


@check(
    version=2,
    title="SSH 2.0 with modern algorithms",
    why="With SSH the whole machine is administered; who breaks its key exchange or cipher reads and types along.",
    fix="Take the algorithms that the finding names out of the server's configuration; in OpenSSH, which even in its"
    " newest version offers hmac-sha1 by default: MACs -hmac-sha1,hmac-sha1-etm@openssh.com, which leaves hmac-sha2-*."
    " Update the firmware where it cannot be configured.",
    references=("TT 39/2017/TT-BTTTT row 4.2", "RFC 9142", "RFC 8332", "RFC 4253"),
    needs=(NameLookup, SshExchange),
    kinds=HOST_KINDS,
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.EACH,
    unit=Granularity.ADDRESS,
    messages={
        **inconclusive.DNS_CODES,
        **inconclusive.NOT_DECIDED,
        "NO_ADDRESS": sweeps.FRAME["NO_ADDRESS"],
        "NO_SSH": says(Outcome.NOT_APPLICABLE, "{address} runs no SSH on port 22."),
        "MODERN": says(Outcome.PASS, "{address} offers only modern SSH algorithms ({kex:list})."),
        "OLD": says(
            Outcome.WARN,
            "{address} still offers {names/an SSH algorithm that is/SSH algorithms that are} to be retired:"
            " {names:list}.",
        ),
        "BROKEN": says(
            Outcome.FAIL,
            "{address} offers {names/an SSH algorithm that does/SSH algorithms that do} not hold: {names:list}.",
        ),
        "SSH_1": says(
            Outcome.FAIL,
            "{address} speaks SSH {version}, a protocol that can be broken.",
            fix="Switch SSH version 1 off; where the device knows no other, replace its software or the device.",
        ),
        "CUT_OFF": says(
            Outcome.INCONCLUSIVE,
            "{address} has port 22 open and closed the connection before SSH began; a ban of the measuring point's"
            " address looks like that.",
            fix="Ask the operator to admit the measuring point's addresses, and check again.",
            reason=Reason.RATE,
        ),
        "UNREADABLE": says(
            Outcome.INCONCLUSIVE,
            "{address} calls itself an SSH server, but its list of algorithms did not come or cannot be read.",
            reason=Reason.AMB,
        ),
    },
)
def algorithms(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield from sweeps.no_addresses(subject, evidence, ctx)
    for address in sweeps.probed(subject, evidence, ctx):
        yield _judge(ssh.server(evidence, ctx, address, PORT))


def _judge(one: Server) -> Verdict:
    if one.absent:
        return _say(one, "NO_SSH")
    if one.reason is Reason.RATE:
        return _say(one, "CUT_OFF")
    if one.reason is not None:
        return inconclusive.at(one.address, f"tcp/{PORT}", one.reason, one.evidence)
    if one.version.startswith("1."):
        return _say(one, "SSH_1", version=one.version)
    if one.offer is None:
        return _say(one, "UNREADABLE")
    grades = ssh_grades.grade(one.offer, one.key)
    if grades.broken:
        return _say(one, "BROKEN", names=grades.broken)
    if grades.old:
        return _say(one, "OLD", names=grades.old)
    return _say(one, "MODERN", kex=ssh_grades.shown(one.offer))


def _say(one: Server, code: str, **args: Arg) -> Verdict:
    whole = {"address": written(one.address), **args}
    return Verdict(code=code, args=whole, address=one.address, evidence=one.evidence)
