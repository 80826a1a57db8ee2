"""Builds the grid of vantages of a run, from the evidence that the run recorded of its mesh."""

from auditor.figures.mesh import Grid, MeshLimits, grid
from auditor.framework.context import Health
from auditor.framework.policy import Policy
from auditor.service.derived.meshing import MESH
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.store.api import Store
from probes.framework.evidence import EvidenceSet
from probes.observations.mesh import PROBE


def mesh_grid(judged: LoadedJudgement, store: Store) -> Grid:
    """Build the grid of a judged run, under the thresholds of its policy; empty if no mesh was configured.

    In a round, an address family counts as sick if it was so at any of its vantages.
    """
    health = [conditions.vantage for conditions in judged.conditions.vantages]
    of_family = {6: [vantage.ipv6 for vantage in health], 4: [vantage.ipv4 for vantage in health]}
    sick = frozenset(family for family, states in of_family.items() if set(states) != {Health.OK})
    found = EvidenceSet(envelope for envelope in store.evidence(judged.run.id, MESH) if envelope.probe == PROBE)
    return grid(found, limits_of(judged.policy), sick=sick)


def limits_of(policy: Policy) -> MeshLimits:
    """Return the thresholds of the checks that judge a site's reachability and loss; defaults for an old policy."""
    try:
        return MeshLimits(
            good=policy.threshold("tslcd.site.reach", "min_share"),
            down=policy.threshold("tslcd.site.reach", "down_share"),
            loss=policy.threshold("tslcd.site.loss", "fail_share"),
        )
    except KeyError:
        return MeshLimits()
