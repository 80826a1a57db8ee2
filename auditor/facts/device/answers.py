"""Reads a device's SNMP answers from all its addresses, or gives the reason why there are none.

Silence is never reported as a defect: a wrong community, an access list and a stopped agent look the same.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from auditor.facts import not_judged
from auditor.facts.attribution import excuse
from auditor.facts.cached import remembered
from auditor.facts.device.addresses import may_stand_inside, of_its_own
from auditor.facts.device.unfinished import any_of, lost_rows, unfinished
from auditor.facts.device.vendors import maker, vendor_of
from auditor.framework.check import Message, inconclusive, standard
from auditor.framework.context import Context
from auditor.framework.findings import NO_CREDENTIALS, VENDOR, Arg, Reason, Verdict
from inventory.model import Subject, written
from probes.framework.evidence import Attribution, Evidence, EvidenceId, EvidenceSet
from probes.observations.snmp import SnmpGet, SnmpSession, SnmpWalk
from probes.wire.snmp import oids
from probes.wire.snmp.addresses import InterfaceAddress, addresses
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Oid, Tree

SNMP = (SnmpSession, SnmpGet, SnmpWalk)
"""Observations that a check of devices needs."""

CODES: Mapping[str, Message] = standard(
    **not_judged.NOT_MANAGED,
    NO_CREDENTIALS=inconclusive(
        "There is no SNMP profile for {name}, so it was not asked.",
        fix="Name a profile in the column snmp_profile, or give one with --snmp-profile.",
        reason=Reason.CRED,
    ),
    REJECTED=inconclusive(
        "{name} does not accept the credentials of {profiles:list}.",
        fix="Correct the user and keys of the profile, or create the user on the device.",
        reason=Reason.CRED,
    ),
    SILENT=inconclusive(
        "{name} answers no question with the credentials of {profiles:list}.",
        fix="Check the credentials, the access list for this vantage, and that the agent runs.",
        reason=Reason.CRED,
    ),
    NOT_READ=inconclusive("What {name} says over SNMP was not read to its end from here."),
)
NOT_SHOWN: Mapping[str, Message] = standard(
    NOT_SHOWN=inconclusive(
        "{name} ({maker}) has no SNMP object that shows this, also none of the older or its maker's own.",
        fix="Upgrade the device's software, or give the fact by declaration.",
        reason=Reason.OBJ,
    )
)

UNPLACED: Mapping[str, Message] = standard(
    UNPLACED=inconclusive(
        "{name} shows {addresses/an address/addresses} ({addresses:list}), but not on which interface, or"
        " nothing of that interface; {addresses/it/they} may be inside the machine, or on an interface that is down.",
        fix="Let the device's SNMP view show sysObjectID, ifDescr, ifName, ifOperStatus and the whole ipAddressTable.",
        reason=Reason.OBJ,
    )
)
"""Message for an SNMP view that hides whether an address counts."""

NOT_SEEN: Mapping[str, Message] = standard(
    NOT_SEEN=inconclusive(
        "What is missing on {name} may stand in a virtual network (VRF) that was not asked: {interfaces:list}.",
        fix="Name the device's virtual networks in its SNMP profile (contexts).",
        reason=Reason.OBJ,
    )
)


_ADDRESS_TABLES = {
    "ipAddressTable": oids.IP_ADDRESS_ENTRY,
    "cIpAddressTable": oids.CISCO_ADDRESS_ENTRY,
    "ipv6AddrTable": oids.LEGACY_ADDR_ENTRY,
    "ipv6ParaConfigAddrTable": oids.TPLINK_ADDR_ENTRY,
    "hwIpv6GlobalAddrTable": oids.HUAWEI_GLOBAL_ADDR,
}
"""The tables that list IPv6 addresses, by the ``source`` of an address."""


@dataclass(frozen=True)
class SeenDevice:
    """Holds the answers of a device.

    ``evidence``: everything that they are based on; ``read_at``: when reading them began. ``unfinished``: the requested
    tables and objects that were not answered completely.
    """

    name: str
    tree: Tree
    walks: tuple[SnmpWalk, ...]
    evidence: tuple[EvidenceId, ...]
    sessions: tuple[SnmpSession, ...]
    read_at: datetime
    unfinished: frozenset[str] = frozenset()

    def complete(self, root: Oid) -> bool:
        """True if everything below ``root`` was read, in every context: only then do missing rows not exist."""
        of_root = [walk for walk in self.walks if walk.root == dotted(root)]
        whole = {walk.context for walk in of_root if walk.stopped is None and walk.failure is None}
        wanted = {walk.context for walk in of_root} | (self._silent if root in oids.IN_CONTEXTS else set())
        return bool(whole) and whole == wanted

    def broke_off(self, *objects: Oid) -> bool:
        """True if any of the tables or objects was requested and not answered completely.

        One never requested does not count. Missing rows may exist, and may excuse the rest.
        """
        return any_of(objects, self.unfinished)

    def lost_of(self, indexes: Collection[int | None], *objects: Oid) -> bool:
        """True if values of these interfaces may be missing because reading one of the tables or objects broke off."""
        broken = [lost for lost in objects if self.broke_off(lost)]
        return bool(broken) and lost_rows(self.walks, broken, indexes)

    @cached_property
    def _silent(self) -> set[str]:
        """Contexts that failed, so that not all of their tables were requested."""
        return {walk.context for walk in self.walks if walk.context and walk.failure is not None}

    @cached_property
    def shown(self) -> tuple[InterfaceAddress, ...]:
        """The addresses in the device's tables, including those that are not its own."""
        return addresses(self.tree)

    @cached_property
    def addresses(self) -> tuple[InterfaceAddress, ...]:
        """The device's own IPv4 and IPv6 addresses: those that count."""
        return tuple(of_its_own(self.tree, self.shown))

    @cached_property
    def v6(self) -> tuple[InterfaceAddress, ...]:
        return tuple(interface for interface in self.addresses if interface.address.version == 6)

    def placed(self, among: Iterable[InterfaceAddress]) -> list[InterfaceAddress]:
        """Return those that the device shows not to be inside the machine."""
        return [interface for interface in among if not may_stand_inside(self.tree, interface)]

    def says_unplaced(self, among: Iterable[InterfaceAddress]) -> Verdict:
        texts = dict.fromkeys(written(interface.address) for interface in among)
        return self.says("UNPLACED", addresses=tuple(texts))

    def all_addresses_read(self) -> bool:
        """True if every table that lists the IPv6 addresses was read completely."""
        sources = {interface.source for interface in self.shown if interface.address.version == 6} or {
            "ipAddressTable",
            "ipv6AddrTable",
        }
        return all(self.complete(_ADDRESS_TABLES[source]) for source in sources if source in _ADDRESS_TABLES)

    def lost_addresses(self) -> bool:
        """True if a table that lists IPv6 addresses was requested and not read completely."""
        return self.broke_off(*_ADDRESS_TABLES.values())

    def interface(self, index: int | None) -> str:
        """Return the name of an interface: its ifName, ifDescr or number; ``?`` if its index is None."""
        if index is None:
            return "?"
        names = (self.tree.texts(column).get((index,)) for column in (oids.IF_NAME, oids.IF_DESCR))
        return next((name for name in names if name), str(index))

    def says(self, code: str, **args: Arg) -> Verdict:
        object_id = self.tree.oid(oids.SYS_OBJECT_ID)
        vendor = vendor_of(object_id)
        known: dict[str, Arg] = {} if vendor is None else {VENDOR: vendor}
        if code == "NOT_SHOWN":
            known["maker"] = maker(object_id) or dotted(object_id or ()) or "?"
        return Verdict(code=code, args={"name": self.name, **args, **known}, evidence=self.evidence)

    def not_read(self) -> Verdict:
        return Verdict(code="NOT_READ", args={"name": self.name}, evidence=self.evidence, reason=Reason.CUT)


def device(subject: Subject, evidence: EvidenceSet, ctx: Context) -> SeenDevice | Verdict:
    """Return the device of a subject, or the verdict about one that gave no answers."""
    name = subject.host or subject.name
    if not any(service.name == "snmp" for service in subject.services):
        return Verdict(code="NOT_MANAGED", args={"name": name})
    return answered(name, evidence) or _unopened(name, list(evidence.of(SnmpSession)), ctx)


@remembered
def answered(name: str, evidence: EvidenceSet) -> SeenDevice | None:
    """Return the answers of a device; None if it accepted no credentials."""
    opened = [(envelope, step) for envelope, step in evidence.of(SnmpSession) if step.profile is not None]
    if not opened:
        return None
    read = tuple(dict.fromkeys(envelope.id for envelope, _ in opened))
    steps = [step for envelope in evidence if envelope.id in read for step in envelope.steps]
    objects = (row for step in steps if isinstance(step, SnmpGet | SnmpWalk) for row in step.rows)
    walks = tuple(step for step in steps if isinstance(step, SnmpWalk))
    sessions = tuple(step for _, step in opened)
    began = min(envelope.started for envelope, _ in opened)
    return SeenDevice(name, Tree(objects), walks, read, sessions, began, unfinished(steps))


def _unopened(name: str, asked: list[tuple[Evidence, SnmpSession]], ctx: Context) -> Verdict:
    read = tuple(envelope.id for envelope, _ in asked)
    attempts = [attempt for _, step in asked for attempt in step.attempts]
    args: dict[str, Arg] = {"name": name, "profiles": tuple(dict.fromkeys(attempt.profile for attempt in attempts))}
    ours = [step for _, step in asked if step.failure is not None and step.failure.kind.attribution is Attribution.OURS]
    if not attempts and all(step.attempts == () and _without_profile(step) for _, step in asked):
        return Verdict(code=NO_CREDENTIALS, args={"name": name}, evidence=read)
    if any(attempt.rejected for attempt in attempts):
        return Verdict(code="REJECTED", args=args, evidence=read)
    reasons = list(_reasons(asked, ctx))
    if not ours and None in reasons:
        return Verdict(code="SILENT", args=args, evidence=read)
    reason = next((reason for reason in reasons if reason is not None), Reason.CUT)
    return Verdict(code="NOT_READ", args={"name": name}, evidence=read, reason=reason)


def _without_profile(step: SnmpSession) -> bool:
    return step.failure is not None and step.failure.detail == "no SNMP profile"


def _reasons(asked: list[tuple[Evidence, SnmpSession]], ctx: Context) -> Iterator[Reason | None]:
    for envelope, step in asked:
        if step.failure is not None:
            yield excuse(ctx, envelope, step.failure, step.address, f"udp/{step.port}")
