"""Golden cases in which this machine missed an answer, or a peer's budget was used up, that might have excused one.

Each is a case of another module in which that answer was heard.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

from probes.framework.evidence import OF_THIS_MACHINE, Evidence, Failure, FailureKind, Observation
from probes.observations.dns import Delegation, EdnsAnswer, LookupStatus, NameLookup
from probes.observations.dnssec import ZoneAnswer
from probes.observations.pages import FrontPage
from probes.observations.ssh import SshExchange
from probes.observations.transport import EchoSeries
from probes.observations.web import HttpExchange
from tests.golden import (
    cases_delegation,
    cases_dnssec,
    cases_landing,
    cases_mail,
    cases_mx,
    cases_ports,
    cases_security,
    cases_tslcd,
    cases_tslcd_sites,
    lab,
)
from tests.golden.case import Case
from tests.golden.lab import V4, V6

_MODULES = (
    cases_delegation,
    cases_dnssec,
    cases_landing,
    cases_mail,
    cases_mx,
    cases_ports,
    cases_security,
    cases_tslcd,
    cases_tslcd_sites,
)
_MISSED = Failure(kind=FailureKind.CUT_SHORT, detail=f"{OF_THIS_MACHINE} stood still for 2.4 s")
_OVER = Failure(kind=FailureKind.OVER_BUDGET)
NS6, NS4 = "2001:db8:a::53", "198.51.100.53"
_Is = Callable[[int, Observation], bool]
_Said = tuple[tuple[str, str | None], ...]


def _kind(kind: type[Observation]) -> _Is:
    return lambda number, step: isinstance(step, kind)


def _option(number: int, step: Observation) -> bool:
    return isinstance(step, EdnsAnswer) and step.trial == "option"


def _other_server(number: int, step: Observation) -> bool:
    return isinstance(step, ZoneAnswer) and number == 11


def _lookup(name: str, rtype: str) -> _Is:
    return lambda number, step: isinstance(step, NameLookup) and (step.name, step.rtype) == (name, rtype)


def _slow(number: int, step: Observation) -> bool:
    return isinstance(step, EchoSeries) and step.interval >= 1


_KEY, _OTHER_KEY = f"selector1._domainkey.{lab.ZONE}", f"s1._domainkey.{lab.ZONE}"
_WHAT: tuple[tuple[str, str, _Is, Failure, _Said], ...] = (
    ("security.dns.edns", "RIGHT", _option, _MISSED, (("NOT_DECIDED", NS6), ("NOT_DECIDED", NS4))),
    ("security.dns.edns", "RIGHT", _option, _OVER, (("OVER_BUDGET", NS6), ("OVER_BUDGET", NS4))),
    (
        "security.ports.v4v6-parity",
        "OTHER_MACHINES-one-certificate",
        _kind(SshExchange),
        _OVER,
        (("OVER_BUDGET", None),),
    ),
    ("security.ports.v4v6-parity", "PANEL_ON_IPV6", _kind(FrontPage), _MISSED, (("NOT_DECIDED", V6),)),
    ("security.tls.cert-name", "FILTER", _kind(HttpExchange), _MISSED, (("MATCHES", V4), ("NOT_DECIDED", V6))),
    (
        "security.dns.dnssec",
        "HOST_SECURE-other-server",
        _other_server,
        _MISSED,
        (("SECURE", None), ("U_CUT", "ns1.nhacungcap.example")),
    ),
    ("security.mail.dkim", "STRONG-found-beside-old", _lookup(_KEY, "TXT"), _OVER, (("OVER_BUDGET", None),)),
    (
        "security.mail.dkim",
        "REVOKED_SPARE",
        _lookup(_OTHER_KEY, "TXT"),
        _OVER,
        (("OVER_BUDGET", "s0"), ("OVER_BUDGET", "s1")),
    ),
    ("ipv6.mail.mx-aaaa", "NO_ADDRESS", _lookup(f"mx1.{lab.ZONE}", "A"), _OVER, (("OVER_BUDGET", None),)),
    ("security.http.injected-content", "NONE-own", _kind(Delegation), _OVER, (("NONE", None),)),
    ("tslcd.app.reach", "WORKS", _lookup(lab.WEB, "A"), _OVER, (("OVER_BUDGET", None),)),
    ("tslcd.site.loss", "SOME", _slow, _OVER, (("SOME", "10.64.3.1"),)),
)
"""The check, a passing case, its missed steps, the failure, and the resulting findings."""


def cases() -> Iterator[Case]:
    whole = {(case.check, case.path.stem): case for module in _MODULES for case in module.cases()}
    for check, stem, is_missed, failure, said in _WHAT:
        case = whole[check, stem]
        code = said[-1][0]
        yield replace(
            case,
            code=code,
            variant=f"missed-{failure.kind.value.replace('_', '-')}-{stem.lower()}",
            about="An answer that might have excused was missed.",
            evidence=tuple(_without(piece, is_missed, failure) for piece in case.evidence),
            expect=said,
            gated=code in ("U_CUT", "OVER_BUDGET"),
        )


def _without(piece: Evidence, is_missed: _Is, failure: Failure) -> Evidence:
    seen = enumerate(piece.steps)
    return replace(
        piece, steps=tuple(_missed(step, failure) if is_missed(number, step) else step for number, step in seen)
    )


def _missed(step: Observation, failure: Failure) -> Observation:
    match step:
        case EdnsAnswer() | ZoneAnswer():
            return replace(step, failure=failure, response=None)
        case FrontPage() | HttpExchange():
            return replace(step, failure=failure, status=None, location=None, body=b"")
        case NameLookup():
            return replace(step, failure=failure, status=LookupStatus.NO_ANSWER, records=())
        case Delegation():
            return replace(step, failure=failure, parent_ns=(), child_ns=())
        case EchoSeries():
            return replace(step, failure=failure, rtts=(None,) * step.sent)
        case SshExchange():
            return replace(step, failure=failure, kexinit=None, host_key=None)
        case _:
            return step
