"""Defines observations of offline routing tables: the origins that announce an address, and those authorised to."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from inventory.model import IPAddress
from probes.framework.evidence import observation
from probes.observations.places import Unplaced
from probes.observations.text import MOST_RECORDS, Word, end, label, moment


class DatedBy(StrEnum):
    """Names the sources from which the age of a table is known, the most reliable first."""

    CONFIGURATION = "configuration"
    CONTENT = "content"
    NAME = "name"
    FILE = "file"  # when the file was written last


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Describes the file that was asked.

    That is its name without folder, SHA-256 of its bytes, when it was taken, and how many rows of the address's family
    it has.
    """

    source: str
    digest: str
    taken: datetime
    dated_by: DatedBy
    rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """Holds one origin of a prefix; ``origin`` None: an AS_SET. ``seen``: percentage of peers, None if not recorded."""

    prefix: str
    origin: int | None
    seen: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorisation:
    """Holds a validated ROA payload (RFC 6811 §2): the AS may announce the prefix, split up to ``max_length``."""

    prefix: str
    max_length: int
    asn: int


@observation("route-origin", 1)
@dataclass(frozen=True, slots=True, kw_only=True)
class RouteOrigin(Unplaced):
    """Records all announcements and authorisations with a prefix that holds the address, the most specific first.

    ``routes`` or ``roas`` None: no such table of the address's family is configured. Nothing is sent for it.
    """

    address: IPAddress
    routes: Table | None = None
    announcements: tuple[Announcement, ...] = ()
    roas: Table | None = None
    authorisations: tuple[Authorisation, ...] = ()

    def lines(self, word: Word) -> Iterator[str]:
        first = next(
            (
                word("{} from {}").format(announcement.prefix, _asn(announcement.origin))
                for announcement in self.announcements
            ),
            word("not announced"),
        )
        yield word("origin {} → {}").format(self.address, end(self, first, word))
        for title, table in (("routes", self.routes), ("roas", self.roas)):
            if table is not None:
                taken = word("{} of {}").format(table.source, moment(table.taken, word))
                yield f"{label(word, title)}{taken} ({word(table.dated_by.value)}), {table.digest}"
        for route in self.announcements[:MOST_RECORDS]:
            seen = "" if route.seen is None else word(", seen by {} %").format(route.seen)
            origin = word("{} from {}").format(route.prefix, _asn(route.origin))
            yield f"{label(word, 'announced')}{origin}{seen}"
        for roa in self.authorisations[:MOST_RECORDS]:
            limits = word("{} up to /{} from AS{}").format(roa.prefix, roa.max_length, roa.asn)
            yield f"  ROA        {limits}"


def _asn(number: int | None) -> str:
    return "an AS_SET" if number is None else f"AS{number}"
