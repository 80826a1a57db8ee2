"""Defines the interface to the network: ten primitives, under the same rules, that every engine is built on.

A probe calls its engine and the engine works with a ``Net``; only that opens sockets. All that is recorded goes through
``step``: scope, gates and rate limits are applied there, at every connect; a connect that scope does not allow is
recorded as a failure of ours and nothing is sent. No call here raises for network errors, except ``connector`` and
``crafted``, which are used within a step; cancellation passes through.
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol, TypeVar

from inventory.model import Endpoint, IPAddress
from probes.framework.budget import SeparateAccount
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
    """Holds one DNS question; ``edns_size`` 0 sends no OPT record (RFC 6891)."""

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
    """Holds one GET to one literal address; ``url`` gives the name for Host and SNI. Redirects are not followed."""

    endpoint: Endpoint
    url: str
    hop: int = 0
    because: str | None = None
    extra: tuple[tuple[str, str], ...] = ()
    """Headers beside those that are always sent, such as the cookies of the chain."""
    token: str = ""
    """The text that is added to our User-Agent."""
    limit: int = BODY_LIMIT
    """Bytes of the body after which reading stops."""
    apart: SeparateAccount | None = None
    """The account on which the request is counted, if it is not the peer's ordinary one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Holds as much of a response as arrived; ``failure`` is the reason why there is no more.

    ``truncated``: the body exceeded the limit for one body or the byte budget of its peer. ``full_segment``: part of it
    came in a packet of 1500 bytes.
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
        """Return all values of one header, in the order they were sent."""
        return tuple(value.strip() for field, value in self.headers if field.lower() == name)


NOTHING = Fetched()


@dataclass(frozen=True, slots=True, kw_only=True)
class EchoShape:
    """Holds the shape of an echo series: number of requests, seconds apart, bytes of payload (at least 12).

    ``together``: admitted once as a whole, for series that are too fast for a wait before each request. ``heard`` is
    called at each reply, so that a caller can react to the first before all have come.
    """

    count: int
    interval: float
    size: int
    together: bool = False
    heard: Callable[[], None] | None = None


class Names(Protocol):
    """Resolves names iteratively at the authoritative servers, from the root hints, over IPv4 and IPv6."""

    async def lookup(self, rec: Recorder, name: str, rtype: str, *, role: str) -> NameLookup:
        """Follow delegations and aliases to the end; records each exchange sent and one NameLookup."""
        ...

    async def lookup_many(self, rec: Recorder, wanted: Sequence[tuple[str, str, str]]) -> tuple[NameLookup, ...]:
        """Run several lookups at once, as (name, rtype, role); return the results in the order asked for."""
        ...

    async def delegation(self, rec: Recorder, name: str) -> Delegation:
        """Return the zone cut that holds ``name`` (the zone may be an ancestor), asked from parent and child.

        ``Delegation.zone`` tells which zone it is; records the exchanges and one Delegation.
        """
        ...

    async def signed_path(self, rec: Recorder, name: str, *, start: str = ".") -> str:
        """Return the zone that holds ``name``; record the keys, NS and DS of each zone on the way as ZoneAnswers.

        ``start``: a zone above ``name`` that an earlier call of the same probe led to.
        """
        ...

    async def signed(self, rec: Recorder, zone: str, name: str, rtype: str) -> ZoneAnswer:
        """Ask the servers of a zone that ``signed_path`` led to one question with DO set."""
        ...

    async def one_family(self, rec: Recorder, name: str, family: int) -> None:
        """Follow delegations from the root to the zone ``name`` over one address family; record a FamilyCut a zone."""
        ...

    async def referrals(self, rec: Recorder, name: str) -> None:
        """Ask each server of the parent over TCP for its referral to the zone ``name``.

        Records a Referral for each, and a question to each address of the glue.
        """
        ...

    async def second_opinion(self, rec: Recorder, name: str, rtype: str) -> None:
        """Ask the configured resolvers about a name; records one SecondOpinion for each that is asked."""
        ...


class SnmpDevice(Protocol):
    """Reads a device that accepted a credential profile; ``session`` says which. Numeric OIDs, no MIBs."""

    @property
    def session(self) -> SnmpSession: ...

    @property
    def contexts(self) -> tuple[str, ...]:
        """Further contexts of the profile that was accepted."""
        ...

    async def get(self, rec: Recorder, oids: Sequence[str]) -> SnmpGet:
        """Get single objects, in one question."""
        ...

    async def walk(self, rec: Recorder, root: str, *, rows: int = 5_000, context: str = "") -> SnmpWalk:
        """Get the objects below ``root``, at most ``rows`` of them. ``rows`` 1 is a targeted GETNEXT.

        ``context`` is one of ``contexts``, or that of the profile.
        """
        ...

    async def access(self, rec: Recorder) -> SnmpAccess:
        """Return the access rights from the device's own tables, without the names that may be communities."""
        ...

    async def levels(self, rec: Recorder) -> None:
        """Try the same user with less security; record a SnmpLevel for each level below the profile's."""
        ...

    async def communities(self, rec: Recorder) -> None:
        """Try the configured communities, if the device has proved itself by version 3; record SnmpCommunity."""
        ...


class Net(Protocol):
    """Gives engines the network."""

    @property
    def setting(self) -> Setting:
        """The scope, limits, timeouts and settings of single engines."""
        ...

    @property
    def names(self) -> Names: ...

    @property
    def connector(self) -> Connector:
        """The connector, which opens TCP connections within a step."""
        ...

    @property
    def crafted(self) -> Crafted:
        """The crafted-packet program, used within a step."""
        ...

    @property
    def loop_lag(self) -> LoopLag:
        """The detector of stalls of this machine, so that a silence is not taken for the peer's."""
        ...

    @property
    def own_limits(self) -> OwnLimits:
        """The detector of packets dropped here for lack of room, so that a silence is not taken for the peer's."""
        ...

    def shared(self, make: Callable[["Net"], T]) -> T:
        """Return the result of ``make``, called once for this net: gates, caches and contexts of an engine's calls.

        A result with a method ``aclose`` is closed with the net.
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

        ``blank`` describes the question, and is recorded with the failure if ``run`` fails. It belongs to this step
        only: ``run`` may return it. ``transport`` as in ``Permits``, where an address may be open for that transport
        only.
        """
        ...

    async def dns(self, rec: Recorder, server: Endpoint, question: DnsQuestion, transport: str) -> DnsExchange: ...

    async def tcp(self, rec: Recorder, endpoint: Endpoint) -> TcpConnect: ...

    async def echo(self, rec: Recorder, address: IPAddress, shape: EchoShape | None = None) -> EchoSeries:
        """Send a series of echo requests; without a shape, the profile sets count, interval and payload size."""
        ...

    async def fetch(self, request: HttpRequest) -> Fetched:
        """Send one GET, within a step."""
        ...

    def snmp(
        self, rec: Recorder, endpoint: Endpoint, profiles: Sequence[str], *, device: str
    ) -> AbstractAsyncContextManager[SnmpDevice | None]:
        """Yield a device under the first of ``profiles`` that it accepts, or None; records one SnmpSession.

        ``profiles`` are names; if empty, the configuration's default applies. At most one question at a time is put to
        one ``device``, however many addresses it has.
        """
        ...
