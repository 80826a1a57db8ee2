"""Adapts pysnmp, the reference: for contexts, where gufo-snmp has no wheel, and to compare with in tests.

Versions 1 and 2c use pysnmp's messages on a connected socket of our own: its engine walks all targets it knows on every
answer, and accepts an answer from any address. Version 3 uses one engine for each profile, because its user table is by
name, over a transport that drops datagrams from addresses that were not asked. MIBs are never looked up.
"""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Callable, Sequence
from functools import partial
from ipaddress import ip_address
from typing import Any, ClassVar

from pyasn1.codec.ber import decoder, encoder
from pyasn1.error import PyAsn1Error
from pysnmp.carrier.asyncio.dgram.udp import UdpAsyncioTransport
from pysnmp.carrier.asyncio.dgram.udp6 import Udp6AsyncioTransport
from pysnmp.error import PySnmpError
from pysnmp.hlapi.v3arch import asyncio as v3
from pysnmp.proto import api, errind, rfc1905

from inventory.model import IPAddress
from probes.framework.budget import PeerUsage, account_of, over_budget
from probes.framework.evidence import FailureKind
from probes.net.core import faults
from probes.net.core.metered import MeteredSocket
from probes.net.core.sockets import enlarge_receive_buffer, family_of, only_its_family, sockaddr
from probes.net.snmp.agents import Admit, Agent, Rejected, WalkPlace, varbind
from probes.net.snmp.profiles import SnmpProfile
from probes.observations.snmp import Varbind

Oid = tuple[int, ...]
_MESSAGE_LIMIT = 65_535
_TOO_BIG, _NO_SUCH_NAME = 1, 2
_INTEGER = 64
"""Bits of the widest integer that SNMP has (RFC 2578 §7.1.10); version 1 of the library takes any."""
_AUTH = {
    "md5": v3.usmHMACMD5AuthProtocol,
    "sha1": v3.usmHMACSHAAuthProtocol,
    "sha224": v3.usmHMAC128SHA224AuthProtocol,
    "sha256": v3.usmHMAC192SHA256AuthProtocol,
    "sha384": v3.usmHMAC256SHA384AuthProtocol,
    "sha512": v3.usmHMAC384SHA512AuthProtocol,
}
_PRIV = {
    "des": v3.usmDESPrivProtocol,
    "aes128": v3.usmAesCfb128Protocol,
    "aes192": v3.usmAesBlumenthalCfb192Protocol,
    "aes256": v3.usmAesBlumenthalCfb256Protocol,
}
_REJECTIONS = (
    errind.UnknownUserName,
    errind.WrongDigest,
    errind.UnsupportedSecurityLevel,
    errind.DecryptionError,
    errind.AuthenticationFailure,
    errind.AuthenticationError,
    errind.UnknownSecurityName,
)


class PysnmpEngine:
    """Makes agents. Engines of version 3 are made when first needed: one costs some 95 ms."""

    name = "pysnmp"

    def __init__(self) -> None:
        self._engines: dict[str, v3.SnmpEngine] = {}
        self._replaced: list[v3.SnmpEngine] = []

    def agent(self, address: IPAddress, port: int, profile: SnmpProfile, *, wait: float, admit: Admit) -> Agent:
        if profile.version != "3":
            return _CommunityAgent(_connected(address, port), profile, wait, admit)
        if profile.name not in self._engines:
            self._engines[profile.name] = v3.SnmpEngine()
        return _UserAgent(self._engines[profile.name], _target(address, port, wait), profile, admit, self._fresh)

    def _fresh(self, name: str) -> v3.SnmpEngine:
        """Return a new engine that knows no device yet; users of the one before go on with it."""
        self._replaced.append(self._engines[name])
        self._engines[name] = v3.SnmpEngine()
        return self._engines[name]

    def close(self) -> None:
        for engine in (*self._engines.values(), *self._replaced):
            engine.close_dispatcher()
        self._engines.clear()
        self._replaced.clear()


class _PysnmpWalk:
    """Walks by GETNEXT or GETBULK from where the last answer ended; the place is kept after a timeout."""

    def __init__(self, agent: "_CommunityAgent | _UserAgent", root: str, repetitions: int) -> None:
        self._agent = agent
        self._last = _oid(root)
        self._repetitions = repetitions
        self._place = WalkPlace(root)

    def __aiter__(self) -> "_PysnmpWalk":
        return self

    async def __anext__(self) -> list[Varbind]:
        if self._place.over:
            raise StopAsyncIteration
        answered = await self._agent.after(self._last, self._repetitions)
        objects = [(_dotted(oid), value) for oid, value in answered if value is not _ABSENT]
        rows = self._place.take(objects, ended=len(objects) < len(answered))
        if not rows:
            raise StopAsyncIteration
        self._last = _oid(rows[-1].oid)
        return rows


class _CommunityAgent:
    """Queries by versions 1 and 2c on a connected socket."""

    engine_id = None
    _numbers = itertools.count(1)

    def __init__(self, sock: socket.socket, profile: SnmpProfile, wait: float, admit: Admit) -> None:
        self._sock = sock
        self._is_v1 = profile.version == "1"
        self._community = "" if profile.community is None else profile.community.reveal()
        self._wait = wait
        self._admit = admit
        self._module = api.PROTOCOL_MODULES[api.SNMP_VERSION_1 if self._is_v1 else api.SNMP_VERSION_2C]
        self._null = self._module.Null("")
        self._late: tuple[object, int] | None = None  # the question that was not answered in time, and its number

    async def open(self) -> None:
        return None

    async def renew(self) -> bool:
        return False

    async def get(self, oids: Sequence[str]) -> list[Varbind]:
        bound: list[tuple[Oid, object]] = []
        for group in [[oid] for oid in oids] if self._is_v1 else [list(oids)]:
            bound += await self._ask(self._module.GetRequestPDU(), [_oid(oid) for oid in group])
        return [varbind(_dotted(oid), value) for oid, value in bound if value is not _ABSENT]

    async def after(self, oid: Oid, repetitions: int) -> list[tuple[Oid, object]]:
        if repetitions == 1 or self._is_v1:
            found = await self._ask(self._module.GetNextRequestPDU(), [oid])
            return found or ([(oid, _ABSENT)] if self._is_v1 else [])  # noSuchName: the end (RFC 1157 §4.1.3)
        return await self._ask(self._module.GetBulkRequestPDU(), [oid], repetitions)

    def walk(self, root: str, repetitions: int) -> AsyncIterator[list[Varbind]]:
        return _PysnmpWalk(self, root, repetitions)

    def close(self) -> None:
        self._sock.close()

    async def _ask(self, pdu: Any, oids: list[Oid], repetitions: int = 0) -> list[tuple[Oid, object]]:
        question = type(pdu), oids, repetitions
        if self._late is not None and self._late[0] == question:
            number = self._late[1]  # a late answer answers this question as well
        else:
            number = next(self._numbers) & 0x7FFFFFFF
        self._late = None
        message = self._message(pdu, oids, number, repetitions)
        await self._admit()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._wait):
                await loop.sock_sendall(self._sock, message)
                while True:
                    answer = self._read(await loop.sock_recv(self._sock, _MESSAGE_LIMIT), number)
                    if answer is not None:
                        return answer
        except OSError as problem:  # TimeoutError among them
            self._late = question, number
            raise faults.Fault(faults.from_exception(problem)) from None

    def _message(self, pdu: Any, oids: list[Oid], number: int, repetitions: int) -> bytes:
        module = self._module
        kind = module.apiBulkPDU if repetitions else module.apiPDU
        kind.set_defaults(pdu)
        kind.set_request_id(pdu, number)
        if repetitions:
            kind.set_non_repeaters(pdu, 0)
            kind.set_max_repetitions(pdu, repetitions)
        kind.set_varbinds(pdu, [(oid, self._null) for oid in oids])
        message = module.Message()
        module.apiMessage.set_defaults(message)
        module.apiMessage.set_community(message, self._community)
        module.apiMessage.set_pdu(message, pdu)
        encoded: bytes = encoder.encode(message)
        return encoded

    def _read(self, data: bytes, number: int) -> list[tuple[Oid, object]] | None:
        """Return the objects of the answer to question ``number``, None for any other datagram."""
        module = self._module
        try:
            message, _ = decoder.decode(data, asn1Spec=module.Message())
            pdu = module.apiMessage.get_pdu(message)
            if pdu.tagSet != module.GetResponsePDU.tagSet or int(module.apiPDU.get_request_id(pdu)) != number:
                return None
            status = int(module.apiPDU.get_error_status(pdu))
            pairs = module.apiPDU.get_varbinds(pdu)
        except (PyAsn1Error, PySnmpError, ValueError):
            raise faults.fault(FailureKind.PROTOCOL, "unreadable answer") from None
        if status == _NO_SUCH_NAME and self._is_v1:
            return []
        if status:
            raise faults.fault(FailureKind.PROTOCOL, f"error status {status}")
        return [(tuple(oid), _plain(value)) for oid, value in pairs]


class _Strict:
    """Drops datagrams from addresses that were not asked."""

    expected: ClassVar[dict[tuple[str, int], PeerUsage]] = {}

    def datagram_received(self, datagram: bytes, transportAddress: Any) -> None:
        account = self.expected.get((transportAddress[0], transportAddress[1]))
        if account is not None and account.take(len(datagram)):
            super().datagram_received(datagram, transportAddress)  # type: ignore[misc]


class _Strict4(_Strict, UdpAsyncioTransport):  # type: ignore[misc]
    pass


class _Strict6(_Strict, Udp6AsyncioTransport):  # type: ignore[misc]
    pass


class _Target4(v3.UdpTransportTarget):  # type: ignore[misc]
    PROTO_TRANSPORT = _Strict4

    def __init__(self, address: tuple[Any, ...], wait: float) -> None:
        self.transport_address = address
        super().__init__(timeout=wait, retries=0)


class _Target6(v3.Udp6TransportTarget):  # type: ignore[misc]
    PROTO_TRANSPORT = _Strict6

    def __init__(self, address: tuple[Any, ...], wait: float) -> None:
        self.transport_address = address
        super().__init__(timeout=wait, retries=0)


def _target(address: IPAddress, port: int, wait: float) -> Any:
    where = sockaddr(address, port)
    return (_Target4 if address.version == 4 else _Target6)(where, wait)


class _UserAgent:
    """Queries by version 3 through pysnmp's engine, one try for each call."""

    engine_id = None

    def __init__(
        self,
        engine: v3.SnmpEngine,
        target: Any,
        profile: SnmpProfile,
        admit: Admit,
        fresh: Callable[[str], v3.SnmpEngine],
    ) -> None:
        self._engine = engine
        self._fresh = partial(fresh, profile.name)
        self._is_unknown = False  # True if the engine's id was not known to this one before
        self._target = target
        self._admit = admit
        self._account = account_of(ip_address(target.transport_address[0].partition("%")[0]))
        self._context = v3.ContextData(contextName=profile.context.encode())
        self._user = v3.UsmUserData(
            profile.user,
            authKey=None if profile.auth_key is None else profile.auth_key.reveal(),
            privKey=None if profile.priv_key is None else profile.priv_key.reveal(),
            authProtocol=_AUTH.get(profile.auth or "", v3.usmNoAuthProtocol),
            privProtocol=_PRIV.get(profile.priv or "", v3.usmNoPrivProtocol),
        )

    async def open(self) -> None:
        return None

    async def renew(self) -> bool:
        if not self._is_unknown:
            return False
        self._engine, self._is_unknown = self._fresh(), False
        return True

    async def get(self, oids: Sequence[str]) -> list[Varbind]:
        objects = [v3.ObjectType(v3.ObjectIdentity(_oid(oid))) for oid in oids]
        answered = await self._ask(lambda: v3.get_cmd(*self._where(), *objects, lookupMib=False))
        return [varbind(_dotted(oid), value) for oid, value in answered if value is not _ABSENT]

    async def after(self, oid: Oid, repetitions: int) -> list[tuple[Oid, object]]:
        wanted = v3.ObjectType(v3.ObjectIdentity(oid))
        if repetitions == 1:
            return await self._ask(lambda: v3.next_cmd(*self._where(), wanted, lookupMib=False))
        return await self._ask(lambda: v3.bulk_cmd(*self._where(), 0, repetitions, wanted, lookupMib=False))

    def walk(self, root: str, repetitions: int) -> AsyncIterator[list[Varbind]]:
        return _PysnmpWalk(self, root, repetitions)

    def close(self) -> None:
        return None

    def _where(self) -> tuple[Any, ...]:
        return self._engine, self._user, self._target, self._context

    async def _ask(self, send: Any) -> list[tuple[Oid, object]]:
        await self._admit()
        source = self._target.transport_address[0], self._target.transport_address[1]
        account = _Strict.expected[source] = self._account
        if account.excess:
            raise faults.Fault(over_budget(account.excess))
        try:
            problem, status, _, pairs = await send()
        except PySnmpError:
            raise faults.fault(FailureKind.PROTOCOL, "unreadable answer") from None
        if account.excess:
            raise faults.Fault(over_budget(account.excess))
        if problem is not None:
            self._is_unknown = isinstance(problem, errind.UnknownEngineID)
            raise _indicated(problem)
        if int(status):
            raise faults.fault(FailureKind.PROTOCOL, f"error status {int(status)}")
        return [(tuple(oid), _plain(value)) for oid, value in pairs]


def _indicated(problem: object) -> faults.Fault:
    if isinstance(problem, errind.RequestTimedOut):
        return faults.fault(FailureKind.TIMEOUT, "no answer in time")
    if isinstance(problem, errind.UnknownEngineID):  # the engine that was asked does not answer any more
        return faults.fault(FailureKind.TIMEOUT, "another engine answered")
    if isinstance(problem, _REJECTIONS):
        return Rejected("the device does not accept the user or its keys")
    return faults.fault(FailureKind.PROTOCOL, type(problem).__name__)


class _Absent:
    """Marks a value that is missing: no such object, no such instance, end of the view."""


_ABSENT = _Absent()


def _plain(value: Any) -> object:
    """Return the Python value; objects of pysnmp know their type by class."""
    if isinstance(value, rfc1905.NoSuchObject | rfc1905.NoSuchInstance | rfc1905.EndOfMibView):
        return _ABSENT
    names = {base.__name__ for base in type(value).__mro__}  # each version has classes of its own
    if "IpAddress" in names:
        return ".".join(str(number) for number in value.asNumbers())
    if "ObjectIdentifier" in names:
        return _dotted(tuple(value))
    if "Integer" in names:
        if int(value).bit_length() > _INTEGER:
            raise faults.fault(FailureKind.PROTOCOL, "unreadable answer")
        return int(value)
    if "OctetString" in names:
        return bytes(value)
    return None


def _oid(text: str) -> Oid:
    return tuple(int(part) for part in text.split("."))


def _dotted(oid: Oid) -> str:
    return ".".join(str(part) for part in oid)


def _connected(address: IPAddress, port: int) -> socket.socket:
    sock = MeteredSocket(family_of(address), socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    try:
        only_its_family(sock)
        enlarge_receive_buffer(sock)
        sock.connect(sockaddr(address, port))
    except OSError as problem:
        sock.close()
        raise faults.Fault(faults.from_exception(problem, local=True)) from None
    except BaseException:
        sock.close()
        raise
    return sock
