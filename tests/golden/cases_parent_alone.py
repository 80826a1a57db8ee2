"""Golden cases of a dead name server that the parent alone still names: one fault, of which the delegation speaks."""

from collections.abc import Iterator
from functools import partial

from probes.framework.evidence import Evidence, FailureKind
from probes.observations.dns import Delegation
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.cases_dns import NS1, NS2, A, B, ns
from tests.golden.cases_nameservers import A4, B4, CONTROLS, v4
from tests.golden.lab import REFUSED, TIMEOUT, ZONE, evidence, soa

OLD, OLD6, OLD4 = "ns.cong-ty-cu.example", "2001:db8:0:55::1", "198.51.100.55"
_CHECKS = (
    ("ipv6.dns.ns-reach", "SOME_SILENT", (A, B), OLD6),
    ("ipv6.dns.ns-reach-tcp", "ONLY_SILENT", (A, B), OLD6),
    ("security.dns.ns-ipv4", "SOME_SILENT", (A4, B4), OLD4),
)


def cases() -> Iterator[Case]:
    for check, said, good, old in _CHECKS:
        case = partial(Case, check=check, subject=lab.zone(), controls=CONTROLS)
        answering = tuple((("ANSWERS", address)) for address in good)
        yield case(
            code="PARENT_ALONE",
            about="The delegation says that the parent names it, the zone does not, and it is dead.",
            evidence=(_zone((NS1, NS2)), *_asked(TIMEOUT)),
            expect=(*answering, ("PARENT_ALONE", old)),
        )
        yield case(
            code=said,
            variant="both-name-it",
            about="The zone names it too.",
            evidence=(_zone((NS1, NS2, OLD)), *_asked(TIMEOUT)),
            expect=(*answering, (said, old)),
        )
        yield case(
            code="ANSWERS",
            variant="parent-alone",
            about="The parent alone names it, and it answers.",
            evidence=(_zone((NS1, NS2)), *_asked(None)),
            expect=(*answering, ("ANSWERS", old)),
        )
    yield from _delegation()


def _delegation() -> Iterator[Case]:
    case = partial(Case, check="security.dns.delegation", subject=lab.zone(), controls=CONTROLS)
    for code, variant, over6, over4 in (
        ("DIFFERENT_DEAD", "", TIMEOUT, TIMEOUT),
        ("DIFFERENT_DEAD", "refused", REFUSED, TIMEOUT),
        ("DIFFERENT", "one-address-answers", TIMEOUT, None),
        ("DIFFERENT", "not-seen", TIMEOUT, FailureKind.NO_ROUTE_HERE),
    ):
        yield case(
            code=code,
            variant=variant,
            about="A server of an earlier provider, which the parent still names.",
            evidence=(_zone((NS1, NS2)), *_asked(over6, over4)),
            expect=((code, "ns"),),
        )


def _zone(child: tuple[str, ...]) -> Evidence:
    cut = Delegation(zone=ZONE, parent="example", parent_ns=(NS1, NS2, OLD), child_ns=child)
    looks = (ns(NS1, A), v4(NS1, A4), ns(NS2, B), v4(NS2, B4), ns(OLD, OLD6), v4(OLD, OLD4))
    return evidence("dns", cut, *looks, task=ZONE)


def _asked(over6: FailureKind | None, over4: FailureKind | None = TIMEOUT) -> Iterator[Evidence]:
    """Yield the answers of every server over both families and transports; the old one answers, or fails as given."""
    four = over4 if over6 is not None else None
    for transport in ("udp", "tcp"):
        yield from (soa(address, transport=transport) for address in (A, B, A4, B4))
        yield from (soa(address, transport=transport, failure=how) for address, how in ((OLD6, over6), (OLD4, four)))
