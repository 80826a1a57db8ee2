"""Reads the sampler's settings: its interval, how long samples are kept, and announced maintenance."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from auditor.framework.operator_problems import OperatorError, OperatorProblem, problem
from auditor.service.config.maintenance import announced_work
from auditor.service.config.model import Config
from auditor.service.store.records import Retention
from inventory.maintenance import Maintenance, announced
from inventory.model import Subject
from probes.framework.profile import Pace

_SERIES = 100
"""Echo requests that are admitted as one."""


class SettingsError(OperatorError):
    """Raised for a tag or a table without usable maintenance times; nothing was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplerSettings:
    packets_per_second: float = 3_000.0
    concurrency: int = 200
    keep: Retention = field(default_factory=Retention)
    maintenance: tuple[Maintenance, ...] = ()

    def is_closed(self, subject: Subject, start: datetime, end: datetime) -> bool:
        """True if work on the subject was announced for any of that time."""
        return any(window.covers(subject, start, end) for window in self.maintenance)

    @property
    def pace(self) -> Pace:
        """The limits on the rate of requests.

        Connection points share their prefixes, and a hundred requests to one of them are one reservation.
        """
        rate = self.packets_per_second
        return Pace(
            packets_per_second=rate,
            per_address_per_second=50.0,
            per_address_burst=2 * _SERIES,
            per_prefix_per_second=rate,
            per_prefix_burst=max(2 * _SERIES, int(rate)),
            concurrency=self.concurrency,
        )


def settings(config: Config, subjects: Iterable[Subject]) -> SamplerSettings:
    """Read the configuration and the tags of the inventory. Raises SettingsError with every problem at once."""
    problems: list[OperatorProblem] = []
    section = config.sampling
    work = [*announced_work(config, problems), *(tag for subject in subjects for tag in _tags(subject, problems))]
    if problems:
        raise SettingsError(problems)
    return SamplerSettings(
        packets_per_second=section.packets_per_second,
        concurrency=section.concurrency,
        keep=retention(config),
        maintenance=tuple(work),
    )


def retention(config: Config) -> Retention:
    """Return the times for which samples are kept, raw and by the hour."""
    section = config.sampling
    return Retention(raw=timedelta(days=section.raw_days), hours=timedelta(days=section.hour_days))


def _tags(subject: Subject, problems: list[OperatorProblem]) -> Iterator[Maintenance]:
    for text, maintenance in announced(subject):
        if maintenance is not None:
            yield maintenance
            continue
        problems.append(
            problem(
                "the tag maintenance={text} is not BEGIN/END, such as"
                " maintenance=2026-11-30T22:00+07:00/2026-12-01T02:00+07:00",
                at=_place(subject),
                text=text,
            )
        )


def _place(subject: Subject) -> str:
    if subject.origin is None:
        return subject.id
    return f"{subject.origin.source}:{subject.origin.row}" if subject.origin.row is not None else subject.origin.source
