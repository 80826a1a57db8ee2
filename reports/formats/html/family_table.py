"""Builds a subject's table of services over IPv4 and IPv6 side by side, and marks where they differ.

Made of evidence alone and no verdict: a difference is marked only where both families were seen. The rule is that of
``finding_parts``: only finished parts become Markup; everything else goes through ``escaped``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from urllib.parse import urlsplit

from cryptography import x509
from markupsafe import Markup

from auditor.framework.message_format import clean
from inventory.model import IPAddress
from probes.framework.evidence import Attribution, Evidence, Observation, holding
from probes.observations.mail import SmtpDialogue
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange, TlsHandshake
from reports.document import SubjectReport
from reports.formats.html.bilingual_markup import Fixed, Words, escaped

MOST_PORTS = 12
"""Ports of one subject that are told, in their order."""
_OPEN = "open"
_READ = (TcpConnect, TlsHandshake, HttpExchange, SmtpDialogue)
KINDS = ("connect", "tls", "certificate", "status", "mail")
"""The observations shown of a port."""


@dataclass(slots=True)
class _Port:
    """The last observation of each address, by kind."""

    named: bool = False
    seen: dict[str, dict[IPAddress, str]] = field(default_factory=dict)

    def add(self, kind: str, address: IPAddress, value: str) -> None:
        known = self.seen.setdefault(kind, {})
        if known.get(address) != _OPEN:  # a try that failed takes nothing back
            known[address] = value

    def values(self, kind: str, family: int) -> list[str]:
        of_family = {at: value for at, value in self.seen.get(kind, {}).items() if at.version == family}
        return sorted(set(of_family.values()))

    @property
    def told(self) -> bool:
        """True if the port is shown: other ports only if something answered there, because an audit tries hundreds."""
        return self.named or any(kind != "connect" for kind in self.seen) or _OPEN in self.seen["connect"].values()


class FamilyTables:
    """Tables in both languages."""

    def __init__(self, words: Words) -> None:
        self._words, self._ui = words, Fixed(words)

    def table(self, report: SubjectReport) -> Markup:
        """Return the table; empty for a subject without tried ports, or with addresses of only one family."""
        if len({address.version for address in report.addresses}) < 2:
            return Markup("")
        ports = {number: port for number, port in sorted(_ports(report).items()) if port.told}
        if not ports:
            return Markup("")
        ui = self._ui
        rows = "".join([self._rows(number, port) for number, port in list(ports.items())[:MOST_PORTS]])
        return Markup(
            f'<details class="families"><summary>{ui.families}{self._count(ports.values())}</summary>\n'
            f'<div class="scroll" tabindex="0"><table><thead><tr><th scope="col">{ui.port}</th>'
            f'<th scope="col">IPv4</th><th scope="col">IPv6</th><th scope="col">{ui.comparison}</th></tr></thead>'
            f"<tbody>\n{rows}</tbody></table></div>{self._more(len(ports) - MOST_PORTS)}</details>\n"
        )

    def _more(self, left_out: int) -> str:
        return f"<p>{self._words.t('more', n=left_out)}</p>\n" if left_out > 0 else ""

    def _count(self, ports: Iterable[_Port]) -> str:
        count = sum(_differs(port, kind) for port in ports for kind in KINDS)
        return f": <b>{self._words.t('differences', n=count)}</b>" if count else ""

    def _rows(self, number: int, port: _Port) -> str:
        return "".join([self._row(number, kind, port) for kind in KINDS if kind in port.seen])

    def _row(self, number: int, kind: str, port: _Port) -> str:
        sides = "".join(
            f"<td>{', '.join(self._said(kind, value) for value in values) or self._ui.not_measured}</td>"
            for values in (port.values(kind, 4), port.values(kind, 6))
        )
        verdict = f'<b><span aria-hidden="true">≠</span> {self._ui.differs}</b>' if _differs(port, kind) else ""
        return f'<tr><th scope="row">{number} {self._words.t(f"seen_{kind}")}</th>{sides}<td>{verdict}</td></tr>\n'

    def _said(self, kind: str, value: str) -> str:
        if kind == "connect":
            return self._ui.port_open if value == _OPEN else self._words.word("failure", value)
        return f'<span class="addr">{escaped(clean(value))}</span>'


def _differs(port: _Port, kind: str) -> bool:
    ipv4, other = port.values(kind, 4), port.values(kind, 6)
    return bool(ipv4 and other) and ipv4 != other


def _ports(report: SubjectReport) -> dict[int, _Port]:
    found = {service.port: _Port(named=True, seen={"connect": {}}) for service in report.subject.services}
    own = set(report.addresses)
    for step in _steps(holding(report.evidence, _READ)):
        if isinstance(step, TcpConnect | TlsHandshake | HttpExchange | SmtpDialogue) and step.address in own:
            port = found.setdefault(step.port, _Port(seen={"connect": {}}))
            for kind, value in _facts(step, report.subject.host):
                port.add(kind, step.address, value)
    return found


def _steps(evidence: Iterable[Evidence]) -> Iterator[Observation]:
    """Yield steps in order of time, without failures with a cause of our own, which show nothing about the subject."""
    for envelope in sorted(evidence, key=lambda each_envelope: (each_envelope.started, each_envelope.attempt)):
        for step in envelope.steps:
            if step.failure is None or step.failure.kind.attribution is not Attribution.OURS:
                yield step


def _facts(
    step: TcpConnect | TlsHandshake | HttpExchange | SmtpDialogue, host: str | None
) -> Iterator[tuple[str, str]]:
    """Facts that compare between addresses: for the name of the subject, the first page."""
    match step:
        case TcpConnect():
            yield "connect", _OPEN if step.failure is None else step.failure.kind.value
        case TlsHandshake() if step.server_name == host:
            if step.version is not None:
                yield "tls", step.version
            if step.chain:
                yield "certificate", _certificate(step.chain[0])
        case HttpExchange() if step.hop == 0 and urlsplit(step.url).path in ("", "/"):
            if step.status is not None:
                yield "status", str(step.status)
        case SmtpDialogue():
            if step.replies and step.replies[0].code is not None:
                yield "mail", f"{step.replies[0].code}, STARTTLS {step.starttls.value}"
        case _:
            pass


@lru_cache(maxsize=2_048)
def _certificate(der: bytes) -> str:
    """``CN=www.example.vn, 2027-01-31, SHA-256 1a2b3c4d5e6f7081``: enough to tell two apart."""
    short = f"SHA-256 {sha256(der).hexdigest()[:16]}"
    try:
        certificate = x509.load_der_x509_certificate(der)
        return f"{certificate.subject.rfc4514_string()}, {certificate.not_valid_after_utc:%Y-%m-%d}, {short}"
    except Exception:  # any byte may be wrong in a certificate, and the library says so in many ways
        return short
