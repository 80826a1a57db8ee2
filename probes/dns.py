"""Looks up the answers of the authoritative servers for one name, as far as its roles ask for it."""

from collections.abc import Iterable
from ipaddress import ip_address

from inventory.model import IPAddress
from probes.framework.expand import is_akin_exchanger, is_registry_zone, mx_names
from probes.framework.recorder import Recorder
from probes.framework.registry import name_probe
from probes.framework.siblings import beside, sibling
from probes.framework.tasks import NameTask
from probes.framework.walks import Question, follow
from probes.net.api import Net
from probes.observations.dns import Delegation, DnsExchange, LookupStatus, NameLookup
from probes.wire.dns import svcb
from probes.wire.mail.spf.asker import of_address, unknown_senders
from probes.wire.mail.spf.walk import evaluate

NS_LIMIT = 32
SENDERS_LIMIT = 16
REVERSE_LIMIT = 32
"""Addresses of one name that are looked up in the reverse tree."""
_POINTERS = 10
"""Names of one address that are looked up in turn, as many as receivers look at (RFC 7208 §4.6.4)."""
_TARGETS = 4
"""Hosts that HTTPS records lead to."""
_NOTHING_THERE = frozenset({LookupStatus.NO_DATA, LookupStatus.NO_SUCH_NAME})


@name_probe(
    version=9,
    title="DNS from the authoritative servers",
    records=(DnsExchange, NameLookup, Delegation),
    retry="flaw",
    deadline=120.0,
)
async def dns(task: NameTask, net: Net, rec: Recorder) -> None:
    """Look up addresses, HTTPS, MX, SPF and CAA of the name, its delegation, and the addresses of the names in those.

    Also the reverse names of its IPv6 addresses. For a web site also the addresses of its sibling, the same name with
    or without ``www``, and whether a wildcard creates that one.

    A host's delegation tells which zone it belongs to; the servers of that zone are asked only where the name is the
    zone.
    """
    wanted: list[tuple[str, str, str]] = []
    if "host" in task.roles:
        wanted += _both_families(task.name, "host")
    if "mail" in task.roles:
        wanted.append((task.name, "MX", "mx"))
    first = await net.names.lookup_many(rec, wanted)
    if "host" in task.roles:
        await _climb_for_caa(task.name, net, rec)
        await _https(task.name, net, rec)
    targets: list[tuple[str, str, str]] = []
    if task.roles & {"host", "zone"}:
        cut = await net.names.delegation(rec, task.name)
        if "zone" in task.roles and cut.zone == task.name:
            servers = sorted({*cut.parent_ns, *cut.child_ns})[:NS_LIMIT]
            targets += [question for name in servers for question in _both_families(name, "ns-address")]
    exchangers = mx_names(look for look in first if look.rtype == "MX")
    for name in exchangers or _own_exchanger(task, first):
        targets += _both_families(name, "mx-address")
    second = await net.names.lookup_many(rec, targets)
    await _reverse(task, (*first, *second), net, rec)
    if "site" in task.roles:
        await _look_up_sibling(task.name, net, rec)
    if "mail" in task.roles:
        await _walk_spf(task, net, rec)


async def _look_up_sibling(name: str, net: Net, rec: Recorder) -> None:
    """Look up a site's other name and, if it exists, one beside it that does not; not below a registry's zone."""
    other = sibling(name)
    found = await net.names.lookup_many(rec, _both_families(other, "sibling"))
    if any(look.records for look in found) and not is_registry_zone(other.partition(".")[2]):
        await net.names.lookup_many(rec, _both_families(beside(other), "wildcard"))


async def _https(name: str, net: Net, rec: Recorder) -> None:
    """Look up the HTTPS records of a host, and the addresses of the other hosts that they lead to (RFC 9460 §2.4)."""
    look = await net.names.lookup(rec, name, "HTTPS", role="https")
    bindings = [binding for record in look.records if (binding := svcb.read(record)) is not None]
    hosts = dict.fromkeys(binding.target for binding in bindings if binding.target not in (".", name))
    wanted = [question for host in list(hosts)[:_TARGETS] for question in _both_families(host, "https-target")]
    await net.names.lookup_many(rec, wanted)


async def _reverse(task: NameTask, looked_up: Iterable[NameLookup], net: Net, rec: Recorder) -> None:
    """Look up PTR of addresses that should have a name, and the addresses of those names (RFC 1912 §2.1).

    For a mail domain these are its declared senders and its own exchangers, IPv4 and IPv6; for web sites, also those
    without a name, and for name servers the IPv6 addresses.
    """
    addresses: dict[IPAddress, None] = dict.fromkeys((*task.senders, *task.nameless))
    for look in looked_up:
        of_mail = look.role == "mx-address" and is_akin_exchanger(task.name, look.name)
        if of_mail or (look.rtype == "AAAA" and look.role != "mx-address"):
            addresses |= dict.fromkeys(ip_address(text) for text in look.records if "%" not in text)
    wanted = [address for address in addresses if address.version == 4 or address.ipv4_mapped is None][:REVERSE_LIMIT]
    pointed = await net.names.lookup_many(rec, [(address.reverse_pointer, "PTR", "ptr") for address in wanted])
    names = {
        (name, "AAAA" if address.version == 6 else "A"): None
        for address, look in zip(wanted, pointed, strict=True)
        for name in look.records[:_POINTERS]
    }
    await net.names.lookup_many(rec, [(name, rtype, "ptr-address") for name, rtype in names])


async def _walk_spf(task: NameTask, net: Net, rec: Recorder) -> None:
    """Look up the names in SPF for foreign senders over IPv4 and IPv6 and for those that the inventory declares."""
    known: dict[Question, NameLookup] = {}
    senders = [of_address(address, task.name) for address in task.senders[:SENDERS_LIMIT]]
    for asker in (*unknown_senders(task.name), *senders):
        await follow(evaluate(task.name, asker), net, rec, "spf", known)


async def _climb_for_caa(name: str, net: Net, rec: Recorder) -> None:
    """Look up CAA at the name, then at each name above it until there is one (RFC 8659 §3)."""
    status, place = LookupStatus.NO_DATA, name
    while place and status in _NOTHING_THERE:
        status = (await net.names.lookup(rec, place, "CAA", role="caa")).status
        place = place.partition(".")[2]


def _both_families(name: str, role: str) -> list[tuple[str, str, str]]:
    return [(name, "A", role), (name, "AAAA", role)]


def _own_exchanger(task: NameTask, looked_up: Iterable[NameLookup]) -> list[str]:
    """Return a domain without MX, unless it is looked up as a host anyway: it may take mail itself (RFC 5321 §5.1)."""
    without = any(look.rtype == "MX" and look.status in _NOTHING_THERE for look in looked_up)
    return [task.name] if without and "host" not in task.roles else []
