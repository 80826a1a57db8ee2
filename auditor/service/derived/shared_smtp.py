"""Shares the SMTP dialogues of mail exchangers among the domains whose mail they take.

An exchanger is a subject of its own (``mx:NAME``, or the row that names the host), measured once however many domains
stand on it: one connection to an address in a round (CHECKS §0.4). A domain is judged by its own evidence and by the
dialogues of its exchangers; nothing is copied, findings name the evidence where it is.
"""

from auditor.service.store.api import Store
from inventory.model import Kind, Subject, SubjectId
from probes.framework.evidence import Evidence, RunId
from probes.observations.mail import SmtpDialogue

_KEPT = 64
"""Exchangers whose dialogues stay in memory; some tens of kilobytes for each."""


class Dialogues:
    """Answers for one run. Holds ids, and the dialogues of the exchangers that were asked for last: hundreds of domains
    may stand on one."""

    def __init__(self, run: RunId, store: Store) -> None:
        self._run = run
        self._store = store
        self._hosts: dict[SubjectId, list[SubjectId]] = {}
        self._kept: dict[SubjectId, tuple[Evidence, ...]] = {}
        for subject in store.subjects(run):
            if any(service.name == "smtp" for service in subject.services):
                for owner in subject.derived_from:
                    self._hosts.setdefault(owner, []).append(subject.id)

    def of(self, subject: Subject) -> tuple[Evidence, ...]:
        """The evidence of the exchangers of a mail domain that holds a dialogue; nothing for any other subject."""
        if Kind.MAIL not in subject.kinds | subject.candidates:
            return ()
        return tuple(envelope for host in self._hosts.get(subject.id, ()) for envelope in self._with(host))

    def _with(self, host: SubjectId) -> tuple[Evidence, ...]:
        """Return the dialogues with one exchanger; those asked for least lately are forgotten first."""
        dialogues = self._kept.pop(host, None)
        if dialogues is None:
            dialogues = self._store.evidence_with(self._run, host, SmtpDialogue)
        self._kept[host] = dialogues
        if len(self._kept) > _KEPT:
            del self._kept[next(iter(self._kept))]
        return dialogues
