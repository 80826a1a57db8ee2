"""Finds content injected into a landing page: hidden links, copies for search engines, defacement.

A look consists of the plain copy of a page and its copies for a search engine and for a visitor coming from one, at one
address. "The trade" is the usual subject of injected links: gambling, loans, pornography and medicines.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache

from auditor.facts.web.filters import filter_of, leads_on
from auditor.facts.web.injected_words import word_lists
from auditor.facts.web.visits import host_of
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet
from probes.observations.pages import Copy, LandingPage, PageLink
from probes.observations.web import HttpExchange
from probes.wire.web.page import absolute
from probes.wire.web.page_content import leads

_OK = 200
_QUOTED = 5
_WORD = re.compile(r"\w+")
_UNSEEN = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
"""Zero-width characters, which split words for a program but not for a reader."""
_OLD, _NEW = "oà oá oả oã oạ oè oé oẻ oẽ oẹ uỳ uý uỷ uỹ uỵ", "òa óa ỏa õa ọa òe óe ỏe õe ọe ùy úy ủy ũy ụy"
_ACCENTS = dict(zip(_OLD.split(), _NEW.split(), strict=True))
_ACCENT = re.compile("|".join(_ACCENTS))
_KANA = re.compile("[\u3041-\u30ff]")
_MENU = ("", "display")
"""Values of ``hidden`` for links of menus, slides and news boxes."""
_LEADING = ("refresh", "script")
"""Values of ``hidden`` for links to which a page sends its visitors by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signs:
    """Holds the signs of one look, each as quotes.

    ``hidden``: hidden links to the trade. ``leading``: links to the trade to which every visitor is sent. ``cloaked``:
    content that only search engines are shown. ``defaced``: marks of defacement. Less grave are ``silent``, the hosts
    of other hidden links, and ``open``, words of the trade in visible text.
    """

    evidence: EvidenceId
    attempt: int
    hidden: tuple[str, ...] = ()
    leading: tuple[str, ...] = ()
    cloaked: tuple[str, ...] = ()
    defaced: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    open: tuple[str, ...] = ()

    @property
    def grave(self) -> bool:
        return bool(self.grave_quotes)

    @property
    def grave_quotes(self) -> tuple[str, ...]:
        return (*self.hidden, *self.leading, *self.cloaked, *self.defaced)


def named(text: str, words: tuple[str, ...]) -> Iterator[str]:
    """Yield the words that occur as whole words in the text."""
    said = _spaced(text)
    for phrase in word_lists().other_meanings:
        said = said.replace(_spaced_word(phrase), " _ ")
    begun = frozenset(said.split())
    return (word for first, word, spaced in _phrases(words) if first in begun and spaced in said)


def _spaced(text: str) -> str:
    """Return the words of a text in one form, however its letters are composed and its accents placed (toà, tòa)."""
    plain = unicodedata.normalize("NFKC", text.translate(_UNSEEN)).lower()
    return f" {' '.join(_WORD.findall(_ACCENT.sub(lambda match: _ACCENTS[match[0]], plain)))} "


_spaced_word = cache(_spaced)


@cache  # the arguments are the word lists, which are constant
def _phrases(words: tuple[str, ...]) -> tuple[tuple[str, str, str], ...]:
    """Return the first word of each phrase, the phrase, and its form in a normalised text."""
    return tuple((spaced.split()[0], word, spaced) for word in words for spaced in (_spaced(word),))


def pages(evidence: EvidenceSet) -> Iterator[tuple[Evidence, LandingPage]]:
    """Yield the plain copy of every look that reached a page of the site."""
    for envelope in evidence:
        landing_page = _end(envelope, Copy.PLAIN)
        if landing_page is None or landing_page.status != _OK or landing_page.failure is not None:
            continue
        answer = as_answer(landing_page)
        if filter_of(answer) is None or leads_on(answer) is not None:
            yield envelope, landing_page


def looks(evidence: EvidenceSet, own: frozenset[str]) -> Iterator[Signs]:
    """Yield the signs of every look; ``own`` are the agency's domains."""
    for envelope, plain in pages(evidence):
        yield _signs(envelope, plain, own)


def as_answer(page: LandingPage) -> HttpExchange:
    """Return the page as the HTTP answer that it came in."""
    return HttpExchange(
        address=page.address,
        port=page.port,
        url=page.url,
        hop=page.hop,
        status=page.status,
        headers=page.headers,
        body=page.body,
        body_size=page.body_size,
        location=page.location,
        leads_to=page.leads_to,
        failure=page.failure,
    )


def is_own(host: str, own: Iterable[str]) -> bool:
    """True if a host is the agency's or a state host; state sites may link to each other freely."""
    return (
        host == "gov.vn" or host.endswith(".gov.vn") or any(host == text or host.endswith(f".{text}") for text in own)
    )


def _chain(envelope: Evidence, copy: Copy) -> list[LandingPage]:
    return [step for step in envelope.steps if isinstance(step, LandingPage) and step.copy is copy]


def _passed(envelope: Evidence, copy: Copy) -> list[LandingPage]:
    """Return the pages of a chain that sent browsers on by themselves."""
    return [step for step in _chain(envelope, copy) if step.leads_to is not None]


def _end(envelope: Evidence, copy: Copy) -> LandingPage | None:
    """Return the last page of a chain; if it was not seen, the last page that sent browsers on to it."""
    end = max(_chain(envelope, copy), key=lambda step: step.hop, default=None)
    if end is None or (end.status == _OK and end.failure is None):
        return end
    return max(_passed(envelope, copy), key=lambda step: step.hop, default=end)


def _links(envelope: Evidence, end: LandingPage) -> list[PageLink]:
    """Return the links of the last page of a chain, and of the pages that sent browsers on to it."""
    pages = (*_passed(envelope, end.copy), end)
    return list(dict.fromkeys(link for page in pages for link in page.links))


def _signs(envelope: Evidence, plain: LandingPage, own: frozenset[str]) -> Signs:
    end = host_of(plain.url)
    site = own | {end}
    strange = [link for link in _links(envelope, plain) if not is_own(link.host, site)]
    unseen = [link for link in strange if link.hidden and link.hidden not in _LEADING]
    trade = _of_the_trade(unseen)
    leading = [link for link in strange if link.hidden in _LEADING]
    passed = (*(step.leads_to or "" for step in _passed(envelope, Copy.PLAIN)), *_refreshes(plain), plain.url)
    for host in dict.fromkeys(map(host_of, passed)):
        if host and not is_own(host, own) and host not in {link.host for link in leading}:
            leading.append(PageLink(host=host, text="", hidden="refresh"))
    silent = [link.host for link in unseen if link.hidden != "display" and link not in trade]
    shown = list(_offered(plain))
    shown += [_quoted(link) for link in strange if not link.hidden and _offers(_said(link))]
    return Signs(
        evidence=envelope.id,
        attempt=envelope.attempt,
        hidden=_few(map(_quoted, trade)),
        leading=_few(map(_quoted, _of_the_trade(leading))),
        cloaked=_few(
            quote for copy in (Copy.CRAWLER, Copy.REFERRED) for quote in _cloaked(envelope, copy, plain, site)
        ),
        defaced=_few(_defaced(plain)),
        silent=_few(silent),
        open=_few(shown),
    )


def _refreshes(page: LandingPage) -> Iterator[str]:
    """Return the URLs to which the Refresh header of a page leads, even if the page has content."""
    return (absolute(page.url, where) or "" for where in leads("", page.headers))


def _cloaked(envelope: Evidence, kind: Copy, plain: LandingPage, site: frozenset[str]) -> Iterator[str]:
    """Yield content that is shown only to a search engine, or to a visitor coming from one.

    A page of a filter does not count.
    """
    copy = _end(envelope, kind)
    if copy is None or copy.status is None or filter_of(as_answer(copy)) is not None:
        return
    own = site | {host_of(step.leads_to or "") for step in _passed(envelope, Copy.PLAIN)}
    passed = [(step, host_of(step.leads_to or "")) for step in _passed(envelope, kind)]
    in_doubt = any(_may_be_a_filters(step) and not is_own(to, own) for step, to in passed)
    for target in (host_of(copy.url), host_of(copy.location or ""), *(to for _, to in passed)):
        is_strange = target and target != host_of(plain.url) and not is_own(target, own)
        if is_strange and (not in_doubt or _is_host_of_the_trade(target)):
            yield target
    if copy.status != _OK:
        return
    told = _links(envelope, plain)
    strange = [link for link in _links(envelope, copy) if not is_own(link.host, own) and link not in told]
    title = "" if copy.title == plain.title else copy.title
    yield from (link.host for link in strange if link.hidden == "refresh" and not in_doubt)
    yield from map(_quoted, _of_the_trade(strange))
    if _is_of_the_trade(title):
        yield title[:80]
    yield from _offered(replace(copy, title=title))
    if _KANA.search(f"{plain.title}\n{plain.text}") is None:
        yield from _sold(f"{title}\n{copy.text}")


def _may_be_a_filters(page: LandingPage) -> bool:
    """True if a page that sends browsers on may be a filter's, because it has no content of the site."""
    return filter_of(replace(as_answer(page), leads_to=None)) is not None


def _defaced(page: LandingPage) -> Iterator[str]:
    for text in (page.title, *page.headings[:1]):
        if text.lower().lstrip(" .:-_=[({*~|<").startswith(word_lists().defacements):
            yield text[:80]


def _of_the_trade(links: list[PageLink]) -> list[PageLink]:
    """Return the links that lead to the trade.

    A headline about the trade leads to a newspaper. A word with another common meaning counts only if several links
    have one, and not in a closed menu.
    """
    topics = {link: _topics(link) for link in links}
    common = [
        link for link, words in topics.items() if words and words <= word_lists().common and link.hidden != "display"
    ]

    def leads(link: PageLink) -> bool:
        strong = bool(topics[link] - word_lists().common) or (link in common and len(common) > 1)
        return strong or _offers_itself(link) or any(_sold(link.text)) or _is_host_of_the_trade(link.host)

    return [link for link in links if leads(link)]


def _topics(link: PageLink) -> set[str]:
    """Return the topics of the trade that a link names; empty for a headline or a report."""
    return set() if _is_headline(link) or _reports(link.text) else set(named(_said(link), word_lists().topics))


def _offers_itself(link: PageLink) -> bool:
    if _reports(link.text):
        return False
    offers = set(_offers_in(_said(link)))
    return bool(offers - word_lists().headlined if _is_headline(link) else offers)


def _is_headline(link: PageLink) -> bool:
    """True if a link reads like a headline: long, without words of an offer, and not moved out of sight."""
    return link.hidden in _MENU and _is_long(link.text) and not any(named(link.text, word_lists().lures))


def _is_long(text: str) -> bool:
    return len(_WORD.findall(text)) > word_lists().longest_keyword_link


def _is_of_the_trade(title: str) -> bool:
    """True if a title names topics of the trade as offers do."""
    topics = set(named(title, word_lists().topics)) - word_lists().common
    lured = len(topics) > 1 or not _is_long(title) or any(named(title, word_lists().lures))
    return bool(topics) and lured and not _reports(title)


def _is_host_of_the_trade(host: str) -> bool:
    name = host.lower().replace("-", "")
    return any(part in name for part in word_lists().host_parts) or any(map(_is_named_so, name.split(".")))


def _is_named_so(label: str) -> bool:
    """True if a label of a host name is a name of the trade, with only digits and words of the trade around it."""
    return any(name in label and all(map(_is_affixes, label.split(name))) for name in word_lists().host_names)


@cache
def _is_affixes(text: str) -> bool:
    """True if a text consists only of digits and words of the trade."""
    return re.fullmatch(f"(?:[0-9]|{'|'.join(word_lists().host_affixes)})*", text) is not None


def _sold(text: str) -> Iterator[str]:
    """Yield the words of shops in a text, if there are too many to be there by chance."""
    words = [word for word in word_lists().shop_words if word in text]
    if len(words) >= word_lists().fewest_shop_words:
        yield from words


def _offered(page: LandingPage) -> Iterator[str]:
    """Yield the offers in a page's text; a line next to words of a report (police, court, warning) does not count."""
    lines = ["", page.title, "", *page.text.split("\n"), ""]
    if not any(_offers_in(f"{page.title}\n{page.text}")):
        return
    for before, line, after in zip(lines, lines[1:], lines[2:], strict=False):
        if not _reports(f"{before}\n{line}\n{after}"):
            yield from _offers_in(line)


def _offers(text: str) -> bool:
    return not _reports(text) and any(_offers_in(text))


def _offers_in(text: str) -> Iterator[str]:
    yield from named(text, word_lists().offers)
    yield from (word for word in word_lists().offers_in_scripts if word in text.lower())


def _reports(text: str) -> bool:
    return any(named(text, word_lists().reports)) or any(
        word in text.lower() for word in word_lists().reports_in_scripts
    )


def _said(link: PageLink) -> str:
    """Return the words of a link and of its host, separated so that no phrase spans both."""
    return f"{link.text} _ {link.host.replace('.', ' _ ').replace('-', ' ')}".lower()


def _quoted(link: PageLink) -> str:
    return f"{link.text[:40]} ({link.host})" if link.text else link.host


def _few(those: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(those))[:_QUOTED]
