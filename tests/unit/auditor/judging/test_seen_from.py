"""Tests whether a subject answered a vantage, and the cases that cannot be decided."""

from dataclasses import replace

import pytest

from auditor.framework.context import TransportKey
from auditor.framework.findings import Reason
from auditor.judging.seen_from import AnswerState, seen_from
from probes.framework.evidence import EvidenceSet
from probes.observations.mail import SmtpDialogue, SmtpReply
from tests.unit.auditor.contexts import A4, SITE, context, evidence, vantage


@pytest.mark.parametrize(
    ("near", "answered", "reason"),
    [(frozenset[TransportKey](), AnswerState.YES, None), (frozenset({(4, "tcp/25")}), AnswerState.UNKNOWN, Reason.EGR)],
)
def test_seen_from_behind_a_mail_proxy_nobody_is_known_to_answer(
    near: frozenset[TransportKey], answered: AnswerState, reason: Reason | None
) -> None:
    greets = SmtpReply(code=220, lines=("220 relay.isp.example ESMTP",))
    talked = SmtpDialogue(address=A4, port=25, server_name="mx", connected=True, replies=(greets,))
    here = replace(vantage(controls=((4, "tcp/25"),)), accepted_here=near)
    seen = seen_from(SITE, EvidenceSet([evidence(talked, to=A4)]), context(here))
    assert seen is not None
    assert (seen.answered, seen.reason) == (answered, reason)
