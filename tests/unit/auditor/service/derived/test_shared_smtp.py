"""Tests the choice of the SMTP dialogues that a mail domain is judged with."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from auditor.service.derived import shared_smtp
from auditor.service.derived.shared_smtp import Dialogues
from auditor.service.store.memory.store import MemoryStore
from inventory.model import Kind, Service, Subject, SubjectId
from probes.framework.evidence import Evidence, EvidenceById, RunId
from probes.observations.exposure import FtpGreeting
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
        heard, reads = Dialogues(RUN, store), noted_reads(store, monkeypatch)
        for name in ("a.vn", "b.vn", "c.vn", "a.vn"):
            assert len(heard.of(mail(name))) == 1
        assert reads == [["mx:one"], ["mx:two"], ["mx:one"]]


def test_dialogues_of_some_domains_are_read_together(monkeypatch: pytest.MonkeyPatch) -> None:
    domains = [mail("a.vn"), mail("b.vn"), subject("c.vn")]
    with MemoryStore() as store:
        store.create_run(run())
        store.add_subjects(RUN, domains)
        owners = {"mx:one": ("a.vn",), "mx:two": ("a.vn", "b.vn"), "mx:three": ("c.vn",)}
        store.add_subjects(RUN, [replace(subject(name, None, *of), services=SMTP) for name, of in owners.items()])
        store.add_evidence([spoken("mx:one"), spoken("mx:two")])
        heard, reads = Dialogues(RUN, store), noted_reads(store, monkeypatch)
        heard.read_ahead(domains)
        assert [len(heard.of(domain)) for domain in domains] == [2, 1, 0]
        heard.read_ahead(domains)
        assert reads == [["mx:one", "mx:two"]]


def noted_reads(store: MemoryStore, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    reads, read = list[list[str]](), store.evidence_on_demand

    def noted(run: RunId, hosts: Sequence[SubjectId]) -> Mapping[SubjectId, EvidenceById]:
        reads.append(list(hosts))
        return read(run, hosts)

    monkeypatch.setattr(store, "evidence_on_demand", noted)
    return reads


def test_what_only_names_the_kind_of_a_dialogue_is_none() -> None:
    greeting = FtpGreeting(address=ADDRESS, port=21, greeting=f'"{SPOKE.KIND}"')
    with MemoryStore() as store:
        store.create_run(run())
        store.add_subjects(RUN, [mail("a.vn"), replace(subject("mx:one", None, "a.vn"), services=SMTP)])
        store.add_evidence([replace(evidence("mx:one", "named"), steps=(greeting,))])
        assert Dialogues(RUN, store).of(mail("a.vn")) == ()


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
        concerned = [heard.concern(each) for each in (mail("a.vn"), mail("b.vn"), mail("c.vn"), subject("a.vn"))]
        assert concerned == [True, True, False, False]
        adhoc = replace(subject("a.vn"), candidates=frozenset({Kind.MAIL}))
        assert len(heard.of(adhoc)) == 1
