"""Defines the observation of CBĐTW's monthly data of a province, beside the measurements made here of the same."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from datetime import date

from probes.framework.evidence import observation
from probes.observations.places import NotMeasured
from probes.observations.text import Word, decimal, end, rows, short, yes


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteMonth:
    """Holds the figures of one connection in one month; each is None where it is not known.

    ``availability`` is the share of the time that it was up, ``load`` the mean load of its busier direction as a share
    of its bandwidth, ``up`` tells whether it was up at the month's end.
    """

    availability: float | None = None
    load: float | None = None
    up: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSite:
    """Holds one row. ``ours`` is from the samples of this vantage; empty for a site that it does not know."""

    site: str
    theirs: SiteMonth
    ours: SiteMonth


@observation("monthly-feed", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyFeed(NotMeasured):
    """Records a table of one month, brought in by an operator.

    ``month`` is its first day, ``received`` when it came; ``file`` says where it was read.
    """

    month: date
    received: date
    file: str
    sites: tuple[FeedSite, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        ended = end(self, word("{} sites").format(len(self.sites)), word)
        text = word("monthly feed of {}, received {} in {} → {}")
        yield text.format(f"{self.month:%Y-%m}", self.received, short(self.file), ended)
        yield from rows(self.sites, lambda site: _site_text(site, word))

    def shown_to(self, seen: Container[str]) -> "MonthlyFeed":
        """Return the feed with only the rows of these sites."""
        return replace(self, sites=tuple(site for site in self.sites if site.site in seen))


def _site_text(site: FeedSite, word: Word) -> str:
    both = word("theirs {}; ours {}").format(_month_text(site.theirs, word), _month_text(site.ours, word))
    return f"{site.site}: {both}"


def _month_text(month: SiteMonth, word: Word) -> str:
    up = word("unknown") if month.availability is None else decimal(f"{month.availability:.2%}", word)
    load = word("unknown") if month.load is None else decimal(f"{month.load:.1%}", word)
    return word("available {}, load {}, up at the end {}").format(up, load, yes(month.up, word))
