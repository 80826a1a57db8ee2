"""Finds the service's encryption keys as the configuration says."""

from collections.abc import Mapping

from auditor.framework.operator_problems import OperatorError, OperatorProblem
from auditor.service.accounts.keys import KeyRing, parse_keys
from auditor.service.config.model import Config
from auditor.service.pipeline.credentials.secret_sources import read_secret


def keys_of(config: Config, environment: Mapping[str, str]) -> KeyRing | None:
    """Read the keys that the configuration names; without one those of systemd or beside the store.

    Raises OperatorError, and UnusableKey for an invalid key file.
    """
    reference = config.serve.keys
    if reference is None:
        return None
    problems: list[OperatorProblem] = []
    text = read_secret(reference, environment, problems, at="serve.keys")
    if text is None:
        raise OperatorError(problems)
    parse_keys(text)
    return KeyRing(lambda: text)
