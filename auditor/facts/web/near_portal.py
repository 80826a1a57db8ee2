"""Detects whether something near the vantage answers plain HTTP in place of every site: a captive portal.

A portal of a guest network, or a provider's page about an unpaid bill, redirects the visitors of every site to one
foreign host, or shows the same page for all, and lets no connection to port 80 fail. Sites do so themselves if they
redirect to a related host, or show the same page over HTTPS. All evidence is read in one pass. Memory: two short texts
for each owner of addresses.
"""

from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from auditor.framework.address_owners import internet_owner
from auditor.framework.context import TransportKey
from auditor.framework.gathered import PORTAL
from inventory.model import Network, Subject
from probes.framework.evidence import Attribution, Evidence
from probes.framework.expand import is_akin_exchanger
from probes.observations.web import HttpExchange

_OWNERS, _DOMAINS, _NEARLY_ALL = 5, 3, 0.9
"""Smallest number of owners, of domains, and smallest share of all owners, that must show the same."""
_HTTP = 80
_LONGEST = 253


class NearPortal:
    """Collects the answers over plain HTTP from all evidence of a run."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        self._inside = {subject.id for subject in subjects if subject.network is not Network.INTERNET}
        self._shown: dict[int, dict[int, tuple[str, str]]] = {4: {}, 6: {}}
        """By family and owner: the mark of a site's answer, and the site's name; see ``_found``."""
        self._marks: dict[str, tuple[str, str]] = {}
        """Marks of answers without the name of a site, shared because many sites show the same."""
        self._failed: set[int] = set()
        """Families over which some plain HTTP connection failed: a captive portal lets none fail."""
        self._of_sites: set[str] = set()

    def add(self, evidence: Evidence) -> None:
        if evidence.subject in self._inside:
            return
        for step in evidence.steps:
            if isinstance(step, HttpExchange) and not step.hop:
                self._note(step)

    def _note(self, answer: HttpExchange) -> None:
        if answer.port != _HTTP:
            self._of_sites.add(_mark(answer))
        elif answer.failure is not None:
            if answer.failure.kind.attribution is not Attribution.OURS:
                self._failed.add(answer.address.version)
        elif answer.status is not None:
            shown, owner = self._shown[answer.address.version], internet_owner(answer.address)
            found = self._found(answer)
            shown[owner] = min(found, shown.get(owner, found))

    def _found(self, answer: HttpExchange) -> tuple[str, str]:
        """Return the mark of a site's answer and the site's name.

        The name is empty if the mark is also shown over HTTPS.
        """
        mark = _mark(answer)
        alone = self._marks.setdefault(mark, (mark, ""))
        return alone if not mark or mark in self._of_sites else (alone[0], _host(answer.url))

    def seen(self) -> frozenset[TransportKey]:
        """Return the families, with their transports, over which port 80 shows nothing about a site."""
        families = [family for family in self._shown if self._answers_for_all(family)]
        return frozenset((family, key) for family in families for key in (f"tcp/{_HTTP}", PORTAL))

    def _answers_for_all(self, family: int) -> bool:
        every = self._shown[family].values()
        marks = Counter(mark for mark, _ in every if mark and mark not in self._of_sites)
        if family in self._failed or not marks:
            return False
        likely = max(sorted(marks), key=marks.__getitem__)
        domains = [site.partition(".")[2] for mark, site in every if mark == likely and not _is_akin(mark, site)]
        return len(domains) >= max(_OWNERS, _NEARLY_ALL * len(every)) and len(set(domains)) >= _DOMAINS


def _mark(answer: HttpExchange) -> str:
    """Return the host that an answer redirects to, or the digest of its page; empty if it has neither."""
    return _host(answer.location or answer.leads_to or "") or (answer.body_sha256 if answer.body_size else "")


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").rstrip(".")[:_LONGEST]
    except ValueError:
        return ""


def _is_akin(mark: str, site: str) -> bool:
    return is_akin_exchanger(site, mark) or is_akin_exchanger(mark, site)
