"""Defines SNMP observations: which credentials a device took, and the objects it gave, as they came."""

from collections.abc import Iterator
from dataclasses import dataclass

from probes.framework.evidence import At, Failure, FailureKind, observation
from probes.observations.places import UdpStep
from probes.observations.text import Word, also, end, failure_text, listed, octets, rows, short


@dataclass(frozen=True, slots=True)
class Varbind:
    """One object as an agent gave it: ``type`` is one of ``int``, ``octets``, ``oid``, ``ip``, ``null``, ``cut``.

    ``value`` is text: a decimal number, hexadecimal octets, a dotted OID or address. ``cut`` are the first octets of a
    value that was too long to keep. A dotted value of four numbers up to 255 counts as ``ip``.
    """

    oid: str
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class SnmpAttempt:
    """One credential profile tried, by its name; ``rejected``: the device said that it does not accept it (v3)."""

    profile: str
    version: str
    rejected: bool = False
    failure: Failure | None = None


@observation("snmp-session", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpSession(UdpStep):
    """The profiles tried at one address, in order, up to the one that worked: it gave sysUpTime or sysObjectID.

    ``profile`` None: none did, and ``failure`` is the last one's; without ``attempts`` there was no profile to try.
    ``engine_id`` is the device's own (RFC 3411 §5), from version 3 alone; ``engine`` is the library that asked.
    ``auth`` and ``priv`` are the algorithms that were used (``sha256``, ``aes128``), empty without.
    """

    engine: str = ""
    attempts: tuple[SnmpAttempt, ...] = ()
    profile: str | None = None
    version: str | None = None
    engine_id: bytes | None = None
    auth: str = ""
    priv: str = ""

    def answers(self) -> Iterator[At]:
        """A device that takes a profile, or says that it does not, or that nobody listens."""
        told = self.profile is not None or any(attempt.rejected for attempt in self.attempts)
        refused = self.failure is not None and self.failure.kind is FailureKind.REFUSED
        if told or refused:
            yield self.address, f"udp/{self.port}"

    def lines(self, word: Word) -> Iterator[str]:
        security = also("auth", self.auth) + also("priv", self.priv) + also("engine", (self.engine_id or b"").hex())
        taken = f"profile {self.profile}, version {self.version}" if self.profile is not None else "no profile accepted"
        yield f"snmp session {self.where_text()} → {end(self, taken, word)}{security}"
        yield from rows(self.attempts, lambda snmp_attempt: _attempt_text(snmp_attempt, word))


@observation("snmp-get", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpGet(UdpStep):
    """Single objects asked by name; those that the device does not have are missing in ``rows``."""

    profile: str
    oids: tuple[str, ...]
    rows: tuple[Varbind, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        asked = f"snmp get {self.where_text()} profile {self.profile}: {len(self.oids)} objects"
        yield f"{asked} → {end(self, f'{len(self.rows)} values', word)}"
        yield from rows(self.rows, _varbind_text)


@observation("snmp-walk", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpWalk(UdpStep):
    """All objects below ``root``, in the order in which they came. ``context``: in a further context of the profile.

    ``stopped`` says why a walk ended before its end: ``rows``, ``bytes``, ``seconds`` (our bounds), ``failure`` (also
    of objects that do not rise) or, in older evidence, ``repeats``; None means that there is no more below ``root``.
    """

    profile: str
    root: str
    rows: tuple[Varbind, ...] = ()
    stopped: str | None = None
    context: str = ""

    def lines(self, word: Word) -> Iterator[str]:
        context = f" context {self.context}" if self.context else ""
        asked = f"snmp walk {self.root} {self.where_text()} profile {self.profile}{context}"
        yield f"{asked} → {end(self, f'{len(self.rows)} values', word)}{also('stopped by', self.stopped)}"
        yield from rows(self.rows, _varbind_text)


@observation("snmp-discovery", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpDiscovery(UdpStep):
    """Version 3's question for the id of an engine (RFC 3414 §4), which needs no credentials, and its answer.

    ``report`` is the object that the answer brought, usmStatsUnknownEngineIDs by the book.
    """

    engine_id: bytes | None = None
    boots: int | None = None
    time: int | None = None
    report: str | None = None

    def lines(self, word: Word) -> Iterator[str]:
        text = f"engine {self.engine_id.hex()}" if self.engine_id else "no engine"
        more = also("boots", self.boots) + also("time", self.time) + also("report", self.report)
        yield f"snmp discovery {self.where_text()} → {end(self, text, word)}{more}"


@observation("snmp-community", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpCommunity(UdpStep):
    """One GET of sysUpTime by community. ``community`` is one of the two that everybody knows; of any other there is
    only the name of its ``profile``.

    ``answered``: ``value`` (sysUpTime came), ``other`` (not that, but GETNEXT brought an object), ``empty`` (an answer
    without any value), ``silent`` (none, while the device answered its own profile right after); None where none came.
    """

    version: str
    community: str = ""
    profile: str = ""
    answered: str | None = None

    def lines(self, word: Word) -> Iterator[str]:
        who = f"community {self.community}" if self.community else f"the community of profile {self.profile}"
        asked = f"snmp version {self.version} {self.where_text()} with {who}"
        yield f"{asked} → {end(self, self.answered or 'no answer', word)}"


@observation("snmp-level", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpLevel(UdpStep):
    """The user of a profile, tried with less security than the profile has: ``noAuthNoPriv`` or ``authNoPriv``.

    ``accepted``: a value came. Without ``failure`` and not accepted: the device refused.
    """

    profile: str
    level: str
    accepted: bool = False

    def lines(self, word: Word) -> Iterator[str]:
        taken = "accepted" if self.accepted else "refused"
        yield f"snmp {self.where_text()} user of profile {self.profile} at {self.level} → {end(self, taken, word)}"


@dataclass(frozen=True, slots=True)
class SnmpGroup:
    """Rights of one group under one security model (1 and 2 are the versions with communities, 3 is USM, 0 is any).

    ``level``: 1 noAuthNoPriv, 2 authNoPriv, 3 authPriv. ``members``: names that belong to it under that model.
    ``reads`` and ``writes`` are the subtrees that its views include. ``storage`` and ``status`` are those of its row
    (StorageType and RowStatus, RFC 2579); None: not told.
    """

    model: int
    level: int
    members: int
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    storage: int | None = None
    status: int | None = None


@dataclass(frozen=True, slots=True)
class SnmpUser:
    """A user of version 3 and the OIDs of its algorithms. ``status``: RowStatus of its row; None: not told."""

    name: str
    auth: str
    priv: str
    status: int | None = None


@observation("snmp-access", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpAccess(UdpStep):
    """What a device's own tables say about access, summed up; names of groups and views are left out, because on many
    devices they are communities. None: the table does not show.

    ``communities`` counts active rows of snmpCommunityTable.
    """

    profile: str
    groups: tuple[SnmpGroup, ...] | None = None
    users: tuple[SnmpUser, ...] | None = None
    communities: int | None = None

    def lines(self, word: Word) -> Iterator[str]:
        counts = (("groups", self.groups), ("users", self.users))
        told = [f"{title} {'not shown' if found is None else len(found)}" for title, found in counts]
        communities = "not shown" if self.communities is None else self.communities
        told.append(f"communities {communities}")
        yield f"snmp access {self.where_text()} profile {self.profile} → {end(self, listed(told), word)}"
        yield from rows(self.groups or (), _group_text)
        yield from rows(self.users or (), _user_text)


def _varbind_text(row: Varbind) -> str:
    """Say what an object holds: octets as the text in them, where there is text."""
    if row.type == "octets":
        try:
            return f"{row.oid} octets {octets(bytes.fromhex(row.value))}"
        except ValueError:
            pass
    return f"{row.oid} {row.type} {short(row.value)}"


def _attempt_text(attempt: SnmpAttempt, word: Word) -> str:
    text = "rejected" if attempt.rejected else "accepted"
    result = text if attempt.failure is None else failure_text(attempt.failure, word)
    return f"profile {attempt.profile}, version {attempt.version}: {result}"


def _user_text(user: SnmpUser) -> str:
    return f"user {user.name}: auth {user.auth}, priv {user.priv}{also('status', user.status)}"


def _group_text(group: SnmpGroup) -> str:
    rights = also("reads", listed(group.reads)) + also("writes", listed(group.writes))
    row = also("storage", group.storage) + also("status", group.status)
    return f"group of model {group.model}, level {group.level}, {group.members} members{rights}{row}"
