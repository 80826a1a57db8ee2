"""Lists the measured things that explain a failing finding, by fixed rules for check and code.

A finding that depends on the requested name (a page, a certificate's names, a zone's content) is not explained by the
address that many names share: a front end of a hosting provider serves each as its own owner configured it.
"""

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import NamedTuple

from auditor.figures.causes import CauseKey, CauseKind, Contradictions, Symptom, prefix_of
from auditor.framework.findings import CheckId, Finding, Outcome, Outline
from inventory.model import AgencyId, IPAddress, Network, SubjectId, written
from probes.framework.evidence import Evidence
from probes.observations.mail import SmtpDialogue
from probes.observations.web import HttpExchange, TlsHandshake

MOST_NAMES = 16
"""The most names of servers that a key may hold; an office does not run a longer list as one set."""
_SHUT = frozenset({"REFUSED", "SILENT", "UNREACHABLE"})
_EXPOSED = frozenset({"EXPOSED", "ONLY_IPV6"})
_ADDRESS: Mapping[str, frozenset[str]] = {
    "ipv6.web.reach": _SHUT,
    "ipv6.path.probe-8335": frozenset({"DOWN"}),
    "security.ipv6.rh0": frozenset({"FORWARDS"}),
    "security.ipv6.tunnel-endpoints": frozenset({"DECAPSULATES"}),
    "security.ports.amplifiers": frozenset({"AMPLIFIES"}),
    "security.ports.cleartext": frozenset({"CLEARTEXT"}),
    "security.ports.mgmt-exposed": _EXPOSED,
    "security.ports.smb": frozenset({"SMB1", "EXPOSED"}),
    "security.snmp.default-community": frozenset({"ACCEPTED"}),
    "security.snmp.exposed": _EXPOSED,
    "security.ssh.algorithms": frozenset({"BROKEN", "SSH_1"}),
    "security.ssh.auth": frozenset({"PASSWORDS", "NO_LOGIN_NEEDED"}),
}
"""Codes about an address itself, the same for every name that leads to it."""
_NAME_SERVER: Mapping[str, frozenset[str]] = {
    "ipv6.dns.ns-reach": frozenset({"SILENT", "EDNS_DROPPED", "WRONG_SOURCE"}),
    "ipv6.dns.ns-reach-tcp": frozenset({"SILENT"}),
    "security.dns.edns": frozenset({"DROPPED"}),
    "security.dns.ns-ipv4": frozenset({"SILENT", "EDNS_DROPPED", "WRONG_SOURCE", "NO_TCP"}),
    "security.dns.open-resolver": frozenset({"OPEN"}),
}
"""Codes about a name server in every zone; lame answers concern one zone, which its operator may not know."""
_MAIL_GATEWAY: Mapping[str, frozenset[str]] = {
    "ipv6.mail.mx-reach": _SHUT | {"REJECTS", "NOT_SMTP"},
    "security.mail.open-relay": frozenset({"RELAYS"}),
    "security.mail.starttls": frozenset({"NOT_OFFERED", "REFUSED", "HANDSHAKE_FAILS"}),
}
_RESOLVER: Mapping[str, frozenset[str]] = {
    "ipv6.dns.resolver-aaaa": frozenset({"STRIPPED", "CHANGED", "DNS64"}),
    "ipv6.dns.resolver-dual": frozenset({"FAILS", "FAILS_SILENTLY"}),
}
_BY_ADDRESS = (
    (CauseKind.ADDRESS, _ADDRESS),
    (CauseKind.NAME_SERVER, _NAME_SERVER),
    (CauseKind.MAIL_GATEWAY, _MAIL_GATEWAY),
    (CauseKind.RESOLVER, _RESOLVER),
)
_QUIET = frozenset({"SILENT", "UNREACHABLE"})
_PREFIX: Mapping[str, frozenset[str]] = {
    "ipv6.web.reach": _QUIET,
    "ipv6.mail.mx-reach": _QUIET,
    "ipv6.dns.ns-reach": frozenset({"SILENT"}),
    "security.dns.ns-ipv4": frozenset({"SILENT"}),
}
"""Codes of silence; not used inside TSLCD, where a province keeps its communes in one prefix with many owners."""
_ROUTE: Mapping[str, frozenset[str]] = {
    "security.routing.rpki": frozenset({"INVALID_ORIGIN", "INVALID_LENGTH", "INVALID_SET"})
}
_CERTIFICATE: Mapping[str, frozenset[str]] = {
    "security.tls.cert-chain": frozenset({"SELF_SIGNED"}),
    "security.tls.cert-expiry": frozenset({"EXPIRED", "NOT_YET_VALID"}),
    "security.tls.cert-strength": frozenset({"WEAK_KEY", "WEAK_SIGNATURE"}),
    "security.tls.certificate-transparency": frozenset({"TOO_FEW"}),
    "security.tls.revocation": frozenset({"REVOKED"}),
}
"""Codes about a certificate itself, the same wherever it is presented.

Names that it lacks and a chain that a server leaves out are settings of one service.
"""
_NAMES: Mapping[str, tuple[CauseKind, frozenset[str], str]] = {
    "ipv6.dns.ns-aaaa": (CauseKind.NAME_SERVERS, frozenset({"NONE"}), "names"),
    "ipv6.dns.ns-all-dual": (CauseKind.NAME_SERVERS, frozenset({"TOO_FEW"}), "names"),
    "ipv6.mail.mx-aaaa": (CauseKind.MAIL_EXCHANGERS, frozenset({"NONE", "BEST_WITHOUT"}), "exchangers"),
}
_GOOD_NAMES = frozenset({"ALL", "TWO_OR_MORE", "SHARED"})
_FEWEST_SERVERS = 2
_WEB_SERVER: Mapping[str, frozenset[str]] = {
    "security.http.csp": frozenset({"ABSENT"}),
    "security.http.hsts": frozenset({"ABSENT"}),
    "security.tls.ciphers": frozenset({"WEAK", "WEAK_ATTACKED"}),
    "security.tls.versions": frozenset({"OBSOLETE", "OBSOLETE_SSL", "NOTHING_CURRENT"}),
}
"""Settings that one web server usually has for all its sites."""
_TALKS = (
    "ipv6.web.",
    "ipv6.mail.mx-reach",
    "ipv6.dns.ns-reach",
    "ipv6.path.echo",
    "ipv6.path.large-transfer",
    "ipv6.path.pmtud",
    "security.dns.ns-ipv4",
    "security.http.",
    "security.mail.starttls",
    "security.ssh.",
    "security.tls.",
)
"""Checks that decide by an address's answers."""
_DECLARED_ONLY = frozenset({"ipv6.web.addr-sane", "ipv6.web.aaaa"})
_EXPOSURES = ("security.ports.", "security.snmp.", "security.dns.open-resolver", "security.mail.open-relay")
"""Checks that pass on silence and fail on an answer."""
_NO_ANSWER = ("SILENT", "UNREACHABLE", "TIMES_OUT", "FAILED", "NO_ANSWER", "DROPPED")
_DECIDED = frozenset({Outcome.PASS, Outcome.WARN, Outcome.FAIL})
NAMED = frozenset(map(CheckId, _NAMES))
"""Checks for which message values are needed beside their outlines."""
NEEDS_EVIDENCE = frozenset(map(CheckId, (*_CERTIFICATE, *_WEB_SERVER)))
"""Checks whose findings do not name the certificate or the software: these are read from their evidence."""
CERTIFICATES = "security.tls."
"""The prefix of checks for which the evidence of all subjects is compared for a shared certificate."""
CHECKS = frozenset(
    map(
        CheckId,
        (*_ADDRESS, *_NAME_SERVER, *_MAIL_GATEWAY, *_RESOLVER, *_PREFIX, *_ROUTE, *_CERTIFICATE, *_NAMES, *_WEB_SERVER),
    )
)


def may_explain(outline: Outline | Finding) -> bool:
    """True if a failing finding is of a kind that a shared cause can explain; False for a waived one."""
    rules = (*(rule for _, rule in _BY_ADDRESS), _PREFIX, _ROUTE, _CERTIFICATE, _WEB_SERVER)
    if outline.outcome is not Outcome.FAIL or outline.waived:
        return False
    named = _NAMES.get(outline.check)
    return any(outline.code in rule.get(outline.check, ()) for rule in rules) or (
        named is not None and outline.code in named[1]
    )


class Bearer(NamedTuple):
    """Holds the id, agency and network of a subject whose findings are explained."""

    id: SubjectId
    agency: AgencyId | None
    network: Network


def symptom(subject: Bearer, finding: Finding, evidence: Mapping[str, Evidence]) -> Symptom:
    """Describe a failing finding with everything that explains it. ``evidence``: that of the subject, by id."""
    return Symptom(
        finding=finding.id,
        check=finding.check,
        code=finding.code,
        severity=finding.severity,
        subject=subject.id,
        agency=subject.agency,
        address="" if finding.address is None else written(finding.address),
        keys=tuple(_keys(subject, finding, evidence)),
    )


def _keys(subject: Bearer, finding: Finding, evidence: Mapping[str, Evidence]) -> Iterator[CauseKey]:
    own = [evidence[each] for each in finding.evidence if each in evidence]
    if finding.address is not None:
        yield from _of_address(subject, finding, finding.address)
        yield from _of_web_server(finding, finding.address, evidence.values())
    if _is(_ROUTE, finding) and isinstance(prefix := finding.args.get("prefix"), str):
        yield CauseKey(kind=CauseKind.ROUTE, name=prefix)
    if _is(_CERTIFICATE, finding) and len(leaves := set(_leaves(own, finding.address))) == 1:
        yield CauseKey(kind=CauseKind.CERTIFICATE, name=leaves.pop())
    yield from _of_names(finding)


def _is(rule: Mapping[str, frozenset[str]], finding: Finding) -> bool:
    return finding.code in rule.get(finding.check, ())


def _of_address(subject: Bearer, finding: Finding, address: IPAddress) -> Iterator[CauseKey]:
    for kind, rule in _BY_ADDRESS:
        if _is(rule, finding):
            port = finding.args.get("port", "") if finding.check == "ipv6.web.reach" else ""
            yield CauseKey(kind=kind, name=written(address), vantage=finding.vantage, port=str(port))
    if _is(_PREFIX, finding) and subject.network is Network.INTERNET:
        yield CauseKey(kind=CauseKind.PREFIX, name=prefix_of(address), vantage=finding.vantage)


def _of_names(finding: Finding) -> Iterator[CauseKey]:
    kind, codes, arg = _NAMES.get(finding.check, (CauseKind.NAME_SERVERS, frozenset(), ""))
    names = finding.args.get(arg)
    if finding.code not in codes or not isinstance(names, tuple) or not 0 < len(names) <= MOST_NAMES:
        return
    if finding.check != "ipv6.dns.ns-all-dual" or len(names) >= _FEWEST_SERVERS:
        yield CauseKey(kind=kind, name=", ".join(sorted(names)))


def _leaves(evidence: Iterable[Evidence], address: IPAddress | None) -> Iterator[str]:
    """Yield the SHA-256 of each certificate that was presented at an address."""
    for envelope in evidence:
        for step in envelope.steps:
            if isinstance(step, TlsHandshake | SmtpDialogue) and step.address == address and step.chain:
                yield sha256(step.chain[0]).hexdigest()


def _of_web_server(finding: Finding, address: IPAddress, evidence: Iterable[Evidence]) -> Iterator[CauseKey]:
    """Yield the web server at an address, if its software names a version; front ends of many owners do not."""
    if not _is(_WEB_SERVER, finding):
        return
    told = {name for envelope in evidence for step in envelope.steps for name in _software(step, address)}
    software = told.pop() if len(told) == 1 else ""
    if any(character.isdigit() for character in software):
        yield CauseKey(kind=CauseKind.WEB_SERVER, name=written(address), vantage=finding.vantage, software=software)


def _software(step: object, address: IPAddress) -> Iterator[str]:
    if isinstance(step, HttpExchange) and step.address == address and step.hop == 0 and step.status is not None:
        values = [value for name, value in step.headers if name.lower() in ("server", "x-powered-by")]
        yield " ".join(values)[:120]


def note(outlines: Iterable[Outline], against: Contradictions) -> None:
    """Record the successes of one subject, which contradict causes of findings at others."""
    for outline in outlines:
        if outline.address is not None and _shows_an_answer(outline):
            against.answered(outline.address)
        if outline.check in CHECKS and outline.outcome is Outcome.PASS and outline.address is not None:
            against.passed(outline.check, outline.address)
        if outline.check in NAMED and outline.code in _GOOD_NAMES:
            names = outline.args.get(_NAMES[outline.check][2])
            against.good(outline.check, names if isinstance(names, tuple) else ())


def _shows_an_answer(outline: Outline) -> bool:
    """True if a decided finding shows that its address sent anything at all."""
    if outline.outcome not in _DECIDED or any(word in outline.code for word in _NO_ANSWER):
        return False
    if outline.check.startswith(_EXPOSURES):
        return outline.outcome is not Outcome.PASS
    return outline.check.startswith(_TALKS) and outline.check not in _DECLARED_ONLY
