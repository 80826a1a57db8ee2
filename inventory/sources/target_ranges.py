"""Expands a network or a range of addresses on the command line into its addresses, at most 256 of them."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from inventory.cells.addresses import RANGE_LIMIT
from inventory.model import IPAddress, family
from inventory.problems.codes import Code
from inventory.problems.problem import CellPosition

_NETWORK = re.compile(r"([0-9A-Fa-f:.]{2,45})/(\d{1,3})")
_RANGE = re.compile(r"([0-9A-Fa-f:.]{2,45})[-–]([0-9A-Fa-f:.]{1,45})")


def expand(text: str, place: CellPosition) -> tuple[str, ...]:
    """Return the addresses that a network or range stands for, or the text itself where it is neither.

    Return nothing, with a problem, where it is too large or invalid.
    """
    if (match := _NETWORK.fullmatch(text)) and (address := _address(match[1])) is not None:
        return _of_network(text, address, int(match[2]), place)
    if (match := _RANGE.fullmatch(text)) and (first := _address(match[1])) is not None:
        return _of_range(text, first, match[2], place)
    return (text,)


def _of_network(text: str, address: IPAddress, length: int, place: CellPosition) -> tuple[str, ...]:
    if length > address.max_prefixlen:
        place.report(Code.NOT_AN_ADDRESS, text)
        return ()
    network = ip_network((address, length), strict=False)
    if network.network_address != address:
        place.report(Code.TARGET_HOST_BITS, text, network=str(network), address=str(address))
        return ()
    if address.max_prefixlen - length > 8:
        _too_large(text, network.num_addresses, place)
        return ()
    return tuple(map(str, network.hosts()))


def _of_range(text: str, first: IPAddress, end: str, place: CellPosition) -> tuple[str, ...]:
    if end.isdecimal() and isinstance(first, IPv4Address):
        end = f"{str(first).rpartition('.')[0]}.{end}"
    last = _address(end)
    if last is None or family(last) != family(first):
        place.report(Code.NOT_AN_ADDRESS, text)
    elif int(last) < int(first):
        place.report(Code.RANGE_BACKWARDS, text)
    elif int(last) - int(first) >= RANGE_LIMIT:
        _too_large(text, int(last) - int(first) + 1, place)
    else:
        made = IPv4Address if isinstance(first, IPv4Address) else IPv6Address
        return tuple(str(made(number)) for number in range(int(first), int(last) + 1))
    return ()


def _too_large(text: str, count: int, place: CellPosition) -> None:
    shown = str(count) if count < 1_000_000 else f"2^{count.bit_length() - 1}"
    place.report(Code.TARGET_RANGE_TOO_LARGE, text, count=shown, limit=str(RANGE_LIMIT))


def _address(text: str) -> IPAddress | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
