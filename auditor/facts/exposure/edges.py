"""Recognises front ends of content networks and platforms by their own answers; state of 2026-11.

A service that listens there listens for every customer, and no customer can close it. An entry is never held against
a subject and excuses only web ports; an address that matches none is an ordinary server.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

from auditor.facts.cached import remembered
from auditor.facts.tls.certificates import read
from inventory.model import IPAddress
from probes.framework.evidence import EvidenceId, EvidenceSet
from probes.observations.pages import FrontPage
from probes.observations.web import HttpExchange, TlsHandshake


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """Holds one operator and its marks, any one of which is enough. All in lower case.

    The marks are: beginnings of the header Server, names of headers that only this operator sets, names in the
    certificates that it shows to clients it does not know, and its networks.
    """

    name: str
    servers: tuple[str, ...] = ()
    headers: frozenset[str] = frozenset()
    certificates: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()


EDGES = (
    Edge(name="Akamai", servers=("akamaighost", "akamainetstorage"), certificates=("a248.e.akamai.net",)),
    Edge(
        name="Amazon CloudFront",
        servers=("cloudfront",),
        headers=frozenset({"x-amz-cf-id"}),
        certificates=("*.cloudfront.net",),
    ),
    Edge(
        name="Azure Front Door", headers=frozenset({"x-azure-ref"}), certificates=("*.azureedge.net", "*.azurefd.net")
    ),
    Edge(name="Azure App Service", certificates=("*.azurewebsites.net",)),
    Edge(name="bunny.net", servers=("bunnycdn",), certificates=("*.b-cdn.net",)),
    Edge(name="CDN77", servers=("cdn77-turbo",)),
    Edge(
        name="Cloudflare",
        servers=("cloudflare",),
        certificates=("sni.cloudflaressl.com",),
        networks=(
            "173.245.48.0/20",
            "103.21.244.0/22",
            "103.22.200.0/22",
            "103.31.4.0/22",
            "141.101.64.0/18",
            "108.162.192.0/18",
            "190.93.240.0/20",
            "188.114.96.0/20",
            "197.234.240.0/22",
            "198.41.128.0/17",
            "162.158.0.0/15",
            "104.16.0.0/13",
            "104.24.0.0/14",
            "172.64.0.0/13",
            "131.0.72.0/22",
            "2400:cb00::/32",
            "2606:4700::/32",
            "2803:f800::/32",
            "2405:b500::/32",
            "2405:8100::/32",
            "2a06:98c0::/29",
            "2c0f:f248::/32",
        ),
    ),
    Edge(name="DDoS-Guard", servers=("ddos-guard",)),
    Edge(
        name="Fastly",
        headers=frozenset({"x-fastly-request-id"}),
        networks=(
            "23.235.32.0/20",
            "43.249.72.0/22",
            "103.244.50.0/24",
            "103.245.222.0/23",
            "103.245.224.0/24",
            "104.156.80.0/20",
            "140.248.64.0/18",
            "140.248.128.0/17",
            "146.75.0.0/17",
            "151.101.0.0/16",
            "157.52.64.0/18",
            "167.82.0.0/17",
            "167.82.128.0/20",
            "167.82.160.0/20",
            "167.82.224.0/20",
            "172.111.64.0/18",
            "185.31.16.0/22",
            "199.27.72.0/21",
            "199.232.0.0/16",
            "2a04:4e40::/32",
            "2a04:4e42::/32",
        ),
    ),
    Edge(name="GitHub Pages", servers=("github.com",), certificates=("*.github.io",)),
    Edge(name="Google", servers=("google frontend", "gws", "esf", "gse", "sffe", "ghs")),
    Edge(name="Imperva", headers=frozenset({"x-iinfo"}), certificates=("*.incapsula.com", "imperva.com")),
    Edge(name="KeyCDN", servers=("keycdn",)),
    Edge(name="Netlify", servers=("netlify",), certificates=("*.netlify.app",)),
    Edge(name="Sucuri", servers=("sucuri/cloudproxy",), headers=frozenset({"x-sucuri-id"})),
    Edge(name="Viettel Cloudrity", servers=("cloudrity",)),
    Edge(name="Vercel", servers=("vercel",), headers=frozenset({"x-vercel-id"}), certificates=("*.vercel.app",)),
)


_NETWORKS: tuple[tuple[str, tuple[IPv4Network | IPv6Network, ...]], ...] = tuple(
    (edge.name, tuple(map(ip_network, edge.networks))) for edge in EDGES if edge.networks
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontEnd:
    """Holds the operator of the front end at an address, with the evidence; none where its network tells."""

    name: str
    evidence: tuple[EvidenceId, ...] = ()


@remembered
def edge(evidence: EvidenceSet, address: IPAddress) -> FrontEnd | None:
    """Return the front end that an address belongs to; None for an ordinary server."""
    for name, networks in _NETWORKS:
        if any(address in network for network in networks):
            return FrontEnd(name=name)
    return next(_by_answers(evidence, address), None)


def _by_answers(evidence: EvidenceSet, address: IPAddress) -> Iterator[FrontEnd]:
    for id_, server, names in _heads(evidence, address):
        for one in EDGES:
            if server in one.servers or server.startswith(_begun(one)) or one.headers & names:
                yield FrontEnd(name=one.name, evidence=(id_,))
    for envelope, step in evidence.of(TlsHandshake):
        leaf = read(step.chain[0]) if step.address == address and step.chain else None
        named = frozenset() if leaf is None else frozenset(leaf.names)
        yield from (
            FrontEnd(name=edge.name, evidence=(envelope.id,)) for edge in EDGES if named & set(edge.certificates)
        )


def _begun(one: Edge) -> tuple[str, ...]:
    """Return the beginnings of a header Server that goes on with the version or the place."""
    return tuple(f"{name}{mark}" for name in one.servers for mark in "-/")


def _heads(evidence: EvidenceSet, address: IPAddress) -> Iterator[tuple[EvidenceId, str, frozenset[str]]]:
    """Yield the header Server, in lower case, and the names of all headers of each answer of an address."""
    for envelope, step in evidence.of(HttpExchange):
        if step.address == address and step.status is not None:
            server = next((value for name, value in step.headers if name.lower() == "server"), "")
            yield envelope.id, server.strip().lower(), frozenset(name.lower() for name, _ in step.headers)
    for envelope, page in evidence.of(FrontPage):
        if page.address == address and page.status is not None:
            yield envelope.id, page.server.strip().lower(), frozenset(page.names)
