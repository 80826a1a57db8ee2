"""Makes golden cases in which a probe was cut off that might have excused the subject.

Each is a case of another module in which everything was measured; here the time for the subject ends at the named
probe.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_address

from inventory.model import Endpoint
from probes.framework.evidence import Evidence, Failure, FailureKind
from tests.golden import (
    cases_delegation,
    cases_device,
    cases_device_addresses,
    cases_device_links,
    cases_device_routing,
    cases_dnspath,
    cases_dnssec,
    cases_flows,
    cases_mail,
    cases_mta_sts,
    cases_mx,
    cases_nameservers,
    cases_parent_alone,
    cases_path,
    cases_ports,
    cases_resolver,
    cases_routers,
    cases_routing,
    cases_security,
    cases_smtp,
    cases_snmp,
    cases_tls,
    cases_tslcd,
    cases_tslcd_sites,
    cases_web,
    cases_zone,
    lab,
)
from tests.golden.case import Case

_MODULES = (
    cases_delegation,
    cases_device,
    cases_device_addresses,
    cases_device_links,
    cases_device_routing,
    cases_dnspath,
    cases_dnssec,
    cases_flows,
    cases_mail,
    cases_mta_sts,
    cases_mx,
    cases_nameservers,
    cases_parent_alone,
    cases_path,
    cases_ports,
    cases_resolver,
    cases_routers,
    cases_routing,
    cases_security,
    cases_smtp,
    cases_snmp,
    cases_tls,
    cases_tslcd,
    cases_tslcd_sites,
    cases_web,
    cases_zone,
)
_CUT = Failure(kind=FailureKind.OUT_OF_TIME)
_WHAT: tuple[tuple[str, str, str, int, str, str], ...] = (
    (
        "security.http.https-exists",
        "PAGE_WITHHELD-enumeration-alone",
        "tls_support ",
        0,
        "OUT_OF_TIME",
        "What would have shown TLS was cut off.",
    ),
    (
        "security.ports.mgmt-exposed",
        "NONE_OPEN-8443-leads-to-a-filtered-site",
        "front_page 2001",
        0,
        "PAGE_UNCLEAR",
        "Whether the page on 8443 is the site's was not looked at to the end.",
    ),
    (
        "security.tls.cert-chain",
        "INCOMPLETE_FETCHABLE-root-sent",
        "certificate_status ",
        0,
        "INCOMPLETE_UNTRIED",
        "The missing certificate was not fetched in time.",
    ),
    ("tslcd.site.reach", "ANSWERS-no-echo", "snmp ", 0, "OUT_OF_TIME", "SNMP, which would have answered, was cut off."),
    (
        "ipv6.path.min-mtu",
        "CARRIES-large-echo-filtered",
        "full_segments ",
        0,
        "OUT_OF_TIME",
        "Large echo requests are filtered; packets of TCP were not sent in time.",
    ),
    (
        "ipv6.mail.mx-reach",
        "NOBODY_GREETS",
        "smtp 198.",
        0,
        "NOT_DECIDED",
        "Whether anybody greets over IPv4 was not asked in time.",
    ),
    (
        "security.mail.mx",
        "NO_MX-parked",
        "dns",
        3,
        "OUT_OF_TIME",
        "The SPF that says that there is no mail is missing.",
    ),
    (
        "security.snmp.exposed",
        "MANAGED_FROM_HERE",
        "snmp_security ",
        0,
        "OUT_OF_TIME",
        "Whether the device takes our credentials was not asked to the end.",
    ),
    (
        "security.snmp.default-community",
        "LIMITED",
        "snmp_security ",
        0,
        "OUT_OF_TIME",
        "Whether it is a view for those who manage the device was not asked to the end.",
    ),
    (
        "security.tls.cert-name",
        "FILTER",
        "http 2001",
        0,
        "OUT_OF_TIME",
        "Whether a filter answered over IPv6 was not seen in time.",
    ),
    ("security.dns.dnssec", "DISAGREE-bogus-here", "dnssec ", 8, "OUT_OF_TIME", "The resolver was not asked in time."),
)
"""The check, a passing case, the prefix of the ids of the cut-off evidence, steps kept, code and reason."""

_PARENTS = "Some servers of the parent were not asked in time."
_SIZES = "Not every size was asked in time."
_SIGNATURES = "Not every answer with its signatures came in time."
_GLUE = "The name server where the glue leads was not asked to the end."
_RESOLVER = "The resolver was not asked to the end."
_CHILD = "Some servers of the zone were not asked in time."
_OF_NAMES: tuple[tuple[str, str, str, str], ...] = (
    ("ipv6.dns.glue-aaaa", "MISSING", "referrals ", _PARENTS),
    ("ipv6.dns.glue-aaaa", "PARTIAL", "referrals ", _PARENTS),
    ("ipv6.dns.large-response", "LOST", "large_response ", _SIZES),
    ("ipv6.dns.large-response", "NO_TCP", "large_response ", _SIZES),
    ("ipv6.dns.large-response", "SIZES_LOST", "large_response ", _SIZES),
    ("ipv6.dns.ns-v4v6-consistency", "BY_FAMILY", "zone_data 198.51.100.54", "One server was not asked to the end."),
    ("ipv6.dns.resolver-dual", "FAILS", "resolver 2001", _RESOLVER),
    ("ipv6.dns.resolver-dual", "FAILS_SILENTLY", "resolver 2001", _RESOLVER),
    ("ipv6.dns.v6-only-resolve", "NO_GLUE", "referrals ", _PARENTS),
    ("security.dns.cds", "SERVERS_DIFFER", "dnssec_server 2001:db8:b", "One server was not asked to the end."),
    ("security.dns.delegation", "DEAD_GLUE", "nameserver ", _GLUE),
    ("security.dns.delegation", "OTHER_GLUE", "nameserver ", _GLUE),
    ("security.dns.delegation", "DIFFERENT", "dns ", _CHILD),
    ("security.dns.delegation", "DIFFERENT_DEAD", "dns ", _CHILD),
    ("security.dns.dnssec-health", "ENDS_NOW", "dnssec ", _SIGNATURES),
    ("security.dns.dnssec-health", "EXPIRED", "dnssec ", _SIGNATURES),
    ("security.dns.dnssec-health", "SHORT_KEY", "dnssec ", _SIGNATURES),
    ("security.dns.dnssec-health", "TINY_KEY", "dnssec ", _SIGNATURES),
    ("security.dns.dnssec-health", "WEAK_ALGORITHM", "dnssec ", _SIGNATURES),
    ("security.mail.dane-mta-sts", "STS_UNTRUSTED", "smtp ", "One exchanger was not talked to to the end."),
    (
        "security.mail.dane-mta-sts",
        "TLSA_INSECURE",
        "mail_transport ",
        "Whether there is a policy was not seen in time.",
    ),
)
"""The check, a case of a defect, the prefix of the ids of evidence that ran out of time after all of its steps, and why
it may excuse the subject.
"""

_ENDED: tuple[tuple[str, str, str], ...] = (
    ("ipv6.device.address-state", "NOT_PREFERRED", "snmp"),
    ("ipv6.device.address-state", "NOT_STATIC", "snmp"),
    ("ipv6.device.default-route", "ABSENT", "snmp"),
    ("ipv6.device.default-route", "NOT_HEARD", "snmp"),
    ("ipv6.device.prefix-length", "ODD", "snmp"),
    ("ipv6.device.ra-config", "MISSING", "snmp"),
    ("ipv6.device.ra-guard", "SOME", "snmp"),
    ("ipv6.path.pmtud", "LATE", "pmtud"),
    ("ipv6.path.time-exceeded", "MOST_SILENT", "trace"),
    ("ipv6.path.time-exceeded", "SOME_SILENT", "trace"),
    ("ipv6.web.port-parity", "MISSING_ON_IPV6", "tcp"),
    ("ipv6.web.reach", "REFUSED", "tcp"),
    ("ipv6.web.reach", "SILENT", "tcp"),
    ("ipv6.web.reach", "SOME_REFUSED", "tcp"),
    ("ipv6.web.reach", "SOME_SILENT", "tcp"),
    ("ipv6.web.reach", "SOME_UNREACHABLE", "tcp"),
    ("ipv6.web.reach", "UNREACHABLE", "tcp"),
    ("ipv6.web.tls-parity", "HANDSHAKE_FAILS_ON_SOME", "tcp"),
    ("ipv6.web.tls-parity", "INVALID_ON_SOME", "tcp"),
    ("ipv6.web.tls-parity", "OBSOLETE_ON_SOME", "tcp"),
    ("security.http.https-forced", "CONTENT", "tcp"),
    ("security.http.https-forced", "ERROR", "tcp"),
    ("security.http.https-forced", "ON_TO_HTTP", "http"),
    ("security.ports.v4v6-parity", "PANEL_ON_IPV6", "front_page"),
    ("security.ports.v4v6-parity", "SHUT_OTHERWISE", "ports"),
    ("security.routing.antispoof", "PARTLY", "snmp"),
    ("tslcd.device.min-spec", "PLAINTEXT", "tcp"),
    ("tslcd.isolation.vpn", "GATEWAY_ONE_FAMILY", "internet_anchors"),
)
"""The check, a case of a defect, and the probe that may excuse the subject and ran out of time."""

_BEGUN: tuple[tuple[str, str, str, str], ...] = (
    ("ipv6.dns.large-response", "LOST", "nameserver", "2001:db8:a::53"),
    ("ipv6.dns.v6-only-resolve", "SILENT", "nameserver", "2001:db8:a::53"),
    ("ipv6.dns.v6-only-resolve", "UNANSWERED", "nameserver", "2001:db8:a::53"),
    ("security.dns.delegation", "DIFFERENT", "zone_data", "2001:db8:a::53"),
    ("security.dns.open-resolver", "OPEN", "tcp", "2001:db8:a::53"),
)
"""The check, a case of a defect, a probe that may excuse the subject and recorded nothing in time, and its address."""


def cases() -> Iterator[Case]:
    whole = {(case.check, case.path.stem): case for module in _MODULES for case in module.cases()}
    for check, stem, probe, kept, code, about in _WHAT:
        case = whole[check, stem]
        evidence = tuple(_cut(piece, kept) if piece.id.startswith(probe) else piece for piece in case.evidence)
        cut = " ".join(piece.id for piece in case.evidence if piece.id.startswith(probe))
        told = [where is None or where in cut or check == "ipv6.mail.mx-reach" for _, where in case.expect]
        expect = tuple((code if here else said, where) for (said, where), here in zip(case.expect, told, strict=True))
        variant = f"cut-off-{stem.lower()}"
        gated = code == "OUT_OF_TIME"
        yield replace(case, code=code, variant=variant, about=about, evidence=evidence, expect=expect, gated=gated)
    yield from _of_defects(whole)
    case = whole["ipv6.web.reach", "NOT_DECIDED-https-unknown"]
    evidence = tuple(
        _cut(piece, 0) if piece.id.startswith("tcp ") and piece.id.endswith("#80") else piece for piece in case.evidence
    )
    yield replace(
        case,
        code="OUT_OF_TIME",
        gated=True,
        expect=tuple(("OUT_OF_TIME", where) for _, where in case.expect),
        variant="cut-off-http",
        about="Without HTTPS port 80 counts, and it was not asked in time.",
        evidence=evidence,
    )


def _of_defects(whole: Mapping[tuple[str, str], Case]) -> Iterator[Case]:
    """Yield cases of defects that a later answer might have explained: they are not reported."""
    for check, stem, probe, about in _OF_NAMES:
        case = whole[check, stem]
        ended = {piece.id: _cut(piece, len(piece.steps)) for piece in case.evidence if piece.id.startswith(probe)}
        evidence = tuple(ended.get(piece.id, piece) for piece in case.evidence)
        yield _undecided(case, stem, f"cut-off-{stem.lower().replace('_', '-')}", about, evidence)
    for check, stem, probe in _ENDED:
        case = whole[check, stem]
        left = {piece.id: _cut(piece, len(piece.steps)) for piece in case.evidence if piece.probe == probe}
        evidence = tuple(left.get(piece.id, piece) for piece in case.evidence)
        about = f"{probe} ended with the time: what else it would have shown is missing."
        yield _undecided(case, stem, f"cut-off-{stem.lower().replace('_', '-')}", about, evidence)
    for check, stem, probe, address in _BEGUN:
        case = whole[check, stem]
        begun = lab.evidence(
            probe, task=f"{address}#53", endpoint=Endpoint(address=ip_address(address), port=53), failure=_CUT
        )
        variant = f"begun-{stem.lower().replace('_', '-')}"
        about = f"{probe} of the same address came to nothing before the time ended."
        yield _undecided(case, stem, variant, about, (*case.evidence, begun))


def _undecided(case: Case, code: str, variant: str, about: str, evidence: tuple[Evidence, ...]) -> Case:
    """Return the case with its defect undecided; its other findings stay."""
    expect = tuple(("OUT_OF_TIME" if said == code else said, where) for said, where in case.expect)
    return replace(case, code="OUT_OF_TIME", variant=variant, about=about, evidence=evidence, expect=expect, gated=True)


def _cut(piece: Evidence, kept: int) -> Evidence:
    return replace(piece, steps=piece.steps[:kept], failure=_CUT)
