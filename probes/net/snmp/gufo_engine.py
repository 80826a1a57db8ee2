"""The default adapter, on gufo-snmp (Rust): a connected socket for each agent, so that only it can answer.

Passphrases become master keys once for each profile (RFC 3414 §A.2); localising one to an engine costs microseconds.
"""

import time
from collections.abc import AsyncIterator, Callable, Sequence

from gufo.snmp import SnmpError, SnmpVersion, User
from gufo.snmp import user as keys
from gufo.snmp.aio import SnmpSession
from gufo.snmp.policer import BasePolicer

from inventory.model import IPAddress
from probes.framework.evidence import FailureKind
from probes.net import faults
from probes.net.snmp.agents import Admit, Agent, Rejected, varbind
from probes.net.snmp.profiles import Profile, Secret
from probes.net.sockets import sockaddr
from probes.observations.snmp import Varbind

_VERSIONS = {"1": SnmpVersion.v1, "2c": SnmpVersion.v2c, "3": SnmpVersion.v3}
_AUTH: dict[str, type[keys.BaseAuthKey]] = {
    "md5": keys.Md5Key,
    "sha1": keys.Sha1Key,
    "sha224": keys.Sha224Key,
    "sha256": keys.Sha256Key,
    "sha384": keys.Sha384Key,
    "sha512": keys.Sha512Key,
}
_PRIV: dict[str, type[keys.BasePrivKey]] = {
    "des": keys.DesKey,
    "aes128": keys.Aes128Key,
    "aes192": keys.Aes192Key,
    "aes256": keys.Aes256Key,
}
_EARLY = 0.9
"""Of the wait: a "timeout" before that is an ICMP error, which the library does not tell apart."""


class _Admission(BasePolicer):
    """The library's own hook before each datagram."""

    def __init__(self, admit: Admit) -> None:
        self._admit = admit

    def get_timeout(self, ts: int) -> int | None:
        return None

    async def wait(self) -> None:
        await self._admit()


class GufoEngine:
    """Makes agents; keeps the master keys."""

    name = "gufo"

    def __init__(self) -> None:
        self._masters: dict[tuple[str, Secret], bytes] = {}

    def agent(self, address: IPAddress, port: int, profile: Profile, *, wait: float, admit: Admit) -> Agent:
        options: dict[str, object] = {"community": "" if profile.community is None else profile.community.reveal()}
        if profile.version == "3":
            options = {"user": self._user(profile)}
        try:
            session = SnmpSession(
                addr=_literal(address),
                port=port,
                version=_VERSIONS[profile.version],
                timeout=wait,
                policer=_Admission(admit),
                **options,  # type: ignore[arg-type]
            )
        except OSError as problem:
            raise faults.Fault(faults.from_exception(problem, local=True)) from None
        return _GufoAgent(session, profile, wait)

    def close(self) -> None:
        self._masters.clear()

    def _user(self, profile: Profile) -> User:
        if profile.auth is None or profile.auth_key is None:
            return User(profile.user)
        kind = _AUTH[profile.auth]
        auth = kind(self._master(kind, profile.auth, profile.auth_key), key_type=keys.KeyType.Master)
        if profile.priv is None or profile.priv_key is None:
            return User(profile.user, auth_key=auth)
        master = self._master(kind, profile.auth, profile.priv_key)  # with the hash of authentication (RFC 3826 §1.2)
        return User(profile.user, auth_key=auth, priv_key=_PRIV[profile.priv](master, key_type=keys.KeyType.Master))

    def _master(self, kind: type[keys.BaseAuthKey], algorithm: str, secret: Secret) -> bytes:
        if (algorithm, secret) not in self._masters:
            self._masters[algorithm, secret] = kind.get_master_key(secret.reveal().encode())
        return self._masters[algorithm, secret]


class _GufoAgent:
    def __init__(self, session: SnmpSession, profile: Profile, wait: float) -> None:
        self._session = session
        self._one_by_one = profile.version == "1"
        self._is_v3 = profile.version == "3"
        self._wait = wait

    @property
    def engine_id(self) -> bytes | None:
        return (self._session.get_engine_id() or None) if self._is_v3 else None

    async def open(self) -> None:
        started = time.monotonic()
        try:
            await self._session.refresh()
        except Exception as problem:
            raise self._fault(problem, started) from None

    async def get(self, oids: Sequence[str]) -> list[Varbind]:
        """One datagram; with version 1 one for each object, because a missing one spoils the whole answer."""
        found: dict[str, object] = {}
        groups = [[oid] for oid in oids] if self._one_by_one else [list(oids)]
        for group in groups:
            started = time.monotonic()
            try:
                found.update(await self._session.get_many(group))
            except Exception as problem:
                raise self._fault(problem, started) from None
        return [varbind(oid, value) for oid, value in found.items()]

    def walk(self, root: str, repetitions: int) -> AsyncIterator[Varbind]:
        session = self._session
        bulk = repetitions > 1 and not self._one_by_one
        return _Walk(session.getbulk(root, repetitions) if bulk else session.getnext(root), self._fault)

    def close(self) -> None:
        """The socket closes with the last reference to it."""
        del self._session

    def _fault(self, problem: Exception, started: float) -> faults.Fault:
        # Never from the library's own text alone: it may one day hold what was sent.
        match problem:
            case TimeoutError() if time.monotonic() - started < self._wait * _EARLY:
                return faults.fault(FailureKind.UNREACHABLE, "an ICMP error came back")
            case TimeoutError():
                return faults.fault(FailureKind.TIMEOUT, "no answer in time")
            case OSError():
                return faults.Fault(faults.from_exception(problem))
            case SnmpError() if "Auth" in type(problem).__name__:
                return Rejected("the device does not accept the user or its keys")
            case SnmpError() | ValueError():
                return faults.fault(FailureKind.PROTOCOL, f"unreadable answer ({type(problem).__name__})")
            case _:
                raise problem


class _Walk:
    """Rows one at a time. The library's iterator keeps its place after a timeout."""

    def __init__(
        self, rows: AsyncIterator[tuple[str, object]], fault: Callable[[Exception, float], faults.Fault]
    ) -> None:  # fmt: skip
        self._rows = rows
        self._fault = fault

    def __aiter__(self) -> "_Walk":
        return self

    async def __anext__(self) -> Varbind:
        started = time.monotonic()
        try:
            oid, value = await anext(self._rows)
        except StopAsyncIteration:
            raise
        except Exception as problem:
            raise self._fault(problem, started) from None
        return varbind(oid, value)


def _literal(address: IPAddress) -> str:
    """The address as text; a zone as the number of the interface."""
    target = sockaddr(address, 0)
    zone = target[3] if len(target) == 4 else 0
    return f"{target[0]}%{zone}" if zone else str(target[0])
