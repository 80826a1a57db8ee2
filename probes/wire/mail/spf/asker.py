"""Describes the client that SPF is evaluated for: a known address, or an unlisted client of one IP version. No I/O."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

from inventory.model import IPAddress

_EXPANSION = re.compile(r"%(?:\{([A-Za-z])(\d*)([rR]?)([.+,/_=-]*)\}|([%_-]))", re.ASCII)
_PLAIN = {"%": "%", "_": " ", "-": "%20"}
_NAME_LIMIT = 253
UNKNOWN = "unknown"
"""The value of ``%{p}`` if no name is validated (RFC 7208 §7.3)."""


class Depends(ValueError):
    """Raised if a macro's value is unknown: an unlisted client's address, or a sender or HELO name not given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Holds the client. ``address`` None: an unlisted client. ``sender``, ``helo`` empty: unknown, only a domain is."""

    family: int
    domain: str
    address: IPAddress | None = None
    sender: str = ""
    helo: str = ""

    def macro(self, letter: str, domain: str, validated: str) -> str:
        """Return the value of a macro letter (RFC 7208 §7.2, §7.3); for ``p`` it is ``validated``. Raise Depends."""
        known = {
            "d": domain,
            "o": self.domain,
            "v": "in-addr" if self.family == 4 else "ip6",
            "s": self.sender,
            "l": self.sender.rpartition("@")[0],
            "h": self.helo,
            "i": "" if self.address is None else _dotted(self.address),
            "p": "" if self.address is None else validated,
        }
        if not known[letter]:
            raise Depends(letter)
        return known[letter]


def of_address(address: IPAddress, domain: str, *, sender: str = "", helo: str = "") -> Asker:
    """Return the client at an address; an IPv4-mapped IPv6 address is an IPv4 client (RFC 7208 §5)."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    found = mapped or address
    return Asker(family=found.version, domain=domain, address=found, sender=sender, helo=helo)


def unknown_senders(domain: str) -> tuple[Asker, Asker]:
    """Return an unlisted client of each IP version, in no address list, that sends mail of ``domain``."""
    return Asker(family=4, domain=domain), Asker(family=6, domain=domain)


def expanded(spec: str, asker: Asker, domain: str, validated: str = UNKNOWN) -> str:
    """Return a domain-spec with its macros filled in, at most 253 characters (RFC 7208 §7.3). Raise Depends."""

    def one(met: re.Match[str]) -> str:
        if met[5]:
            return _PLAIN[met[5]]
        value = _transformed(asker.macro(met[1].lower(), domain, validated), met)
        return quote(value, safe="-._~") if met[1].isupper() else value

    name = _EXPANSION.sub(one, spec).removesuffix(".")
    while len(name) > _NAME_LIMIT and "." in name:
        name = name.partition(".")[2]
    return name


def needs_name(spec: str) -> bool:
    """True if the spec uses the validated name of the client."""
    return any((met[1] or "").lower() == "p" for met in _EXPANSION.finditer(spec))


def _transformed(value: str, met: re.Match[str]) -> str:
    """Split at the delimiters, reverse if asked, keep the last n parts and join them with dots (RFC 7208 §7.3)."""
    parts = re.split(f"[{re.escape(met[4] or '.')}]", value)
    if met[3]:
        parts.reverse()
    return ".".join(parts[-int(met[2][:3]) :] if met[2] else parts)


def _dotted(address: IPAddress) -> str:
    return str(address) if isinstance(address, IPv4Address) else ".".join(f"{int(address):032x}")
