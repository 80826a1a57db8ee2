"""Every kind of observation itself reports where it was made, the responders, and its lines for reviewers.

No table elsewhere lists them.
"""

import json
from pathlib import Path

import pytest

from probes.framework.codec import decode_evidence, decode_step
from probes.framework.evidence import OBSERVATIONS, Observation
from tests.architecture.tree import ROOT

FILES = sorted((ROOT / "tests" / "golden" / "evidence").glob("*.json"))


def _steps(path: Path) -> tuple[Observation, ...]:
    document = json.loads(path.read_text("utf-8"))
    return decode_evidence(document).steps if "steps" in document else (decode_step(document),)


STEPS = [step for path in FILES for step in _steps(path)]


def test_observations_every_kind_has_an_example() -> None:
    assert {step.KIND for step in STEPS} == set(OBSERVATIONS)


@pytest.mark.parametrize("kind", sorted(OBSERVATIONS))
@pytest.mark.parametrize("question", ["at", "answers", "lines"])
def test_observations_every_kind_answers_every_question(kind: str, question: str) -> None:
    assert getattr(OBSERVATIONS[kind], question) is not getattr(Observation, question)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.KIND)
def test_observations_what_a_kind_says_of_itself_fits_together(step: Observation) -> None:
    places = [place for place in (step.at(), *step.answers()) if place is not None]
    assert all(transport for _, transport in places)
    assert list(step.single_steps())
    assert not (step.is_silent and list(step.answers()))
