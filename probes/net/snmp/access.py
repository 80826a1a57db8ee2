"""Sums up which users may read and write on a device, from its own tables (RFC 3414, 3415, 3584).

Their indexes hold names of groups, of security and of views, and on many devices those are the communities themselves.
None of them leave this module: models, levels, subtrees and algorithms are kept, and the names of version 3's users.
"""

from collections.abc import Iterator

from probes.net.snmp.device import AgentDevice
from probes.observations.snmp import SnmpAccess, SnmpGroup, SnmpUser, Varbind
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Oid, Tree, text_of

_GROUP_NAME: Oid = (1, 3, 6, 1, 6, 3, 16, 1, 2, 1, 3)  # vacmGroupName, by model and security name
_READ_VIEW: Oid = (1, 3, 6, 1, 6, 3, 16, 1, 4, 1, 5)  # by group, context prefix, model and level
_WRITE_VIEW: Oid = (1, 3, 6, 1, 6, 3, 16, 1, 4, 1, 6)
_STORAGE: Oid = (1, 3, 6, 1, 6, 3, 16, 1, 4, 1, 8)
_STATUS: Oid = (1, 3, 6, 1, 6, 3, 16, 1, 4, 1, 9)
_FAMILY_TYPE: Oid = (1, 3, 6, 1, 6, 3, 16, 1, 5, 2, 1, 4)  # by view and subtree
_AUTH: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 5)  # usmUserAuthProtocol, by engine and user
_PRIV: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 8)
_USER_STATUS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 2, 2, 1, 13)
_COMMUNITY_STATUS: Oid = (1, 3, 6, 1, 6, 3, 18, 1, 1, 1, 8)
_COLUMNS = (
    _GROUP_NAME,
    _READ_VIEW,
    _WRITE_VIEW,
    _STORAGE,
    _STATUS,
    _FAMILY_TYPE,
    _AUTH,
    _PRIV,
    _USER_STATUS,
    _COMMUNITY_STATUS,
)
_ROWS = 500
_ACTIVE, _INCLUDED = 1, 1
_KEPT = 64
"""Groups and users kept; for a device with more, the first ones."""


async def access(device: AgentDevice, blank: SnmpAccess) -> SnmpAccess:
    """Read the tables and return their summary. ``failure`` is that of the first that was not read to its end."""
    rows: list[Varbind] = []
    failure = None
    for column in _COLUMNS:
        walked = await device.walk(dotted(column), _ROWS)
        rows += walked.rows
        failure = failure or walked.failure
    tree = Tree(rows)
    communities = tree.integers(_COMMUNITY_STATUS)
    return SnmpAccess(
        address=blank.address,
        port=blank.port,
        profile=blank.profile,
        groups=tuple(_groups(tree))[:_KEPT] if tree.has_below(_WRITE_VIEW) else None,
        users=tuple(_users(tree))[:_KEPT] if tree.has_below(_AUTH) else None,
        communities=sum(status == _ACTIVE for status in communities.values()) if communities else None,
        failure=failure,
    )


def _groups(tree: Tree) -> Iterator[SnmpGroup]:
    members = [(index[0], name) for index, name in tree.octets(_GROUP_NAME).items() if index]
    reads, storage, status = tree.octets(_READ_VIEW), tree.integers(_STORAGE), tree.integers(_STATUS)
    for index, view in tree.octets(_WRITE_VIEW).items():
        pair = _sized(index)
        if pair is None or len(pair[1]) < 3:
            continue
        group, (model, level) = _octets(pair[0]), pair[1][-2:]
        belonging = [of for of, name in members if name == group and model in (0, of)]
        for of in sorted(set(belonging)) or [model]:
            yield SnmpGroup(
                model=of,
                level=level,
                members=belonging.count(of),
                reads=_subtrees(tree, reads.get(index, b"")),
                writes=_subtrees(tree, view),
                storage=storage.get(index),
                status=status.get(index),
            )


def _subtrees(tree: Tree, view: bytes) -> tuple[str, ...]:
    """Return the subtrees that a view includes, sorted, at most ``_KEPT``."""
    found = []
    for index, kind in tree.integers(_FAMILY_TYPE).items():
        named = _sized(index)
        if named is not None and _octets(named[0]) == view and view and kind == _INCLUDED:
            subtree = _sized(named[1])
            found.append(dotted(subtree[0] if subtree is not None else named[1]))
    return tuple(sorted(found))[:_KEPT]


def _users(tree: Tree) -> Iterator[SnmpUser]:
    privacy, status = tree.oids(_PRIV), tree.integers(_USER_STATUS)
    for index, auth in tree.oids(_AUTH).items():
        engine = _sized(index)
        name = None if engine is None else _sized(engine[1])
        if name is not None:
            yield SnmpUser(
                name=text_of(_octets(name[0])),
                auth=dotted(auth),
                priv=dotted(privacy.get(index, ())),
                status=status.get(index),
            )


def _sized(index: Oid) -> tuple[Oid, Oid] | None:
    """Return the part of an index after its length (octets or sub-identifiers), and the rest; None if too short."""
    if not index or len(index) < 1 + index[0]:
        return None
    return index[1 : 1 + index[0]], index[1 + index[0] :]


def _octets(part: Oid) -> bytes:
    return bytes(number & 0xFF for number in part)
