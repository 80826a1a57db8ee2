"""Reads the address columns: one or several addresses, ranges, and the words people write around or instead of them."""

import re
from collections.abc import Iterator
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface
from unicodedata import normalize

from inventory.cells.names import is_url, looks_like_name, split_url
from inventory.cells.remarks import says_nothing, without_remarks
from inventory.model import IPAddress, family
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition
from inventory.word_matching import fold

RANGE_LIMIT = 256
_PLAIN = re.compile(r"[0-9A-Fa-f.:]+")
_SEPARATORS = re.compile(r"[\s,;]+")
_RANGE = re.compile(r"(?<!\s)\s*+[-–—]\s*+(?=[0-9A-Fa-f:])")
_LENGTH = re.compile(r"(?<=[0-9A-Fa-f:])\s*+/\s*+(?=\d{1,3}(?:[\s,;]|\Z))", re.ASCII)
_COMMAS = re.compile(r"\d{1,3}(,\d{1,3}){3}", re.ASCII)
_BRACKETED_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+")
_LEADING_ZEROS = re.compile(r"\b0+(?=\d)")
_RANGE_WORD = re.compile(r"(?<=[0-9A-Fa-f:])\s++(?:đến|tới|->|→|\.\.)\s++(?=[0-9A-Fa-f:])", re.IGNORECASE)
_DYNAMIC = frozenset(
    map(
        fold,
        (
            "DHCP",
            "IP DHCP",
            "DHCP client",
            "cấp DHCP",
            "nhận DHCP",
            "tự động",
            "động",
            "IP động",
            "cấp động",
            "auto",
            "tự động cấp",
            "SLAAC",
            "DHCPv6",
            "PPPoE",
            "dynamic",
        ),
    )
)


def parse_addresses(text: str, place: CellPosition, *, version: int | None = None) -> tuple[IPAddress, ...]:
    """Read every address of a cell, in the order written, each once. ``version`` is the column's family."""
    if _PLAIN.fullmatch(text) and (alone := _plain_address(text)) and family(alone) == version:
        return (alone,)
    if means_no_address(text):
        if fold(text):
            place.report(Code.ADDRESS_DYNAMIC if fold(text) in _DYNAMIC else Code.NO_ADDRESS_WORD, text)
        return ()
    text = without_remarks(text, place)
    if _COMMAS.fullmatch(text.strip()):
        place.report(Code.NOT_AN_ADDRESS, text, suggestion=_readable(text.strip().replace(",", ".")))
        return ()
    found: dict[IPAddress, None] = {}
    joined = _LENGTH.sub("/", _RANGE.sub("-", _RANGE_WORD.sub("-", text.strip())))
    for piece in _SEPARATORS.split(joined):
        if piece:
            found.update(dict.fromkeys(_piece(piece, place)))
    for address in found:
        _remark(address, place, version)
    return tuple(found)


def _plain_address(text: str) -> IPAddress | None:
    """Return the address of a cell that holds nothing else and nothing to report, as nearly all do; None for others."""
    try:
        address: IPAddress = IPv6Address(text) if ":" in text else IPv4Address(text)
    except ValueError:
        return None
    number = int(address)
    if address.version == 6:
        return address if number >> 125 == 1 else None
    return address if 0 < number >> 24 < 224 and number >> 24 not in (127, 169) else None


def means_no_address(text: str) -> bool:
    """True if people say with this text that there is no address, or none that stays."""
    if text[:1].isdigit():  # none of the words does, and most cells do
        return False
    says_something = any(letter.isalnum() or letter == ":" for letter in text)
    return not says_something or says_nothing(text) or fold(text) in _DYNAMIC


parse_ipv4 = partial(parse_addresses, version=4)
parse_ipv6 = partial(parse_addresses, version=6)


def _piece(piece: str, place: CellPosition) -> Iterator[IPAddress]:
    if is_url(piece):
        address = _of_url(piece, place)
        if address is not None:
            yield address
        return
    if "-" in piece and not _is_name(piece):
        yield from _range(piece, place)
        return
    address = _with_length(piece, place) if "/" in piece else _single(piece, place)
    if address is not None:
        yield address


def _is_name(text: str) -> bool:
    """True if the text is a domain name and no range: names end with a label that begins with a letter."""
    return text.rpartition(".")[2][:1].isalpha() and looks_like_name(text) is not None


def _of_url(piece: str, place: CellPosition) -> IPAddress | None:
    """Return the address in a URL; a name in it belongs in another column."""
    parts = split_url(piece)
    host = (parts.hostname or "") if parts else ""
    if not (readable := _readable(host)):
        place.report(Code.ADDRESS_IS_NAME if _is_name(host) else Code.NOT_AN_ADDRESS, piece)
        return None
    place.report(Code.ADDRESS_MAPPED, piece, address=readable)
    return ip_address(readable)


def _single(piece: str, place: CellPosition) -> IPAddress | None:
    if "%" in piece:
        place.report(Code.ADDRESS_WITH_ZONE, piece, suggestion=_readable(piece.partition("%")[0].partition("/")[0]))
        return None
    if narrow := _half_width(piece):
        place.report(Code.ADDRESS_MAPPED, piece, address=narrow)
        return ip_address(narrow)
    try:
        address = ip_address(piece)
    except ValueError:
        _refuse(piece, place)
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    if mapped is not None:
        place.report(Code.ADDRESS_MAPPED, piece, address=str(mapped))
    return mapped or address


def _half_width(text: str) -> str:
    """Return the address in a text with the wide letters that an input method for Chinese leaves on."""
    return "" if text.isascii() else _readable(normalize("NFKC", text))


def _refuse(piece: str, place: CellPosition) -> None:
    bracketed = _BRACKETED_PORT.fullmatch(piece)
    inside = _readable(bracketed.group(1) or bracketed.group(2)) if bracketed else ""
    if inside:
        place.report(Code.ADDRESS_WITH_PORT, piece, suggestion=inside)
        return
    if _is_name(piece):
        place.report(Code.ADDRESS_IS_NAME, piece)
        return
    place.report(Code.NOT_AN_ADDRESS, piece, suggestion=_readable(_LEADING_ZEROS.sub("", piece)))


def _readable(text: str) -> str:
    try:
        return str(ip_address(text))
    except ValueError:
        return ""


def _with_length(piece: str, place: CellPosition) -> IPAddress | None:
    """Read ``2001:db8::1/64`` as the address; report ``2001:db8::/64``, a network, which cannot be one subject."""
    if "%" in piece:
        return _single(piece, place)
    try:
        interface = ip_interface(piece)
    except ValueError:
        place.report(Code.NOT_AN_ADDRESS, piece)
        return None
    network = interface.network
    if interface.ip == network.network_address and network.max_prefixlen - network.prefixlen > 1:
        place.report(Code.ADDRESS_IS_NETWORK, piece, count=_power(network.num_addresses))
        return None
    if network.prefixlen < network.max_prefixlen:
        place.report(Code.ADDRESS_WITH_LENGTH, piece, address=str(interface.ip))
    return interface.ip


def _power(count: int) -> str:
    """Return a number as a power of two where its digits would tell a reader nothing."""
    return str(count) if count < 1_000_000 else f"2^{count.bit_length() - 1}"


def _range(piece: str, place: CellPosition) -> Iterator[IPAddress]:
    """Read a range: ``10.1.1.5-9``, ``10.1.1.5-10.1.1.9``, ``2001:db8::5-2001:db8::9``."""
    first_text, _, last_text = piece.partition("-")
    if last_text.isdecimal() and "." in first_text:
        last_text = first_text.rpartition(".")[0] + "." + last_text
    try:
        first, last = ip_address(first_text), ip_address(last_text)
        if family(first) != family(last) or "%" in piece:
            raise ValueError(piece)
    except ValueError:
        place.report(Code.NOT_AN_ADDRESS, piece)
        return
    from netaddr import AddrFormatError, IPRange  # few lists have ranges, and it takes long to load

    try:
        addresses = IPRange(str(first), str(last))
    except AddrFormatError:
        place.report(Code.RANGE_BACKWARDS, piece)
        return
    if addresses.size > RANGE_LIMIT:
        place.report(Code.RANGE_TOO_LONG, piece, limit=str(RANGE_LIMIT))
        return
    if addresses.size > 1:
        place.report(Code.RANGE_OF_ONE, piece, count=str(addresses.size))
    made = IPv4Address if isinstance(first, IPv4Address) else IPv6Address
    yield from (made(int(address)) for address in addresses)


def _remark(address: IPAddress, place: CellPosition, version: int | None) -> None:
    if version is not None and family(address) != version:
        place.report(Code.ADDRESS_OTHER_FAMILY, str(address), family=str(family(address)))
    broadcast = isinstance(address, IPv4Address) and int(address) == 0xFFFFFFFF
    if address.is_multicast or address.is_unspecified or broadcast:
        place.report(Code.ADDRESS_UNUSABLE, str(address))
    elif address.is_loopback or address.is_link_local:
        place.report(Code.ADDRESS_SPECIAL, str(address))
