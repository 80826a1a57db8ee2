"""Begins SSH over one connection: identification, KEXINIT, host key; where asked, one ``none`` request."""

import asyncio
import random
import socket
from dataclasses import dataclass, replace

from inventory.model import IPAddress
from probes.framework.evidence import Failure, FailureKind
from probes.framework.recorder import Recorder
from probes.net.api import Net
from probes.net.core import faults
from probes.net.core.tcp import Connector
from probes.observations.ssh import NOTHING_IN_COMMON, SshAuthMethods, SshExchange
from probes.wire.exposure import ssh, ssh_keys
from probes.wire.exposure.ssh import KexOffer, SshError

IDENTIFICATION = b"SSH-2.0-auditor"
USER = "probe"
_LINES = 30
"""Lines before the identification that a server may send (RFC 4253 §4.2)."""
_PACKETS = 20
"""Packets read while waiting for one of a kind."""
_RSA_FIRST = ("rsa-sha2-512", "rsa-sha2-256", "ssh-rsa")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """Holds as much of the server's side as was received; ``methods`` only after a ``none`` request."""

    banner: str = ""
    kexinit: bytes | None = None
    host_key: bytes | None = None
    methods: tuple[str, ...] = ()
    accepted: bool = False
    failure: Failure | None = None


class Ssh:
    """Opens one connection for each call, which is limited in seconds."""

    def __init__(self, connector: Connector, seconds: float, *, chance: random.Random | None = None) -> None:
        self._connector = connector
        self._seconds = seconds
        self._chance = chance or random.SystemRandom()

    async def begin(self, address: IPAddress, port: int, *, with_methods: bool = False) -> Beginning:
        """Run SSH up to the host key, or up to the answer to ``none`` for the user ``probe``."""
        dialogue: _Dialogue | None = None
        failure: Failure | None = None
        try:
            with await self._connector.connect(address, port) as sock:
                dialogue = _Dialogue(sock, self._chance)
                async with asyncio.timeout(self._seconds):
                    await dialogue.run(with_methods=with_methods)
        except SshError as problem:
            failure = Failure(kind=FailureKind.PROTOCOL, detail=faults.bounded(str(problem)))
        except (faults.Fault, OSError, EOFError) as problem:
            failure = faults.from_exception(problem)
        return replace(dialogue.shown if dialogue else Beginning(), failure=failure)


class _Dialogue:
    """Runs the client's side. ``shown`` grows with each step, so that results before a failure are kept."""

    def __init__(self, sock: socket.socket, chance: random.Random) -> None:
        self._sock = sock
        self._chance = chance
        self._buffer = bytearray()
        self.shown = Beginning()

    async def run(self, *, with_methods: bool) -> None:
        await self._send(IDENTIFICATION + b"\r\n")
        theirs = await self._identification()
        self.shown = replace(self.shown, banner=faults.bounded(theirs.decode("utf-8", "replace")))
        if not theirs.startswith((b"SSH-2.0-", b"SSH-1.99-")):
            return  # SSH-1: the following messages have another format
        kexinit = await self._plain(ssh.KEXINIT)
        self.shown = replace(self.shown, kexinit=kexinit)
        offer = ssh.offered(kexinit)
        ours = _our_offer(offer, encrypted=with_methods)
        mine = ssh.kexinit(self._chance.randbytes(16), ours)
        exchange = ssh_keys.exchange(ours.kex[0], self._chance.getrandbits)
        await self._send(ssh.packet(mine) + ssh.packet(bytes([ssh.KEX_INIT]) + ssh.string(exchange.public)))
        reply = ssh.kex_reply(await self._plain(ssh.KEX_REPLY))
        self.shown = replace(self.shown, host_key=reply.host_key)
        if with_methods:
            made = ssh_keys.secrets(exchange, reply.public, (IDENTIFICATION, theirs, mine, kexinit), reply.host_key)
            await self._methods(made, ours)

    async def _methods(self, made: ssh_keys.Secrets, ours: KexOffer) -> None:
        await self._plain(ssh.NEWKEYS)
        await self._send(ssh.packet(bytes([ssh.NEWKEYS])))
        cipher, mac = ours.ciphers[0][0], (ours.macs[0] or ("",))[0]
        out = ssh_keys.direction(made, b"ACE", cipher, mac, 3)  # after KEXINIT, KEX_INIT and NEWKEYS
        back = ssh_keys.direction(made, b"BDF", cipher, mac, self._received)
        await self._send(out.seal(bytes([ssh.SERVICE_REQUEST]) + ssh.string(b"ssh-userauth")))
        await self._sealed(back, ssh.SERVICE_ACCEPT)
        await self._send(out.seal(ssh.none_request(USER)))
        answer = await self._sealed(back, ssh.USERAUTH_FAILURE, ssh.USERAUTH_SUCCESS)
        if answer[0] == ssh.USERAUTH_SUCCESS:
            self.shown = replace(self.shown, accepted=True)
        else:
            self.shown = replace(self.shown, methods=ssh.methods(answer)[:20])

    _received = 0

    async def _plain(self, wanted: int) -> bytes:
        for _ in range(_PACKETS):
            size = ssh.length(await self._exactly(4))
            payload = ssh.body(await self._exactly(size))
            self._received += 1
            if _is(payload, (wanted,)):
                return payload
        raise SshError("other messages without end")

    async def _sealed(self, back: ssh_keys.Direction, *wanted: int) -> bytes:
        for _ in range(_PACKETS):
            head = back.first(await self._exactly(back.head))
            payload = back.open(head, await self._exactly(back.rest(ssh.length(head[:4]))))
            if _is(payload, wanted):
                return payload
        raise SshError("other messages without end")

    async def _identification(self) -> bytes:
        for _ in range(_LINES):
            line = await self._line()
            if line.startswith(b"SSH-"):
                return line
        raise SshError("no identification")

    async def _line(self) -> bytes:
        while b"\n" not in self._buffer:
            if len(self._buffer) > ssh.LONGEST_LINE:
                raise SshError("a line that is too long")
            await self._more(256)
        line, _, rest = bytes(self._buffer).partition(b"\n")
        self._buffer = bytearray(rest)
        return line.removesuffix(b"\r")[: ssh.LONGEST_LINE]

    async def _exactly(self, size: int) -> bytes:
        while len(self._buffer) < size:
            await self._more(size - len(self._buffer))
        piece = bytes(self._buffer[:size])
        del self._buffer[:size]
        return piece

    async def _more(self, most: int) -> None:
        chunk = await asyncio.get_running_loop().sock_recv(self._sock, most)
        if not chunk:
            raise EOFError
        self._buffer += chunk

    async def _send(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self._sock, data)


def _is(payload: bytes, wanted: tuple[int, ...]) -> bool:
    if payload[0] == ssh.DISCONNECT:
        raise EOFError
    return payload[0] in wanted


def _our_offer(theirs: KexOffer, *, encrypted: bool) -> KexOffer:
    """Return one algorithm of each kind from the server's offer; its RSA key if any, because its size matters."""
    kex = _common(ssh_keys.KEX, theirs.kex)
    host_key = next((name for name in _RSA_FIRST if name in theirs.host_keys), None) or _first(theirs.host_keys)
    ciphers = (_common(ssh_keys.CIPHERS, theirs.ciphers[0]),) if encrypted else theirs.ciphers[0][:1]
    gcm = bool(ciphers) and "gcm" in ciphers[0]
    macs = theirs.macs[0][:1] if gcm or not encrypted else (_common(ssh_keys.MACS, theirs.macs[0]),)
    return KexOffer(
        kex=(kex,), host_keys=(host_key,), ciphers=(ciphers, ciphers), macs=(macs, macs), compression=(("none",),) * 2
    )


def _common(ours: tuple[str, ...], theirs: tuple[str, ...]) -> str:
    return next((name for name in ours if name in theirs), "") or _nothing()


def _first(names: tuple[str, ...]) -> str:
    return names[0] if names else _nothing()


def _nothing() -> str:
    raise SshError(NOTHING_IN_COMMON)


async def exchange_keys(net: Net, rec: Recorder, address: IPAddress, port: int) -> SshExchange:
    """Get identification, KEXINIT and host key without logging in."""
    blank = SshExchange(address=address, port=port)

    async def begin() -> SshExchange:
        got = await Ssh(net.connector, net.setting.timing.tls).begin(address, port)
        return replace(blank, banner=got.banner, kexinit=got.kexinit, host_key=got.host_key, failure=got.failure)

    return await net.step(rec, address, blank, begin)


async def ask_methods(net: Net, rec: Recorder, address: IPAddress, port: int) -> SshAuthMethods:
    """Send one ``none`` request for a user that does not exist (RFC 4252 §5.2)."""
    blank = SshAuthMethods(address=address, port=port, user=USER)

    async def ask() -> SshAuthMethods:
        got = await Ssh(net.connector, net.setting.timing.tls).begin(address, port, with_methods=True)
        return replace(blank, methods=got.methods, accepted=got.accepted, failure=got.failure)

    return await net.step(rec, address, blank, ask)
