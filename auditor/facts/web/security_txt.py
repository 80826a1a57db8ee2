"""Reads the answers to requests for a site's ``security.txt``, at each of its addresses."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from urllib.parse import urlsplit

from auditor.facts.attribution import excuse
from auditor.facts.web.filters import STATUSES, UNAVAILABLE, by_page
from auditor.facts.web.visits import host_of
from auditor.framework.context import Context
from auditor.framework.findings import Reason
from inventory.model import IPAddress
from probes.framework.evidence import CLOSED_MUTE, Evidence, EvidenceId, EvidenceSet, FailureKind
from probes.observations.pages import SecurityTxt
from probes.wire.web.security_txt import SecurityFile, read

_CHALLENGES = STATUSES | {401, UNAVAILABLE}


class SearchResult(IntEnum):
    """Tells how a search for the file ended, best first; of several addresses the best counts."""

    FOUND = 0
    ABSENT = 1
    LIMITED = 2
    ERROR = 3  # a server error, or a redirect to an invalid target
    UNKNOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """Holds one search for the file.

    ``file`` is set if ``place`` is FOUND. ``page_instead``: the answer is the page that the site shows for any URL.
    ``urls``: those of the redirect chain; ``status``: the last status; ``at``: the time of the last answer.
    """

    place: SearchResult
    at: datetime
    evidence: tuple[EvidenceId, ...]
    urls: tuple[str, ...] = ()
    legacy: bool = False
    plain_text: bool = False
    page_instead: bool = False
    truncated: bool = False
    status: int | None = None
    file: SecurityFile | None = None
    reason: Reason | None = None


def named(url: str) -> tuple[str, int, str]:
    """Return the host, port and path of a URL in one form, however they are written (RFC 3986 §6.2)."""
    try:
        parts = urlsplit(url)
        return host_of(url), parts.port or 443, f"{parts.path}?{parts.query}"
    except ValueError:
        return "", 0, url


def searches(evidence: EvidenceSet, ctx: Context, address: IPAddress, port: int) -> Iterator[Search]:
    """Yield one search for each time the file was requested first from this address."""
    for envelope in evidence:
        steps = [step for step in envelope.steps if isinstance(step, SecurityTxt)]
        if any(step.hop == 0 and (step.address, step.port) == (address, port) for step in steps):
            yield _found(*(_chain(envelope, ctx, steps, legacy=legacy) for legacy in (False, True)))


def _found(here: Search, legacy: Search) -> Search:
    """Return the better of two searches.

    If the file is absent and the legacy path may still have it, return the legacy search.
    """
    if here.place is SearchResult.ABSENT and legacy.place in (SearchResult.LIMITED, SearchResult.UNKNOWN):
        return legacy
    return min(here, legacy, key=lambda search: search.place)


def _chain(envelope: Evidence, ctx: Context, all_steps: list[SecurityTxt], *, legacy: bool) -> Search:
    steps = [step for step in all_steps if step.legacy is legacy]
    if not steps:
        return Search(place=SearchResult.UNKNOWN, at=envelope.started, evidence=(envelope.id,), reason=Reason.CUT)
    last = max(step.hop for step in steps)
    final = min((step for step in steps if step.hop == last), key=lambda step: step.status is None)
    search = Search(
        place=SearchResult.ERROR,
        at=envelope.time_of(final),
        evidence=(envelope.id,),
        legacy=legacy,
        status=final.status,
        urls=tuple(step.url for step in steps),
    )
    return _judged(envelope, ctx, final, search)


def _judged(envelope: Evidence, ctx: Context, final: SecurityTxt, search: Search) -> Search:
    def ends(place: SearchResult, reason: Reason | None = None) -> Search:
        return Search(
            place=place,
            at=search.at,
            reason=reason,
            evidence=search.evidence,
            urls=search.urls,
            legacy=search.legacy,
            status=search.status,
        )

    if final.failure is not None:
        reason = excuse(ctx, envelope, final.failure, final.address, f"tcp/{final.port}", large=True)
        if reason is None and final.failure.kind is FailureKind.PROTOCOL and final.failure.detail != CLOSED_MUTE:
            return ends(SearchResult.ERROR)  # a malformed answer
        return ends(SearchResult.UNKNOWN, reason or Reason.RATE)
    if final.status is None:
        return ends(SearchResult.UNKNOWN, Reason.CUT)
    if final.status in _CHALLENGES or by_page(final.body) is not None:
        return ends(SearchResult.LIMITED)
    if final.status in (404, 410):
        return ends(SearchResult.ABSENT)
    if final.status != 200:
        return ends(SearchResult.ERROR)
    return Search(
        place=SearchResult.FOUND,
        at=search.at,
        evidence=search.evidence,
        urls=search.urls,
        legacy=search.legacy,
        plain_text=_is_plain(final.content_type),
        page_instead=_is_page(final),
        truncated=final.truncated,
        status=200,
        file=read(final.body),
    )


def _is_page(final: SecurityTxt) -> bool:
    """True if the answer is an HTML page without the contact field that such a file must have."""
    return final.content_type.strip().lower().startswith("text/html") and b"contact:" not in final.body.lower()


def _is_plain(content_type: str) -> bool:
    """True if the type is text/plain, with UTF-8 if a character set is named (RFC 9116 §3)."""
    kind, *parameters = (word.strip().lower() for word in content_type.split(";"))
    charsets = [word.partition("=")[2].strip(' "') for word in parameters if word.startswith("charset")]
    return kind == "text/plain" and all(charset in ("utf-8", "us-ascii") for charset in charsets)
