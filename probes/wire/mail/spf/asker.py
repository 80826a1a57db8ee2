"""Describes the sender that SPF is evaluated for: one at an address, or one of a family that no list names. No I/O."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from urllib.parse import quote

from inventory.model import IPAddress

_EXPANSION = re.compile(r"%(?:\{([A-Za-z])(\d*)([rR]?)([.+,/_=-]*)\}|([%_-]))", re.ASCII)
_PLAIN = {"%": "%", "_": " ", "-": "%20"}
_NAME_LIMIT = 253
UNKNOWN = "unknown"
"""What ``%{p}`` is where no name is validated (RFC 7208 §7.3)."""


class Depends(ValueError):
    """The value hangs on something that nobody has said: a stranger's address, or the letter of who writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """``address`` None is a stranger. ``sender`` and ``helo`` empty: not known, only the sender's domain is."""

    family: int
    domain: str
    address: IPAddress | None = None
    sender: str = ""
    helo: str = ""

    def macro(self, letter: str, domain: str, validated: str) -> str:
        """The value of one macro letter (RFC 7208 §7.2, §7.3); ``validated`` is the name for ``p``. Raises Depends."""
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
    """An IPv4 client of an IPv6 socket is an IPv4 client (RFC 7208 §5)."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    found = mapped or address
    return Asker(family=found.version, domain=domain, address=found, sender=sender, helo=helo)


def strangers(domain: str) -> tuple[Asker, Asker]:
    """Somebody of each family whom no list of addresses names, writing as somebody of ``domain``."""
    return Asker(family=4, domain=domain), Asker(family=6, domain=domain)


def expanded(spec: str, asker: Asker, domain: str, validated: str = UNKNOWN) -> str:
    """Return a domain-spec with its macros filled in, at most 253 characters (RFC 7208 §7.3). Raises Depends."""

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
    """True if the spec asks for the validated name of the client."""
    return any((met[1] or "").lower() == "p" for met in _EXPANSION.finditer(spec))


def _transformed(value: str, met: re.Match[str]) -> str:
    """Split at the delimiters, perhaps reversed, the last so many parts, joined with dots (RFC 7208 §7.3)."""
    parts = re.split(f"[{re.escape(met[4] or '.')}]", value)
    if met[3]:
        parts.reverse()
    return ".".join(parts[-int(met[2][:3]) :] if met[2] else parts)


def _dotted(address: IPAddress) -> str:
    return str(address) if isinstance(address, IPv4Address) else ".".join(f"{int(address):032x}")
