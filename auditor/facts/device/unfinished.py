"""Finds the SNMP requests that a device did not answer completely: rows that are missing there may exist.

On a line that loses packets some of the fifty questions to a device are lost at all three attempts. A defect that the
lost table might have excused is not reported.
"""

import math
from collections.abc import Collection, Iterable

from probes.framework.evidence import Observation
from probes.observations.snmp import SnmpGet, SnmpWalk
from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Oid, oid_of

NAMES = (oids.IF_DESCR, oids.IF_NAME)
OF_ITS_OWN = (oids.SYS_OBJECT_ID, *NAMES)
"""Objects that distinguish the device's own addresses from those between the parts of the machine."""
OF_ITS_OWN_ALONE = (*OF_ITS_OWN, oids.IF_TYPE, oids.VRRP_STATUS, oids.HSRP_STATE)
"""Those objects, and the ones that identify addresses that devices share by design."""


def unfinished(steps: Iterable[Observation]) -> frozenset[str]:
    """Return the roots of tables that broke off in any context, and objects that were never answered.

    An object is also listed if its questions were answered without it.
    """
    begun: set[tuple[str, str]] = set()
    whole: set[tuple[str, str]] = set()
    lost: set[str] = set()
    answered: set[str] = set()
    for step in steps:
        if isinstance(step, SnmpWalk):
            begun.add((step.root, step.context))
            if step.stopped is None and step.failure is None:
                whole.add((step.root, step.context))
        elif isinstance(step, SnmpGet):
            answered.update(step.oids if step.failure is None else (row.oid for row in step.rows))
            lost.update(step.oids)
    return frozenset(root for root, _ in begun - whole) | (lost - answered)


_BY_INTERFACE = frozenset(
    map(
        dotted,
        (*NAMES, oids.IF_ALIAS, oids.IF_TYPE, oids.IF_OPER, oids.IF_HIGH_SPEED, oids.VRRP_STATUS, oids.HSRP_STATE),
    )
)
"""Columns with rows that begin with the number of an interface."""


def lost_rows(walks: Iterable[SnmpWalk], objects: Iterable[Oid], indexes: Collection[int | None]) -> bool:
    """True if rows of these interfaces may be missing from tables that broke off.

    A walk comes in order, so all rows before its last were read.
    """
    wanted = {dotted(column) for column in objects}
    if wanted - _BY_INTERFACE or None in indexes:
        return True
    reached: dict[tuple[str, str], float] = dict.fromkeys(((root, "") for root in wanted), -1.0)
    for walk in walks:
        if walk.root in wanted:
            place = walk.root, walk.context
            reached[place] = max(reached.get(place, -1.0), _reached(walk))
    most = max((index for index in indexes if index is not None), default=0)
    return any(last < most for last in reached.values())


def _reached(walk: SnmpWalk) -> float:
    """Return the number of the last interface with all its rows in a walk; infinite for a complete walk."""
    if walk.stopped is None and walk.failure is None:
        return math.inf
    last = oid_of(walk.rows[-1].oid) if walk.rows else None
    index = () if last is None else last[len(walk.root.split(".")) :]
    return -1.0 if not index else float(index[0] if len(index) == 1 else index[0] - 1)


def any_of(objects: Iterable[Oid], lost: Collection[str]) -> bool:
    """True if any of the tables or objects is among those not answered completely."""
    return any(dotted(one) in lost for one in objects)
