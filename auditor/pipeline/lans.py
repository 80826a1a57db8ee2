"""Which networks of users this vantage watches, for which subject, and at which interface."""

from collections.abc import Iterable, Mapping

from auditor.config.model import Config
from auditor.problems import Problem, problem
from inventory.lans import PREFIX, lans
from inventory.model import Subject, SubjectId
from probes.framework.tasks import LanTask


def lan_tasks(
    config: Config, subjects: Iterable[Subject], seconds: float, problems: list[Problem]
) -> Mapping[SubjectId, LanTask]:
    """By the subject that the findings stand with. A site without a row of the inventory has nobody to tell of it."""
    known, tasks = lans(subjects), dict[SubjectId, LanTask]()
    for site in (word.removeprefix(PREFIX) for word in config.vantage.networks if word.startswith(PREFIX)):
        section = config.lan.get(site)
        if section is None:
            problems.append(problem("lan.{site}: interface is missing: ours on that network", site=site))
        elif site in known:
            tasks[known[site].owner] = LanTask(
                site=site, interface=section.interface, seconds=section.seconds or seconds
            )  # fmt: skip
    return tasks
