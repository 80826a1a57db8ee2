"""Names of what is inside TSLCD are looked up there, and those of zones that such a name led to are not."""

from dataclasses import replace

from inventory.model import Kind, Network, SubjectId
from probes.framework.limits import INSIDE
from probes.framework.recorder import Recorder
from probes.framework.tasks import EndpointTask
from tests.unit.probes.framework.examples import V6, connect, endpoint_probe, subject
from tests.unit.probes.framework.running import measure
from tests.unit.probes.framework.virtual import run

OUTSIDE = subject("out", Kind.HOST, addresses=(V6,))
WITHIN = replace(OUTSIDE, id=SubjectId("in"), network=Network.TSLCD)
ZONE = replace(WITHIN, id=SubjectId("zone"), kinds=frozenset({Kind.HOST, Kind.ZONE}))
DERIVED = replace(ZONE, id=SubjectId("derived"), derived_from=(SubjectId("in"),))


def test_each_subject_is_looked_up_in_its_own_network() -> None:
    seen: list[bool] = []

    async def look(task: EndpointTask, rec: Recorder) -> None:
        seen.append(INSIDE.get())
        rec.record(connect(V6), t0=0.0)

    def inside(*subjects: object) -> list[bool]:
        seen.clear()
        run(measure(subjects, endpoint_probe("x", look), concurrency=1))  # type: ignore[arg-type]
        return list(seen)

    assert [inside(one) for one in (OUTSIDE, WITHIN, ZONE, DERIVED)] == [[False], [True], [True], [False]]
    assert sorted(inside(OUTSIDE, WITHIN)) == [False, True]
    assert INSIDE.get() is False
