"""Marks, the question about them, and its answer."""

from ipaddress import ip_address

import pytest

from probes.wire.path import arrivals
from probes.wire.path.arrivals import Arrival, ArrivalsError

NONCE = bytes(range(16))
TOLD = (Arrival(label=0, source=ip_address("2001:db8::1"), copies=3), Arrival(label=2, source=ip_address("192.0.2.7")))


def test_what_is_written_is_read() -> None:
    assert arrivals.read_mark(arrivals.mark(NONCE, 3)) == (NONCE, 3)
    assert arrivals.read_question(arrivals.question(NONCE)) == NONCE
    assert arrivals.read_answer(arrivals.answer(NONCE, TOLD), NONCE) == TOLD
    assert arrivals.read_answer(arrivals.answer(NONCE, ()), NONCE) == ()


def test_no_answer_is_longer_than_its_question() -> None:
    many = [Arrival(label=1, source=ip_address(number)) for number in range(1, 200)]
    told = arrivals.answer(NONCE, many)
    assert len(told) <= len(arrivals.question(NONCE)) == arrivals.QUESTION
    assert len(arrivals.read_answer(told, NONCE)) == arrivals.MOST


def test_a_mark_is_no_question_and_the_other_way_round() -> None:
    assert arrivals.read_question(arrivals.mark(NONCE, 0)) is None
    assert arrivals.read_mark(arrivals.question(NONCE)) is None
    assert arrivals.read_mark(arrivals.mark(NONCE, 0) + b"x") is None
    assert arrivals.read_question(arrivals.question(NONCE)[:-1]) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        arrivals.question(NONCE),
        arrivals.answer(bytes(16), TOLD),
        arrivals.answer(NONCE, TOLD)[:-1],
        arrivals.answer(NONCE, TOLD) + b"x",
        arrivals.answer(NONCE, TOLD)[:25] + b"\xff",
        arrivals.answer(NONCE, [Arrival(label=0, source=ip_address("::1"))]).replace(b"\0\6\1", b"\0\5\1"),
    ],
)
def test_what_is_no_answer(data: bytes) -> None:
    with pytest.raises(ArrivalsError):
        arrivals.read_answer(data, NONCE)
