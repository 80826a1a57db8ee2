"""Check that SSH reachable from the internet takes keys and no passwords."""

from collections.abc import Iterator
from functools import partial

from auditor.facts import not_judged
from auditor.facts.exposure import ssh, sweeps
from auditor.facts.targets import for_each
from auditor.framework.check import FamilyClaim, Granularity, check, fail, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Arg, Reason, Verdict
from inventory.model import HOST_KINDS, Clearance, IPAddress, Subject, written
from probes.framework.evidence import EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.ssh import SshAuthMethods, SshExchange

_PORT = 22


@check(
    version=4,
    title="Internet-facing SSH does not accept passwords",
    problem="SSH on the Internet accepts passwords",
    problems={
        "INTERACTIVE": "SSH on the Internet may accept passwords",
        "NO_LOGIN_NEEDED": "SSH asks for neither key nor password",
    },
    why="Passwords are guessed by machines day and night; a key cannot be guessed.",
    fix="Set PasswordAuthentication no and KbdInteractiveAuthentication no, and give the administrators keys.",
    references=("CIS Controls 6", "RFC 4252 §5.2"),
    needs=(NameLookup, SshAuthMethods, SshExchange),
    kinds=HOST_KINDS,
    claims=FamilyClaim.EACH,
    unit=Granularity.ADDRESS,
    clearance=Clearance.INTRUSIVE,
    messages={
        **not_judged.DNS_CODES,
        **not_judged.NOT_DECIDED,
        "NO_ADDRESS": sweeps.FRAME["NO_ADDRESS"],
        **not_judged.NO_SSH,
        "KEYS_ONLY": passed("SSH on {address} takes no passwords: {methods:list}."),
        "INTERACTIVE": warn(
            "SSH on {address} takes keyboard-interactive, behind which a password may hide: {methods:list}."
        ),
        "PASSWORDS": fail("SSH on {address} takes passwords: {methods:list}."),
        "NO_LOGIN_NEEDED": fail(
            "SSH on {address} asks for neither key nor password: it lets anybody in, or some devices ask for a password"
            " only inside the session.",
            fix="Connect and look: if nothing asks for a password, take the machine off the network and find out why"
            " its SSH server accepts the method none; if the device asks inside the session, restrict SSH to a VPN.",
        ),
    },
)
def auth(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    yield from for_each(sweeps.each_address(subject, evidence, ctx), partial(_judge, evidence, ctx))


def _judge(evidence: EvidenceSet, ctx: Context, address: IPAddress) -> Verdict:
    methods = ssh.methods(evidence, ctx, address, _PORT)
    if not methods.known:
        server = ssh.server(evidence, ctx, address, _PORT)
        if server.absent:
            return Verdict(code="NO_SSH", args={"address": written(address)}, address=address, evidence=server.evidence)
        reason = methods.reason or server.reason or Reason.CUT
        return not_judged.at(address, f"tcp/{_PORT}", reason, (*methods.evidence, *server.evidence))
    if "none" in methods.names:
        code = "NO_LOGIN_NEEDED"
    elif "password" in methods.names:
        code = "PASSWORDS"
    else:
        code = "KEYS_ONLY" if methods.keys_only else "INTERACTIVE"
    args: dict[str, Arg] = {"address": written(address)}
    if code != "NO_LOGIN_NEEDED":
        args["methods"] = methods.names
    return Verdict(code=code, args=args, address=address, evidence=methods.evidence)
