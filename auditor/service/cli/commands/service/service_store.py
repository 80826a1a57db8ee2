"""Opens the store of a program that runs until it is stopped: ``auditor serve`` and ``auditor worker``."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from auditor.service.cli.commands.measuring.sample import keep_series, must_be_usable
from auditor.service.cli.file_protection import keep_private
from auditor.service.cli.scope_warning import warn_of_no_scope
from auditor.service.config.model import Config
from auditor.service.service_log import log_to_stderr
from auditor.service.store.api import DatabaseStore
from auditor.service.store.url import open_store


@contextmanager
def open_service_store(config: Config, named: Sequence[str]) -> Iterator[DatabaseStore]:
    """Open the store, private to its owner, after setting up the log, and check that the inventory can be sampled.

    ``named`` are the files to sample, or the name of an inventory; an unusable one is an OperatorError.
    """
    warn_of_no_scope(config)
    log_to_stderr(config.log_format)
    with open_store(config.store) as store:
        keep_private(config.store)
        must_be_usable(named, config, store)
        keep_series(config, store)
        yield store
