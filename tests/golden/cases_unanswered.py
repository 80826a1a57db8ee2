"""Makes golden cases in which something would not apply because nothing answered, or an error, and that tells nothing.

Each is a case of another module in which nothing answered; there the second look was cut off, or everybody refuses. Of
those in which a web server answered an error the second look was cut off.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from auditor.framework.check import Check, load
from auditor.framework.findings import Outcome
from probes.framework.evidence import Evidence, EvidenceId, Failure, FailureKind
from probes.observations.mail import SmtpDialogue
from probes.observations.transport import TcpConnect
from probes.observations.web import HttpExchange
from tests.golden import (
    cases_certificates,
    cases_http,
    cases_landing,
    cases_mail,
    cases_mail_tls,
    cases_pages,
    cases_path,
    cases_security,
    cases_smtp,
    cases_tls,
    cases_web,
)
from tests.golden.case import Case

_MODULES = (
    cases_certificates,
    cases_http,
    cases_landing,
    cases_mail,
    cases_mail_tls,
    cases_pages,
    cases_path,
    cases_security,
    cases_smtp,
    cases_tls,
    cases_web,
)
_CUT = Failure(kind=FailureKind.OUT_OF_TIME)
_EVERYWHERE = ("tcp/25", "tcp/80", "tcp/443", "tcp/993")


def cases() -> Iterator[Case]:
    checks = load()
    for case in (case for module in _MODULES for case in module.cases()):
        check = next(check for id_, check in checks.items() if id_ == case.check)
        if not _does_not_apply(check, case.code) or case.gated:
            continue
        variant = f"nothing-known-{case.path.stem.lower()}"
        if any(map(_is_of_the_moment, case.evidence)):
            cut = list(_cut(case.evidence))
            yield _other(case, check, "OUT_OF_TIME", f"{variant}-cut", "The second look was cut off.", cut)
        if any(map(_unconnected, case.evidence)):
            yield replace(
                _other(case, check, "U_EGR", variant, "Everybody refuses from here.", case.evidence),
                turned_away=_EVERYWHERE,
            )


def _does_not_apply(check: Check, code: str) -> bool:
    message = check.messages.get(code)
    return message is not None and message.outcome is Outcome.NOT_APPLICABLE


def _unconnected(piece: Evidence) -> bool:
    kinds = (TcpConnect, SmtpDialogue)
    return any(isinstance(step, kinds) and step.failure is not None for step in piece.steps)


def _is_of_the_moment(piece: Evidence) -> bool:
    errors = (isinstance(step, HttpExchange) and step.failure is None and step.worth_confirming for step in piece.steps)
    return _unconnected(piece) or any(errors)


def _cut(evidence: Sequence[Evidence]) -> Iterator[Evidence]:
    for piece in evidence:
        yield piece
        if _is_of_the_moment(piece):
            again = piece.attempt + 1
            yield replace(piece, id=EvidenceId(f"{piece.id} attempt {again}"), attempt=again, steps=(), failure=_CUT)


def _other(case: Case, check: Check, code: str, variant: str, about: str, evidence: Sequence[Evidence]) -> Case:
    expect = tuple((code if _does_not_apply(check, said) else said, where) for said, where in case.expect)
    return replace(
        case, code=code, variant=variant, about=about, evidence=tuple(evidence), expect=expect, gated=True, trap=""
    )
