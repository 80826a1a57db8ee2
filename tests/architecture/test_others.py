"""Checks that read inventory or configuration of other subjects declare the arguments that name them."""

import ast
import inspect
from collections.abc import Iterator

from auditor.framework.check import load
from auditor.framework.message_format import fields

_OF_OTHERS = frozenset(
    {"ManagementReach", "MonthlyFeed", "MeshPath", "DeclaredUnit", "ctx.sites", "ctx.lans", "ctx.inventory"}
)
"""Names through which a check reads data of other subjects: observations, and parts of the context."""
_COMPARE_ONLY = frozenset({"security.routing.antispoof", "ipv6.device.lldp-topology"})
"""Checks that read such data to decide, but name only facts that the subject itself shows."""
_NAMES_NOBODY = frozenset({"tslcd.monitor.feed"})
"""Their messages name no other subject, though an argument does."""


def _read(module: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(module)):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            yield f"{node.value.id}.{node.attr}"


def test_checks_that_read_of_other_subjects_declare_it() -> None:
    silent = []
    for check in load().values():
        source = inspect.getsource(inspect.getmodule(check.run) or check.run)
        if _OF_OTHERS & set(_read(source)) and not check.others and check.id not in _COMPARE_ONLY:
            silent.append(check.id)
    assert silent == []


def test_declared_arguments_are_of_messages() -> None:
    for check in load().values():
        named = {name for message in check.messages.values() for name, _ in fields(message.text)}
        assert check.others <= named or check.id in _NAMES_NOBODY, check.id
