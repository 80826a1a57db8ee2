"""DNS messages (RFC 1035 §4, RFC 6891) as bytes: queries built by hand, answers walked where somebody looks.

No I/O, no clock, no dnspython: objects for every record are what makes DNS slow. Nothing here raises anything but
``WireError``, whatever the bytes are. Names come out in lower-case presentation form without the final dot, "." is the
root, and every byte that is not plain is ``\\DDD`` (RFC 1035 §5.1), so a name never holds a control character.
"""

import re
import struct
from typing import NamedTuple

HEADER_SIZE = 12
MESSAGE_LIMIT = 65_535
IN = 1
OPT = 41
TYPES = {
    "A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "SRV": 33, "NAPTR": 35,
    "DNAME": 39, "OPT": OPT, "DS": 43, "RRSIG": 46, "NSEC": 47, "DNSKEY": 48, "NSEC3": 50, "NSEC3PARAM": 51, "TLSA": 52,
    "CDS": 59, "CDNSKEY": 60, "SVCB": 64, "HTTPS": 65, "AXFR": 252, "ANY": 255, "CAA": 257,
}  # fmt: skip
RCODES = {
    0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN", 7: "YXRRSET",
    8: "NXRRSET", 9: "NOTAUTH", 10: "NOTZONE", 16: "BADVERS",
}  # fmt: skip
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, BADVERS = 0, 1, 2, 3, 4, 5, 16

_TYPE_NAMES = {number: name for name, number in TYPES.items()}
_HEADER = struct.Struct("!HHHHHH")
_FIXED = struct.Struct("!HHIH")  # type, class, TTL, RDLENGTH
_PAIR = struct.Struct("!HH")
_NAME_LIMIT = 255
_POINTER_LIMIT = 127  # no name has more labels; a longer chain of pointers is an attack on the reader
_PLAIN = re.compile(rb"[A-Za-z0-9_-]+")
_LITERAL = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_!#%&'*+,/:<=>?[]^`{|}~")
_QR, _AA, _TC, _RD, _RA, _AD, _CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020, 0x0010
_DO = 0x8000


class WireError(ValueError):
    """The bytes are no DNS message, or the text is no domain name."""


def type_number(name: str) -> int:
    """The number of a type by its mnemonic or as ``TYPE123`` (RFC 3597 §5)."""
    number = TYPES.get(name)
    if number is None and name.startswith("TYPE") and name[4:].isascii() and name[4:].isdigit():
        number = int(name[4:])
    if number is None or not 0 <= number <= 0xFFFF:
        raise WireError(f"no such record type: {name[:20]!r}")
    return number


def type_name(number: int) -> str:
    return _TYPE_NAMES.get(number) or f"TYPE{number}"


def rcode_name(number: int) -> str:
    return RCODES.get(number) or f"RCODE{number}"


def encode_name(name: str) -> bytes:
    """Presentation form to wire, uncompressed. Takes ``\\DDD`` and ``\\X``; the final dot is optional."""
    if name == ".":
        return b"\0"
    if "\\" in name:
        labels = _split_escaped(name.removesuffix(".") if not name.endswith("\\.") else name)
    else:
        try:
            labels = [label.encode("ascii") for label in name.removesuffix(".").split(".")]
        except UnicodeEncodeError:
            raise WireError("a name with letters outside ASCII has no wire form; it needs its A-label") from None
    if not all(0 < len(label) < 64 for label in labels):
        raise WireError("a label is empty or longer than 63 bytes")
    wire = b"".join([bytes((len(label),)) + label for label in labels]) + b"\0"
    if len(wire) > _NAME_LIMIT:
        raise WireError("the name is longer than 255 bytes")
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
            raise WireError("a byte above 255 in a name")
        labels[-1].append(byte)
    return [bytes(label) for label in labels]


def _escaped(name: str, at: int) -> tuple[int, int]:
    digits = name[at : at + 3]
    if len(digits) == 3 and digits.isascii() and digits.isdigit():
        return int(digits), at + 3
    if at >= len(name):
        raise WireError("a name ends in a backslash")
    return ord(name[at]), at + 1


def query(
    name: str, rtype: str, *, recursion_desired: bool = False, dnssec_ok: bool = False, edns_size: int = 0
) -> bytes:
    """A question with id 0; whoever sends it puts in the id. ``edns_size`` 0 adds no OPT record."""
    flags = _RD if recursion_desired else 0
    question = encode_name(name) + _PAIR.pack(type_number(rtype), IN)
    if not edns_size:
        return _HEADER.pack(0, flags, 1, 0, 0, 0) + question
    opt = b"\0" + _FIXED.pack(OPT, edns_size, _DO if dnssec_ok else 0, 0)
    return _HEADER.pack(0, flags, 1, 0, 0, 1) + question + opt


def read_name(wire: bytes, at: int) -> tuple[str, int]:
    """The name at ``at`` and the offset behind it."""
    labels, behind = _labels(wire, at)
    if not labels:
        return ".", behind
    return ".".join([_label_text(label) for label in labels]), behind


def _labels(wire: bytes, at: int) -> tuple[list[bytes], int]:
    """Follow labels and pointers. A pointer must lead further back than everything before it, so this ends."""
    labels: list[bytes] = []
    behind = -1
    lowest = at
    size = pointers = 0
    try:
        while length := wire[at]:
            if length < 64:
                label = wire[at + 1 : at + 1 + length]
                if len(label) != length:
                    raise WireError("a name runs over the end")
                labels.append(label)
                size += length + 1
                at += length + 1
            elif length >= 0xC0:
                target = (length & 0x3F) << 8 | wire[at + 1]
                behind = at + 2 if behind < 0 else behind
                pointers += 1
                if target >= lowest or pointers > _POINTER_LIMIT:
                    raise WireError("a compression pointer leads nowhere good")
                at = lowest = target
            else:
                raise WireError("an unknown label type")
            if size >= _NAME_LIMIT:
                raise WireError("the name is longer than 255 bytes")
    except IndexError:
        raise WireError("a name runs over the end") from None
    return labels, at + 1 if behind < 0 else behind


def _label_text(label: bytes) -> str:
    if _PLAIN.fullmatch(label):
        return label.decode("ascii").lower()
    return "".join([chr(byte) if byte in _LITERAL else f"\\{byte:03}" for byte in label.lower()])


class Record(NamedTuple):
    """One resource record by reference: its rdata is ``length`` bytes at ``offset`` of the message."""

    owner: str
    type: int
    rclass: int
    ttl: int
    offset: int
    length: int

    @property
    def rtype(self) -> str:
        return type_name(self.type)


class Question(NamedTuple):
    name: str
    type: int
    qclass: int


def parse(wire: bytes) -> "Message":
    """The message with its sections walked: after this nothing but rdata can still be wrong."""
    message = Message(wire)
    message.walk()
    return message


class Message:
    """A view of one message. The header is read at once, the sections when first asked for."""

    __slots__ = ("_counts", "_flags", "_names", "_question", "_sections", "id", "wire")

    def __init__(self, wire: bytes) -> None:
        if not HEADER_SIZE <= len(wire) <= MESSAGE_LIMIT:
            raise WireError("shorter than a header or longer than a message can be")
        self.wire = wire
        head: tuple[int, ...] = _HEADER.unpack_from(wire)
        self.id, self._flags, self._counts = head[0], head[1], head[2:]
        self._sections: tuple[tuple[Record, ...], ...] | None = None
        self._question: Question | None = None
        self._names: dict[int, str] = {}

    @property
    def is_response(self) -> bool:
        return bool(self._flags & _QR)

    @property
    def opcode(self) -> int:
        return self._flags >> 11 & 0x0F

    @property
    def aa(self) -> bool:
        return bool(self._flags & _AA)

    @property
    def tc(self) -> bool:
        return bool(self._flags & _TC)

    @property
    def rd(self) -> bool:
        return bool(self._flags & _RD)

    @property
    def ra(self) -> bool:
        return bool(self._flags & _RA)

    @property
    def ad(self) -> bool:
        return bool(self._flags & _AD)

    @property
    def cd(self) -> bool:
        return bool(self._flags & _CD)

    @property
    def rcode(self) -> int:
        """The four bits of the header; ``extended_rcode`` has those of the OPT record too."""
        return self._flags & 0x0F

    def extended_rcode(self) -> int:
        """The whole response code (RFC 6891 §6.1.3)."""
        opt = self.opt()
        return self.rcode if opt is None else opt.ttl >> 24 << 4 | self.rcode

    @property
    def rcode_text(self) -> str:
        return rcode_name(self.extended_rcode())

    @property
    def question_count(self) -> int:
        return self._counts[0]

    def question(self) -> Question | None:
        """The first question, None when there is none."""
        self.walk()
        return self._question

    def answer(self) -> tuple[Record, ...]:
        return self.walk()[0]

    def authority(self) -> tuple[Record, ...]:
        return self.walk()[1]

    def additional(self) -> tuple[Record, ...]:
        return self.walk()[2]

    def opt(self) -> Record | None:
        return next((record for record in self.additional() if record.type == OPT), None)

    def data(self, record: Record) -> bytes:
        return self.wire[record.offset : record.offset + record.length]

    def name_at(self, at: int) -> tuple[str, int]:
        """As ``read_name``, remembering where pointers lead: most owners of a message are the same pointer."""
        wire = self.wire
        if at + 1 < len(wire) and wire[at] >= 0xC0:
            target = (wire[at] & 0x3F) << 8 | wire[at + 1]
            known = self._names.get(target) if target < at else None
            if known is None:
                known, _ = read_name(wire, at)
                self._names[target] = known
            return known, at + 2
        return read_name(wire, at)

    def walk(self) -> tuple[tuple[Record, ...], ...]:
        """Answer, authority and additional section; the work is done once."""
        if self._sections is None:
            at = self._walk_questions()
            sections = []
            for count in self._counts[1:]:
                records, at = self._walk_records(count, at)
                sections.append(records)
            self._sections = tuple(sections)
        return self._sections

    def _walk_questions(self) -> int:
        at = HEADER_SIZE
        for number in range(self._counts[0]):
            name, at = read_name(self.wire, at)
            if at + 4 > len(self.wire):
                raise WireError("a question runs over the end")
            if number == 0:
                self._question = Question(name, *_PAIR.unpack_from(self.wire, at))
            at += 4
        return at

    def _walk_records(self, count: int, at: int) -> tuple[tuple[Record, ...], int]:
        wire = self.wire
        records = []
        for _ in range(count):
            owner, behind = self.name_at(at)
            if behind + _FIXED.size > len(wire):
                raise WireError("a record runs over the end")
            rtype, rclass, ttl, length = _FIXED.unpack_from(wire, behind)
            offset = behind + _FIXED.size
            at = offset + length
            if at > len(wire):
                raise WireError("a record runs over the end")
            records.append(Record(owner, rtype, rclass, ttl, offset, length))
        return tuple(records), at
