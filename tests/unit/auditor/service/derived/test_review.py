"""Tests the review of the inventory after a run: missing values in its rows, and names that no longer exist."""

from dataclasses import replace
from datetime import UTC, date, datetime

from auditor.service.derived.review import ExistingNames, review
from auditor.service.store.records import Digest, RunRecord
from auditor.service.store.run_options import RunOptions
from inventory.inventory import Inventory, SourceFile
from inventory.model import AgencyId, Kind, Subject, SubjectId
from probes.framework.evidence import RunId
from probes.observations.dns import LookupStatus
from probes.observations.inventory import InventoryReview
from tests.golden import lab
from tests.golden.lab import evidence, look

GONE, THERE = LookupStatus.NO_SUCH_NAME, LookupStatus.ANSWER
DIGEST = Digest("sha256:00")
RUN = RunRecord(
    id=RunId("r"),
    name="",
    started=datetime(2026, 3, 2, tzinfo=UTC),
    version="0",
    profile="quick",
    inventory=DIGEST,
    reference=DIGEST,
    policy=DIGEST,
    vantage="v",
    networks=(),
)
WHOLE = Subject(
    id=SubjectId("a"),
    kind=Kind.PORTAL,
    kinds=frozenset({Kind.PORTAL}),
    name="a.example",
    host="a.example",
    agency=AgencyId("SL"),
    valid_from=date(2026, 1, 1),
    authorisation="CV 1",
)


def _reviewed(*rows: Subject, names: ExistingNames | None = None, reconciled: date | None = None) -> InventoryReview:
    inventory = Inventory(subjects=rows, sources=(SourceFile(name="i.csv", sha256="00"),))
    envelope = review(replace(RUN, options=RunOptions(reconciled=reconciled)), inventory, names or ExistingNames())
    assert envelope is not None
    (step,) = envelope.steps
    assert isinstance(step, InventoryReview)
    return step


def test_what_a_row_lacks_is_named() -> None:
    bare = replace(WHOLE, id=SubjectId("b"), agency=None, authorisation="")
    ended = replace(bare, id=SubjectId("c"), valid_to=date(2026, 1, 31))
    seen = _reviewed(WHOLE, bare, ended, reconciled=date(2026, 2, 1))
    assert (seen.rows, seen.reconciled) == (2, date(2026, 2, 1))
    assert seen.incomplete == ("b: agency, authorisation",)


def test_a_name_is_gone_when_every_answer_says_so() -> None:
    names = ExistingNames()
    for name, *statuses in (
        ("a.example", GONE, GONE),
        ("b.example", GONE, THERE),
        ("c.example", LookupStatus.NO_ANSWER),
    ):
        names.add(evidence("dns", *(look(str(name), "A", "host", status=status) for status in statuses)))
    names.add(evidence("dns", look("d.example", "A", "ns-address", status=GONE)))
    rows = [replace(WHOLE, id=SubjectId(n), host=f"{n}.example") for n in "abcd"]
    assert _reviewed(*rows, names=names).gone == ("a.example",)


def test_without_an_inventory_there_is_no_review() -> None:
    assert review(RUN, Inventory(subjects=(lab.site(),)), ExistingNames()) is None
