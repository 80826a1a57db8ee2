"""Defines the configuration table that names the respondents asked for declared values."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from auditor.regulations.model import SurveyForm
from auditor.service.config.values import as_list

Respondents = Annotated[tuple[str, ...], BeforeValidator(as_list), Field(max_length=50)]


class SurveysSection(BaseModel):
    """Names the respondents: telecom operators, and departments of the province."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    operators: Respondents = ()
    departments: Respondents = ()

    @property
    def asked(self) -> Mapping[SurveyForm, Sequence[str]]:
        """The respondents by the form that they fill in."""
        return {SurveyForm.OPERATOR: self.operators, SurveyForm.DEPARTMENT: self.departments}
