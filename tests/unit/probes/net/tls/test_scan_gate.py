"""Tests how long an inquiry waits for an answer, and the controls it tries before it accepts silence as a refusal."""

from dataclasses import dataclass, field
from ipaddress import ip_address

import pytest

from probes.framework.evidence import Failure, FailureKind
from probes.net.tls import scan_gate
from probes.net.tls.client_hello import HelloReply, Hellos, HelloTarget
from probes.net.tls.scan_gate import Gates, Halt, Inquiry
from probes.net.tls.starttls import https
from probes.observations.tls import Stopped
from probes.wire.tls.flight import Flight, ServerHello
from probes.wire.tls.hello import HelloOffer
from probes.wire.tls.numbers import TLS12, TLS13
from probes.wire.tls.ssl2 import Ssl2Hello

ADDRESS = ip_address("2001:db8::1")
KNOWN = HelloOffer(version=TLS13, suites=(0x1301,), server_name=None)
REFUSED = tuple(HelloOffer(version=TLS12, suites=(code,), server_name=None) for code in (1, 2, 3))
FULL = 8.0
SILENCE = Failure(kind=FailureKind.TIMEOUT)
CLOSED = Failure(kind=FailureKind.PROTOCOL)
HELLO = ServerHello(version=TLS13, suite=0x1301, compression=0, session_id=b"", extensions=(), group=29)


@dataclass
class Server(Hellos):
    """Answers the known offer and lets every other one lie, or hangs up. ``waits``: for how long each was to be waited
    for."""

    refusal: Failure = SILENCE
    heard: bool = True
    seconds: float = 0.1
    gone_after: int = 1_000
    waits: list[tuple[bool, float | None]] = field(default_factory=list)

    async def say(self, target: HelloTarget, offer: HelloOffer, wait: float | None = None) -> HelloReply:
        known = offer == KNOWN
        self.waits.append((known, wait))
        if known and len(self.waits) <= self.gone_after:
            return HelloReply(Flight(hello=HELLO, complete=True), seconds=self.seconds, heard=True)
        return HelloReply(Flight(), self.refusal, seconds=min(FULL, wait or FULL), heard=self.heard)

    async def say_ssl2(self, target: HelloTarget, wait: float | None = None) -> Ssl2Hello | Failure:
        self.waits.append((False, wait))
        return SILENCE


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_gate, "_PAUSES", (0.0,))


async def knowing(server: Server) -> Inquiry:
    """Return an inquiry that has its control."""
    asked = Inquiry(server, HelloTarget(ADDRESS, 25, https), Gates().of(ADDRESS), serial=True)
    await asked.once(KNOWN)
    asked.control = KNOWN
    server.waits.clear()
    return asked


async def test_ask_server_that_leaves_refused_hellos_lying_is_waited_for_shortly_from_then_on() -> None:
    server = Server()
    asked = await knowing(server)
    for offer in REFUSED:
        assert (await asked.ask(offer)).left_lying
    first = [(False, None), (True, None), (False, 1.5)]
    assert server.waits == [*first, (False, 1.5), (True, None), (False, 1.5), (True, None)]


async def test_ask_slow_server_is_waited_for_several_times_as_long_as_it_takes() -> None:
    server = Server(seconds=0.7)
    asked = await knowing(server)
    await asked.ask(REFUSED[0])
    assert server.waits[-1] == (False, 3.5)


async def test_ask_server_that_became_slower_is_asked_again_with_all_the_time() -> None:
    server = Server()
    asked = await knowing(server)
    await asked.ask(REFUSED[0])
    server.waits.clear()
    server.seconds = 1.0
    await asked.ask(REFUSED[1])
    assert server.waits == [(False, 1.5), (True, None), (False, None)]


async def test_ask_server_that_hangs_up_is_asked_the_same_again_only_until_it_was_seen_to() -> None:
    server = Server(refusal=CLOSED)
    asked = await knowing(server)
    for offer in REFUSED:
        assert (await asked.ask(offer, at_once=True)).hung_up
    once = [(False, None), (True, None)]
    assert server.waits == [*once, (False, None), *once, *once]


async def hanging_up() -> tuple[Server, Inquiry]:
    """Return an inquiry that has seen its server close the connection at refused hellos."""
    server = Server(refusal=CLOSED)
    asked = await knowing(server)
    await asked.ask(REFUSED[0])
    server.waits.clear()
    return server, asked


async def test_ask_one_control_proves_two_hellos_that_were_hung_up_at() -> None:
    server, asked = await hanging_up()
    for offer in REFUSED[1:]:
        assert (await asked.ask(offer)).hung_up
    await asked.prove()
    assert server.waits == [(False, None), (False, None), (True, None)]


async def test_ask_what_is_answered_next_proves_as_much_as_a_control() -> None:
    server, asked = await hanging_up()
    await asked.ask(REFUSED[1])
    await asked.ask(KNOWN)
    await asked.prove()
    assert server.waits == [(False, None), (True, None)]


async def test_prove_says_the_control_where_nothing_was_answered_since() -> None:
    server, asked = await hanging_up()
    await asked.ask(REFUSED[1])
    await asked.prove()
    assert server.waits == [(False, None), (True, None)]


async def test_when_proven_waits_for_the_proof_of_a_silence() -> None:
    _, asked = await hanging_up()
    notes: list[str] = []
    asked.when_proven(lambda: notes.append("before"))
    await asked.ask(REFUSED[1])
    asked.when_proven(lambda: notes.append("behind"))
    assert notes == ["before"]
    await asked.prove()
    assert notes == ["before", "behind"]


async def test_when_proven_is_never_told_where_the_server_has_had_enough() -> None:
    server, asked = await hanging_up()
    notes: list[str] = []
    server.gone_after = 0
    await asked.ask(REFUSED[1])
    asked.when_proven(lambda: notes.append("behind"))
    with pytest.raises(Halt):
        await asked.ask(REFUSED[2])
    assert (notes, asked.stopped) == ([], Stopped.RATE)


async def test_ask_what_was_hung_up_at_before_there_was_a_control_is_asked_again() -> None:
    """A version is not taken for refused because a connection broke."""
    server = Server(refusal=CLOSED)
    asked = await knowing(server)
    before = await asked.ask(REFUSED[0])
    server.waits.clear()
    await asked.ask(REFUSED[1], before)
    assert server.waits == [(True, None), (False, None)]


async def test_ask_connection_that_broke_under_the_hello_is_made_again() -> None:
    server = Server(refusal=CLOSED, heard=False)
    asked = await knowing(server)
    await asked.ask(REFUSED[0])
    await asked.ask(REFUSED[1])
    assert server.waits == [(False, None), (True, None), (False, None)] * 2


async def test_ask_server_that_is_gone_halts_and_takes_silence_for_nothing() -> None:
    server = Server()
    asked = await knowing(server)
    await asked.ask(REFUSED[0])
    server.gone_after = 0
    with pytest.raises(Halt):
        await asked.ask(REFUSED[1])
    assert asked.stopped is Stopped.RATE


async def test_ask_hello_that_was_not_acknowledged_is_said_again() -> None:
    """It was lost, or the peer's machine is gone: that is no refusal, and nothing is learned of it."""
    server = Server(heard=False)
    asked = await knowing(server)
    await asked.ask(REFUSED[0])
    await asked.ask(REFUSED[1])
    assert server.waits == [(False, None), (True, None), (False, None)] * 2


async def test_ssl2_silence_of_a_server_that_is_gone_halts() -> None:
    server = Server()
    asked = await knowing(server)
    server.gone_after = 0
    with pytest.raises(Halt):
        await asked.ssl2()
    assert asked.stopped is Stopped.RATE
