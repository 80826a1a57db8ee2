"""Reports reference data and secrets of the configuration for ``auditor doctor``. Nothing is sent."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from auditor.framework.findings import CheckId
from auditor.service.cli.words import ui
from auditor.service.config.error_texts import origin_of
from auditor.service.config.loading import LoadedConfig
from auditor.service.config.secret_references import references
from auditor.service.pipeline.credentials.credentials import environment, secret_faults
from auditor.service.pipeline.plan.plan import Plan

ANNOUNCED, RPKI = CheckId("ipv6.path.prefix-announced"), CheckId("security.routing.rpki")


@dataclass(frozen=True, slots=True, kw_only=True)
class DoctorLine:
    """Holds the result of one examination. ``good`` is None for information that is not a fault."""

    good: bool | None
    text: str


def of_secrets(loaded: LoadedConfig) -> Iterator[DoctorLine]:
    """Yield each unusable or exposed secret reference; if there is none, the number of readable secrets.

    A reference is unusable if it leads to no secret, and exposed if others can read the secret.
    """
    found = [(key, text, origin_of(key, loaded.origins)) for key, text in references(loaded.config)]
    wrong = [
        fault
        for key, text, where in found
        for fault in secret_faults(text, environment(), at=f"{where}: {'.'.join(key)}")
    ]
    yield from (DoctorLine(good=False, text=problem.worded(ui)) for problem in wrong)
    if found and not wrong:
        text = ui("{secrets:n} {secrets/secret/secrets} of the configuration can be read", secrets=len(found))
        yield DoctorLine(good=True, text=text)


def of_reference(plan: Plan) -> Iterator[DoctorLine]:
    """Yield a line for each table that ages, compared with the age that its check allows."""
    for check, tables in ((ANNOUNCED, plan.origins.routes), (RPKI, plan.origins.roas)):
        if not tables:
            yield DoctorLine(
                good=None, text=ui("{check} is not decided: [reference] names no table for it", check=check)
            )
        for _, table in tables:
            of = {"table": table.source, "taken": table.taken.isoformat(), "check": check}
            if datetime.now(UTC) - table.taken <= timedelta(hours=plan.policy.threshold(check, "max_age_hours")):
                yield DoctorLine(good=True, text=ui("{table} is of {taken:date}", **of))
            else:
                yield DoctorLine(good=False, text=ui("{table} is of {taken:date}: too old for {check}", **of))
