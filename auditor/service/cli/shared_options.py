"""Declares the options that several commands share, and passes them on as configuration values."""

import inspect
from collections.abc import Callable, Mapping
from functools import wraps
from pathlib import Path
from typing import Any

from auditor.service.cli import options as o

MEASURING: Mapping[str, Any] = {
    "snmp_profile": o.SnmpProfile,
    "resolver": o.Resolver,
    "root_hints": o.RootHints,
    "trust_anchor": o.TrustAnchor,
    "ca_file": o.CaFile,
    "clearance": o.ClearanceLevel,
}
"""Options of every command that measures subjects, with their types."""
AUDITING: Mapping[str, Any] = {
    "only": o.Only,
    "skip": o.Skip,
    **MEASURING,
    "format": o.Formats,
    "force": o.Force,
    "fail_on": o.FailOn,
    "policy": o.PolicyFile,
    "waivers": o.WaiversFile,
    "timeout": o.Timeout,
    "subject_seconds": o.SubjectSeconds,
    "evidence": o.EvidenceDir,
    "profile": o.ProfileName,
}
"""Options of a command that measures, judges and reports."""
_FLAGS = frozenset({"force"})
_HANDED_ON = "given"
_BY_NAME = inspect.Parameter.KEYWORD_ONLY


def taking(options: Mapping[str, Any]) -> Callable[[Callable[..., int]], Callable[..., int]]:
    """Add options to a command after its own options; it gets them as one mapping, ``given``."""

    def add(command: Callable[..., int]) -> Callable[..., int]:
        own = inspect.signature(command)

        @wraps(command)
        def run(**values: object) -> int:
            given = given_options(**{name: values.pop(name) for name in options})
            return command(**values, given=given)

        shared = [
            inspect.Parameter(name, _BY_NAME, default=False if name in _FLAGS else None, annotation=of)
            for name, of in options.items()
        ]
        parameters = [each.replace(kind=_BY_NAME) for each in own.parameters.values()]
        everything = [*(each for each in parameters if each.name != _HANDED_ON), *shared]
        vars(run)["__signature__"] = own.replace(parameters=everything)
        run.__annotations__ = {each.name: each.annotation for each in everything} | {"return": int}
        return run

    return add


def given_options(**options: object) -> dict[str, object]:
    """Return options as configuration values: paths as text, and None for an absent flag."""
    return {name: _value(option) for name, option in options.items()}


def _value(option: object) -> object:
    if isinstance(option, Path):
        return str(option)
    return None if option is False else option
