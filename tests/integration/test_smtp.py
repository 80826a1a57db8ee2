"""Tests SMTP dialogues on real sockets: the commands, their order, and the records of hosts that misbehave."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from auditor.framework.check import load
from inventory.model import Endpoint
from probes.framework.evidence import FailureKind
from probes.framework.profile import QUICK, Profile
from probes.framework.recorder import Recorder
from probes.net.dns.hints import parse_hints
from probes.net.dns.source import Source
from probes.net.kernel import KernelNet
from probes.net.setting import Setting
from probes.observations.mail import SmtpDialogue, SmtpRelay, StartTls
from probes.observations.tls import Answer
from probes.open_relay import offer_recipients
from probes.smtp import talk_smtp
from probes.tls_support import enumerate_tls
from tests.golden import lab
from tests.golden.case import Case, dump
from tests.golden.lab import at, evidence
from tests.golden.lab_mail import MX1, ONLY, address, names
from tests.integration.test_net import EVERYTHING, HERE4, HERE6, Unlimited
from tests.support import private_net
from tests.support.scripted import Talk, certificates, stream

pytestmark = pytest.mark.needs_root

ADDRESSES = f"ip addr add {HERE4}/32 dev lo\nip addr add {HERE6}/128 dev lo nodad\n"
PATIENT = replace(QUICK, tcp_connect=5.0, tls=5.0, smtp_reply=5.0, smtp_pause=0.01)
HURRIED = replace(PATIENT, smtp_reply=0.5)
_WARNING = b"\x15\x03\x03\x00\x02\x01\x5a"
CHECKS = {str(id_): check for id_, check in load().items()}
OFFER = b"250-mx\r\n250-SIZE 1000\r\n250 STARTTLS\r\n"


class Host:
    """Plays a mail host from a table of verbs and answers.

    ``heard`` are the commands, ``open`` the present connections.
    """

    def __init__(
        self,
        context: ssl.SSLContext | None = None,
        greeting: bytes = b"220 mx ESMTP\r\n",
        **answers: "bytes | Callable[[str], bytes]",
    ) -> None:
        self.context = context
        self.greeting = greeting
        usual = {"EHLO": OFFER, "STARTTLS": b"220 go\r\n", "QUIT": b"221 bye\r\n"}
        self.answers: dict[str, bytes | Callable[[str], bytes]] = {**usual, **answers}
        self.heard: list[str] = []
        self.open = self.most = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        self.most = max(self.most, self.open)
        try:
            writer.write(self.greeting)
            while line := await reader.readline():
                self.heard.append(line.decode("latin-1").strip())
                verb = self.heard[-1].partition(" ")[0]
                answer = self.answers.get(verb, b"502 what\r\n")
                writer.write(answer if isinstance(answer, bytes) else answer(self.heard[-1]))
                await writer.drain()
                if verb == "STARTTLS" and self.context is not None:
                    await writer.start_tls(self.context)
                if verb == "QUIT":
                    return
        finally:
            self.open -= 1


def inside(main: Callable[[KernelNet], Awaitable[None]], helo: str = "", timing: Profile = PATIENT) -> None:
    async def opened() -> None:
        setting = Setting(
            scope=EVERYTHING,
            limits=Unlimited(),
            timing=timing,
            names=Source(hints=parse_hints(". NS a\na A 192.0.2.1")),
            helo=helo,
            strict=True,
        )
        async with KernelNet(setting) as net:
            await main(net)

    private_net.run(ADDRESSES, opened)


def talk_to(talk: Talk, here: str = HERE6, helo: str = "", timing: Profile = PATIENT) -> SmtpDialogue:
    found: list[SmtpDialogue] = []

    async def main(net: KernelNet) -> None:
        rec = Recorder(asyncio.get_running_loop().time)
        async with stream(here, 25, talk):
            found.append(await talk_smtp(net, rec, Endpoint(address=ip_address(here), port=25, name="mx.example.vn")))
        assert rec.steps == tuple(found)

    inside(main, helo, timing)
    return found[0]


def failed(said: SmtpDialogue) -> FailureKind | None:
    return None if said.failure is None else said.failure.kind


def server_context(folder: Path) -> tuple[ssl.SSLContext, list[bytes]]:
    pem, chain = certificates(folder, "mx.example.vn")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return context, chain


@pytest.mark.parametrize(("here", "literal"), [(HERE4, f"[{HERE4}]"), (HERE6, f"[IPv6:{HERE6}]")])
def test_a_whole_dialogue(tmp_path: Path, here: str, literal: str) -> None:
    context, chain = server_context(tmp_path)
    host = Host(context)
    said = talk_to(host, here)
    assert host.heard == [f"EHLO {literal}", "STARTTLS", "QUIT"]
    assert (said.failure, said.tls_failure, said.connected, said.source) == (None, None, True, ip_address(here))
    assert (said.starttls, said.version, list(said.chain)) == (StartTls.DONE, "TLSv1.3", chain)
    assert said.extensions == ("SIZE", "STARTTLS")
    assert said.helo == literal
    assert [(one.said.partition(" ")[0], one.code) for one in said.replies] == [
        ("", 220),
        ("EHLO", 250),
        ("STARTTLS", 220),
        ("QUIT", 221),
    ]
    assert said.replies[1].lines == ("250-mx", "250-SIZE 1000", "250 STARTTLS")
    assert (said.plaintext_ahead, said.worth_repeating) == (0, False)


def test_the_name_we_give() -> None:
    host = Host(EHLO=b"250 mx\r\n")
    said = talk_to(host, helo="probe1.example.vn")
    assert host.heard == ["EHLO probe1.example.vn", "QUIT"]
    assert (said.starttls, said.helo) == (StartTls.NOT_OFFERED, "probe1.example.vn")


def test_helo_where_ehlo_is_not_known() -> None:
    host = Host(EHLO=b"502 what\r\n", HELO=b"250 mx\r\n")
    said = talk_to(host, helo="p.vn")
    assert host.heard == ["EHLO p.vn", "HELO p.vn", "QUIT"]
    assert (said.starttls, said.extensions) == (StartTls.NOT_OFFERED, ())


@pytest.mark.parametrize(
    ("host", "codes", "starttls", "again"),
    [
        (Host(greeting=b"554 no service\r\n"), [554, 221], StartTls.NOT_ASKED, False),
        (Host(greeting=b"421 busy\r\n"), [421, 221], StartTls.NOT_ASKED, True),
        (Host(EHLO=b"550 bad name\r\n"), [220, 550, 221], StartTls.NOT_ASKED, False),
        (Host(STARTTLS=b"454 not now\r\n"), [220, 250, 454, 221], StartTls.REFUSED, True),
        (Host(STARTTLS=b"554 no\r\n"), [220, 250, 554, 221], StartTls.REFUSED, False),
    ],
)
def test_refusals_are_heard_and_left_politely(host: Host, codes: list[int], starttls: StartTls, again: bool) -> None:
    said = talk_to(host)
    assert ([one.code for one in said.replies], said.starttls, said.failure) == (codes, starttls, None)
    assert said.worth_repeating is again


def test_tls_that_is_none(tmp_path: Path) -> None:
    said = talk_to(Host(STARTTLS=b"220 go\r\n250 injected\r\n"))
    assert said.starttls is StartTls.FAILED
    assert said.plaintext_ahead == len("250 injected\r\n")
    assert said.tls_failure is not None
    assert (said.tls_failure.kind, said.failure) == (FailureKind.PROTOCOL, None)
    context, _ = server_context(tmp_path)
    done = talk_to(Host(context, STARTTLS=b"220 go\r\n250 injected\r\n"))
    assert done.plaintext_ahead == len("250 injected\r\n")


def test_a_handshake_is_waited_for_as_long_as_a_reply(tmp_path: Path) -> None:
    context, _ = server_context(tmp_path)

    async def busy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mx ESMTP\r\n")
        await reader.readline()
        writer.write(OFFER)
        await reader.readline()
        transport = writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()  # the next bytes belong to the handshake
        writer.write(b"220 go\r\n")
        await writer.drain()
        await asyncio.sleep(1.5)
        await writer.start_tls(context)

    said = talk_to(busy, timing=replace(PATIENT, tls=0.5))
    assert (said.starttls, said.tls_failure) == (StartTls.DONE, None)


def scripted(*parts: bytes, pause: float = 0.0, then: float = 0.0) -> Talk:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        await asyncio.sleep(then)

    return talk


@pytest.mark.parametrize(
    ("talk", "kind", "lines"),
    [
        (scripted(then=5), FailureKind.TIMEOUT, 0),
        (scripted(*[b"2"] * 50, pause=0.1), FailureKind.TIMEOUT, 0),
        (scripted(*[b"220-wait\r\n"] * 50, pause=0.1), FailureKind.TIMEOUT, 4),
        (scripted(b"220-wait\r\n" * 500, then=5), FailureKind.PROTOCOL, 101),
        (scripted(b"220 " + b"x" * 1_000_000, then=5), FailureKind.PROTOCOL, 1),
        (scripted(b"SSH-2.0-x\r\n", then=5), FailureKind.PROTOCOL, 1),
        (scripted(b"\x00\xff" * 9 + b"\n", then=5), FailureKind.PROTOCOL, 1),
        (scripted(), FailureKind.PROTOCOL, 0),
    ],
)
def test_greetings_that_are_none(talk: Talk, kind: FailureKind, lines: int) -> None:
    said = talk_to(talk, timing=HURRIED)
    assert (failed(said), said.connected, said.starttls) == (kind, True, StartTls.NOT_ASKED)
    assert len(said.replies) == 1
    assert abs(len(said.replies[0].lines) - lines) <= 1
    assert said.replies[0].code is None
    assert said.worth_repeating is (kind is FailureKind.TIMEOUT)


@pytest.mark.parametrize(
    ("talk", "ended"),
    [
        (scripted(b"220-wait\r\n" * 500, then=5), FailureKind.PROTOCOL),
        (scripted(b"220 " + b"x" * 1_000_000, then=5), FailureKind.PROTOCOL),
        (Host(STARTTLS=b"220 go\r\n" + b"\x16\x03\x01\xff\xff" + b"x" * 200_000), FailureKind.PROTOCOL),
        (Host(STARTTLS=b"220 go\r\n" + _WARNING * 5_000), FailureKind.PROTOCOL),
        (Host(STARTTLS=b"220 go\r\n" + _WARNING * 50_000), FailureKind.OVER_BUDGET),  # several, with 350 kB each
        (Host(STARTTLS=b"220-go\r\n" * 500), FailureKind.PROTOCOL),
    ],
)
def test_an_enumeration_ends_whatever_comes_before_tls_and_in_its_place(talk: Talk, ended: FailureKind) -> None:
    async def main(net: KernelNet) -> None:
        endpoint = Endpoint(address=ip_address(HERE6), port=25, name="mx.example.vn")
        async with stream(HERE6, 25, talk):
            found = await enumerate_tls(net, Recorder(asyncio.get_running_loop().time), endpoint, protocol="smtp")
        assert found.failure is not None
        assert found.failure.kind is ended
        assert not any(one.answer is Answer.ACCEPTED for one in found.versions)

    inside(main)


def test_nobody_there() -> None:
    async def main(net: KernelNet) -> None:
        rec = Recorder(asyncio.get_running_loop().time)
        said = await talk_smtp(net, rec, Endpoint(address=ip_address(HERE6), port=26, name=None))
        assert (failed(said), said.connected, said.replies) == (FailureKind.REFUSED, False, ())

    inside(main)


def test_one_connection_at_a_time_to_an_address() -> None:
    host = Host()

    async def main(net: KernelNet) -> None:
        rec = Recorder(asyncio.get_running_loop().time)
        async with stream(HERE6, 25, host), stream(HERE6, 26, host), asyncio.TaskGroup() as group:
            for port in (25, 26, 25):
                group.create_task(talk_smtp(net, rec, Endpoint(address=ip_address(HERE6), port=port, name="mx.vn")))
        assert (host.most, len(rec.steps)) == (1, 3)

    inside(main)


def test_a_dialogue_cut_short_is_on_record() -> None:
    async def main(net: KernelNet) -> None:
        rec = Recorder(asyncio.get_running_loop().time)
        async with stream(HERE6, 25, scripted(then=5)):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.1):
                    await talk_smtp(net, rec, Endpoint(address=ip_address(HERE6), port=25, name="mx.vn"))
        (step,) = rec.steps
        assert step.failure is not None
        assert step.failure.kind is FailureKind.CUT_SHORT

    inside(main)


def asked(host: Host, timing: Profile = PATIENT) -> SmtpRelay:
    found: list[SmtpRelay] = []

    async def main(net: KernelNet) -> None:
        rec = Recorder(asyncio.get_running_loop().time)
        async with stream(HERE6, 25, host):
            endpoint = Endpoint(address=ip_address(HERE6), port=25, name="mx.example.vn")
            found.append(await offer_recipients(net, rec, endpoint, domain="example.vn"))

    inside(main, "p.vn", timing)
    assert not any(line.upper().startswith(("DATA", "BDAT")) for line in host.heard)
    return found[0]


def test_a_relay_is_left_as_soon_as_it_has_shown_itself() -> None:
    def answer(line: str) -> bytes:
        return b"550 5.1.1 nobody\r\n" if line.endswith("@example.vn>") else b"250 ok\r\n"

    host = Host(MAIL=b"250 ok\r\n", RCPT=answer, RSET=b"250 ok\r\n")
    said = asked(host)
    assert [(one.form, one.code) for one in said.tries] == [("local", 550), *[("plain", 250)] * 2]
    assert host.heard[1:] == [
        "MAIL FROM:<relay-test@example.com>",
        "RCPT TO:<relay-test-khong-co-that@example.vn>",
        "RSET",
        "MAIL FROM:<relay-test@example.com>",
        "RCPT TO:<relay-test@example.net>",
        "RCPT TO:<relay-test@example.org>",
        "RSET",
        "QUIT",
    ]


def test_every_form_is_offered_to_a_host_that_refuses() -> None:
    host = Host(MAIL=b"250 ok\r\n", RCPT=b"550 5.7.1 no\r\n", RSET=b"250 ok\r\n")
    said = asked(host)
    assert [one.form for one in said.tries] == [
        "local",
        "plain",
        "plain",
        "own-sender",
        "own-sender",
        "percent",
        "percent",
    ]
    assert {one.code for one in said.tries} == {550}
    assert (said.failure, host.heard.count("RSET"), host.heard[-1]) == (None, 4, "QUIT")
    assert said.tries[-1].recipient == "relay-test%example.org@example.vn"


def test_a_host_that_refuses_our_domain_is_asked_with_the_empty_sender() -> None:
    """The host looks up the domain of the sender in the DNS, and checks only if its own recipients exist."""

    def sender(line: str) -> bytes:
        refused = "example.com" in line or "postmaster" in line
        return (
            b"550 5.7.27 Sender address rejected: Domain does not accept mail (nullMX)\r\n"
            if refused
            else b"250 ok\r\n"
        )

    def recipient(line: str) -> bytes:
        return b"550 5.1.1 nobody\r\n" if line.endswith("@example.vn>") else b"250 ok\r\n"

    said = asked(Host(MAIL=sender, RCPT=recipient, RSET=b"250 ok\r\n"))
    assert [(one.form, one.sender, one.code) for one in said.tries] == [("local", "", 550), *[("plain", "", 250)] * 2]


def test_a_host_that_takes_no_sender_at_all_refuses() -> None:
    said = asked(Host(MAIL=b"530 5.7.0 Must issue a STARTTLS command first\r\n", RSET=b"250 ok\r\n"))
    assert {(one.form, one.code) for one in said.tries} == {("local", 530), ("plain", 530), ("own-sender", 530)}


def test_who_takes_any_mailbox_is_not_asked_for_hidden_ones() -> None:
    def answer(line: str) -> bytes:
        return b"250 ok\r\n" if line.endswith("@example.vn>") else b"554 5.7.1 no\r\n"

    said = asked(Host(MAIL=b"250 ok\r\n", RCPT=answer, RSET=b"250 ok\r\n"))
    assert (said.tries[0].form, said.tries[0].code) == ("local", 250)
    assert {one.form for one in said.tries[1:]} == {"plain", "own-sender"}


def test_a_refused_sender_is_a_refusal_and_a_greeting_that_is_none_ends_it() -> None:
    said = asked(Host(MAIL=b"553 no\r\n", RSET=b"250 ok\r\n"))
    assert {one.code for one in said.tries} == {553}
    assert asked(Host(greeting=b"421 busy\r\n")).tries == ()
    broken = asked(Host(MAIL=b"rubbish\r\n"))
    assert broken.failure is not None
    assert broken.failure.kind is FailureKind.PROTOCOL


def looks(*hosts: Talk) -> list[SmtpDialogue]:
    """Return the dialogues with the same address, each with another host behind it."""
    found: list[SmtpDialogue] = []

    async def main(net: KernelNet) -> None:
        rec = Recorder(asyncio.get_running_loop().time)
        for host in hosts:
            async with stream(HERE6, 25, host):
                found.append(await talk_smtp(net, rec, Endpoint(address=ip_address(HERE6), port=25, name=MX1)))

    inside(main)
    return found


async def drops_tls(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Agree to STARTTLS and close the connection."""
    writer.write(b"220 mx ESMTP\r\n")
    while line := await reader.readline():
        writer.write(OFFER if line.startswith(b"EHLO") else b"220 go\r\n")
        await writer.drain()
        if line.startswith(b"STARTTLS"):
            return


def judged(*steps: SmtpDialogue) -> list[tuple[str, str]]:
    """Return codes and outcomes of ``security.mail.starttls`` and ``security.mail.mx`` for these dialogues.

    The domain has only this exchanger. The dates of its certificate are ignored: the golden cases have a day of their
    own.
    """
    dialogues = (
        evidence("smtp", step, task=f"{HERE6}#25", endpoint=at(HERE6, 25, MX1), attempt=number)
        for number, step in enumerate(steps, 1)
    )
    shown = (names(ONLY, *address(MX1, [HERE6])), *dialogues)
    found: list[tuple[str, str]] = []
    for check in ("security.mail.starttls", "security.mail.mx"):
        case = Case(check=check, code="-", about="-", subject=lab.mail(), evidence=shown, expect=())
        found += [(one["code"].partition("_OUT_OF_DATE")[0], one["outcome"]) for one in dump(case, CHECKS)["findings"]]
    return found


def test_starttls_that_fails_once_is_not_held_against_the_host(tmp_path: Path) -> None:
    context, _ = server_context(tmp_path)
    first, second = looks(drops_tls, Host(context))
    assert (first.starttls, first.worth_confirming) == (StartTls.FAILED, True)
    assert (second.starttls, second.worth_confirming) == (StartTls.DONE, False)
    assert judged(first, second) == [("SECURE", "pass"), ("GREETS", "pass")]


def test_starttls_that_fails_at_both_looks_is_a_defect() -> None:
    first, second = looks(drops_tls, drops_tls)
    assert [code for code, _ in judged(first, second)] in (
        ["HANDSHAKE_FAILS", "GREETS"],
        ["HANDSHAKE_CUT_OFF", "GREETS"],
    )


def test_starttls_that_is_missing_once_is_not_held_against_the_host(tmp_path: Path) -> None:
    context, _ = server_context(tmp_path)
    first, second = looks(Host(EHLO=b"250 mx\r\n"), Host(context))
    assert (first.starttls, first.worth_confirming) == (StartTls.NOT_OFFERED, True)
    assert judged(first, second)[0] == ("SECURE", "pass")


def test_greylisting_that_lets_in_at_the_second_look_is_no_defect(tmp_path: Path) -> None:
    context, _ = server_context(tmp_path)
    first, second = looks(Host(greeting=b"450 4.7.1 come back later\r\n"), Host(context))
    assert (first.worth_repeating, second.starttls) == (True, StartTls.DONE)
    assert judged(first) == [("LIMITED", "inconclusive"), ("LIMITED", "inconclusive")]
    assert judged(first, second) == [("SECURE", "pass"), ("GREETS", "pass")]
