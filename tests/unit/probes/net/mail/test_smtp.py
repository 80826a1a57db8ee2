"""Tests that TLS is enumerated gently: one enumeration at an address, and over SMTP one connection, with pauses."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from ipaddress import ip_address

import pytest

from inventory.model import IPAddress
from probes.framework.limits import Deadline
from probes.net.mail.smtp import Conversation, MailGate, SmtpTiming, SpacedMailGate
from probes.net.tls.scan_gate import Gates
from probes.net.tls.starttls import Smtp
from tests.unit.probes.framework.virtual import monotonic, run

HERE, THERE = ip_address("2001:db8::25"), ip_address("192.0.2.25")
PAUSE = 2.0


def test_connections_to_a_mail_host_come_one_by_one_and_apart() -> None:
    """However many hellos an enumeration would like to say at once; also beside a dialogue with the same host."""

    async def main() -> tuple[list[float], int]:
        mail_gate, began, inside, most = MailGate(PAUSE), list[float](), 0, 0
        gate, other = SpacedMailGate(mail_gate, HERE), SpacedMailGate(mail_gate, HERE)

        async def hello(through: SpacedMailGate) -> None:
            nonlocal inside, most
            async with through:
                began.append(monotonic())
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0.3)
                inside -= 1

        async with asyncio.TaskGroup() as group:
            for number in range(6):
                group.create_task(hello(gate if number % 2 else other))
        return began, most

    began, most = run(main())
    assert most == 1
    assert began == [PAUSE * number for number in range(6)]


def test_a_long_connection_is_not_followed_by_another_pause() -> None:
    async def main() -> float:
        gate = SpacedMailGate(MailGate(PAUSE), HERE)
        for _ in range(2):
            async with gate:
                await asyncio.sleep(3.0)
        return monotonic()

    assert run(main()) == 6.0


def test_one_enumeration_at_a_time_and_waiting_moves_the_deadline() -> None:
    async def main() -> tuple[list[tuple[str, float]], float]:
        gates, seen = Gates(), list[tuple[str, float]]()

        async def scan(name: str, address: object, seconds: float) -> float:
            async with Deadline(5.0) as deadline, gates.scan(address):  # type: ignore[arg-type]
                seen.append((name, monotonic()))
                await asyncio.sleep(seconds)
            return deadline.held

        async with asyncio.TaskGroup() as group:
            first = group.create_task(scan("first", HERE, 4.0))
            second = group.create_task(scan("second", HERE, 4.0))
            group.create_task(scan("elsewhere", THERE, 4.0))
        assert first.result() == 0.0
        return seen, second.result()

    seen, held = run(main())
    assert [name for name, _ in seen] == ["first", "elsewhere", "second"]
    assert seen[2][1] == 4.0  # 4 s of waiting and 4 of work are more than the 5 s that it has for the network
    assert held >= 3.0


def test_a_conversation_pauses_between_its_commands_and_not_ahead_of_the_first() -> None:
    async def main() -> list[tuple[bytes, float]]:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            for end in (ours, theirs):
                end.setblocking(False)
            loop, heard = asyncio.get_running_loop(), list[tuple[bytes, float]]()
            talk = Conversation(ours, SmtpTiming(reply=9.0, pause=PAUSE))

            async def said() -> None:
                await talk.greeting()
                await talk.say("EHLO me")
                await talk.say("NOOP")
                await talk.quit()

            await loop.sock_sendall(theirs, b"220 mx\r\n")
            spoken = asyncio.ensure_future(said())
            for _ in range(3):
                heard.append((await loop.sock_recv(theirs, 1_000), monotonic()))
                await loop.sock_sendall(theirs, b"250 mx\r\n")
            await spoken
            return heard

    assert run(main()) == [(b"EHLO me\r\n", 0.0), (b"NOOP\r\n", PAUSE), (b"QUIT\r\n", 2 * PAUSE)]


@pytest.mark.parametrize("answers_after", [0.0, PAUSE / 4, PAUSE * 2])
def test_smtp_pauses_between_its_commands_and_says_our_name(answers_after: float) -> None:
    """The pause runs from command to command, so that a slow server does not wait twice."""

    async def main() -> tuple[bytes, float]:
        ours, theirs = socket.socketpair()
        with ours, theirs:
            for end in (ours, theirs):
                end.setblocking(False)
            loop, heard, spoken = asyncio.get_running_loop(), b"", 0.0
            await loop.sock_sendall(theirs, b"220 mx\r\n")
            talk = asyncio.ensure_future(Smtp(name=lambda sock: "kiem-tra.example.vn", pause=PAUSE)(ours))
            for answer in (b"250 mx\r\n", b"220 go\r\n"):
                heard += await loop.sock_recv(theirs, 1_000)
                spoken = monotonic()
                await asyncio.sleep(answers_after)
                await loop.sock_sendall(theirs, answer)
            await talk
            return heard, spoken

    heard, spoken = run(main())
    assert heard == b"EHLO kiem-tra.example.vn\r\nSTARTTLS\r\n"
    assert spoken == max(PAUSE, answers_after)


@pytest.mark.parametrize("enter", [MailGate(0.0).at, Gates().scan])
def test_who_comes_between_two_turns_keeps_the_whole_deadline(
    enter: Callable[[IPAddress], AbstractAsyncContextManager[None]],
) -> None:
    """The first task in the queue has been admitted but has not entered yet: a newcomer has to wait too."""

    async def stay(seconds: float) -> None:
        async with enter(HERE):
            await asyncio.sleep(seconds)

    async def probe() -> None:
        async with Deadline(60):
            await stay(10)

    async def main() -> None:
        async with asyncio.TaskGroup() as group:

            async def first() -> None:
                await stay(10)
                await probe()

            group.create_task(first())
            await asyncio.sleep(0)
            group.create_task(stay(100))

    run(main())
