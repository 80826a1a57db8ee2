"""Check that no remote administration runs over a cleartext protocol.

TFTP is asked for a file that does not exist, where the owner allows such questions; otherwise it is not judged. A page
over HTTP is a defect of a device only where it is recognised as the log-in of one.
"""

from collections.abc import Iterator, Mapping

from auditor.facts.exposure import sweeps
from auditor.facts.exposure.sweeps import Swept
from auditor.facts.targets import for_each
from auditor.facts.web.admin_pages import products
from auditor.framework.check import (
    FamilyClaim,
    Granularity,
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
from inventory.model import DEVICE_KINDS, HOST_KINDS, Subject
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.dns import NameLookup
from probes.observations.exposure import DatagramReply, FtpGreeting, PortSweep
from probes.observations.pages import FrontPage
from probes.wire.exposure.port_hellos import R_SERVICES, TELNET

_FTP, _WEB, _WEB_TLS = 21, (80, 8080), (443, 8443)
_ALWAYS = (23, 512, 513, 514)
_WORDS = {23: "Telnet (23)", 512: "rexec (512)", 513: "rlogin (513)", 514: "rsh (514)"}
_TFTP = "TFTP (69/udp)"
_GOES_ALONG, _LEAVES = 234, 421
_READY = "220"


@check(
    version=6,
    title="No cleartext remote access",
    problem="Remote access without encryption is offered",
    problems={"FTP_WITH_TLS": "FTP is offered, encryption may be optional"},
    why="An attacker on the path reads the administrator's password along with everything else.",
    fix="Replace Telnet and rsh by SSH, FTP by SFTP, and HTTP management by HTTPS; then close the old ports.",
    references=(
        "điểm đ Phụ lục I Thông tư số 06/2026/TT-BKHCN",
        "các mục 4.2, 4.3 Thông tư số 39/2017/TT-BTTTT",
        "QCVN 12:2026/BCA §3.13.2.1.10",
    ),
    needs=(NameLookup, PortSweep, FtpGreeting, DatagramReply, FrontPage),
    kinds=HOST_KINDS,
    vantage=frozenset({VantageKind.INET, VantageKind.TSL}),
    claims=FamilyClaim.EACH,
    unit=Granularity.ADDRESS,
    question=SilenceMeaning.EXPOSURE,
    messages={
        **sweeps.FRAME,
        "NONE": passed("{address} offers no remote access in clear text (Telnet, rsh, FTP)."),
        "FTP_WITH_TLS": warn(
            "{address} runs FTP that can be encrypted (AUTH TLS); whether it insists on that was not tried.",
            fix="Make TLS mandatory for logging in and for data, or replace FTP by SFTP.",
        ),
        "CLEARTEXT": fail("{address} offers remote access in clear text: {services:list}."),
        "PUBLIC_FTP": not_applicable("{address} runs FTP that the inventory declares as public."),
        "UNCONFIRMED": inconclusive(
            "{address} has {ports/a port/ports} of Telnet or rsh open ({ports:list}), but nothing introduced itself"
            " there.",
            fix="Look at what listens on these ports, and close what is not needed.",
            reason=Reason.AMB,
        ),
        "FTP_UNCLEAR": inconclusive(
            "{address} has port 21 open, but no FTP server told there whether it encrypts.", reason=Reason.AMB
        ),
        "WEB_UNCLEAR": inconclusive(
            "{address} has port {port} open and no port with HTTPS; whether the device is managed there is not known.",
            fix="If the device is managed there, switch to HTTPS and close the port.",
            reason=Reason.AMB,
        ),
        "WRAPPED": inconclusive(
            "{address} accepts connections on {ports:list} and closes them at once: what is behind is not clear.",
            reason=Reason.AMB,
        ),
    },
)
def cleartext(subject: Subject, evidence: EvidenceSet, ctx: Context) -> Iterator[Verdict]:
    def judge(sweep: Swept) -> Verdict:
        heard = () if sweep.deceives else evidence.of(FtpGreeting)
        greetings = [(e.id, s) for e, s in heard if s.address == sweep.address and s.greeting]
        pages = _pages(evidence, sweep) if subject.kinds & DEVICE_KINDS and not sweep.opened(_WEB_TLS) else {}
        return _judge(subject, sweep, greetings, pages, sweeps.answered(evidence, sweep.address, "tftp"))

    yield from for_each(sweeps.targets(subject, evidence, ctx), sweeps.believable(judge, frozenset({"CLEARTEXT"})))


def _pages(evidence: EvidenceSet, sweep: Swept) -> Mapping[str, EvidenceId]:
    """Return the management pages of devices over HTTP, with the evidence of each."""
    pairs = ((e.id, step) for e, step in evidence.of(FrontPage) if step.address == sweep.address and step.port in _WEB)
    return {
        f"HTTP ({step.port}, {product.name})": id_
        for id_, step in pairs
        for product in products(step)
        if not product.site
    }


def _judge(
    subject: Subject,
    sweep: Swept,
    ftp: list[tuple[EvidenceId, FtpGreeting]],
    pages: Mapping[str, EvidenceId],
    tftp: tuple[EvidenceId, ...],
) -> Verdict:
    shown = sweep.beside((*(id_ for id_, _ in ftp), *pages.values(), *tftp))
    # Other services use these ports too (syslog 514, say): only a service that identified itself counts.
    services = [_WORDS[port] for port in sweep.answering(_ALWAYS) if sweep.speaks(port, TELNET, R_SERVICES)]
    services += [*pages, *([_TFTP] if tftp else [])]
    encrypts = any(step.auth_tls == _GOES_ALONG for _, step in ftp)
    plain = any(_is_plain(step) for _, step in ftp)
    public = subject.has_tag("public-ftp")
    if plain and not encrypts and not public:
        services.append("FTP (21)")
    if services:
        return shown.say("CLEARTEXT", services=tuple(services))
    known = encrypts or plain or (public and bool(ftp))
    unclear = _unclear(subject, sweep, ftp_spoke=known)
    if unclear is not None:
        return unclear
    if ftp and not known:
        return shown.say("FTP_UNCLEAR")
    if ftp:
        return shown.say("PUBLIC_FTP" if public else "FTP_WITH_TLS")
    return sweep.say("NONE")


def _is_plain(step: FtpGreeting) -> bool:
    """True if an FTP server accepted us and refused encryption before the log-in.

    One that rejects clients by its greeting, is full (RFC 959: 421), or breaks off at the question did not.
    """
    return step.greeting.startswith(_READY) and step.auth_tls not in (None, _GOES_ALONG, _LEAVES)


def _unclear(subject: Subject, sweep: Swept, *, ftp_spoke: bool) -> Verdict | None:
    listed = (*_ALWAYS, *(() if ftp_spoke else (_FTP,)))
    wrapped = sweep.wrapped(_ALWAYS)
    if wrapped:
        return sweep.say("WRAPPED", ports=tuple(map(str, wrapped)))
    mute = sweep.mute(_ALWAYS)
    if mute:
        return sweep.say("UNCONFIRMED", ports=tuple(map(str, mute)))
    if not ftp_spoke and sweep.opened((_FTP,)):
        return sweep.say("FTP_UNCLEAR")
    web = sweep.opened(_WEB)
    if subject.kinds & DEVICE_KINDS and web and not sweep.opened(_WEB_TLS):
        return sweep.say("WEB_UNCLEAR", port=str(web[0]))
    return sweep.not_known(listed)
