"""Tests that "not applicable because nothing answered" becomes inconclusive if the silence proves nothing."""

from dataclasses import replace

import pytest

from auditor.framework.context import Context
from auditor.framework.findings import Reason, Verdict
from inventory.maintenance import Maintenance
from probes.framework.evidence import Evidence, Failure, FailureKind, Observation
from probes.observations.dns import DnsExchange, LookupStatus, NameLookup
from probes.observations.web import HttpExchange
from tests.unit.auditor.contexts import (
    A4,
    A6,
    PROVEN,
    REFUSED,
    SITE,
    TIMEOUT,
    always,
    at,
    check,
    connect,
    context,
    judged,
)
from tests.unit.auditor.contexts import evidence as envelope

SILENT, REFUSING = connect(A6, TIMEOUT), connect(A4, REFUSED)


def _said(*seen: Evidence, ctx: Context = PROVEN) -> tuple[str, Reason | None]:
    verdict = Verdict(code="NOT_HERE", evidence=tuple(one.id for one in seen if one.attempt == 1))
    needs = tuple({type(step) for one in seen for step in one.steps})
    (found,) = judged(check(always(verdict), needs=needs), *seen, ctx=ctx)
    return found.code, found.reason


def test_silence_that_a_control_bears_out_stands() -> None:
    assert _said(SILENT, REFUSING) == ("NOT_HERE", None)


def test_silence_without_a_control_does_not() -> None:
    assert _said(REFUSING, SILENT, ctx=context()) == ("U_EGR", Reason.EGR)


def test_what_answered_at_any_try_is_no_silence() -> None:
    assert _said(connect(A6), connect(A6, TIMEOUT, attempt=2), ctx=context()) == ("NOT_HERE", None)


def test_a_second_look_that_we_ended_confirms_nothing() -> None:
    cut = replace(envelope(to=A6, attempt=2, minutes=30), failure=Failure(kind=FailureKind.OUT_OF_TIME))
    assert _said(SILENT, cut)[1] is Reason.CUT


def test_what_was_silent_while_work_was_announced_is_not_known() -> None:
    work = Maintenance(since=at(-5), until=at(5), subject=SITE.id)
    ctx = replace(PROVEN, reference=replace(PROVEN.reference, maintenance=(work,)))
    assert _said(SILENT, ctx=ctx) == ("MAINTENANCE", Reason.SMPL)


def test_where_everybody_refuses_a_refusal_tells_nothing() -> None:
    ctx = replace(PROVEN, vantage=replace(PROVEN.vantage, turned_away=frozenset({(4, "tcp/443")})))
    assert _said(REFUSING, ctx=ctx) == ("U_EGR", Reason.EGR)


def test_of_a_zone_tells_whichever_server_answers() -> None:
    asked = DnsExchange(server=A4, qname="example.vn", qtype="NS")
    silent, answered = replace(asked, failure=TIMEOUT), replace(asked, server=A6, response=b"\0" * 12)
    for steps, code in (((silent, answered), "NOT_HERE"), ((silent,), "U_EGR")):
        seen = envelope(*steps)
        verdict = Verdict(code="NOT_HERE", evidence=(seen.id,))
        (found,) = judged(check(always(verdict), needs=(DnsExchange,)), seen, ctx=context())
        assert found.code == code


def test_what_names_no_evidence_stands() -> None:
    (found,) = judged(check(always(Verdict(code="NOT_HERE"))), SILENT, ctx=context())
    assert found.code == "NOT_HERE"


ERROR = HttpExchange(address=A6, port=443, url="https://www.example.vn/", status=502)
PAGE = replace(ERROR, status=200)


@pytest.mark.parametrize(
    ("seen", "cut", "code"),
    [
        (ERROR, True, "OUT_OF_TIME"),
        (ERROR, False, "NOT_HERE"),
        (PAGE, True, "NOT_HERE"),  # asked again for its siblings' sake
        (DnsExchange(server=A6, qname="example.vn", qtype="SOA", response=b"\0" * 12), True, "OUT_OF_TIME"),
        (
            NameLookup(name="www.example.vn", rtype="AAAA", role="host", status=LookupStatus.NO_DATA),
            True,
            "OUT_OF_TIME",
        ),
    ],
)
def test_an_error_whose_second_look_we_ended_is_not_known(seen: Observation, cut: bool, code: str) -> None:
    again = envelope(*(() if cut else (seen,)), attempt=2, minutes=30)
    again = replace(again, failure=Failure(kind=FailureKind.OUT_OF_TIME) if cut else None)
    assert _said(envelope(seen), again)[0] == code


def test_an_error_of_one_round_stands() -> None:
    assert _said(envelope(ERROR), ctx=replace(PROVEN, one_round=True)) == ("NOT_HERE", None)


def test_an_error_while_work_was_announced_is_not_known() -> None:
    work = Maintenance(since=at(-5), until=at(5), subject=SITE.id)
    ctx = replace(PROVEN, reference=replace(PROVEN.reference, maintenance=(work,)))
    missing = NameLookup(name="www.example.vn", rtype="AAAA", role="host", status=LookupStatus.NO_DATA)
    assert _said(envelope(ERROR), ctx=ctx) == ("MAINTENANCE", Reason.SMPL)
    assert _said(envelope(PAGE), ctx=ctx) == ("NOT_HERE", None)
    assert _said(envelope(missing), ctx=ctx) == ("NOT_HERE", None)
