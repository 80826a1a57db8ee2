"""Tests which questions with unknown EDNS a name server is asked, and which are repeated."""

from probes.edns import PLAIN, SMALL, TRIALS, edns
from probes.framework.recorder import Recorder
from probes.observations.dns import EdnsAnswer
from tests.unit.probes.name_server import TASK, losing

ALL = [PLAIN, *TRIALS, SMALL]


async def _trials(*lost: int) -> list[str]:
    """The trials in order, of which those with these numbers are not answered."""
    rec = Recorder(lambda: 0.0)
    await edns(TASK, losing(lost), rec)
    return [step.trial for step in rec.steps if isinstance(step, EdnsAnswer)]


async def test_each_trial_is_asked_once_where_all_are_answered() -> None:
    assert await _trials() == ALL


async def test_what_was_not_answered_is_asked_again_before_plain_edns() -> None:
    assert await _trials(1, 3) == [*ALL, "option", "version", PLAIN]


async def test_who_does_not_answer_plain_edns_is_left_in_peace() -> None:
    assert await _trials(0) == [PLAIN]
