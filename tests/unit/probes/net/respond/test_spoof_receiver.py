"""Tests the receiver of marked packets: the marks it keeps, for how long, and the clients that may read them."""

from ipaddress import ip_address

from inventory.model import IPAddress
from probes.net.respond.reflector import Arrived
from probes.net.respond.spoof_receiver import NONCES, SECONDS, MarkCounter
from probes.wire.path import arrivals
from probes.wire.path.arrivals import Arrival

NONCE = bytes(range(16))
OURS, FORGED = ip_address("2001:db8::10"), ip_address("2001:2::77")


def told(witness: MarkCounter, data: bytes, sender: IPAddress = OURS, at: float = 0.0) -> bytes:
    return witness.receive(Arrived(data=data, at=at, hop_limit=60, sender=sender))


def seen(witness: MarkCounter, at: float = 0.0) -> tuple[Arrival, ...]:
    return arrivals.read_answer(told(witness, arrivals.question(NONCE), at=at), NONCE)


def test_marks_are_told_to_who_knows_their_nonce_and_answered_to_nobody() -> None:
    witness = MarkCounter()
    for label, source in ((0, OURS), (0, OURS), (3, FORGED)):
        assert told(witness, arrivals.mark(NONCE, label), source) == b""
    assert seen(witness) == (Arrival(label=0, source=OURS, copies=2), Arrival(label=3, source=FORGED))
    other = arrivals.read_answer(told(witness, arrivals.question(bytes(16))), bytes(16))
    assert other == ()


def test_anything_else_is_not_answered() -> None:
    witness = MarkCounter()
    assert [told(witness, data) for data in (b"", b"hello", arrivals.answer(NONCE, ()), bytes(256))] == [b""] * 4
    assert len(witness) == 0


def test_it_forgets() -> None:
    witness = MarkCounter()
    told(witness, arrivals.mark(NONCE, 0))
    assert seen(witness, SECONDS - 1)
    assert not seen(witness, SECONDS + 1)


def test_strangers_fill_it_no_further_than_its_bounds() -> None:
    witness = MarkCounter()
    for number in range(NONCES + 50):
        told(witness, arrivals.mark(number.to_bytes(16), 0))
    assert len(witness) == NONCES
    for number in range(100):
        told(witness, arrivals.mark(NONCE, 1), ip_address(number + 1))
    assert len(seen(witness)) == arrivals.MOST
