"""Detects whether something near the vantage greets on port 25 in place of every mail exchanger.

A provider's transparent mail proxy accepts every connection to port 25 and answers itself: its greeting, its TLS and
its relaying show nothing about the exchangers. It is recognised by the same greeting for exchangers that are related
neither to each other nor to the name in it, if no connection to that port ever fails. All evidence is read in one pass.
Memory: two names for each owner of addresses.
"""

import re
from collections import Counter
from collections.abc import Iterable

from auditor.framework.address_owners import internet_owner
from auditor.framework.context import TransportKey
from inventory.model import Network, Subject
from probes.framework.evidence import Attribution, Evidence, FailureKind
from probes.framework.expand import is_akin_exchanger
from probes.observations.exposure import PortSweep
from probes.observations.mail import SmtpDialogue

_APART, _NEARLY_ALL = 3, 0.9
"""Smallest number of owners, and of exchangers' domains, and share of all greetings, with the same greeting."""
_PORT = 25
_NAMED = re.compile(r"220[ -]([\w.-]{1,255}\.[a-z]{2,63})(?:\s|\Z)", re.ASCII | re.IGNORECASE)
_DEFAULTS = (".localdomain", ".local", ".lan", ".internal")
"""Endings of default host names, as in greetings of servers without a configured name."""


class NearGreets:
    """Collects the greetings of mail exchangers from all evidence of a run."""

    def __init__(self, subjects: Iterable[Subject]) -> None:
        self._inside = {subject.id for subject in subjects if subject.network is not Network.INTERNET}
        self._greeted: dict[int, dict[int, tuple[str, str]]] = {4: {}, 6: {}}
        """By family and owner: the name in a greeting, and the exchanger that was contacted."""
        self._failed: set[int] = set()
        """Families over which some connection to the port failed: a transparent proxy lets none fail."""
        self._of_servers: set[str] = set()
        """Names in greetings of servers on other mail ports as well."""

    def add(self, evidence: Evidence) -> None:
        if evidence.subject in self._inside:
            return
        for step in evidence.steps:
            if isinstance(step, SmtpDialogue):
                self._note(step)
            elif isinstance(step, PortSweep):
                for reply in step.replies:
                    if reply.port == _PORT and _is_theirs(reply.failure):
                        self._failed.add(step.address.version)

    def _note(self, dialogue: SmtpDialogue) -> None:
        if dialogue.port != _PORT:
            self._of_servers.add(_named(dialogue))
        elif not dialogue.connected:
            if _is_theirs(None if dialogue.failure is None else dialogue.failure.kind):
                self._failed.add(dialogue.address.version)
        elif dialogue.greeted:
            greeted = self._greeted[dialogue.address.version]
            found, owner = (_named(dialogue), dialogue.server_name or ""), internet_owner(dialogue.address)
            greeted[owner] = min(found, greeted.get(owner, found))

    def seen(self) -> frozenset[TransportKey]:
        """Return the families, with port 25, over which a greeting shows nothing about the contacted host."""
        return frozenset((family, f"tcp/{_PORT}") for family in self._greeted if self._greets_for_all(family))

    def _greets_for_all(self, family: int) -> bool:
        every = self._greeted[family].values()
        names = Counter(name for name, _ in every if name and name not in self._of_servers)
        if family in self._failed or not names:
            return False
        likely = max(sorted(names), key=names.__getitem__)
        domains = [_domain(exchanger) for name, exchanger in every if name == likely and not _is_akin(name, exchanger)]
        return len(domains) >= _NEARLY_ALL * len(every) and len(domains) >= _APART and len(set(domains)) >= _APART


def _is_theirs(failure: FailureKind | None) -> bool:
    return failure is not None and failure.attribution is not Attribution.OURS


def _named(dialogue: SmtpDialogue) -> str:
    """Return the full name that a server gives itself in its greeting (RFC 5321 §4.2), empty if there is none."""
    first = next((line for reply in dialogue.replies[:1] for line in reply.lines[:1]), "")
    found = _NAMED.match(first)
    name = "" if found is None else found[1].lower()
    return "" if name.endswith(_DEFAULTS) else name


def _is_akin(name: str, exchanger: str) -> bool:
    return is_akin_exchanger(exchanger, name) or is_akin_exchanger(name, exchanger)


def _domain(exchanger: str) -> str:
    return exchanger.lower().rstrip(".").partition(".")[2]
