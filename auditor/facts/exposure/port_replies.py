"""Collects the answers at the ports of an address to questions of other probes than the sweep."""

from collections.abc import Iterator, Mapping

from auditor.facts.cached import remembered
from inventory.model import IPAddress
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet
from probes.observations.exposure import FtpGreeting, PortSweep, SmbNegotiate
from probes.observations.mail import SmtpDialogue
from probes.observations.pages import FrontPage
from probes.observations.path import BulkTransfer
from probes.observations.ssh import SshExchange
from probes.observations.tls import Answer, BrowserHello, TlsSupport
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange, TlsHandshake
from probes.wire.exposure import port_hellos
from probes.wire.exposure.recognised_protocols import RecognisedProtocol

_Talk = (
    FtpGreeting
    | SmbNegotiate
    | SshExchange
    | SmtpDialogue
    | TlsHandshake
    | TlsSupport
    | BrowserHello
    | HttpExchange
    | FrontPage
    | BulkTransfer
)
_STARTTLS: Mapping[str, str] = {
    "smtp": port_hellos.SMTP,
    "imap": port_hellos.IMAP,
    "pop3": port_hellos.POP3,
    "ldap": port_hellos.LDAP,
}
"""The protocol on a port where STARTTLS succeeded, by the name of the protocol inside."""


@remembered
def heard(evidence: EvidenceSet, address: IPAddress) -> Mapping[int, tuple[RecognisedProtocol, EvidenceId]]:
    """Return the protocol of each port that answered in it, with the evidence; the first in the order of evidence."""
    found: dict[int, tuple[RecognisedProtocol, EvidenceId]] = {}
    for envelope, step in _talks(evidence):
        spoken = _spoken(step) if step.address == address else None
        if spoken is not None:
            found.setdefault(step.port, (spoken, envelope.id))
    return found


def _talks(evidence: EvidenceSet) -> Iterator[tuple[Evidence, _Talk]]:
    yield from evidence.of(FtpGreeting)
    yield from evidence.of(SmbNegotiate)
    yield from evidence.of(SshExchange)
    yield from evidence.of(SmtpDialogue)
    yield from evidence.of(TlsHandshake)
    yield from evidence.of(TlsSupport)
    yield from evidence.of(BrowserHello)
    yield from evidence.of(HttpExchange)
    yield from evidence.of(FrontPage)
    yield from evidence.of(BulkTransfer)


@remembered
def accepting(evidence: EvidenceSet, address: IPAddress) -> frozenset[int]:
    """Return the ports that accepted a connection at any time of the run."""
    return frozenset((*heard(evidence, address), *_accepted(evidence, address)))


def _accepted(evidence: EvidenceSet, address: IPAddress) -> Iterator[int]:
    yield from (step.port for _, step in evidence.of(TcpConnect) if step.address == address and step.failure is None)
    for _, sweep in evidence.of(PortSweep):
        if sweep.address == address:
            yield from (reply.port for reply in sweep.replies if reply.failure is None)


def _spoken(step: _Talk) -> RecognisedProtocol | None:
    match step:
        case FtpGreeting() if step.greeting:
            return RecognisedProtocol(protocol=port_hellos.FTP)
        case SmbNegotiate() if step.accepted is not None:
            return RecognisedProtocol(protocol=port_hellos.SMB)
        case SshExchange() if step.banner.startswith("SSH-"):
            return RecognisedProtocol(protocol=port_hellos.SSH, product=step.banner.split("-", 2)[-1][:64])
        case SmtpDialogue() if step.greeted:
            return RecognisedProtocol(protocol=port_hellos.SMTP)
        case TlsHandshake() if step.chain or step.version:
            return RecognisedProtocol(protocol=_STARTTLS.get(step.protocol, port_hellos.TLS))
        case TlsSupport() if step.alpn or any(version.answer is Answer.ACCEPTED for version in step.versions):
            return RecognisedProtocol(protocol=_STARTTLS.get(step.protocol, port_hellos.TLS))
        case BrowserHello() if step.taken:
            return RecognisedProtocol(protocol=port_hellos.TLS)
        case HttpExchange() | FrontPage() | BulkTransfer() if step.status is not None:
            return RecognisedProtocol(protocol=port_hellos.HTTP)
        case _:
            return None
