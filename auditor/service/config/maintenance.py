"""Reads announced work from the tables ``[sampling.maintenance.NAME]`` of the configuration."""

from collections.abc import Iterator
from datetime import UTC

from auditor.framework.operator_problems import OperatorProblem, problem
from auditor.service.config.model import Config
from inventory.maintenance import Maintenance
from inventory.model import AgencyId, SubjectId


def announced_work(config: Config, problems: list[OperatorProblem]) -> Iterator[Maintenance]:
    """Yield the announced work of the tables; problems are added to ``problems``."""
    for name, table in config.sampling.maintenance.items():
        at = f"sampling.maintenance.{name}"
        if (table.subject is None) == (table.agency is None):
            problems.append(problem("names either a subject or an agency", at=at))
        elif table.until <= table.since:
            problems.append(problem("ends before it begins", at=at))
        else:
            yield Maintenance(
                since=table.since.astimezone(UTC),
                until=table.until.astimezone(UTC),
                subject=None if table.subject is None else SubjectId(table.subject),
                agency=None if table.agency is None else AgencyId(table.agency),
            )
