"""Describes the seal of a run for its pages: its maker and time, the signature, and whether it is valid."""

from collections.abc import Sequence
from dataclasses import dataclass

from auditor.framework.operator_problems import OperatorError
from auditor.service.pipeline.seals import stamping
from auditor.service.pipeline.seals.stamping import Stamp
from auditor.service.runs import sealing, signing
from auditor.service.runs.audit_log import sealed_roots
from auditor.service.runs.sealing import Verification
from auditor.service.runs.signing import SignatureState
from auditor.service.store.records import JudgementId, JudgementRecord, StoreError
from auditor.service.web.site import Site, run_lookup
from probes.framework.evidence import RunId
from reports.document import SealInfo

FACTS = frozenset(
    {
        "id",
        "name",
        "started",
        "finished",
        "version",
        "profile",
        "vantage",
        "networks",
        "options",
        "state",
        "inventory",
        "reference",
        "policy",
        "measured",
        "forgotten",
    }
)
"""The fields of a seal about the run itself; a seal that somebody made by hand may hold any others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealStatus:
    """Describes the seal of a run beside the judgement that is shown.

    ``info`` None: it cannot be read, or it is gone although the audit log records it. ``signed`` None: the pinned keys
    cannot be read. ``stamp`` None: there is none, or no roots to check it by. ``other_roots``: other seals of the run
    that the audit log records.
    """

    info: SealInfo | None = None
    signed: SignatureState | None = None
    is_pinned: bool = False
    is_whole: bool = True
    stamp: Stamp | None = None
    other_roots: tuple[str, ...] = ()

    @property
    def is_good(self) -> bool:
        """True if the seal is good, as far as can be told without reading the run."""
        signed = self.signed is not None and self.signed.is_accepted
        stamped = self.stamp is None or self.stamp.time is not None
        return self.info is not None and self.is_whole and signed and stamped and not self.other_roots


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgementLine:
    """Describes one judgement of a run in a list; ``covered`` is None if the run is not sealed."""

    record: JudgementRecord
    covered: bool | None


async def seal_status(site: Site, judgement: JudgementRecord) -> SealStatus | None:
    """Return the status of a run's seal; None for a run that was never sealed."""
    return await run_lookup(seal_of, site, judgement)


def seal_of(site: Site, judgement: JudgementRecord) -> SealStatus | None:
    """Return the status of a run's seal, like ``seal_status``; may take some time."""
    what = ("seal", judgement.run, judgement.id)
    return site.digests.remembered(what, lambda: _sealed(site, judgement))


def _sealed(site: Site, judgement: JudgementRecord) -> SealStatus | None:
    told = sealed_roots(site.store).get(judgement.run, ())
    try:
        seal, info = sealing.stored_seal(judgement.run, site.store), sealing.seal_info(judgement, site.store)
    except StoreError:
        return SealStatus()
    if seal is None or info is None:
        return SealStatus(other_roots=tuple(told)) if told else None
    section = site.config.seal
    try:
        signed = signing.check(seal, section.public_key)
        stamp = None if section.timestamp_ca is None else stamping.check(seal, section.timestamp_ca)
    except OperatorError:
        signed, stamp = None, None
    return SealStatus(
        info=info,
        signed=signed,
        is_pinned=bool(section.public_key),
        is_whole=info.root == sealing.root(seal),
        stamp=stamp,
        other_roots=tuple(root for root in told if root != info.root),
    )


def judgements(site: Site, run: RunId) -> Sequence[JudgementLine]:
    """Return the judgements of a run, the latest first."""
    try:
        seal = sealing.stored_seal(run, site.store)
    except StoreError:
        seal = None
    return [
        JudgementLine(record=judgement, covered=None if seal is None else sealing.covers(seal, judgement.id))
        for judgement in reversed(site.store.judgements(run))
    ]


def verified(site: Site, run: RunId) -> Verification | None:
    """Read and hash again everything that the seal covers, once until something is written; None without a seal."""
    return site.digests.remembered(("verified", run), lambda: _verified(site, run))


def _verified(site: Site, run: RunId) -> Verification | None:
    try:
        seal = sealing.stored_seal(run, site.store)
        return None if seal is None else sealing.verify(seal, site.store, site.catalogue)
    except StoreError:
        return None


def chosen(site: Site, run: RunId, judgement: str) -> JudgementRecord | None:
    """Return a judgement of the run by its id."""
    return next((record for record in site.store.judgements(run) if record.id == JudgementId(judgement)), None)
