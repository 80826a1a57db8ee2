"""Packages are used beyond their public interface in three places: versions are bounded, and each place still works."""

import asyncio
from dataclasses import dataclass
from importlib.metadata import requires
from ipaddress import IPv4Address, IPv6Address
from typing import Any

import pytest
from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from packaging.requirements import Requirement
from pydantic import TypeAdapter
from pydantic_core import core_schema
from typer import _click
from typer.completion import get_completion_script  # type: ignore[attr-defined]
from typer.core import TyperArgument

from probes.framework import codec


@pytest.mark.parametrize("package", ["aiohttp", "pydantic", "typer"])
def test_package_with_private_parts_in_use_has_an_upper_bound(package: str) -> None:
    declared = [Requirement(text) for text in requires("ipv6-readiness-auditor") or ()]
    bounds = [spec.operator for one in declared if one.name == package for spec in one.specifier]
    assert "<" in bounds


def test_pydantic_reads_an_address_in_the_node_that_is_replaced() -> None:
    """``probes.framework.codec`` puts a cache in place of these nodes, and its own function in place of a field."""
    for family in (IPv4Address, IPv6Address):
        assert codec._own_reading(family) is not None
    both = TypeAdapter(tuple[IPv4Address | IPv6Address]).core_schema
    assert "lax-or-strict" in _types(both)
    assert "lax-or-strict" not in _types(codec._with_addresses(both, codec._read_address))

    @dataclass
    class Envelope:
        steps: list[int]

    schema = TypeAdapter(Envelope).core_schema
    assert "list" in _types(schema)
    assert "list" not in _types(codec._with_steps(schema, core_schema.any_schema()))


def _types(node: Any) -> set[str]:
    if isinstance(node, list):
        return set().union(*map(_types, node))
    if not isinstance(node, dict):
        return set()
    below = set().union(*(_types(value) for key, value in node.items() if key not in ("metadata", "serialization")))
    return below | ({node["type"]} if isinstance(node.get("type"), str) else set())


async def test_aiohttp_counts_requests_of_a_connection_under_the_names_in_use() -> None:
    """``auditor.service.web.server`` ends connections that send no request in time."""
    runner = web.AppRunner(web.Application())
    await runner.setup()
    try:
        server = runner.server
        assert server is not None
        assert {"_kwargs", "_loop"} <= vars(server).keys() | set(getattr(type(server), "__slots__", ()))
        connection = RequestHandler(server, loop=asyncio.get_running_loop())
        assert connection._request_count == 0
        assert not connection._request_in_progress
    finally:
        await runner.cleanup()


def test_typer_has_the_click_that_help_is_written_with() -> None:
    """``auditor.service.cli.usage`` and ``completion`` write in its place."""
    assert {"Context", "HelpFormatter", "Parameter"} <= vars(_click).keys()
    assert hasattr(TyperArgument, "display_name_raw")
    script = get_completion_script(prog_name="auditor", complete_var="_AUDITOR_COMPLETE", shell="bash")
    assert "_auditor_completion" in script
