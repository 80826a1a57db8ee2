"""Describes a doubtful run, or the repeat of one, for its pages."""

from dataclasses import dataclass

from auditor.service.store.records import RunRecord
from auditor.service.web.site import Site, run_lookup
from auditor.texts.translate import Texts
from probes.framework.evidence import RunId


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtNotice:
    """Describes a doubtful run, or a repeat; ``repeated`` is the doubtful run that this one repeats."""

    run: RunRecord
    repeated: RunRecord | None

    def areas(self, texts: Texts) -> str:
        return "" if self.run.doubt is None else ", ".join(map(texts.area, self.run.doubt.areas))


async def doubts(site: Site, run: RunId) -> DoubtNotice:
    """Read the present state of the doubt: a repeat changes nothing in the judgement that pages keep."""
    return await run_lookup(doubt_of, site, run)


def doubt_of(site: Site, run: RunId) -> DoubtNotice:
    """Read the present state of the doubt, like ``doubts``; may take some time."""
    return site.digests.remembered(("doubts", run), lambda: _read(site, run))


def _read(site: Site, run: RunId) -> DoubtNotice:
    record = site.store.run(run)
    return DoubtNotice(run=record, repeated=site.store.run(RunId(record.repeats)) if record.repeats else None)
