"""Tests that fragments are sent again while nothing comes back."""

import time

from probes.fragments import TRIES as FRAGMENT_TRIES
from probes.fragments import fragments
from probes.framework.recorder import Recorder
from tests.unit.probes.path_tasks import crafting, task


async def test_fragments_are_sent_again_while_nothing_comes_back() -> None:
    for crafts, count in (({}, FRAGMENT_TRIES), ({"fragments": "reply"}, 1)):
        rec = Recorder(time.monotonic)
        await fragments(task("2001:db8::1", None), crafting(crafts), rec)
        assert len(rec.steps) == count
