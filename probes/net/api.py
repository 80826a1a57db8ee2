"""Defines the seam to the network: ten primitives, each under the same rules, on which every engine is built.

A probe calls its engine and the engine works with a ``Net``, which alone opens sockets. Whatever is recorded goes
through ``step``: scope, gates and rate limits are applied there, at every dial; a dial that scope does not allow is
recorded as a failure of ours and nothing is sent. No call here raises for what the network does, but ``connector`` and
``crafted``, which are used within a step; cancellation passes through.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from inventory.model import Endpoint, IPAddress
from probes.framework.budget import Apart
from probes.framework.evidence import Failure, O
from probes.framework.recorder import Recorder
from probes.net.core.loop_lag import LoopLag
from probes.net.core.own_limits import OwnLimits
from probes.net.core.tcp import Connector
from probes.net.raw.program import Crafted
from probes.net.setting import Setting
from probes.observations.dns import Delegation, DnsExchange, NameLookup
from probes.observations.dnssec import ZoneAnswer
from probes.observations.snmp import SnmpAccess, SnmpGet, SnmpSession, SnmpWalk
from probes.observations.transport import EchoSeries, TcpConnect
from probes.wire.dns.messages import PLAIN_EDNS, Edns, query

T = TypeVar("T")
Headers = tuple[tuple[str, str], ...]
BODY_LIMIT = 500_000
"""Bytes of one page, on the wire and decoded (CHECKS §0.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DnsQuestion:
    """One question; ``edns_size`` 0 sends no OPT record (RFC 6891)."""

    name: str
    rtype: str
    recursion_desired: bool = False
    dnssec_ok: bool = False
    edns_size: int = 1232
    checking_disabled: bool = False
    edns: Edns = PLAIN_EDNS

    def wire(self) -> bytes:
        """Return the message to send, with id 0. Raises DnsWireError for a name that cannot be asked for."""
        return query(
            self.name,
            self.rtype,
            recursion_desired=self.recursion_desired,
            dnssec_ok=self.dnssec_ok,
            edns_size=self.edns_size,
            checking_disabled=self.checking_disabled,
            edns=self.edns,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRequest:
    """One GET to one literal address; ``url`` carries the name for Host and SNI. Redirects are never followed here."""

    endpoint: Endpoint
    url: str
    hop: int = 0
    because: str | None = None
    extra: tuple[tuple[str, str], ...] = ()
    """Headers beside those that are always sent, such as the cookies of the chain."""
    token: str = ""
    """What is added to our User-Agent."""
    limit: int = BODY_LIMIT
    """Bytes of the body after which it is not read further."""
    apart: Apart | None = None
    """The account on which it is counted, where that is not the peer's ordinary one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """As much of a response as arrived; ``failure`` says why there is no more.

    ``truncated``: the body was larger than we take, of one body or of its peer altogether. ``full_segment``: some of
    it came in a packet of 1500 bytes.
    """

    status: int | None = None
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    location: str | None = None
    body: bytes = b""
    body_size: int = 0
    body_sha256: str = ""
    truncated: bool = False
    failure: Failure | None = None
    full_segment: bool = False

    def values(self, name: str) -> tuple[str, ...]:
        """Every value of one header, in the order they were sent."""
        return tuple(value.strip() for field, value in self.headers if field.lower() == name)


NOTHING = Fetched()


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoShape:
    """A series of one's own: how many requests, how many seconds apart, of how many bytes of payload (at least 12).
    ``together``: admitted once as a whole, for series that are too fast for a wait before each request. ``heard`` is
    called at each reply: who waits for the first need not wait for all."""

    count: int
    interval: float
    size: int
    together: bool = False
    heard: Callable[[], None] | None = None


class Names(Protocol):
    """The iterator: what the authoritative servers say, from the root hints, over both families."""

    async def lookup(self, rec: Recorder, name: str, rtype: str, *, role: str) -> NameLookup:
        """Follow delegations and aliases to the end; records each exchange sent and one NameLookup."""
        ...

    async def lookup_many(self, rec: Recorder, wanted: Sequence[tuple[str, str, str]]) -> tuple[NameLookup, ...]:
        """Several lookups at once, as (name, rtype, role); the results in the order asked for."""
        ...

    async def delegation(self, rec: Recorder, name: str) -> Delegation:
        """Return the zone cut that holds ``name`` (the zone may be an ancestor), asked from parent and child.

        ``Delegation.zone`` tells which zone it is; records the exchanges and one Delegation.
        """
        ...

    async def signed_path(self, rec: Recorder, name: str, *, start: str = ".") -> str:
        """The zone that holds ``name``; records the keys, NS and DS of each zone on the way to it as ZoneAnswers.

        ``start``: a zone above ``name`` that an earlier call of the same probe led to.
        """
        ...

    async def signed(self, rec: Recorder, zone: str, name: str, rtype: str) -> ZoneAnswer:
        """One question with DO set to the servers of a zone that ``signed_path`` led to."""
        ...

    async def one_family(self, rec: Recorder, name: str, family: int) -> None:
        """The way from the root to the zone ``name``, over one family alone; records one FamilyCut a zone."""
        ...

    async def referrals(self, rec: Recorder, name: str) -> None:
        """How each server of the parent refers to the zone ``name``, over TCP; records a Referral for each, and a
        question to each address of the glue."""
        ...

    async def second_opinion(self, rec: Recorder, name: str, rtype: str) -> None:
        """What the configured resolvers make of a name; records one SecondOpinion for each that is asked."""
        ...


class SnmpDevice(Protocol):
    """A device that took one of its credential profiles; ``session`` says which. Numeric OIDs, no MIBs."""

    @property
    def session(self) -> SnmpSession: ...

    @property
    def contexts(self) -> tuple[str, ...]:
        """Further contexts of the profile that was taken."""
        ...

    async def get(self, rec: Recorder, oids: Sequence[str]) -> SnmpGet:
        """Single objects, in one question."""
        ...

    async def walk(self, rec: Recorder, root: str, *, rows: int = 5_000, context: str = "") -> SnmpWalk:
        """The objects below ``root``, at most ``rows`` of them. ``rows`` 1 is a targeted GETNEXT. ``context`` is one of
        ``contexts``, or that of the profile."""
        ...

    async def access(self, rec: Recorder) -> SnmpAccess:
        """Who may do what, out of the device's own tables, without the names that may be communities."""
        ...

    async def levels(self, rec: Recorder) -> None:
        """The same user with less security; records a SnmpLevel for each level below the profile's."""
        ...

    async def communities(self, rec: Recorder) -> None:
        """The configured communities, where the device has proved itself by version 3; records SnmpCommunity."""
        ...


class Net(Protocol):
    """Gives engines the network."""

    @property
    def setting(self) -> Setting:
        """Scope, limits, patience, and what the configuration says of single engines."""
        ...

    @property
    def names(self) -> Names: ...

    @property
    def connector(self) -> Connector:
        """Opens TCP connections, within a step."""
        ...

    @property
    def crafted(self) -> Crafted:
        """Sends packets of our own making, within a step."""
        ...

    @property
    def loop_lag(self) -> LoopLag:
        """Tells when this machine stood still, so that a silence is not taken for the peer's."""
        ...

    @property
    def own_limits(self) -> OwnLimits:
        """Tells when this machine dropped packets for want of room, so that a silence is not taken for the peer's."""
        ...

    def shared(self, make: Callable[["Net"], T]) -> T:
        """Return what ``make`` gives for this net, made once: gates, caches and contexts of all calls of an engine.

        What has a method ``aclose`` is closed with the net.
        """
        ...

    async def step(
        self,
        rec: Recorder,
        address: IPAddress,
        blank: O,
        run: Callable[[], Awaitable[O]],
        *,
        implied: bool = False,
        transport: str = "",
        packets: int = 1,
    ) -> O:
        """Record one observation: scope, admission, the clock and the bulkhead around ``run``.

        ``blank`` says what is asked, and is recorded with the failure where ``run`` comes to nothing. It belongs to
        this step alone: ``run`` may give it back. ``transport`` as in ``Permits``, where something may be open for it
        alone.
        """
        ...

    async def dns(self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str) -> DnsExchange: ...

    async def tcp(self, rec: Recorder, endpoint: Endpoint) -> TcpConnect: ...

    async def echo(self, rec: Recorder, address: IPAddress, shape: EchoShape | None = None) -> EchoSeries:
        """Without a shape, count, interval and payload size come from the profile in force."""
        ...

    async def fetch(self, request: HttpRequest) -> Fetched:
        """One GET, within a step."""
        ...

    def snmp(
        self, rec: Recorder, endpoint: Endpoint, profiles: Sequence[str], *, device: str
    ) -> AbstractAsyncContextManager[SnmpDevice | None]:
        """A device under the first of ``profiles`` (names; the configuration's default when empty) that it takes, None
        when it takes none; records one SnmpSession. At most one question at a time is put to one ``device``, whatever
        the number of its addresses."""
        ...
