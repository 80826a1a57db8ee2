"""Tests the respondents of a survey: lists of names, one name by itself, and nothing else."""

import pytest
from pydantic import ValidationError

from auditor.service.config.surveys import SurveysSection


def test_surveys_take_lists_and_refuse_unknown_keys() -> None:
    assert SurveysSection.model_validate({"operators": ["A", "B"]}).operators == ("A", "B")
    assert SurveysSection().departments == ()
    with pytest.raises(ValidationError):
        SurveysSection.model_validate({"operator": ["A"]})
