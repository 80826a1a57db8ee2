"""What a landing page has in it that its owner did not put there: hidden links, copies for search engines, defacement.

One look is the plain copy of a page with those for a search engine and for who comes from one, at one address.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from auditor.facts.filters import filter_of
from auditor.facts.injected_words import COMMON, DEFACEMENTS, HOSTS, OFFERS, REPORTS, SCRIPTS, TOPICS
from auditor.facts.web import host_of
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet
from probes.observations.pages import Copy, LandingPage, PageLink
from probes.observations.web import HttpExchange

_QUOTED = 5
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """What one look shows. Each is quoted: hosts of hidden links with such words, what search engines alone are shown,
    marks of defacement; then what is only worth a word: hidden links without them, such words in the open."""

    evidence: EvidenceId
    attempt: int
    hidden: tuple[str, ...] = ()
    cloaked: tuple[str, ...] = ()
    defaced: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    open: tuple[str, ...] = ()

    @property
    def grave(self) -> bool:
        return bool(self.hidden or self.cloaked or self.defaced)


def named(text: str, words: Iterable[str]) -> Iterator[str]:
    """Which of the words stand alone in the text."""
    said = _spaced(text.lower())
    return (word for word in words if _spaced_word(word) in said)


def _spaced(text: str) -> str:
    return f" {' '.join(_WORD.findall(text))} "


_spaced_word = cache(_spaced)


def pages(evidence: EvidenceSet) -> Iterator[tuple[Evidence, LandingPage]]:
    """The plain copy of every look that came to a page of the site."""
    for envelope in evidence:
        found = _end(envelope, Copy.PLAIN)
        if found is None or found.status != 200 or found.failure is not None:
            continue
        if filter_of(as_answer(found)) is None:
            yield envelope, found


def looks(evidence: EvidenceSet, own: frozenset[str]) -> Iterator[Signs]:
    """The signs of every look. ``own`` are the agency's domains."""
    for envelope, plain in pages(evidence):
        copies = [one for copy in (Copy.CRAWLER, Copy.REFERRED) if (one := _end(envelope, copy)) is not None]
        yield _signs(envelope, plain, copies, own | {host_of(plain.url)})


def as_answer(page: LandingPage) -> HttpExchange:
    """The page as the answer that it came in."""
    return HttpExchange(
        address=page.address, port=page.port, url=page.url, hop=page.hop, status=page.status, headers=page.headers,
        body=page.body, body_size=page.body_size, location=page.location, failure=page.failure,
    )  # fmt: skip


def is_own(host: str, own: Iterable[str]) -> bool:
    """Whether a host is of the agency, or of the state, whose sites link to each other as they like."""
    return host == "gov.vn" or host.endswith(".gov.vn") or any(host == one or host.endswith(f".{one}") for one in own)


def _end(envelope: Evidence, copy: Copy) -> LandingPage | None:
    steps = [step for step in envelope.steps if isinstance(step, LandingPage) and step.copy is copy]
    return max(steps, key=lambda step: step.hop, default=None)


def _signs(envelope: Evidence, plain: LandingPage, copies: list[LandingPage], own: frozenset[str]) -> Signs:
    strange = [link for link in plain.links if not is_own(link.host, own)]
    unseen = [link for link in strange if link.hidden]
    trade = _of_the_trade(unseen)
    silent = [link.host for link in unseen if link.hidden != "display" and link not in trade]
    shown = list(_offered(plain))
    shown += [_quoted(link) for link in strange if not link.hidden and _offers(_said(link))]
    return Signs(
        evidence=envelope.id,
        attempt=envelope.attempt,
        hidden=_few(map(_quoted, trade)),
        cloaked=_few(quote for copy in copies for quote in _cloaked(copy, plain, own)),
        defaced=_few(_defaced(plain)),
        silent=_few(silent),
        open=_few(shown),
    )


def _cloaked(copy: LandingPage, plain: LandingPage, own: frozenset[str]) -> Iterator[str]:
    """What only a search engine, or who comes from one, is shown. A filter that shows itself to them is none of it."""
    if copy.status is None or filter_of(as_answer(copy)) is not None:
        return
    for target in (host_of(copy.url), host_of(copy.location or "")):
        if target and target != host_of(plain.url) and not is_own(target, own):
            yield target
    if copy.status != 200:
        return
    yield from map(_quoted, _of_the_trade([link for link in copy.links if not is_own(link.host, own)]))
    yield from _offered(copy if copy.title != plain.title else replace(copy, title=""))


def _defaced(page: LandingPage) -> Iterator[str]:
    for text in (page.title, *page.headings[:1]):
        if text.lower().lstrip(" .:-_=[({*~|<").startswith(DEFACEMENTS):
            yield text[:80]


def _of_the_trade(links: list[PageLink]) -> list[PageLink]:
    """Those of the links that lead to the trade. A headline about it leads to a newspaper, and a word that others use
    as well says nothing where it stands once."""
    topics = {link: set(named(_said(link), TOPICS)) for link in links if not _reports(link.text)}
    common = [link for link, words in topics.items() if words and words <= COMMON]

    def leads(link: PageLink) -> bool:
        strong = bool(topics.get(link, set()) - COMMON) or (link in common and len(common) > 1)
        return strong or _offers(_said(link)) or any(part in link.host.replace("-", "") for part in HOSTS)

    return [link for link in links if leads(link)]


def _offered(page: LandingPage) -> Iterator[str]:
    """What the page offers in its text; a line beside which the police, a court or a warning is named is a report."""
    lines = ["", page.title, "", *page.text.split("\n"), ""]
    if not any(_offers_in(f"{page.title}\n{page.text}")):
        return
    for before, line, after in zip(lines, lines[1:], lines[2:], strict=False):
        if not _reports(f"{before}\n{line}\n{after}"):
            yield from _offers_in(line)


def _offers(text: str) -> bool:
    return not _reports(text) and any(_offers_in(text))


def _offers_in(text: str) -> Iterator[str]:
    yield from named(text, OFFERS)
    yield from (word for word in SCRIPTS if word in text.lower())


def _reports(text: str) -> bool:
    return any(named(text, REPORTS))


def _said(link: PageLink) -> str:
    return f"{link.text} {link.host.replace('.', ' ').replace('-', ' ')}".lower()


def _quoted(link: PageLink) -> str:
    return f"{link.text[:40]} ({link.host})" if link.text else link.host


def _few(those: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(those))[:_QUOTED]
