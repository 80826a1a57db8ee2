"""Reads ahead the data that pages of the latest judgement show.

With thousands of subjects that takes seconds, and no reader should have to wait for it.
"""

import logging

from auditor.service.store.records import JudgementId
from auditor.service.web.figures.overview import judgement_before
from auditor.service.web.judged_runs.run_views import latest
from auditor.service.web.site import Site, ends_within, run_in_thread

_BETWEEN = 1.0
"""Seconds between two checks whether there is a new judgement."""
_AFTER_ERROR = 60.0
"""Seconds between two checks after an error, which usually lasts longer."""
_log = logging.getLogger("auditor.service.web")


async def keep_prepared(site: Site) -> None:
    """Prepare each judgement as soon as it is the latest, until the service ends.

    An error ends neither this nor the service: a reader meets it on opening a page.
    """
    seen: JudgementId | None = None
    while True:
        pause = _BETWEEN
        try:
            seen = await prepared(site, seen)
        except Exception:
            _log.exception("the latest run could not be looked at")
            pause = _AFTER_ERROR
        if await ends_within(site, pause):
            return


async def prepared(site: Site, seen: JudgementId | None = None) -> JudgementId | None:
    """Read the figures, problems and changes of the latest judgement, unless it is the one ``seen``; return its id.

    The problems of the judgement before come later: readers look back at it. The first time all templates are compiled.
    """
    digest = await run_in_thread(latest, site)
    if digest is None or digest.judgement.id == seen:
        return seen
    await run_in_thread(site.problems.of, digest)
    await run_in_thread(site.unauthorised.of_all, digest.judgement.id)
    await run_in_thread(site.untested.of, digest.judgement.id)
    before = await run_in_thread(judgement_before, site, digest)
    if before is not None:
        await site.comparisons.ready(before, digest)
    await run_in_thread(site.problems.of, digest, undecided=True)
    if before is not None:
        earlier = await run_in_thread(site.digests.of, before)
        for undecided in (False, True):
            await run_in_thread(site.problems.of, earlier, undecided=undecided)
    if seen is None:
        for name in site.templates.list_templates():
            await run_in_thread(site.templates.get_template, name)
    return digest.judgement.id
