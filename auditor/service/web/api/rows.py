"""Converts records into rows of API answers. Texts of targets are made fit for JSON on the way."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import BaseModel

from auditor.figures.comparison import Change
from auditor.figures.rollup import UnitRollup
from auditor.framework.catalogue import Catalogue
from auditor.framework.check import Check
from auditor.framework.findings import Finding
from auditor.service.pipeline.summaries.subject_lines import SubjectLine
from auditor.service.store.records import JudgementRecord, RunRecord
from auditor.service.web.api import models, rollup_models
from auditor.texts.translate import Texts
from inventory.model import AgencyId
from reports import json_data
from reports.figures import figures, plain_figure

M = TypeVar("M", bound=BaseModel)


def fit(value: json_data.Plain) -> json_data.Plain:
    """Escape lone surrogates, which JSON cannot hold; bytes of a target that are no text became such."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return {str(fit(name)): fit(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [fit(item) for item in value]
    return value


def made(model: type[M], values: Mapping[str, json_data.Plain]) -> M:
    return model.model_validate(fit(values))


def both(catalogue: Catalogue) -> json_data.BilingualTexts:
    return json_data.BilingualTexts(Texts("vi", catalogue.checks), Texts("en", catalogue.checks))


def run(run: RunRecord, judgement: JudgementRecord | None) -> models.Run:
    return made(
        models.Run,
        {
            "id": run.id,
            "name": run.name,
            "state": run.state.value,
            "started": json_data.iso(run.started),
            "finished": json_data.iso(run.finished),
            "profile": run.profile,
            "version": run.version,
            "vantage": run.vantage,
            "networks": list(run.networks),
            "round": run.round,
            "members": list(run.members),
            "inventory": run.inventory,
            "amends": run.amends or None,
            "repeats": run.repeats or None,
            "doubt": None
            if run.doubt is None
            else {
                "base": run.doubt.base,
                "areas": list(run.doubt.areas),
                "since": json_data.iso(run.doubt.since),
                "state": run.doubt.state.value,
                "repeat": run.doubt.repeat,
            },
            "judgement": None
            if judgement is None
            else {
                "id": judgement.id,
                "judged": json_data.iso(judgement.judged_at),
                "catalogue": judgement.catalogue,
                "policy": judgement.policy,
            },
        },
    )


def finding(finding: Finding, texts: json_data.BilingualTexts) -> models.FindingRow:
    return made(models.FindingRow, json_data.finding(finding, texts))


def subject(line: SubjectLine) -> models.SubjectRow:
    return made(
        models.SubjectRow,
        {
            "id": line.id,
            "kind": line.kind.value,
            "agency": line.agency,
            "outcomes": {outcome.value: n for outcome, n in line.outcomes.items()},
            "ladders": {name: rung.level for name, rung in line.ladders.items()},
        },
    )


def agency(unit_rollup: UnitRollup, sees: Callable[[AgencyId | None], bool]) -> rollup_models.AgencyRow:
    """Convert an agency. ``sees``: tells whether the reader may see an agency, also for the one above."""
    return made(
        rollup_models.AgencyRow,
        {
            "code": unit_rollup.agency,
            "name": unit_rollup.name,
            "level": unit_rollup.level,
            "parent": unit_rollup.parent if sees(unit_rollup.parent) else None,
            "subjects": unit_rollup.subjects,
            "own": unit_rollup.own,
            "outcomes": {outcome.value: n for outcome, n in unit_rollup.outcomes.items()},
            "required_fails": unit_rollup.required_fails,
            "waived": unit_rollup.waived,
            "areas": {
                area: {"score": each.score, "scored": each.scored, "unscored": each.unscored}
                for area, each in unit_rollup.areas.items()
            },
            "figures": {name: plain_figure(figure) for name, figure in figures(unit_rollup)},
        },
    )


def change(one: Change) -> models.ChangeRow:
    return made(
        models.ChangeRow,
        {
            "kind": one.kind.value,
            "id": one.id,
            "subject": one.subject,
            "check": one.check,
            "regression": one.regression,
            "why": None if one.why is None else one.why.value,
            "before": None if one.before is None else one.before.outcome.value,
            "after": None if one.after is None else one.after.outcome.value,
        },
    )


def check(one: Check, texts: json_data.BilingualTexts) -> models.CheckRow:
    return made(
        models.CheckRow,
        {
            "id": one.id,
            "version": one.version,
            "title": {"vi": texts.vi.title(one.id), "en": texts.en.title(one.id)},
            "kinds": sorted(kind.value for kind in one.kinds),
            "clearance": one.clearance.value,
            "unit": one.unit.value,
        },
    )


def check_page(one: Check, texts: json_data.BilingualTexts) -> models.CheckPage:
    return models.CheckPage(
        check=check(one, texts),
        why=models.Both(vi=texts.vi.why(one.id), en=texts.en.why(one.id)),
        fix=models.Both(vi=texts.vi.fix(one.id), en=texts.en.fix(one.id)),
        references=list(one.references),
        codes={
            code: models.CodeRow(
                outcome=message.outcome,
                text=models.Both(vi=texts.vi.saying(one.id, code), en=texts.en.saying(one.id, code)),
            )
            for code, message in one.messages.items()
        },
    )
