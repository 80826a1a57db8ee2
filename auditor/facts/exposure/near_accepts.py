"""Finds out whether a device near the vantage accepts connections in the name of other hosts.

A TCP accelerator or SYN proxy accepts every port of every address; a transparent proxy accepts port 80 and names itself
in the answers that it passes on (Via, RFC 9110 §7.6.3), where a front end of the sites would do so over HTTPS as well.
Gathered in one pass over all evidence. Memory: one short text for each owner of addresses.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

from auditor.framework.address_owners import internet_owner
from auditor.framework.context import TransportKey
from auditor.framework.gathered import EVERY_PORT
from inventory.model import Network, Subject
from probes.framework.evidence import Attribution, Evidence
from probes.observations.exposure import UNUSED, PortSweep
from probes.observations.web import HttpExchange

_ACCEPTING, _PROXIED, _NEARLY_ALL = 3, 5, 0.9
_LONGEST = 100
_HTTP = 80


class NearAccepts:
    """Gathers, from all evidence of a run, the ports that a device near the vantage accepts for other hosts."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        self._outside = {subject.id for subject in subjects if subject.network is Network.INTERNET}
        self._accepting: dict[int, set[int]] = {4: set(), 6: set()}
        self._closed: set[int] = set()
        """Families over which a port that nothing uses was closed to us, as it is where no device stands in between."""
        self._proxies: dict[int, dict[int, str]] = {4: {}, 6: {}}
        """The proxy that passed on the last answer over plain HTTP, by its name; empty where none names itself."""
        self._of_sites: set[str] = set()

    def add(self, evidence: Evidence) -> None:
        if evidence.subject not in self._outside:
            return
        for step in evidence.steps:
            if isinstance(step, PortSweep):
                self._note_sweep(step)
            elif isinstance(step, HttpExchange) and step.status is not None:
                self._note_answer(step)

    def _note_sweep(self, sweep: PortSweep) -> None:
        family = sweep.address.version
        unused = [reply.failure for reply in sweep.replies if reply.port in UNUSED]
        if any(failure is not None and failure.attribution is not Attribution.OURS for failure in unused):
            self._closed.add(family)
        elif None in unused and len(self._accepting[family]) < _ACCEPTING:
            self._accepting[family].add(internet_owner(sweep.address))

    def _note_answer(self, answer: HttpExchange) -> None:
        if answer.port == _HTTP:
            self._proxies[answer.address.version][internet_owner(answer.address)] = _nearest(answer)
        else:
            self._of_sites.add(_nearest(answer))

    def seen(self) -> frozenset[TransportKey]:
        """Return the address families and ports at which an accepted connection shows nothing about its target."""
        every = {(f, EVERY_PORT) for f, owners in self._accepting.items() if len(owners) >= _ACCEPTING}
        return frozenset({key for key in every if key[0] not in self._closed} | set(self._proxied()))

    def _proxied(self) -> Iterator[TransportKey]:
        for family, by_owner in self._proxies.items():
            names = Counter(by_owner.values())
            count = max((times for name, times in names.items() if name and name not in self._of_sites), default=0)
            if count >= _PROXIED and count >= _NEARLY_ALL * len(by_owner):
                yield family, f"tcp/{_HTTP}"


def _nearest(answer: HttpExchange) -> str:
    """Return the name of the last proxy that passed an answer on, as it gives itself in Via; empty where none does."""
    said = ",".join(value for name, value in answer.headers if name.lower() == "via")
    words = said.rpartition(",")[2].split()
    return words[1][:_LONGEST] if len(words) > 1 else ""
