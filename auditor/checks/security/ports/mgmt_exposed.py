"""Check that no management or database port can be reached from the internet.

A port is a defect of the host only where its protocol answered. SSH is a warning, and correct on a declared jump host
that accepts only keys.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

from auditor.facts.exposure import ssh, sweeps
from auditor.facts.exposure.edges import edge
from auditor.facts.exposure.site_ports import Front, PortPage, declared_web_ports, shown
from auditor.facts.exposure.ssh import Methods
from auditor.facts.exposure.sweeps import Swept
from auditor.facts.targets import for_each
from auditor.framework.check import FamilyClaim, Granularity, SilenceMeaning, check, fail, inconclusive, passed, warn
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import HOST_KINDS, WEB_KINDS, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.exposure import DATA, MANAGEMENT, DatagramReply, PortSweep
from probes.observations.pages import FrontPage
from probes.observations.ssh import SshAuthMethods, SshExchange
from probes.observations.web import HttpExchange, TlsHandshake

_SSH = 22
_UDP = {"snmp": "161/udp (SNMP)", "ipmi": "623/udp (IPMI)"}
"""UDP services of list M, asked where the owner allows it, by their names in ``probes.wire.exposure.amplifiers``."""
_LISTED = (*MANAGEMENT, *DATA)
_ACCUSING = frozenset({"EXPOSED", "PANEL", "SSH_OPEN", "SSH_UNCLEAR"})


@check(
    version=13,
    title="No management or database port on the Internet",
    problem="Management or database port is open to the Internet",
    problems={"SSH_OPEN": "SSH is open to the Internet", "PANEL": "Hosting panel is open to the Internet"},
    why="An attacker who reaches a management or database port needs one flaw or one weak password to own the "
    "machine; these ports are tried within minutes of being opened.",
    fix="Close the port towards the internet over IPv4 and IPv6, or move it behind a VPN.",
    references=("CIS Controls 4", "CIS Controls 12", "CIS Controls 13", "RFC 9099 §2.4.2", "RFC 9099 §2.8"),
    needs=(NameLookup, PortSweep, SshAuthMethods, DatagramReply, FrontPage, HttpExchange, TlsHandshake),
    beside=(SshExchange,),
    kinds=HOST_KINDS,
    claims=FamilyClaim.EACH,
    unit=Granularity.ADDRESS,
    question=SilenceMeaning.EXPOSURE,
    unauthenticated=frozenset({"EXPOSED", "PANEL", "SSH_OPEN"}),
    messages={
        **sweeps.FRAME,
        "NONE_OPEN": passed("{address} has no management or database port open."),
        "JUMP_HOST": passed("{address} has only SSH open, with keys only; the inventory names it as a jump host."),
        "SSH_OPEN": warn(
            "{address} has SSH open to the internet: {ports:list}.",
            fix="Restrict SSH to a VPN; a jump host that takes only keys is declared by the tag jump-host.",
        ),
        "EXPOSED": fail(
            "{address} has {ports/a management or database port/management or database ports} open, and what is behind"
            " {ports/it/them} answers: {ports:list}."
        ),
        "PANEL": warn(
            "{address} has a hosting panel open to the internet ({products:list}; open: {ports:list}). Where the"
            " address is a hoster's, so is the panel.",
            fix="Where the panel is a hoster's, ask the hoster to require a second factor there; where it is your own, "
            "close the port towards the internet over IPv4 and IPv6, or move it behind a VPN.",
        ),
        "SSH_UNCLEAR": inconclusive(
            "{address} is a declared jump host with SSH open; how it lets people in was not tested.",
            fix="Have the owner authorise intrusive tests of this host in the inventory (clearance = intrusive).",
        ),
        "EDGE": passed(
            "{address} is a front end of {operator}, which has {ports:list} open for all its customers; no management"
            " or database port of the host answers there."
        ),
        "PORTAL": passed(
            "{address} has no management or database port open; on {ports:list} users log in ({products:list})."
        ),
        "PAGE_UNCLEAR": inconclusive(
            "{address} answers on {ports:list} with the certificate of the site or through a front end of others;"
            " whether that is the site or something to manage it was not shown.",
            fix="Look at what answers there: declare the port as a web service of the site, or close it.",
            reason=Reason.AMB,
        ),
        **sweeps.MUTE_PORTS,
    },
)
def mgmt_exposed(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    web_ports = declared_web_ports(subject) if subject.kinds & WEB_KINDS else frozenset[int]()
    listed = tuple(port for port in _LISTED if port not in web_ports)

    def judge(sweep: Swept) -> Verdict:
        found = [p for p in sweep.answering(_LISTED) if p not in web_ports or not sweep.speaks_web(p)]
        # Where SNMP is declared, access lists may admit us; security.snmp.exposed judges that.
        managed = {service.name for service in subject.services}
        asked = {name: word for name, word in _UDP.items() if name not in managed}
        udp = {word: ids for name, word in asked.items() if (ids := sweeps.answered(evidence, sweep.address, name))}
        fronts = {port: shown(subject, evidence, ctx, sweep.address, port) for port in found if sweep.speaks_web(port)}
        web = {port: front for port, front in fronts.items() if front.front is not Front.OTHER}
        if udp or any(port not in web and not sweep.is_moved_ssh(port) for port in found):
            ports = sweep.shown(port for port in found if port not in web)
            return sweep.beside(chain(*udp.values())).say("EXPOSED", ports=(*ports, *udp))
        panels = {front.product: None for front in web.values() if front.front is Front.PANEL}
        if panels:
            opened = (port for port in found if port not in web or web[port].front is Front.PANEL)
            return sweep.beside(_seen(web)).say("PANEL", products=tuple(panels), ports=sweep.shown(opened))
        unclear = tuple(port for port, front in web.items() if front.front is Front.UNCLEAR)
        if unclear:
            return sweep.beside(_seen(web)).say("PAGE_UNCLEAR", ports=sweep.shown(unclear))
        moved = [port for port in found if port not in web]
        if moved:
            methods = ssh.methods(evidence, ctx, sweep.address, _SSH)
            verdict = _ssh(subject, sweep, methods, moved, authorised=sweeps.authorised(subject, ctx))
            return (sweep.unclear(listed) if verdict.code == "JUMP_HOST" else None) or verdict
        operator = edge(evidence, sweep.address)
        return sweep.unclear(listed, at_edge=operator is not None) or _none(sweep, web)

    yield from for_each(sweeps.targets(subject, evidence, ctx), sweeps.believable(judge, _ACCUSING))


def _none(sweep: Swept, web: Mapping[int, PortPage]) -> Verdict:
    """Return the verdict where only web pages answer on these ports."""
    elsewhere = {port: front for port, front in web.items() if front.operator}
    if elsewhere:
        operator = next(iter(elsewhere.values())).operator
        return sweep.beside(_seen(elsewhere)).say("EDGE", operator=operator, ports=sweep.shown(elsewhere))
    portals = {port: front for port, front in web.items() if front.front is Front.PORTAL}
    if portals:
        products = tuple({front.product: None for front in portals.values()})
        return sweep.beside(_seen(portals)).say("PORTAL", products=products, ports=sweep.shown(portals))
    return sweep.beside(_seen(web)).say("NONE_OPEN")


def _seen(web: Mapping[int, PortPage]) -> Iterator[EvidenceId]:
    return chain.from_iterable(front.evidence for front in web.values())


def _ssh(subject: Subject, sweep: Swept, methods: Methods, ports: Sequence[int], *, authorised: bool) -> Verdict:
    """Return the verdict on SSH at ``ports``; its log-in methods are known only for port 22."""
    whole = sweep.beside(methods.evidence)
    if not subject.has_tag("jump-host") or list(ports) != [_SSH] or (methods.known and not methods.keys_only):
        # Passwords are judged by security.ssh.auth.
        return whole.say("SSH_OPEN", ports=sweep.shown(ports))
    if methods.known:
        return whole.say("JUMP_HOST")
    verdict = whole.say("SSH_UNCLEAR")
    reason = (methods.reason or Reason.CUT) if authorised else Reason.SCOPE
    return Verdict(
        code=verdict.code, args=verdict.args, address=sweep.address, evidence=verdict.evidence, reason=reason
    )
