"""Golden cases in which a probe was cut off whose answer might have excused the subject.

Each is a case of another module in which everything was measured; there the probe named ended the time for the subject.
"""

from collections.abc import Iterator
from dataclasses import replace

from probes.framework.evidence import Evidence, Failure, FailureKind
from tests.golden import (
    cases_dnssec,
    cases_mx,
    cases_path,
    cases_ports,
    cases_security,
    cases_smtp,
    cases_snmp,
    cases_tslcd_sites,
    cases_web,
)
from tests.golden.case import Case

_MODULES = (
    cases_dnssec,
    cases_mx,
    cases_path,
    cases_ports,
    cases_security,
    cases_smtp,
    cases_snmp,
    cases_tslcd_sites,
    cases_web,
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
"""By check: a case that is right, how the ids begin of what is cut off, after how many steps, and what follows."""


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


def _cut(piece: Evidence, kept: int) -> Evidence:
    return replace(piece, steps=piece.steps[:kept], failure=_CUT)
