"""Check that the firewall lets the same ports through on IPv6 as on IPv4.

An open port is seen twice, ten minutes apart, and its protocol has to answer. Rules are compared only where both
families answered something in the run. Ports that a content network has open for all its customers are left out; the
log-in of a hosting company's panel is no defect.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from auditor.facts.exposure import ssh, sweeps
from auditor.facts.exposure.both_families import ComparedPorts
from auditor.facts.exposure.sweeps import Swept
from auditor.facts.path.packets import ECHOES
from auditor.facts.tls.presented import keys as tls_keys
from auditor.framework.check import (
    FamilyClaim,
    SilenceMeaning,
    VantageKind,
    check,
    fail,
    inconclusive,
    not_applicable,
    passed,
    warn,
)
from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.model import HOST_KINDS, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.exposure import PortSweep
from probes.observations.mail import SmtpDialogue
from probes.observations.pages import FrontPage
from probes.observations.path import EchoTrain
from probes.observations.ssh import SshExchange
from probes.observations.transport import EchoSeries
from probes.observations.web import HttpExchange, TlsHandshake

_SHOW_KEYS = frozenset({"ssh", "tls", "mail_tls", "smtp"})
"""The probes whose answer may show that the two families lead to different machines."""
_SHOWN_ELSEWHERE = _SHOW_KEYS | {"front_page"}


@check(
    version=14,
    title="Firewall policy is the same on IPv4 and IPv6",
    problem="Port closed over IPv4 is open over IPv6",
    problems={
        "SHUT_OTHERWISE": "Firewall treats closed ports differently by IP version",
        "MORE_ON_IPV4": "Port open over IPv4 is closed over IPv6",
        "PANEL_ON_IPV6": "Hosting panel is open over IPv6 only",
    },
    why="Rules are often written only for IPv4; then everything that they were meant to hold back is open over IPv6, "
    "and scans over IPv4 do not show it.",
    fix="Write the same rules for IPv6; refuse what comes in by default, and let through the ICMPv6 of RFC 4890.",
    references=("RFC 7123", "RFC 9099 §2.4.2", "RFC 9099 §2.7.1", "RFC 9099 §2.8", "RFC 6092"),
    needs=(NameLookup, PortSweep, SshExchange, TlsHandshake, FrontPage, HttpExchange),
    beside=(EchoSeries, EchoTrain, SmtpDialogue),
    kinds=HOST_KINDS,
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.BOTH,
    question=SilenceMeaning.EXPOSURE,
    unauthenticated=frozenset({"SHUT_OTHERWISE", "MORE_ON_IPV4", "HOLE", "PANEL_ON_IPV6"}),
    excused_by={
        "SHUT_OTHERWISE": _SHOW_KEYS | {"ports"},
        "MORE_ON_IPV4": _SHOWN_ELSEWHERE,
        "HOLE": _SHOWN_ELSEWHERE,
        "PANEL_ON_IPV6": _SHOWN_ELSEWHERE,
    },
    excused_if_late=dict.fromkeys(("SHUT_OTHERWISE", "MORE_ON_IPV4", "HOLE", "PANEL_ON_IPV6"), ECHOES),
    messages={
        **{code: message for code, message in sweeps.FRAME.items() if code not in ("UNPROVEN", "BANNED")},
        "SAME": passed("IPv4 and IPv6 of {name} have the same ports open, and shut in the same way."),
        "SHUT_OTHERWISE": warn(
            "{name} refuses over one family what it drops in silence over the other: {ports:list}.",
            fix="Use the same way of refusing over IPv4 and IPv6, so that the rules can be compared.",
        ),
        "MORE_ON_IPV4": warn(
            "{name} has {ports/a port/ports} open over IPv4 that {ports/is/are} shut over IPv6: {ports:list}.",
            fix="Open these ports over IPv6 too where they are meant to be used, or close them over IPv4.",
        ),
        "HOLE": fail(
            "{name} has {ports/a port/ports} open over IPv6, and answering, that {ports/is/are} shut over IPv4:"
            " {ports:list}."
        ),
        "PANEL_ON_IPV6": warn(
            "{name} has {ports/a port/ports} open over IPv6 that {ports/is/are} shut over IPv4 and"
            " {ports/shows/show} no more than the log-in of a hosting company's panel: {ports:list}.",
            fix="Ask the hosting company to close its panel over IPv6 as over IPv4; where the panel is your own, write "
            "the same rules for IPv4 and IPv6.",
        ),
        "ONE_SILENT": inconclusive(
            "{name} answered nothing at all over {silent} in this run, so that the rules for IPv4 and IPv6 cannot be"
            " compared; open over {other}: {ports:list}.",
            fix="Find out why the {silent} address is silent: if it is in use, ask the operator of the firewall or "
            "the intrusion prevention to admit the vantage's addresses, then check again; if not, take it out of "
            "the DNS and the inventory. Close over {other} what nobody is meant to use.",
            reason=Reason.RATE,
        ),
        "NOT_SEEN_TWICE": inconclusive(
            "{name} had {ports/a port/ports} open over IPv6 and shut over IPv4 ({ports:list}); ten minutes later that"
            " was not seen again, so that the cause is open.",
            fix="Compare the IPv4 and IPv6 rules for these ports, then check again.",
            reason=Reason.SMPL,
        ),
        "MUTE": inconclusive(
            "{name} accepts connections only over one of IPv4 and IPv6 on {ports:list}, but what should answer there "
            "did not: what is behind is not clear.",
            fix="Look at what listens on these ports, and compare the IPv4 and IPv6 rules.",
            reason=Reason.AMB,
        ),
        "BANNED": inconclusive(
            "{name} stopped answering the vantage in the middle of the sweep over IPv4 or IPv6: a port that had "
            "answered was silent too. TCP {ports/port/ports} {ports:list} cannot be compared.",
            fix="Ask the operator of the firewall or the intrusion prevention to admit the vantage's addresses, then "
            "check again.",
            reason=Reason.RATE,
        ),
        "ONE_FAMILY": not_applicable("{name} has addresses of one family only."),
        "OTHER_MACHINES": not_applicable(
            "The IPv4 and IPv6 addresses belong to different machines: their {proof} keys differ."
        ),
        "UNPROVEN": inconclusive(
            "{name}: no hole was seen; for TCP {ports/port/ports} {ports:list} nothing showed that packets leave the "
            "vantage over both IPv4 and IPv6.",
            fix="Configure a control endpoint with IPv4 and IPv6 addresses ([vantage] control), check again.",
            reason=Reason.EGR,
        ),
    },
)
def v4v6_parity(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    found = sweeps.everywhere(subject, evidence, ctx)
    name = subject.host or subject.name
    six, four = ([sweep for sweep in found if sweep.address.version == version] for version in (6, 4))
    blank = next(sweeps.no_addresses(subject, evidence, ctx), None)
    if blank is not None:
        yield replace(blank, detail=None)
        return
    if not six or not four:
        yield Verdict(code="ONE_FAMILY", args={"name": name}, evidence=found[0].evidence)
        return
    unclear = next((verdict for sweep in found if (verdict := sweeps.frame(sweep))), None)
    if unclear is not None:
        yield replace(unclear, address=None)
        return
    yield _other_machines(evidence, found) or ComparedPorts(subject, evidence, ctx, four, six).verdict()


def _other_machines(evidence: EvidenceSet, found: Sequence[Swept]) -> Verdict | None:
    """Return proof that the two families lead to different machines: no SSH host key or TLS key in common.

    Both must show one at the same port. A common key shows one machine; with its host key, even if certificates differ.
    """
    for proof, keys_of in (("SSH", ssh.host_keys), ("TLS", tls_keys)):
        keys: dict[int, set[bytes]] = {4: set(), 6: set()}
        ports: dict[int, set[int]] = {4: set(), 6: set()}
        ids: list[EvidenceId] = []
        for sweep in found:
            for id_, port, key in keys_of(evidence, sweep.address):
                keys[sweep.address.version].add(key)
                ports[sweep.address.version].add(port)
                ids.append(id_)
        if keys[4] & keys[6]:
            return None
        if ports[4] & ports[6]:
            return Verdict(code="OTHER_MACHINES", args={"proof": proof}, evidence=tuple(dict.fromkeys(ids)))
    return None
