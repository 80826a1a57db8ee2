"""Tests that walks through names end."""

from collections.abc import Generator
from itertools import count

from probes.framework.recorder import Recorder
from probes.framework.walks import QUESTIONS, Answer, Question, follow
from tests.unit.probes.fake_net import FakeNet


async def test_a_walk_without_end_is_left() -> None:
    def endless() -> Generator[Question, Answer, str]:
        for number in count():
            yield f"{number}.vn", "A"
        return ""

    rec = Recorder(lambda: 0.0)
    assert await follow(endless(), FakeNet(), rec, "spf", {}) is None
    assert len(rec.steps) == QUESTIONS
