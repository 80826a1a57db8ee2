"""Defines the observation of CBĐTW's monthly data of a province, beside what was measured of it here."""

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from datetime import date

from probes.framework.evidence import observation
from probes.observations.places import NotMeasured
from probes.observations.text import Word, end, rows, short, yes


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteMonth:
    """One connection in one month: the share of the time that it was up, the mean load of its busier direction as a
    share of its bandwidth, and whether it was up at the month's end; None where nothing tells."""

    availability: float | None = None
    load: float | None = None
    up: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedSite:
    """One row. ``ours`` is of the samples of this vantage; empty for a site that it does not know."""

    site: str
    theirs: SiteMonth
    ours: SiteMonth


@observation("monthly-feed", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyFeed(NotMeasured):
    """A table of one month, brought in by an operator. ``month`` is its first day, ``received`` when it came; ``file``
    says where it was read."""

    month: date
    received: date
    file: str
    sites: tuple[FeedSite, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        came = f"received {self.received} in {short(self.file)}"
        yield f"monthly feed of {self.month:%Y-%m}, {came} → {end(self, f'{len(self.sites)} sites', word)}"
        yield from rows(self.sites, _site_text)

    def shown_to(self, seen: Container[str]) -> "MonthlyFeed":
        """The rows of these sites."""
        return replace(self, sites=tuple(site for site in self.sites if site.site in seen))


def _site_text(site: FeedSite) -> str:
    return f"{site.site}: theirs {_month_text(site.theirs)}; ours {_month_text(site.ours)}"


def _month_text(month: SiteMonth) -> str:
    up = "unknown" if month.availability is None else f"{month.availability:.2%}"
    load = "unknown" if month.load is None else f"{month.load:.1%}"
    return f"available {up}, load {load}, up at the end {yes(month.up)}"
