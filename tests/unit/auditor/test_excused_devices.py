"""A device that its owner was excused from IPv6 for has climbed nothing: an exempt one is counted on a line of its
own, a planned one as not met."""

from datetime import timedelta

import pytest

from auditor.figures.scoring import DEVICE_RUNGS
from auditor.framework import catalogue
from auditor.framework.findings import CheckId, Outcome
from auditor.service.pipeline import evaluating
from auditor.service.pipeline.summarising import summarise
from auditor.service.store.memory import MemoryStore
from inventory.model import Kind, SubjectId
from probes.framework.evidence import RunId
from tests.unit.auditor.stored import START, Held, Said, put, row

ROUTER = row("rt-01", Kind.ROUTER, "S1")
RUNGS = ("K13.capable", "K13.enabled", "K13.routed", "K13.carrying")


def counted(monkeypatch: pytest.MonkeyPatch, codes: dict[str, str]) -> list[tuple[int, int, int]]:
    """Met, of and exempt of each rung, of a router whose checks do not apply, for the reason ``codes`` give."""
    found = tuple(
        Said(check=check, outcome=Outcome.NOT_APPLICABLE, code=codes.get(check, "NOT_DECLARED")).of(ROUTER.id)
        for rung in DEVICE_RUNGS
        for check in rung
    )
    store, known = MemoryStore(), catalogue.load()
    put(store, Held(name="r", subjects=(ROUTER,)))
    monkeypatch.setattr(evaluating, "judge", lambda *_, **__: found)
    judged = evaluating.evaluate(RunId("r"), store, known, now=START + timedelta(hours=3))
    ladders = store.scores_of(judged.id, [SubjectId(ROUTER.id)])[ROUTER.id].ladders
    assert bool(ladders) is not (codes.get("ipv6.device.if-enabled") in ("EXEMPT", "PLANNED"))
    figures = summarise(judged, store).rollup.total.figures
    return [(figures[one].met, figures[one].of, figures[one].exempt) for one in RUNGS]


@pytest.mark.parametrize(("code", "upper"), [("EXEMPT", (0, 0, 1)), ("PLANNED", (0, 1, 0))])
def test_ladder_of_an_excused_device_is_not_climbed(
    monkeypatch: pytest.MonkeyPatch, code: str, upper: tuple[int, int, int]
) -> None:
    asked = {check: code for rung in DEVICE_RUNGS[1:] for check in rung}
    found = counted(monkeypatch, {**asked, CheckId("ipv6.device.capability"): "BEFORE_RULE"})
    assert found == [(0, 1, 0), upper, upper, upper]  # it cannot, whatever its owner plans


def test_ladder_of_a_device_excused_from_one_rung_is_exempt_there_only(monkeypatch: pytest.MonkeyPatch) -> None:
    capable = (0, 0, 0)  # a device that faces no network is not asked
    assert counted(monkeypatch, {"ipv6.device.traffic": "EXEMPT"}) == [capable, (1, 1, 0), (1, 1, 0), (0, 0, 1)]
