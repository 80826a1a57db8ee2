"""Defines the facts that a check may read beside its subject's own evidence; all are frozen and stored with the run.

There is no clock here and no connection: ``now`` is the time of the latest judged evidence. A run may be resumed days
later: expiry is compared with the time of the answer that showed it (``Evidence.time_of``).
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from ipaddress import IPv6Network

from auditor.framework.address_owners import ANYWHERE, AddressOwner, DeviceSites, IPNetwork, Location
from auditor.framework.estate import Estate
from auditor.framework.findings import Reason
from auditor.framework.gathered import RouterAnswers, SlowerOverIpv6, TlsInspection, WebTime
from auditor.framework.inventory_index import InventoryIndex
from auditor.framework.policy import Policy
from auditor.framework.shut_out import ShutOut
from inventory.maintenance import Maintenance, announced
from inventory.model import Clearance, Exemption, IPAddress, Network, Subject, SubjectId
from inventory.user_networks import DeclaredLan
from probes.framework.evidence import NO_CONNECT, Attribution, Failure, FailureKind
from probes.observations.tls import LARGE_HELLO
from probes.observations.vantage import TCP_FULL

_WHOLE = 1500
_LOSS, _LOST_AT_LEAST, _FIFTH = 2.0, 3, 20.0
"""Thresholds of lost echo requests: per cent and number that make a way lossy, per cent that makes all silence void."""
TransportKey = tuple[int, str]
"""Address family and transport: ``(6, "tcp/443")``, ``(4, "udp/53")``, ``(6, "icmp")``."""


class Health(StrEnum):
    OK = "ok"
    IMPAIRED = "impaired"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTestPoint:
    """Holds one moment at which the vantage was tested, and the result.

    ``silent``: transports tried over which no control answered. ``clock`` False: time servers report that ours was
    wrong. ``invents``: a resolver of ours gave an address to a name that does not exist; ``hides``: none to a name that
    has an AAAA record.
    """

    at: datetime
    label: str
    families: frozenset[int]
    iterative: bool
    answered: frozenset[TransportKey] = frozenset()
    silent: frozenset[TransportKey] = frozenset()
    clock: bool = True
    invents: bool = False
    hides: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnPath:
    """Holds properties of the vantage's own path to its controls over one family, from all self-tests of the run.

    ``mtu``: the largest packets that a control returned whole, None where none did; ``routers`` reported that larger
    ones do not fit; ``fits``: connections were made to fit it, from each self-test on. ``milliseconds`` is the median
    delay, ``nearest`` the shortest to a configured control; ``uneven``: the 95th percentile, in milliseconds, of the
    change in delay from packet to packet, at the control where it is least. ``answering`` controls answer echo at all,
    and of ``sent`` requests to them, without those to the one that loses most, ``lost`` got no reply.
    """

    mtu: int | None = None
    routers: frozenset[IPAddress] = frozenset()
    fits: bool = False
    milliseconds: float | None = None
    nearest: float | None = None
    uneven: float | None = None
    answering: int = 0
    sent: int = 0
    lost: int = 0

    @property
    def loss(self) -> float:
        """The loss in per cent."""
        return 100 * self.lost / self.sent if self.sent else 0.0

    @property
    def is_lossy(self) -> bool:
        """True if more than a few requests are lost, and more than by chance."""
        return self.loss > _LOSS and self.lost >= _LOST_AT_LEAST

    @property
    def loses_all_sorts(self) -> bool:
        """True if the loss to several controls is so high that requests that are sent several times may be lost too."""
        return self.answering > 1 and self.is_lossy and self.loss >= _FIFTH


@dataclass(frozen=True, slots=True, kw_only=True)
class VantageHealth:
    """Holds the ability of the vantage to observe.

    ``controls`` are the transports over which a configured control answered: they are shown to work towards every
    address. ``answers``: over each transport, the owners whose subjects answered. ``turned_away``: the transports over
    which all peers refused, STARTTLS among them. ``accepted_here``: those at which a device near it accepts for others.
    ``lans``: the sites on whose user networks it stands. ``own``: its own path, by family. ``shared``: how many
    subjects have slow IPv6, by the check that compares the families. ``public``: the addresses that others see for its
    ``sources``. ``nat64``: prefixes under which its network reaches IPv4. ``shut_out``: addresses that turned it away.
    ``web_time``: the difference of web servers' clocks from its own. ``routers``: how many packets of traces they
    answer. ``inspection``: the device that decrypts TLS near it. ``is_steady``: families, roots and clock never
    changed.
    """

    name: str
    networks: frozenset[Network]
    ipv4: Health
    ipv6: Health
    dns: Health
    points: tuple[SelfTestPoint, ...]
    controls: Collection[TransportKey] = frozenset()
    answers: Mapping[TransportKey, frozenset[AddressOwner]] = field(default_factory=dict)
    turned_away: Collection[TransportKey] = frozenset()
    accepted_here: Collection[TransportKey] = frozenset()
    sources: tuple[IPAddress, ...] = ()
    public: tuple[IPAddress, ...] = ()
    lans: frozenset[str] = frozenset()
    own: Mapping[int, OwnPath] = field(default_factory=dict)
    shared: Mapping[str, SlowerOverIpv6] = field(default_factory=dict)
    nat64: tuple[IPv6Network, ...] = ()
    shut_out: ShutOut = field(default_factory=ShutOut)
    web_time: WebTime | None = None
    inspection: TlsInspection | None = None
    routers: Mapping[int, RouterAnswers] = field(default_factory=dict)
    _times: tuple[datetime, ...] = field(init=False, repr=False, compare=False)
    _between: tuple["_Between", ...] = field(init=False, repr=False, compare=False)
    is_steady: bool = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ordered = sorted(self.points, key=lambda point: point.at)
        sides = [tuple(ordered[max(0, place - 1) : place + 1]) for place in range(len(ordered) + 1)]
        object.__setattr__(self, "_times", tuple(point.at for point in ordered))
        object.__setattr__(self, "_between", between := tuple(map(_Between.of, sides)))
        object.__setattr__(self, "is_steady", len({(s.families, s.iterative, s.clock) for s in between}) == 1)

    def usable(self, family: int, at: datetime) -> bool:
        """True if ``family`` worked at the self-tests on both sides of ``at``; one failure spoils the time between.

        Without any self-test nothing is known to have worked (CHECKS §0.6).
        """
        return family in self._around(at).families

    def iterative(self, at: datetime) -> bool:
        """True if root servers themselves, not an interceptor, answered at the self-tests on both sides of ``at``."""
        return self._around(at).iterative

    def clock(self, at: datetime) -> bool:
        """True if our clock was not shown to be wrong at the self-tests on both sides of ``at``."""
        return self._around(at).clock

    def invents(self, at: datetime) -> bool:
        """True if a resolver of ours invented an address at a self-test next to ``at``."""
        return self._around(at).invents

    def hides(self, at: datetime) -> bool:
        """True if a resolver of ours left AAAA records out at a self-test next to ``at``."""
        return self._around(at).hides

    def silent(self, family: int, transport: str, at: datetime) -> bool:
        """True if no control answered over ``transport`` at a self-test next to ``at``."""
        return (family, transport) in self._around(at).silent

    def is_narrowed(self, family: int) -> bool:
        """True if a router on the vantage's own path carries less than connections agreed on.

        A peer that does not receive Packet Too Big then falls silent, as it does towards every client on such a path.
        """
        own = self.own.get(family, OwnPath())
        return bool(own.routers) and own.mtu is not None and own.mtu < _WHOLE and not own.fits

    def _around(self, at: datetime) -> "_Between":
        return self._between[bisect_right(self._times, at)]

    def proven(
        self, address: IPAddress, transport: str, at: datetime | None = None, location: Location = ANYWHERE
    ) -> bool:
        """True if the transport is shown to work from here: a control answered, or another owner in the network did.

        ``address`` is of a subject at ``location`` (CHECKS §0.7, G1). False where a device near us answers for every
        host, or where a self-test next to ``at`` got no answer over the transport and another one did: packets are held
        back by then.
        """
        key = (address.version, transport)
        if key in self.accepted_here:
            return False
        if at is not None and key in self._around(at).silent and any(key in point.answered for point in self.points):
            return False
        if at is not None and transport == LARGE_HELLO and self.silent(address.version, TCP_FULL, at):
            return False  # the answered ones used a path on which our kernel knew a narrower link
        if key in self.controls:
            return True
        return any(location.owner(address).is_apart_from(other) for other in self.answers.get(key, ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Between:
    """Holds the results that the self-tests on both sides of a moment share.

    ``silent``, ``invents`` and ``hides`` hold if they do on either side.
    """

    families: frozenset[int] = frozenset()
    iterative: bool = False
    silent: frozenset[TransportKey] = frozenset()
    clock: bool = True
    invents: bool = False
    hides: bool = False

    @classmethod
    def of(cls, around: tuple[SelfTestPoint, ...]) -> "_Between":
        if not around:
            return cls()
        return cls(
            families=frozenset.intersection(*(point.families for point in around)),
            iterative=all(point.iterative for point in around),
            silent=frozenset.union(*(point.silent for point in around)),
            clock=all(point.clock for point in around),
            invents=any(point.invents for point in around),
            hides=any(point.hides for point in around),
        )


@dataclass(frozen=True, slots=True)
class DaysOff:
    """Holds public holidays from ``first`` to ``last``, as ``2027-02-05`` or, of every year, as ``09-01``."""

    first: str
    last: str

    def covers(self, day: date) -> bool:
        return self.first <= day.isoformat()[-len(self.first) :] <= self.last


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceData:
    """Holds the reference data of a judgement: trust roots (PEM), address plan, networks. Stored with the run by hash.

    ``trust_anchor`` are the root's DS records, one a line, as ``trust_anchor.normal`` gives them. ``ct_logs``: the
    operators of logs of certificates, by the ids of the logs (``ct_logs``). ``maintenance``: the work that the
    configuration announces, beside that of the inventory's tags. ``public_suffixes`` is the list of publicsuffix.org,
    one rule a line. ``frameworks``: the texts (TOML) of those that the operator chose for the figures; without any the
    shipped ones count.
    """

    trust_roots: str = ""
    public_suffixes: str = ""
    declared_roots: str = ""
    documentation_is_global: bool = False
    networks: Mapping[Network, tuple[IPNetwork, ...]] = field(default_factory=dict)
    address_plan: tuple[IPNetwork, ...] = ()
    trust_anchor: str = ""
    holidays: tuple[DaysOff, ...] = ()
    maintenance: tuple[Maintenance, ...] = ()
    ct_logs: Mapping[str, str] = field(default_factory=dict)
    frameworks: tuple[str, ...] = ()


def closed(subject: Subject, at: datetime, configured: Iterable[Maintenance]) -> bool:
    """True if work on the subject was announced for that moment, by its tags or in ``configured``."""
    tagged = (maintenance for _, maintenance in announced(subject) if maintenance is not None)
    return any(maintenance.covers(subject, at, at) for maintenance in (*tagged, *configured))


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyPrefix:
    """Holds a prefix that the inventory gives to one agency (tag ``prefix``)."""

    network: IPNetwork
    agency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sites:
    """Holds facts that only all TSLCD sites together show.

    ``asked``: the number of sites that have a connection point; ``silent``: how many of them answered nothing.
    ``shared``: addresses that more than one piece of equipment reports as its own; ``overlapping``: prefixes of LANs
    that more than one site uses; both with the ids of these. ``used``: for each overlapping prefix the ids of those
    whose own LAN is exactly it. ``nodes``: the subjects through which others are reached; ``down``: those of them
    behind which nothing answers; ``shadows``: the silent subjects that only these lead to, with the names of these.
    ``places`` are the sites at which subjects stand.
    """

    asked: int = 0
    silent: int = 0
    shared: Mapping[IPAddress, tuple[str, ...]] = field(default_factory=dict)
    overlapping: Mapping[IPNetwork, tuple[str, ...]] = field(default_factory=dict)
    used: Mapping[IPNetwork, tuple[str, ...]] = field(default_factory=dict)
    blocks: tuple[AgencyPrefix, ...] = ()
    shadows: Mapping[SubjectId, tuple[str, ...]] = field(default_factory=dict)
    nodes: frozenset[SubjectId] = frozenset()
    down: frozenset[SubjectId] = frozenset()
    places: DeviceSites = field(default_factory=DeviceSites)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Holds everything a check may consult. ``one_round`` is set for profiles without later confirmation.

    ``names`` are the host and zone names of the inventory, which count as the owners' own. ``sites``: how the sites of
    TSLCD stand to each other in this run. ``lans`` are its networks of users, by site. ``location`` is where the judged
    subject stands; the judge sets it.
    """

    now: datetime
    policy: Policy
    vantage: VantageHealth
    reference: ReferenceData = field(default_factory=ReferenceData)
    exemptions: tuple[Exemption, ...] = ()
    clearance: Clearance = Clearance.NORMAL
    one_round: bool = False
    names: frozenset[str] = frozenset()
    sites: Sites = field(default_factory=Sites)
    lans: Mapping[str, DeclaredLan] = field(default_factory=dict)
    inventory: InventoryIndex = field(default_factory=InventoryIndex)
    estate: Estate = field(default_factory=Estate)
    location: Location = ANYWHERE
    judged: SubjectId | None = None

    def is_closed(self, subject: Subject, at: datetime) -> bool:
        """True if work on the subject was announced for that moment."""
        return closed(subject, at, self.reference.maintenance)

    def has_announced_work(self, subject: Subject) -> bool:
        """True if work on the subject was announced for any time."""
        tagged = any(maintenance is not None for _, maintenance in announced(subject))
        return tagged or any(work.concerns(subject) for work in self.reference.maintenance)

    def unproven(
        self,
        failure: Failure | None,
        address: IPAddress,
        transport: str,
        at: datetime | None = None,
        *,
        until: datetime | None = None,
        large: bool = False,
    ) -> Reason | None:
        """Return why a failed step may not be reported as a defect of the subject, or None when it may.

        ``large``: the awaited answer fills packets, so that silence counts only where such packets are shown to arrive.

        A failure on our side never counts, nor one of an address that had shut us out; silence, or an error that some
        router sent, counts only where the transport is shown to work from here: our own firewall sends the same. ``at``
        is the time of the measurement, by default about ``now``, and ``until`` that of its end.
        """
        if failure is None:
            return None
        if failure.kind.attribution is Attribution.OURS:
            return _OURS[failure.kind]
        when, where = at or self.now, (address, transport)
        shut_out, once = self.vantage.shut_out, self.one_round
        if shut_out.explains(failure, where, when, until=until, subject=self.judged, large=large, one_round=once):
            return Reason.RATE
        if failure.kind.attribution is not Attribution.PATH:
            return None
        if not self.vantage.proven(address, transport, when, self.location):
            return Reason.EGR
        if failure.kind is FailureKind.TIMEOUT and self.vantage.own.get(address.version, OwnPath()).loses_all_sorts:
            return _SICK[address.version]
        waited = large and failure.kind is FailureKind.TIMEOUT and failure.detail != NO_CONNECT
        return self._without_full_size(address, when) if waited else None

    def _without_full_size(self, address: IPAddress, at: datetime) -> Reason | None:
        narrowed = self.vantage.is_narrowed(address.version)
        if not narrowed and self.vantage.proven(address, TCP_FULL, at, self.location):
            return None
        if narrowed or self.vantage.silent(address.version, TCP_FULL, at):
            return _SICK[address.version]
        return Reason.EGR


_SICK = {6: Reason.V6, 4: Reason.V4}
_OURS = {
    FailureKind.NO_PERMISSION: Reason.PRIV,
    FailureKind.FILTERED_HERE: Reason.EGR,
    FailureKind.NO_ROUTE_HERE: Reason.CUT,
    FailureKind.OUT_OF_SCOPE: Reason.SCOPE,
    FailureKind.CUT_SHORT: Reason.CUT,
    FailureKind.OVER_BUDGET: Reason.CUT,
    FailureKind.OUT_OF_TIME: Reason.CUT,
    FailureKind.BUG: Reason.CUT,
}
