"""Collects the data that clients verify the certificate of one service with.

An OCSP response and time stamps of logs that the server sends beside it, the issuer's certificate where the certificate
says that it can be fetched, and the list of revoked certificates that it names.
"""

from dataclasses import dataclass
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

from inventory.model import Endpoint, IPAddress
from probes.framework.evidence import Attribution
from probes.framework.recorder import Recorder
from probes.framework.registry import endpoint_probe
from probes.framework.tasks import EndpointTask
from probes.framework.tls_services import TLS_SERVICES, VERIFIED
from probes.net.api import HttpRequest, Net
from probes.net.http.issued import issued
from probes.net.tls.stapled import ask_staple
from probes.observations.certificates import IssuerFetch, RevocationList, TlsStaple
from probes.observations.dns import DnsExchange, NameLookup
from probes.wire.certificates import pointers

LISTS = 2
"""Places of lists that are tried for one certificate; a second one is the same list elsewhere (RFC 5280 §4.2.1.13)."""
_ADDRESSES = 2
"""The number of addresses of each family."""


@endpoint_probe(
    version=2,
    title="Certificate status",
    records=(TlsStaple, IssuerFetch, RevocationList),
    on_the_way=(NameLookup, DnsExchange),
    services=frozenset({"https", "https-alt"}) | VERIFIED,
    needs_open=True,
    retry="flaw",
    deadline=120.0,
)
async def certificate_status(task: EndpointTask, net: Net, rec: Recorder) -> None:
    """Ask for a staple, then fetch the issuer's certificate and a revocation list that the chain with it names."""
    name = task.service.name if task.service is not None else ""
    got = await ask_staple(net, rec, task.endpoint, protocol=TLS_SERVICES.get(name, "https"))
    if not got.chain:
        return
    below = pointers.top(got.chain)
    for url in pointers.issuers(below)[:1]:
        await _issuer(net, rec, url, below)
    leaf = got.chain[0]
    serial = pointers.serial(leaf)
    for url in pointers.lists(leaf)[:LISTS]:
        if serial is not None and await _list(net, rec, url, leaf, serial):
            return


@dataclass(frozen=True, slots=True)
class _Place:
    """Holds a URL and the host, port and addresses at which it is requested."""

    url: str
    host: str
    port: int
    addresses: tuple[IPAddress, ...]

    def request(self, address: IPAddress) -> HttpRequest:
        endpoint = Endpoint(address=address, port=self.port, name=self.host)
        return HttpRequest(endpoint=endpoint, url=self.url, because="named in a certificate")


async def _issuer(net: Net, rec: Recorder, url: str, certificate: bytes) -> None:
    place = await _place(net, rec, url)
    for address in place.addresses:
        got = await issued(net).issuer(rec, place.request(address), sha256(certificate).digest())
        if got.failure is None:
            return


async def _list(net: Net, rec: Recorder, url: str, certificate: bytes, serial: int) -> bool:
    """True if the list could be read."""
    place = await _place(net, rec, url)
    for address in place.addresses:
        got = await issued(net).revocation_list(rec, place.request(address), sha256(certificate).digest(), serial)
        if got.failure is None or got.failure.kind.attribution is Attribution.OURS:
            return got.readable
    return False


async def _place(net: Net, rec: Recorder, url: str) -> _Place:
    """Resolve the host of a URL over IPv4 and IPv6: the servers of an authority may be there over only one of them."""
    target = urlsplit(url)
    host, port = target.hostname or "", target.port or 80
    try:
        return _Place(url, host, port, (ip_address(host),))
    except ValueError:
        name_lookups = await net.names.lookup_many(rec, [(host, "A", "authority"), (host, "AAAA", "authority")])
        addresses = tuple(ip_address(record) for look in name_lookups for record in look.records[:_ADDRESSES])
        return _Place(url, host, port, addresses)
