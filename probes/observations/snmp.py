"""Defines SNMP observations: the credentials that a device took, and the objects it gave, as they came."""

from collections.abc import Iterator
from dataclasses import dataclass

from probes.framework.evidence import At, Failure, FailureKind, observation
from probes.observations.places import UdpStep
from probes.observations.text import Word, also, end, failure_text, listed, octets, rows, short

FROM_ELSEWHERE = "an answer came from another address or port"
"""The detail of a silence: an answer must come from the address and port asked, though many managers take any."""


@dataclass(frozen=True, slots=True)
class Varbind:
    """Holds one object as an agent gave it: ``type`` is one of ``int``, ``octets``, ``oid``, ``ip``, ``null``, ``cut``.

    ``value`` is text: a decimal number, hexadecimal octets, a dotted OID or address. ``cut`` are the first octets of a
    value that was too long to keep. A dotted value of four numbers up to 255 counts as ``ip``.
    """

    oid: str
    type: str
    value: str


@dataclass(frozen=True, slots=True)
class SnmpAttempt:
    """Holds one credential profile tried, by its name; ``rejected``: the device said that it refuses it (v3)."""

    profile: str
    version: str
    rejected: bool = False
    failure: Failure | None = None


@observation("snmp-session", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpSession(UdpStep):
    """Records the profiles tried at one address, in order, up to the one that worked: it gave sysUpTime or sysObjectID.

    ``profile`` None: none did, and ``failure`` is the last one's; without ``attempts`` there was no profile to try.
    ``engine_id`` is the device's own (RFC 3411 §5), only from version 3; ``engine`` is the library that asked.
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
        """Yield the address of a device that takes a profile, rejects one, or refuses the port."""
        told = self.profile is not None or any(attempt.rejected for attempt in self.attempts)
        refused = self.failure is not None and self.failure.kind is FailureKind.REFUSED
        if told or refused:
            yield self.address, f"udp/{self.port}"

    def lines(self, word: Word) -> Iterator[str]:
        security = also("auth", self.auth) + also("priv", self.priv) + also("engine", (self.engine_id or b"").hex())
        taken = word("profile {}, version {}").format(self.profile, self.version)
        ended = end(self, taken if self.profile is not None else word("no profile accepted"), word)
        yield word("snmp session {} → {}").format(self.where_text(), ended) + security
        yield from rows(self.attempts, lambda snmp_attempt: _attempt_text(snmp_attempt, word))


@observation("snmp-get", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpGet(UdpStep):
    """Records single objects asked by name; those that the device does not have are missing in ``rows``."""

    profile: str
    oids: tuple[str, ...]
    rows: tuple[Varbind, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        asked = word("snmp get {} profile {}: {} objects").format(self.where_text(), self.profile, len(self.oids))
        yield f"{asked} → {end(self, word('{} values').format(len(self.rows)), word)}"
        yield from rows(self.rows, lambda row: _varbind_text(row, word))


@observation("snmp-walk", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpWalk(UdpStep):
    """Records all objects below ``root`` in the order in which they came. ``context``: a further one of the profile.

    ``stopped`` says why a walk ended before its end: ``rows``, ``bytes``, ``seconds`` (our bounds), ``failure`` (also
    of objects that do not rise) or, in older evidence, ``repeats``; None means that there is no more below ``root``.
    """

    profile: str
    root: str
    rows: tuple[Varbind, ...] = ()
    stopped: str | None = None
    context: str = ""

    def lines(self, word: Word) -> Iterator[str]:
        context = word(" context {}").format(self.context) if self.context else ""
        asked = word("snmp walk {} {} profile {}{}")
        asked = asked.format(self.root, self.where_text(), self.profile, context)
        values, stopped = (
            word("{} values").format(len(self.rows)),
            also(word("stopped by"), self.stopped and word(self.stopped)),
        )
        yield f"{asked} → {end(self, values, word)}{stopped}"
        yield from rows(self.rows, lambda row: _varbind_text(row, word))


@observation("snmp-discovery", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpDiscovery(UdpStep):
    """Records version 3's question for the id of an engine (RFC 3414 §4), which needs no credentials, and its answer.

    ``report`` is the object that the answer brought, usmStatsUnknownEngineIDs by the standard.
    """

    engine_id: bytes | None = None
    boots: int | None = None
    time: int | None = None
    report: str | None = None

    def lines(self, word: Word) -> Iterator[str]:
        text = f"engine {self.engine_id.hex()}" if self.engine_id else word("no engine")
        more = also("boots", self.boots) + also("time", self.time) + also("report", self.report)
        yield word("snmp discovery {} → {}").format(self.where_text(), end(self, text, word)) + more


@observation("snmp-community", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpCommunity(UdpStep):
    """Records one GET of sysUpTime by community.

    ``community`` is one of the two well-known ones; of any other only the name of its ``profile`` is kept.
    ``answered``: ``value`` (sysUpTime came), ``other`` (not that, but GETNEXT brought an object), ``empty`` (an answer
    without any value), ``silent`` (none, while the device answered its own profile right after); None where none came.
    """

    version: str
    community: str = ""
    profile: str = ""
    answered: str | None = None

    def lines(self, word: Word) -> Iterator[str]:
        who = word("the community of profile {}").format(self.profile)
        who = f"community {self.community}" if self.community else who
        asked = word("snmp version {} {} with {}").format(self.version, self.where_text(), who)
        yield f"{asked} → {end(self, word(self.answered or 'no answer'), word)}"


@observation("snmp-level", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpLevel(UdpStep):
    """Records a try of a profile's user with less security than the profile has: ``noAuthNoPriv`` or ``authNoPriv``.

    ``accepted``: a value came. Without ``failure`` and not accepted: the device refused.
    """

    profile: str
    level: str
    accepted: bool = False

    def lines(self, word: Word) -> Iterator[str]:
        taken = end(self, word("accepted" if self.accepted else "refused"), word)
        asked = word("snmp {} user of profile {} at {}")
        yield f"{asked.format(self.where_text(), self.profile, self.level)} → {taken}"


@dataclass(frozen=True, slots=True)
class SnmpGroup:
    """Holds rights of one group under a security model (1 and 2: versions with communities, 3: USM, 0: any).

    ``level``: 1 noAuthNoPriv, 2 authNoPriv, 3 authPriv. ``members``: names that belong to it under that model.
    ``reads`` and ``writes`` are the subtrees that its views include. ``storage`` and ``status`` are those of its row
    (StorageType and RowStatus, RFC 2579); None: not shown.
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
    """Holds a user of version 3 and the OIDs of its algorithms. ``status``: RowStatus of its row; None: not shown."""

    name: str
    auth: str
    priv: str
    status: int | None = None


@observation("snmp-access", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class SnmpAccess(UdpStep):
    """Records a summary of the access tables of a device. None: the device does not show the table.

    Names of groups and views are left out, because on many devices they are communities. ``communities`` counts active
    rows of snmpCommunityTable.
    """

    profile: str
    groups: tuple[SnmpGroup, ...] | None = None
    users: tuple[SnmpUser, ...] | None = None
    communities: int | None = None

    def lines(self, word: Word) -> Iterator[str]:
        counts = (("groups", self.groups), ("users", self.users))
        told = [f"{word(title)} {word('not shown') if found is None else len(found)}" for title, found in counts]
        communities = word("not shown") if self.communities is None else self.communities
        told.append(f"{word('communities')} {communities}")
        asked = word("snmp access {} profile {}").format(self.where_text(), self.profile)
        yield f"{asked} → {end(self, listed(told), word)}"
        yield from rows(self.groups or (), lambda group: _group_text(group, word))
        yield from rows(self.users or (), lambda user: _user_text(user, word))


def _varbind_text(row: Varbind, word: Word) -> str:
    """Return an object with its value; octets appear as text where they are text."""
    if row.type == "octets":
        try:
            return f"{row.oid} octets {octets(bytes.fromhex(row.value), word)}"
        except ValueError:
            pass
    return f"{row.oid} {row.type} {short(row.value)}"


def _attempt_text(attempt: SnmpAttempt, word: Word) -> str:
    text = word("rejected" if attempt.rejected else "accepted")
    result = text if attempt.failure is None else failure_text(attempt.failure, word)
    return word("profile {}, version {}").format(attempt.profile, attempt.version) + f": {result}"


def _user_text(user: SnmpUser, word: Word) -> str:
    return f"{word('user')} {user.name}: auth {user.auth}, priv {user.priv}{also(word('status'), user.status)}"


def _group_text(group: SnmpGroup, word: Word) -> str:
    rights = also(word("reads"), listed(group.reads)) + also(word("writes"), listed(group.writes))
    row = also(word("storage"), group.storage) + also(word("status"), group.status)
    text = word("group of model {}, level {}, {} members").format(group.model, group.level, group.members)
    return f"{text}{rights}{row}"
