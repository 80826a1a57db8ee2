"""Tests events of problems: bounded, with stable ids, signed like the specification's own example."""

from dataclasses import replace

import pytest

from auditor.figures.comparison import Change, ChangeKind
from auditor.framework.findings import CheckId, FindingId, Level, Outcome, Outline, Severity
from auditor.service.notify import problem_events
from auditor.service.notify.problem_events import ProblemEvent, events, headers, key
from inventory.model import SubjectId
from probes.framework.evidence import RunId

OUTLINE = Outline(
    id=FindingId("a" * 16),
    check=CheckId("ipv6.web.aaaa"),
    check_version=1,
    code="MISSING",
    outcome=Outcome.FAIL,
    severity=Severity.HIGH,
    level=Level.REQUIRED,
)
CHANGE = Change(kind=ChangeKind.NEW, id=OUTLINE.id, subject=SubjectId("www.tinh.vn"), before=None, after=OUTLINE)


def test_signature_is_that_of_the_specification_s_example() -> None:
    event = ProblemEvent(id="msg_p5jXN8AQM9LWM0D4loKWxJek", type="x", data={})
    made = headers(event, b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 1614265330, b'{"test": 2432232314}')
    assert made["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", [b"a plain secret of letters", b"whsec_not base64!"])
def test_secret_of_another_form_signs_as_it_is(secret: bytes) -> None:
    assert key(secret) == secret


def test_kinds_that_are_told_and_their_ids() -> None:
    changes = [replace(CHANGE, kind=kind) for kind in ChangeKind]
    made = list(events(changes, RunId("r"), "https://a/runs/r"))
    assert [event.type for event in made] == [*("problem.new", "problem.new"), *("problem.fixed", "problem.eased")]
    assert len({event.id for event in made}) == 3
    assert [event.id for event in events(changes, RunId("r"), "")] == [event.id for event in made]
    assert next(events(changes, RunId("s"), "")).id != made[0].id


@pytest.mark.parametrize(
    ("kind", "after", "told"),
    [
        (ChangeKind.GONE, None, ["problem.gone"]),
        (ChangeKind.CHANGED, Outcome.NOT_APPLICABLE, ["problem.gone"]),
        (ChangeKind.CHANGED, Outcome.FAIL, []),
        (ChangeKind.NOT_COMPARABLE, None, []),
    ],
)
def test_failures_that_nobody_asks_about_any_more_are_gone(
    kind: ChangeKind, after: Outcome | None, told: list[str]
) -> None:
    later = None if after is None else replace(OUTLINE, outcome=after)
    change = replace(CHANGE, kind=kind, before=replace(OUTLINE, outcome=Outcome.FAIL), after=later)
    assert [event.type for event in events([change], RunId("r"), "")] == told


def test_events_of_a_run_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problem_events, "MOST", 2)
    *_, last = made = list(events([CHANGE] * 5, RunId("r"), ""))
    assert len(made) == 3
    assert (last.type, last.data["further"]) == ("problem.more", 3)
