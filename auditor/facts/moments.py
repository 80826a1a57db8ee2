"""Gives the time at which evidence was taken: anything that expires is judged at the time of its own answer."""

from collections.abc import Collection
from datetime import date

from auditor.framework.context import Context
from auditor.framework.localdate import civil_day
from probes.framework.evidence import EvidenceId, EvidenceSet


def day_of(evidence: EvidenceSet, ids: Collection[EvidenceId], ctx: Context) -> date:
    """Return the day on which the last of these pieces of evidence was taken; without any, the day of the run."""
    return civil_day(max((envelope.started for envelope in evidence if envelope.id in ids), default=ctx.now))
