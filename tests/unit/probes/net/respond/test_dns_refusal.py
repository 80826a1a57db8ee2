"""Tests that a refusal repeats the question and is never longer, and that other packets get no answer."""

import pytest

from probes.net.api import DnsQuestion
from probes.net.respond.dns_refusal import refusal
from probes.wire.dns.messages import parse

QUESTION = b"\x12\x34" + DnsQuestion(name="www.example.vn", rtype="AAAA").wire()[2:]


def test_refusal_repeats_the_question_and_is_never_longer() -> None:
    answer = refusal(QUESTION)
    message = parse(answer)
    assert (answer[:2], message.rcode_text, len(message.answer())) == (b"\x12\x34", "REFUSED", 0)
    assert len(answer) <= len(QUESTION)
    assert not message.aa


@pytest.mark.parametrize(
    "data",
    [
        b"",
        QUESTION[:11],
        QUESTION[:20],
        QUESTION[:2] + b"\x80" + QUESTION[3:],
        QUESTION[:4] + b"\x00\x02" + QUESTION[6:],
        QUESTION[:12] + b"\xc0\x0c" + QUESTION[14:],
        QUESTION[:12] + b"\x3f" * 400,
    ],
    ids=["empty", "short", "cut", "answer", "two-questions", "pointer", "endless"],
)
def test_refusal_of_anything_else_is_silence(data: bytes) -> None:
    assert refusal(data) == b""
