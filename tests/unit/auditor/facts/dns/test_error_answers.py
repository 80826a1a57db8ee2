"""Tests that errors of name servers for one query type are told from silence, refusals and answers."""

import pytest

from auditor.facts.dns.error_answers import error_answers
from auditor.framework.check import load
from auditor.framework.context import Context
from probes.framework.evidence import Evidence, EvidenceSet
from tests.golden import lab
from tests.golden.case import Case, dump
from tests.golden.case import load as load_case
from tests.golden.lab import REFUSED, TIMEOUT, ZONE, asked

A, B = "2001:db8:a::53", "2001:db8:b::53"
QUESTION = (ZONE, "TXT")
CHECKS = {str(id_): check for id_, check in load().items()}


@pytest.fixture
def ctx() -> Context:
    case = Case(check="ipv6.web.aaaa", code="", about="", subject=lab.site(), evidence=(lab.names(),), expect=())
    return load_case(case.check, dump(case, CHECKS)).ctx


def told(server: str, rcode: str, *, qtype: str = "TXT") -> Evidence:
    return asked("dns", server, (ZONE, qtype), rcode=rcode)


SILENT, CLOSED = (asked("dns", B, QUESTION, failure=why) for why in (TIMEOUT, REFUSED))
AT_TIMES = (told(B, "SERVFAIL", qtype="NS"), asked("zone_data", B, (ZONE, "NS"), flags="AA"))
"""An error of a server, beside a right answer to the same question."""


@pytest.mark.parametrize(
    ("pieces", "rcodes"),
    [
        ((told(A, "SERVFAIL"),), ("SERVFAIL",)),
        ((told(A, "SERVFAIL"), told(B, "NOTIMP")), ("NOTIMP", "SERVFAIL")),
        ((told(A, "SERVFAIL"), told(B, "NOERROR")), ()),
        ((told(A, "SERVFAIL"), told(B, "REFUSED")), ()),
        ((told(A, "SERVFAIL"), SILENT), ()),
        ((told(A, "SERVFAIL"), CLOSED), ()),
        ((told(A, "SERVFAIL", qtype="A"),), ()),
        ((told(A, "SERVFAIL"), told(B, "SERVFAIL"), *AT_TIMES), ()),
        ((told(A, "SERVFAIL"), told(B, "NOTIMP"), *AT_TIMES), ("NOTIMP", "SERVFAIL")),
        ((), ()),
    ],
)
def test_all_that_were_asked_answer_with_an_error(
    pieces: tuple[Evidence, ...], rcodes: tuple[str, ...], ctx: Context
) -> None:
    found = error_answers(EvidenceSet(pieces), ctx, ZONE, "TXT")
    assert (found.rcodes if found else ()) == rcodes
