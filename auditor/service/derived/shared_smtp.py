"""Shares the SMTP dialogues of mail exchangers among the domains that they receive mail for.

An exchanger is a subject of its own (``mx:NAME``, or the row that names the host), measured once however many domains
use it: one connection to an address in a round (CHECKS §0.4). A domain is judged by its own evidence and by the
dialogues of its exchangers; nothing is copied, findings name the evidence where it is.
"""

from collections.abc import Iterable, Sequence

from auditor.service.store.api import Store
from inventory.model import Kind, Subject, SubjectId
from probes.framework.evidence import Evidence, RunId, holding
from probes.observations.mail import SmtpDialogue

_KEPT = 64
"""Exchangers with dialogues in memory at most; some tens of kilobytes for each."""


class Dialogues:
    """Finds the dialogues of one run.

    Holds ids, and the dialogues of the exchangers that were requested last: hundreds of domains may use one exchanger.
    """

    def __init__(self, run: RunId, store: Store) -> None:
        self._run = run
        self._store = store
        self._hosts: dict[SubjectId, list[SubjectId]] = {}
        self._kept: dict[SubjectId, tuple[Evidence, ...]] = {}
        for subject in store.subjects(run):
            if any(service.name == "smtp" for service in subject.services):
                for owner in subject.derived_from:
                    self._hosts.setdefault(owner, []).append(subject.id)

    def concern(self, subject: Subject) -> bool:
        """True if a subject has exchangers, so that ``of`` may return evidence."""
        return bool(self._hosts_of(subject))

    def of(self, subject: Subject) -> tuple[Evidence, ...]:
        """Return the evidence with dialogues of a mail domain's exchangers; empty for any other subject."""
        return tuple(envelope for host in self._hosts_of(subject) for envelope in self._with(host))

    def read_ahead(self, subjects: Iterable[Subject]) -> None:
        """Read the dialogues that ``of`` will need next, much faster together than one exchanger after the other."""
        hosts = dict.fromkeys(host for subject in subjects for host in self._hosts_of(subject))
        self._read([host for host in hosts if host not in self._kept][:_KEPT])

    def _hosts_of(self, subject: Subject) -> Sequence[SubjectId]:
        return self._hosts.get(subject.id, ()) if Kind.MAIL in subject.kinds | subject.candidates else ()

    def _with(self, host: SubjectId) -> tuple[Evidence, ...]:
        """Return the dialogues with one exchanger; the least recently used ones are dropped first."""
        if host not in self._kept:
            self._read([host])
        dialogues = self._kept[host] = self._kept.pop(host)
        return dialogues

    def _read(self, hosts: Sequence[SubjectId]) -> None:
        if not hosts:
            return
        for host, evidence in self._store.evidence_on_demand(self._run, hosts).items():
            found = holding(evidence, (SmtpDialogue,))
            self._kept[host] = tuple(one for one in found if any(isinstance(step, SmtpDialogue) for step in one.steps))
        while len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
