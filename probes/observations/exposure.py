"""Defines observations of listening ports: sweeps, and single datagrams that amplifiers answer."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from inventory.model import IPAddress, written
from probes.framework.evidence import At, Failure, FailureKind, Observation, observation
from probes.observations.places import TcpStep, UdpStep
from probes.observations.text import Word, also, end, kind_text, label, listed, octets, rows, short, yes
from probes.observations.transport import TcpConnect

MANAGEMENT = (
    22,
    23,
    135,
    139,
    389,
    445,
    512,
    513,
    514,
    830,
    2375,
    3389,
    4786,
    5900,
    5985,
    5986,
    6443,
    7547,
    8291,
    8443,
    10000,
)
"""TCP ports of list M (CHECKS §2.13): remote management and file sharing."""
DATA = (1433, 1521, 3306, 5432, 5601, 6379, 9200, 11211, 27017)
"""TCP ports of list D (CHECKS §2.13): databases and caches."""
SERVED = (21, 25, 80, 110, 143, 443, 465, 587, 993, 995, 8080)
"""Ports that may well be open: FTP, mail and web. The states over IPv4 and IPv6 are compared."""
UNUSED = (1, 4, 1016, 49151)
"""Ports that no service uses: tcpmux, and numbers that IANA leaves unassigned.

Where one accepts, a middlebox accepts every port for the host.
"""
SWEPT = tuple(sorted({*UNUSED, *MANAGEMENT, *DATA, *SERVED}))
_FAILURES = {kind: Failure(kind=kind) for kind in FailureKind}


@dataclass(frozen=True, slots=True, kw_only=True)
class PortReply:
    """Holds the result of connecting to one port.

    ``failure`` None means that it accepted; where it then reset the connection without a byte, that is the failure.
    ``greeting`` are the first bytes (up to 256) that the other side sent unasked, ``reply`` the first (up to 512) of
    its answer to the message of ``probes.wire.exposure.port_hellos``; ``ended``: it closed without sending a byte, as a
    wrapper does that lets only some addresses in.
    """

    port: int
    failure: FailureKind | None = None
    greeting: bytes = b""
    ended: bool = False
    reply: bytes = b""


@observation("port-sweep", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class PortSweep(Observation):
    """Records one connect to each of a list of TCP ports of one address, and the first bytes of each.

    The sweeps of one address in one piece of evidence are in the order in which they were made; a port that answered in
    one is asked in later ones too, to show that the address still answers us at all.
    """

    address: IPAddress
    replies: tuple[PortReply, ...] = ()

    def at(self) -> At:
        return self.address, "tcp"

    def answers(self) -> Iterator[At]:
        for connect in self._connects():
            yield from connect.answers()

    def single_steps(self) -> Iterator[Observation]:
        """Yield each connect of the sweep as a step of its own; one silent port shows nothing about another."""
        if self.failure is None:
            yield from self._connects()
        else:
            yield self

    def _connects(self) -> Iterator[TcpConnect]:
        for reply in self.replies:
            failure = None if reply.failure is None else _FAILURES[reply.failure]
            yield TcpConnect(address=self.address, port=reply.port, failure=failure)

    def lines(self, word: Word) -> Iterator[str]:
        counts = Counter([reply.failure for reply in self.replies])
        states = sorted((kind_text(failure, word("open"), word), count) for failure, count in counts.items())
        summary = listed(f"{count} {state}" for state, count in states) or word("no port")
        yield word("sweep {}: {} TCP ports → {}").format(self.address, len(self.replies), end(self, summary, word))
        told = [reply for reply in self.replies if reply.failure is None or reply.greeting or reply.reply]
        yield from rows(told, lambda reply: _port_text(reply, word))


@observation("datagram-reply", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class DatagramReply(UdpStep):
    """Records one request of a well-known UDP service and the datagrams that came back from that address and port.

    ``service`` is a name of ``probes.wire.exposure.amplifiers``; ``sent`` and ``received`` are UDP payload bytes,
    ``received`` over all datagrams that came within the wait; ``reply`` is the beginning of the first.
    """

    service: str
    sent: int
    received: int = 0
    reply: bytes | None = None

    def lines(self, word: Word) -> Iterator[str]:
        sent, came = word("{} bytes sent").format(self.sent), word("{} bytes received").format(self.received)
        yield f"{self.service} udp/{self.port} {written(self.address)}: {sent} → {end(self, came, word)}"
        if self.reply is not None:
            yield label(word, "reply") + octets(self.reply, word)


@observation("ftp-greeting", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class FtpGreeting(TcpStep):
    """Records the greeting of an FTP server and its reply code to AUTH TLS (RFC 4217 §4): 234 where it agrees."""

    greeting: str = ""
    auth_tls: int | None = None

    def lines(self, word: Word) -> Iterator[str]:
        greeting = short(self.greeting) or word("no greeting")
        yield f"ftp {self.where_text()} → {end(self, greeting, word)}{also('AUTH TLS', self.auth_tls)}"


@observation("smb-negotiate", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SmbNegotiate(TcpStep):
    """Records the answer to one SMB negotiation; no session is set up.

    ``version``: 1 for a request with only NT LM 0.12 ([MS-CIFS] 2.2.4.52), 2 for one with the dialects of SMB 2 and 3
    ([MS-SMB2] 2.2.3). ``accepted``: it chose a dialect; None where no answer came. ``dialect`` as in SMB 2, 0x0311
    say. ``signing_required`` is its SecurityMode.
    """

    version: int
    accepted: bool | None = None
    dialect: int | None = None
    signing_required: bool | None = None

    def lines(self, word: Word) -> Iterator[str]:
        taken = word("no answer" if self.accepted is None else "accepted" if self.accepted else "not accepted")
        dialect = "" if self.dialect is None else f"0x{self.dialect:04x}"
        signing = "" if self.signing_required is None else yes(self.signing_required, word)
        asked = word("smb version {} {}").format(self.version, self.where_text())
        signed = also(word("signing required"), signing)
        yield f"{asked} → {end(self, taken, word)}{also(word('dialect'), dialect)}{signed}"


def _port_text(reply: PortReply, word: Word) -> str:
    state = word("closed without a word") if reply.ended else kind_text(reply.failure, word("open"), word)
    greeting = word(", greeting {}").format(octets(reply.greeting, word)) if reply.greeting else ""
    answer = word(", reply {}").format(octets(reply.reply, word)) if reply.reply else ""
    return f"tcp/{reply.port:<6} {state}{greeting}{answer}"
