"""Makes golden cases of checks that look back at samples: ``ipv6.web.continuity``."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

from probes.framework.evidence import Evidence, EvidenceId
from probes.observations.series import WEB_OK, SeriesWeeks, Week
from tests.golden import lab
from tests.golden.case import Case
from tests.golden.cases_web import DUAL
from tests.golden.lab import NOW, evidence, names

Shape = tuple[int, int] | tuple[int, int, int]
"""Samples that counted, those of them that were good, those set aside."""
GOOD, POOR, BAD = (28, 28), (100, 97), (28, 20)
SICK, EMPTY = (0, 0, 28), (0, 0)


def _sampled(*weeks: Shape, days: float | None = None, family: int = 6) -> Evidence:
    """Return weeks, the latest first; the oldest sample is ``days`` old, by default the start of the oldest week."""
    made = tuple(
        Week(
            start=NOW - timedelta(weeks=number + 1),
            counted=week[0],
            good=week[1],
            aside=week[2] if len(week) > 2 else 0,
        )
        for number, week in enumerate(weeks)
    )
    first = None if not made else NOW - timedelta(days=days) if days is not None else made[-1].start
    step = SeriesWeeks(metric=WEB_OK, family=family, first=first, weeks=made)
    return evidence("series", step, task=WEB_OK if family == 6 else f"{WEB_OK} over IPv{family}")


def continuity() -> Iterator[Case]:
    case = partial(Case, check="ipv6.web.continuity", subject=lab.site())

    def seen(
        code: str, about: str, *weeks: Shape, variant: str = "", days: float | None = None, trap: str = ""
    ) -> Case:
        pair = (DUAL, _sampled(*weeks, days=days))
        return case(code=code, variant=variant, about=about, trap=trap, evidence=pair, expect=((code, None),))

    yield seen("STEADY", "A good week.", GOOD)
    yield seen("STEADY", "Six bad weeks before do not make a good one bad.", GOOD, *[BAD] * 6, variant="recovered")
    yield seen(
        "STEADY",
        "The last week was the auditor's own trouble: the one before counts.",
        SICK,
        GOOD,
        variant="sick",
        trap="T1",
    )
    yield seen("BELOW", "97 of 100.", POOR)
    yield seen("STEADY", "99 of 100: as much as is asked.", (100, 99), variant="at-the-bar")
    yield seen("BELOW", "95 of 100: below the bar, and no bad week.", (100, 95), variant="at-the-lower-bar")
    yield seen("FAILING_WEEKS", "The first bad week.", BAD, GOOD)
    yield seen("FAILING_WEEKS", "Five.", *[BAD] * 5, GOOD, variant="five")
    yield seen(
        "FAILING_WEEKS", "A week that nobody sampled ends what is known.", *[BAD] * 3, EMPTY, *[BAD] * 9, variant="hole"
    )
    yield seen("FAILING_WEEKS", "Better than 95 % in between.", BAD, BAD, POOR, *[BAD] * 6, variant="between")
    yield seen("SERVICE_OUT", "Six.", *[BAD] * 6)
    skipped: list[Shape] = [*[BAD] * 3, SICK, *[BAD] * 3]
    yield seen("SERVICE_OUT", "Six, and one of our own trouble, skipped.", *skipped, variant="skipped", trap="T1")
    yield seen("TOO_FEW", "Three a day.", (21, 21), GOOD)
    yield seen("TOO_FEW", "Nobody sampled this week.", EMPTY, GOOD, variant="hole")
    yield seen("TOO_FEW", "All was our own trouble.", SICK, SICK, variant="sick", trap="T1")
    yield seen("TOO_YOUNG", "Six days.", BAD, days=6)
    yield seen("TOO_YOUNG", "Never sampled.", variant="never")
    yield case(
        code="TOO_YOUNG",
        variant="no-series",
        about="A run from before there were series.",
        evidence=(DUAL,),
        expect=(("TOO_YOUNG", None),),
    )
    yield seen(
        "FAILING_WEEKS", "A bad week just sampled enough, a few of it set aside.", (28, 20, 4), GOOD, variant="enough"
    )
    yield seen(
        "STEADY", "Of the last week one sample is known, and it was set aside.", (0, 0, 1), GOOD, variant="one-aside"
    )
    before = replace(_sampled(*[BAD] * 2), id=EvidenceId("series before"), started=NOW - timedelta(days=1))
    yield case(
        code="STEADY",
        variant="latest-look",
        about="Of two looks at the samples the later one counts.",
        evidence=(DUAL, before, _sampled(GOOD)),
        expect=(("STEADY", None),),
    )
    over4 = replace(_sampled(BAD, family=4), started=NOW + timedelta(hours=1))
    yield case(
        code="STEADY",
        variant="other-family",
        about="Bad over IPv4, good over IPv6: this check is about IPv6.",
        evidence=(DUAL, over4, _sampled(GOOD)),
        expect=(("STEADY", None),),
    )
    yield case(
        code="NO_AAAA",
        about="No IPv6: aaaa's finding, however long.",
        evidence=(names(), _sampled(*[BAD] * 6)),
        expect=(("NO_AAAA", None),),
    )


def cases() -> Iterator[Case]:
    yield from continuity()
