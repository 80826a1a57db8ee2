"""Continues the samples of a vantage under its present name."""

from collections.abc import Iterator

from auditor.judging.vantage import vantage_subject
from auditor.service.config.model import Config
from auditor.service.store.api import DatabaseStore


def take_over(config: Config, store: DatabaseStore) -> Iterator[tuple[str, str]]:
    """Move samples and notes of former vantage names to the present names, once.

    Yield the pairs, former name first, that stay apart: a vantage still has the former name, or the present one has
    samples of its own already.
    """
    present = {config.vantage.name, *config.vantages}
    for former, name in _renamed(config):
        if former in present or not store.rename_vantage(vantage_subject(former), vantage_subject(name)):
            yield former, name


def _renamed(config: Config) -> Iterator[tuple[str, str]]:
    if config.vantage.formerly is not None:
        yield config.vantage.formerly, config.vantage.name
    for name, section in config.vantages.items():
        if section.formerly is not None:
            yield section.formerly, name
