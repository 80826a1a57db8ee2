"""Makes golden cases in which a second look failed: a defect seen only in the first look is not reported.

Each is a case of another module in which the second look corrected the first; here the second look fails instead.
"""

from collections.abc import Iterator
from dataclasses import replace

from probes.framework.evidence import Evidence, Failure, FailureKind, Observation
from probes.observations.dns import LookupStatus, NameLookup
from probes.observations.dnssec import ZoneAnswer
from probes.observations.mail import SmtpDialogue
from probes.observations.web import HttpExchange
from tests.golden import cases_dns, cases_dnssec, cases_mail, cases_mx, cases_web
from tests.golden.case import FULL_SIZE, Case

_MODULES = (cases_dns, cases_dnssec, cases_mail, cases_mx, cases_web)
_WHAT: tuple[tuple[str, str, FailureKind, str, str], ...] = (
    ("ipv6.dns.ns-aaaa", "TWO_OR_MORE-second-look", FailureKind.TIMEOUT, "U_DNS", "Nobody answered for the name."),
    ("security.dns.dnssec", "SECURE-second-look", FailureKind.TIMEOUT, "U_DNS", "No server of the zone answered."),
    ("security.mail.spf", "RESTRICTIVE-second-look", FailureKind.TIMEOUT, "U_DNS", "Nobody answered for the name."),
    ("security.mail.mx", "GREETS-later", FailureKind.NO_ROUTE_HERE, "U_CUT", "This machine had no route any more."),
    ("ipv6.web.http-ok", "SERVED-after-a-moment", FailureKind.OVER_BUDGET, "U_CUT", "The peer's budget was used up."),
    ("ipv6.web.http-ok", "SERVED-after-a-moment", FailureKind.TIMEOUT, "ERROR", "An error first, then silence."),
)
"""The check, a passing case, the failure of the second look, the resulting code, and why."""


def cases() -> Iterator[Case]:
    whole = {(case.check, case.path.stem): case for module in _MODULES for case in module.cases()}
    for check, stem, kind, code, about in _WHAT:
        case = whole[check, stem]
        yield replace(
            case,
            code=code,
            variant=f"not-again-{kind.value}-{stem.lower()}",
            about=f"Second look: {about}",
            evidence=tuple(_failed(piece, kind) if piece.attempt > 1 else piece for piece in case.evidence),
            expect=tuple((code, where) for _, where in case.expect),
            gated=code.startswith("U_"),
            controls=FULL_SIZE,
        )


def _failed(piece: Evidence, kind: FailureKind) -> Evidence:
    return replace(piece, steps=tuple(_as_failed(step, Failure(kind=kind)) for step in piece.steps))


def _as_failed(step: Observation, failure: Failure) -> Observation:
    match step:
        case NameLookup():
            return replace(step, failure=failure, status=LookupStatus.NO_ANSWER, records=(), chain=())
        case ZoneAnswer():
            return replace(step, failure=failure, response=None)
        case SmtpDialogue():
            return SmtpDialogue(address=step.address, port=step.port, server_name=step.server_name, failure=failure)
        case HttpExchange():
            return replace(step, failure=failure, status=None, location=None)
        case _:
            return step
