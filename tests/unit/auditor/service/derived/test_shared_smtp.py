"""Whose dialogues a mail domain is judged with."""

from dataclasses import replace

import pytest

from auditor.service.derived import shared_smtp
from auditor.service.derived.shared_smtp import Dialogues
from auditor.service.store.memory import MemoryStore
from inventory.model import Kind, Service, Subject, SubjectId
from probes.framework.evidence import Evidence, Observation, RunId
from probes.observations.mail import SmtpDialogue
from tests.unit.auditor.service.store.examples import ADDRESS, RUN, evidence, run, subject

SMTP = (Service(name="smtp", port=25),)
SPOKE = SmtpDialogue(address=ADDRESS, port=25, server_name="mx.vn")


def spoken(name: str) -> Evidence:
    return replace(evidence(name, "spoken"), steps=(SPOKE,))


def mail(name: str) -> Subject:
    return replace(subject(name), kinds=frozenset({Kind.MAIL}))


def test_dialogues_of_an_exchanger_are_read_once_for_all_its_domains(monkeypatch: pytest.MonkeyPatch) -> None:
    with MemoryStore() as store:
        store.create_run(run())
        store.add_subjects(RUN, [mail("a.vn"), mail("b.vn"), mail("c.vn")])
        owners = {"mx:one": ("a.vn", "b.vn"), "mx:two": ("c.vn",)}
        store.add_subjects(RUN, [replace(subject(name, None, *of), services=SMTP) for name, of in owners.items()])
        store.add_evidence([spoken("mx:one"), spoken("mx:two")])
        monkeypatch.setattr(shared_smtp, "_KEPT", 1)
        heard, reads, read = Dialogues(RUN, store), list[str](), store.evidence_with

        def noted(run: RunId, host: SubjectId, kind: type[Observation]) -> tuple[Evidence, ...]:
            reads.append(host)
            return read(run, host, kind)

        monkeypatch.setattr(store, "evidence_with", noted)
        for name in ("a.vn", "b.vn", "c.vn", "a.vn"):
            assert len(heard.of(mail(name))) == 1
        assert reads == ["mx:one", "mx:two", "mx:one"]


def test_a_domain_hears_its_own_exchangers_and_nothing_else_of_them() -> None:
    with MemoryStore() as store:
        store.create_run(run())
        store.add_subjects(RUN, [mail("a.vn"), mail("b.vn"), mail("c.vn")])
        store.add_subjects(
            RUN,
            [
                replace(subject("mx:one", None, "a.vn", "b.vn"), services=SMTP),
                replace(subject("mx:two", None, "b.vn"), services=SMTP),
                subject("zone:vn", None, "a.vn"),
            ],
        )
        store.add_evidence([spoken("mx:one"), spoken("mx:two"), spoken("zone:vn"), evidence("mx:one", "connect")])
        heard = Dialogues(RUN, store)
        assert [envelope.subject for envelope in heard.of(mail("a.vn"))] == ["mx:one"]
        assert sorted(envelope.subject for envelope in heard.of(mail("b.vn"))) == ["mx:one", "mx:two"]
        assert heard.of(mail("c.vn")) == ()
        assert heard.of(subject("a.vn")) == ()
        adhoc = replace(subject("a.vn"), candidates=frozenset({Kind.MAIL}))
        assert len(heard.of(adhoc)) == 1
