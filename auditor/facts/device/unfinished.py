"""Find what a device was asked over SNMP and did not answer to its end: what is missing of that may be there.

On a line that loses packets some of the fifty questions to a device are lost at all three tries. What the lost table
would have excused is then held against nobody.
"""

from collections.abc import Collection, Iterable

from probes.framework.evidence import Observation
from probes.observations.snmp import SnmpGet, SnmpWalk
from probes.wire.snmp import oids
from probes.wire.snmp.oids import dotted
from probes.wire.snmp.tree import Oid

NAMES = (oids.IF_DESCR, oids.IF_NAME)
OF_ITS_OWN = (oids.SYS_OBJECT_ID, *NAMES)
"""By these its own addresses are told from those between the parts of the machine."""
OF_ITS_OWN_ALONE = (*OF_ITS_OWN, oids.IF_TYPE, oids.VRRP_STATUS, oids.HSRP_STATE)
"""And from those that others may have too by design."""


def unfinished(steps: Iterable[Observation]) -> frozenset[str]:
    """Return the roots of tables that broke off in any context, and the objects whose questions were all lost."""
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
            (lost if step.failure is not None else answered).update(step.oids)
    return frozenset(root for root, _ in begun - whole) | (lost - answered)


def any_of(objects: Iterable[Oid], lost: Collection[str]) -> bool:
    """Say whether any of the tables or objects is among what was not answered to its end."""
    return any(dotted(one) in lost for one in objects)
