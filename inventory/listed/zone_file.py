"""Reads a zone file: the zone, and every name in it that has an address or an alias."""

import re
from ipaddress import ip_address

import dns.exception
import dns.name
import dns.rdatatype
import dns.rdtypes.IN.A
import dns.rdtypes.IN.AAAA
import dns.zone

from inventory.listed.model import ListedThings, NotSuchAListError
from inventory.model import Kind

_DIRECTIVES = ("$ORIGIN", "$TTL")
_ORIGIN = re.compile(r"^\$ORIGIN\s+(\S+)", re.IGNORECASE | re.MULTILINE)


def read_zone(text: str, origin: str = "") -> ListedThings:
    """Return the names of a zone file; ``origin`` is the zone's name where the file has no ``$ORIGIN``.

    Raise NotSuchAListError, also for ``$GENERATE`` and ``$INCLUDE``: one line makes millions of names, the other opens
    files.
    """
    stated = _ORIGIN.search(text)
    try:
        name = dns.name.from_text(stated[1] if stated else origin)
        zone = dns.zone.from_text(text, origin=name, relativize=False, check_origin=False, allow_directives=_DIRECTIVES)
    except (dns.exception.DNSException, ValueError) as error:
        raise NotSuchAListError(str(error)) from error
    things = ListedThings("zone file")
    things.add(_text(name), Kind.ZONE)
    for owner, node in zone.nodes.items():
        if owner.is_wild():
            continue
        for rdataset in node:
            for rdata in rdataset:
                if isinstance(rdata, dns.rdtypes.IN.A.A | dns.rdtypes.IN.AAAA.AAAA):
                    things.add(_text(owner), Kind.HOST, ip_address(rdata.address))
                elif rdata.rdtype == dns.rdatatype.CNAME and not _text(owner).startswith("_"):
                    things.add(_text(owner), Kind.HOST)
    return things


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower()
