"""Follows the delegations from the root to a zone over IPv6 only, and over IPv4 only."""

from probes.framework.recorder import Recorder
from probes.framework.registry import name_probe
from probes.framework.tasks import NameTask
from probes.net.api import Net
from probes.observations.dnspath import FamilyCut

FAMILIES = (6, 4)


@name_probe(version=3, title="Resolving over one family alone", records=(FamilyCut,), retry="flaw", deadline=120.0)
async def single_family(task: NameTask, net: Net, rec: Recorder) -> None:
    """Follow the delegations over each family; a zone that needs both fails for clients that have only one."""
    if "zone" in task.roles:
        for family in FAMILIES:
            await net.names.one_family(rec, task.name, family)
