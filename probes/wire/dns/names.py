"""Converts domain names between wire and presentation form (RFC 1035 §3.1, §4.1.4, §5.1).

Decoded names are in lower case without the final dot, "." is the root, and every byte that is not plain is ``\\DDD``,
so a name never holds a control character.
"""

import re

_NAME_LIMIT = 255
_POINTER_LIMIT = 127  # no name has more labels; a longer chain of pointers is an attack on the parser
_LENGTHS = {number: bytes((number,)) for number in range(1, 64)}  # the length bytes that precede labels
_PLAIN = re.compile(rb"[A-Za-z0-9_-]+")
_PLAIN_NAME = re.compile(rb"[A-Za-z0-9_.-]+")
_LITERAL = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_!#%&'*+,/:<=>?[]^`{|}~")


class DnsWireError(ValueError):
    """Raised if bytes are not a DNS message, or a text is not a domain name."""


def encode_name(name: str) -> bytes:
    """Return a name in uncompressed wire form. Takes ``\\DDD`` and ``\\X``; the final dot is optional."""
    if name == ".":
        return b"\0"
    if "\\" in name:
        labels = _split_escaped(name.removesuffix(".") if not name.endswith("\\.") else name)
    else:
        try:
            labels = name.removesuffix(".").encode("ascii").split(b".")
        except UnicodeEncodeError:
            raise DnsWireError("a name with letters outside ASCII has no wire form; it needs its A-label") from None
    try:
        wire = b"".join([_LENGTHS[len(label)] + label for label in labels]) + b"\0"
    except KeyError:
        raise DnsWireError("a label is empty or longer than 63 bytes") from None
    if len(wire) > _NAME_LIMIT:
        raise DnsWireError("the name is longer than 255 bytes")
    return wire


def _split_escaped(name: str) -> list[bytes]:
    labels = [bytearray()]
    at = 0
    while at < len(name):
        char = name[at]
        at += 1
        if char == ".":
            labels.append(bytearray())
            continue
        if char == "\\":
            byte, at = _escaped(name, at)
        else:
            byte = ord(char)
        if byte > 255:
            raise DnsWireError("a byte above 255 in a name")
        labels[-1].append(byte)
    return [bytes(label) for label in labels]


def _escaped(name: str, at: int) -> tuple[int, int]:
    digits = name[at : at + 3]
    if len(digits) == 3 and digits.isascii() and digits.isdigit():
        return int(digits), at + 3
    if at >= len(name):
        raise DnsWireError("a name ends in a backslash")
    return ord(name[at]), at + 1


def read_name(wire: bytes, at: int) -> tuple[str, int]:
    """Return the name at ``at`` and the offset after it."""
    labels, behind = _labels(wire, at)
    if not labels:
        return ".", behind
    whole = b".".join(labels)
    if _PLAIN_NAME.fullmatch(whole) and whole.count(b".") < len(labels):  # no label contains a dot
        return whole.decode("ascii").lower(), behind
    return ".".join([_label_text(label) for label in labels]), behind


def _labels(wire: bytes, at: int) -> tuple[list[bytes], int]:
    """Return the labels of a name and the offset after it; each pointer must lead further back, so this ends."""
    labels: list[bytes] = []
    behind = -1
    lowest = at
    size = pointers = 0
    try:
        while length := wire[at]:
            if length < 64:
                label = wire[at + 1 : at + 1 + length]
                if len(label) != length:
                    raise DnsWireError("a name runs over the end")
                labels.append(label)
                size += length + 1
                at += length + 1
            elif length >= 0xC0:
                target = (length & 0x3F) << 8 | wire[at + 1]
                behind = at + 2 if behind < 0 else behind
                pointers += 1
                if target >= lowest or pointers > _POINTER_LIMIT:
                    raise DnsWireError("a compression pointer leads nowhere good")
                at = lowest = target
            else:
                raise DnsWireError("an unknown label type")
            if size >= _NAME_LIMIT:
                raise DnsWireError("the name is longer than 255 bytes")
    except IndexError:
        raise DnsWireError("a name runs over the end") from None
    return labels, at + 1 if behind < 0 else behind


def _label_text(label: bytes) -> str:
    if _PLAIN.fullmatch(label):
        return label.decode("ascii").lower()
    return "".join([chr(byte) if byte in _LITERAL else f"\\{byte:03}" for byte in label.lower()])
