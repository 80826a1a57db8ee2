"""Tests that the operator of a front end is recognised by its answers, and that an ordinary server has no operator."""

from ipaddress import ip_address

import pytest

from auditor.facts.exposure.edges import edge
from probes.framework.evidence import EvidenceSet
from probes.observations.pages import FrontPage
from tests.golden.lab import V6, at, evidence


def seen(server: str = "", names: tuple[str, ...] = (), address: str = V6) -> str:
    page = FrontPage(address=ip_address(address), port=443, url="https://x/", status=403, server=server, names=names)
    front = edge(EvidenceSet([evidence("front_page", page, endpoint=at(address, None))]), ip_address(address))
    return "" if front is None else front.name


@pytest.mark.parametrize(
    ("server", "names", "expected"),
    [
        ("cloudflare", (), "Cloudflare"),
        ("BunnyCDN-SG1-731", (), "bunny.net"),
        ("AkamaiGHost", (), "Akamai"),
        ("nginx", ("server", "x-sucuri-id"), "Sucuri"),
        ("nginx", ("server", "x-served-by", "via"), ""),
        ("Cloudrity", (), "Viettel Cloudrity"),
        ("cloudflared", (), ""),
        ("Apache/2.4.62 (Debian)", ("server",), ""),
        ("", (), ""),
    ],
)
def test_edge_headers_name_the_operator(server: str, names: tuple[str, ...], expected: str) -> None:
    assert seen(server, names) == expected


@pytest.mark.parametrize(("address", "expected"), [("2606:4700::1111", "Cloudflare"), ("2606:4701::1", "")])
def test_edge_networks_name_the_operator(address: str, expected: str) -> None:
    assert seen(address=address) == expected
