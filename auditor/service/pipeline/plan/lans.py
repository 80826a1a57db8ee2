"""Decides which user networks this vantage watches, for which subject and at which interface."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from auditor.framework.operator_problems import OperatorProblem, problem
from auditor.service.config.model import Config
from inventory.model import Subject, SubjectId
from inventory.user_networks import PREFIX, lans
from probes.framework.tasks import LanTask


def lan_tasks(
    config: Config, subjects: Iterable[Subject], seconds: float, problems: list[OperatorProblem]
) -> Mapping[SubjectId, LanTask]:
    """Return the tasks by the subject of their findings: for listening the network owner, for forged sources its edge.

    A site without an inventory row gets no task, because its findings would have no subject.
    """
    known, tasks = lans(subjects), dict[SubjectId, LanTask]()
    for site in (word.removeprefix(PREFIX) for word in config.vantage.networks if word.startswith(PREFIX)):
        section = config.lan.get(site)
        if section is None:
            problems.append(problem("lan.{site}: interface is missing: ours on that network", site=site))
        elif site in known:
            lan, at = known[site], section.interface
            tasks[lan.owner] = LanTask(site=site, interface=at, seconds=section.seconds or seconds)
            if lan.edge is not None and section.receivers:
                listens = tasks.get(lan.edge) or LanTask(site=site, interface=at, seconds=0)
                tasks[lan.edge] = replace(listens, receivers=section.receivers)
    return tasks
