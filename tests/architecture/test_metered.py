"""Every socket that connects to a peer and is read counts against the budget of that peer."""

import ast
import re
from collections.abc import Iterator, Set

from tests.architecture.tree import ROOT

UNCOUNTED = {
    "echo.py": "shared by all addresses; counts by sender",
    "gufo_engine.py": "reads the error of a descriptor of the library, which counts by itself",
    "neighbour_table.py": "asks the kernel for its tables",
    "privsep.py": "Unix sockets of the crafted-packet program",
    "reflector.py": "answers, and asks nobody",
    "segments.py": "asks the kernel for a route",
    "sockets.py": "asks the kernel for a route",
    "source.py": "asks the kernel for our own address",
    "unconnected.py": "shared by all servers; who owns it counts by sender",
}
_CLIENT = re.compile(
    r"^\s*(?:import|from) (?:aiohttp|httpx|requests|urllib3|urllib\.request|http\.client)\b", re.MULTILINE
)
MAKERS = {"socket", "create_connection", "open_connection", "create_datagram_endpoint"}


def test_nothing_in_net_opens_a_socket_that_is_not_counted() -> None:
    sources = {path.name: path.read_text("utf-8") for path in (ROOT / "probes" / "net").rglob("*.py")}
    assert {name for name, source in sources.items() if any(_calls(source, MAKERS))} == set(UNCOUNTED)


def test_probes_use_no_http_client_with_sockets_of_its_own() -> None:
    sources = {path: path.read_text("utf-8") for path in (ROOT / "probes").rglob("*.py")}
    assert [path.name for path, source in sources.items() if _CLIENT.search(source)] == []
    assert _CLIENT.search("import aiohttp\n")


def _calls(source: str, names: Set[str]) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in names:
            yield node
