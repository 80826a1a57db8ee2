"""Writes the age of a defect in words."""

from auditor.figures.held_states import DefectAge
from auditor.framework.findings import DEFECTS
from auditor.texts.translate import Texts
from reports.report_texts import say


def lived(texts: Texts, life: DefectAge) -> str:
    """Since when a defect is there, and whether that is believed yet."""
    text = say(texts, "lived", first=life.first, since=life.since, rounds=life.rounds)
    if life.state.outcome in DEFECTS:
        return text
    return f"{text}; {say(texts, 'unconfirmed', state=texts.outcome(life.state.outcome).lower())}"
