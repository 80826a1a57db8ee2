"""Tests reading subjects as arithmetic needs them: all in turn, or some by their ids."""

from auditor.framework import catalogue
from auditor.framework.findings import Outcome
from auditor.service.pipeline.judging.evaluating import stored_judgement
from auditor.service.pipeline.summaries.subject_facts import FactsReader
from auditor.service.store.memory.store import MemoryStore
from inventory.model import SubjectId
from probes.framework.evidence import RunId
from tests.unit.auditor.stored import SUBJECTS, Brief, Held, put


def test_read_gives_the_same_facts_as_reading_everything() -> None:
    with MemoryStore() as store:
        put(store, Held(name="r1", findings={"www.tinh.vn": [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL)]}))
        record = store.latest_judgement(RunId("r1"))
        assert record is not None
        reader = FactsReader(stored_judgement(record, store, catalogue.load()), store)
        every = {subject.id: (facts, outlines) for subject, outlines, facts, _ in reader.every()}
        assert set(every) == {subject.id for subject in SUBJECTS}
        wanted = {SubjectId("www.tinh.vn"), SubjectId("diem-x1")}
        assert reader.read(wanted) == {subject: every[subject] for subject in wanted}
        assert reader.read(set()) == {}
