"""Reads the hosts, ports and addresses in HTTPS and SVCB records (RFC 9460 §2). No I/O.

The record comes in the generic form of RFC 3597, as look-ups record it; dnspython parses the parameters.
"""

from dataclasses import dataclass
from ipaddress import IPv6Address

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from dns.rdtypes.svcbbase import ALPNParam, IPv6HintParam, ParamKey, PortParam, SVCBBase

HINTS_LIMIT = 16
_HTTPS_PORT = 443


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """Holds one record. ``priority`` 0 is AliasMode (§2.4.2). ``target`` is "." for the owner name itself."""

    priority: int
    target: str
    port: int = _HTTPS_PORT
    hints: tuple[IPv6Address, ...] = ()
    protocols: tuple[str, ...] = ()
    """The protocols in the ``alpn`` parameter."""

    @property
    def is_alias(self) -> bool:
        return self.priority == 0

    def host(self, owner: str) -> str | None:
        """Return the name that the record leads to; None for an alias to nothing (§2.5.1)."""
        if self.target != ".":
            return self.target
        return None if self.is_alias else owner


def read(record: str) -> Binding | None:
    """Return the record with at most ``HINTS_LIMIT`` address hints; None if it is malformed."""
    try:
        rdata = dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.HTTPS, record)
        if not isinstance(rdata, SVCBBase):
            return None
        port, hints = rdata.params.get(ParamKey.PORT), rdata.params.get(ParamKey.IPV6HINT)
        alpn = rdata.params.get(ParamKey.ALPN)
        addresses = [IPv6Address(text) for text in hints.addresses] if isinstance(hints, IPv6HintParam) else []
        return Binding(
            priority=rdata.priority,
            target=rdata.target.to_text(omit_final_dot=rdata.target != dns.name.root).lower(),
            port=port.port if isinstance(port, PortParam) else _HTTPS_PORT,
            protocols=tuple(id_.decode("ascii", "replace") for id_ in alpn.ids) if isinstance(alpn, ALPNParam) else (),
            hints=tuple(dict.fromkeys(addresses))[:HINTS_LIMIT],
        )
    except (dns.exception.DNSException, ValueError, OverflowError):
        return None
