"""Makes golden cases of silence inside TSLCD, where all communes of a province are in one prefix (CHECKS §0.7, G1).

No control is configured in any of them: what another site answered over the same transport shows that our packets get
out. What the silent site itself answered at another address does not.
"""

from collections.abc import Iterator
from dataclasses import replace

from inventory.model import AgencyId, Network
from probes.framework.evidence import FailureKind
from tests.golden.case import Case
from tests.golden.cases_device_addresses import mgmt_v6
from tests.golden.cases_path import min_mtu
from tests.golden.cases_resolver import PLAIN, R6, asked, resolver, said
from tests.golden.cases_tslcd import dual_stack
from tests.golden.cases_tslcd_sites import reach
from tests.golden.lab_tslcd import INSIDE, PREFIXES

SITE = "unit\nhead office"
OTHERS = ("xa-b", "xa-c")


def inside(case: Case, *sites: str, over: tuple[str, ...]) -> Case:
    """Return the case at a vantage inside TSLCD without controls; these sites answered it, over ``over``."""
    declared = replace(case.subject.declared, site="head office")
    return replace(
        case,
        subject=replace(case.subject, network=Network.TSLCD, agency=AgencyId("unit"), declared=declared),
        controls=(),
        networks=INSIDE,
        prefixes=PREFIXES,
        answering_sites=sites,
        answers_over=over,
    )


def both(found: Iterator[Case], code: str, otherwise: str, about: str, *over: str) -> Iterator[Case]:
    """Yield a case twice: other sites answered, and only this site did."""
    (case,) = (case for case in found if (case.code, case.variant) == (code, ""))
    others = inside(case, *OTHERS, over=over)
    yield replace(others, variant="other-sites", about=f"{about} Other communes of the /48 answer.")
    expect = tuple((otherwise, where) for _, where in case.expect)
    alone = inside(case, SITE, over=over)
    yield replace(
        alone, code=otherwise, variant="own-site", about=f"{about} It alone answers.", trap="T5", expect=expect
    )


def silent_resolver() -> Iterator[Case]:
    """Yield cases of a resolver that drops questions for AAAA: it is silent for its own reason, not for our egress."""
    lost = asked(R6, said(R6, PLAIN, failure=FailureKind.TIMEOUT))
    about = "A resolver that drops questions for AAAA of one name."
    case = Case(
        check="ipv6.dns.resolver-aaaa",
        code="NOT_DECIDED",
        about=about,
        subject=resolver(R6),
        evidence=(lost,),
        expect=(("NOT_DECIDED", R6),),
    )
    yield from both(iter([case]), "NOT_DECIDED", "NOT_DECIDED", about, "udp/53")


def cases() -> Iterator[Case]:
    yield from both(reach(), "SILENT", "NOT_DECIDED", "The line of a commune is down.", "icmp")
    yield from both(dual_stack(), "SILENT_V6", "NOT_DECIDED", "IPv6 is not configured there.", "icmp")
    yield from both(mgmt_v6(), "SOME", "NOT_READ", "SNMP answers over IPv4 alone.", "udp/161", "tcp/22")
    yield from both(min_mtu(), "MINIMUM_LOST", "NOT_DECIDED", "The link carries small packets alone.", "icmp")
    yield from silent_resolver()
