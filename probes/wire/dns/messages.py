"""Builds and reads DNS messages (RFC 1035 §4, RFC 6891) as bytes, parsing only the parts that are used.

No I/O, no clock, no dnspython: creating an object for every record is what makes DNS libraries slow. Functions raise
only ``DnsWireError``, for any bytes.
"""

import struct
from typing import NamedTuple

from probes.wire.dns.names import DnsWireError as DnsWireError
from probes.wire.dns.names import encode_name, read_name

HEADER_SIZE = 12
MESSAGE_LIMIT = 65_535
IN = 1
OPT = 41
TYPES = {
    "A": 1,
    "NS": 2,
    "CNAME": 5,
    "SOA": 6,
    "PTR": 12,
    "MX": 15,
    "TXT": 16,
    "AAAA": 28,
    "SRV": 33,
    "NAPTR": 35,
    "DNAME": 39,
    "OPT": OPT,
    "DS": 43,
    "RRSIG": 46,
    "NSEC": 47,
    "DNSKEY": 48,
    "NSEC3": 50,
    "NSEC3PARAM": 51,
    "TLSA": 52,
    "CDS": 59,
    "CDNSKEY": 60,
    "SVCB": 64,
    "HTTPS": 65,
    "AXFR": 252,
    "ANY": 255,
    "CAA": 257,
}
RCODES = {
    0: "NOERROR",
    1: "FORMERR",
    2: "SERVFAIL",
    3: "NXDOMAIN",
    4: "NOTIMP",
    5: "REFUSED",
    6: "YXDOMAIN",
    7: "YXRRSET",
    8: "NXRRSET",
    9: "NOTAUTH",
    10: "NOTZONE",
    16: "BADVERS",
}
NOERROR, FORMERR, SERVFAIL, NXDOMAIN, NOTIMP, REFUSED, BADVERS = 0, 1, 2, 3, 4, 5, 16
_WITHOUT_EDNS = frozenset({FORMERR, NOTIMP, BADVERS})
_DECLINED = frozenset({SERVFAIL, REFUSED})

_TYPE_NAMES = {number: name for name, number in TYPES.items()}
_HEADER = struct.Struct("!HHHHHH")
_FIXED = struct.Struct("!HHIH")  # type, class, TTL, RDLENGTH
_FIXED_SIZE = _FIXED.size
_PAIR = struct.Struct("!HH")
_new = tuple.__new__  # bypasses the constructor of a NamedTuple, which takes as long as parsing the rest of a record
_QR, _AA, _TC, _RD, _RA, _AD, _CD = 0x8000, 0x0400, 0x0200, 0x0100, 0x0080, 0x0020, 0x0010
_DO = 0x8000


def type_number(name: str) -> int:
    """Return the number of a type by its mnemonic or as ``TYPE123`` (RFC 3597 §5)."""
    number = TYPES.get(name)
    if number is not None:
        return number
    if name.startswith("TYPE") and name[4:].isascii() and name[4:].isdigit():
        number = int(name[4:])
    if number is None or not 0 <= number <= 0xFFFF:
        raise DnsWireError(f"no such record type: {name[:20]!r}")
    return number


def type_name(number: int) -> str:
    return _TYPE_NAMES.get(number) or f"TYPE{number}"


def rcode_name(number: int) -> str:
    return RCODES.get(number) or f"RCODE{number}"


class Edns(NamedTuple):
    """Holds the unusual parts of an OPT record: version, flags beside DO, an option without content (RFC 6891 §6.1)."""

    version: int = 0
    flags: int = 0
    option: int | None = None


PLAIN_EDNS = Edns()


def query(
    name: str,
    rtype: str,
    *,
    recursion_desired: bool = False,
    dnssec_ok: bool = False,
    edns_size: int = 0,
    checking_disabled: bool = False,
    edns: Edns = PLAIN_EDNS,
) -> bytes:
    """Return a query with id 0; the sender fills in the id. ``edns_size`` 0 adds no OPT record."""
    flags = (_RD if recursion_desired else 0) | (_CD if checking_disabled else 0)
    question = encode_name(name) + _PAIR.pack(type_number(rtype), IN)
    if not edns_size:
        return _HEADER.pack(0, flags, 1, 0, 0, 0) + question
    extended = edns.version << 16 | edns.flags | (_DO if dnssec_ok else 0)
    options = b"" if edns.option is None else _PAIR.pack(edns.option, 0)
    opt = b"\0" + _FIXED.pack(OPT, edns_size, extended, len(options)) + options
    return _HEADER.pack(0, flags, 1, 0, 0, 1) + question + opt


class ResourceRecord(NamedTuple):
    """Holds one resource record by reference: its rdata is ``length`` bytes at ``offset`` of the message."""

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


def parse(wire: bytes) -> "DnsMessage":
    """Return the message with its sections parsed; after this only rdata can still be wrong."""
    message = DnsMessage(wire)
    message.walk()
    return message


def refuses_edns(wire: bytes | None) -> bool:
    """True if ``DnsMessage.refuses_edns`` holds for ``wire``; False for None and for bytes that are no message."""
    try:
        return wire is not None and DnsMessage(wire).refuses_edns()
    except DnsWireError:
        return False


def declines(wire: bytes | None) -> bool:
    """True if a message says REFUSED or SERVFAIL, as servers also do to clients that ask too much."""
    try:
        return wire is not None and DnsMessage(wire).rcode in _DECLINED
    except DnsWireError:
        return False


def sends_to_tcp(wire: bytes | None) -> bool:
    """True if a message without an error and without records only asks to repeat the question over TCP."""
    try:
        return wire is not None and DnsMessage(wire).sends_to_tcp
    except DnsWireError:
        return False


class DnsMessage:
    """Reads one message: the header at once, the sections when they are first needed."""

    __slots__ = ("_counts", "_flags", "_names", "_question", "_sections", "id", "wire")

    def __init__(self, wire: bytes) -> None:
        if not HEADER_SIZE <= len(wire) <= MESSAGE_LIMIT:
            raise DnsWireError("shorter than a header or longer than a message can be")
        self.wire = wire
        head: tuple[int, ...] = _HEADER.unpack_from(wire)
        self.id, self._flags, self._counts = head[0], head[1], head[2:]
        self._sections: tuple[tuple[ResourceRecord, ...], ...] | None = None
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
    def sends_to_tcp(self) -> bool:
        return self.tc and not self.rcode and not self._counts[1]

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
        """The response code in the header's four bits; ``extended_rcode`` adds those of the OPT record."""
        return self._flags & 0x0F

    def extended_rcode(self) -> int:
        """Return the whole response code (RFC 6891 §6.1.3)."""
        opt = self.opt()
        return self.rcode if opt is None else opt.ttl >> 24 << 4 | self.rcode

    def refuses_edns(self) -> bool:
        """True if the query should be repeated without EDNS (RFC 6891 §7)."""
        try:
            return self.extended_rcode() in _WITHOUT_EDNS
        except DnsWireError:  # a truncated message may not be walkable
            return self.rcode in _WITHOUT_EDNS

    @property
    def rcode_text(self) -> str:
        return rcode_name(self.extended_rcode())

    @property
    def question_count(self) -> int:
        return self._counts[0]

    def question(self) -> Question | None:
        """Return the first question, None when there is none."""
        self.walk()
        return self._question

    def answer(self) -> tuple[ResourceRecord, ...]:
        return self.walk()[0]

    def authority(self) -> tuple[ResourceRecord, ...]:
        return self.walk()[1]

    def additional(self) -> tuple[ResourceRecord, ...]:
        return self.walk()[2]

    def opt(self) -> ResourceRecord | None:
        return next((record for record in self.additional() if record.type == OPT), None)

    def data(self, record: ResourceRecord) -> bytes:
        return self.wire[record.offset : record.offset + record.length]

    def name_at(self, at: int) -> tuple[str, int]:
        """Return the same as ``read_name``, caching pointer targets: most owners of a message are the same pointer."""
        wire = self.wire
        if at + 1 < len(wire):
            first = wire[at]
            if first >= 0xC0:
                target = (first & 0x3F) << 8 | wire[at + 1]
                known = self._names.get(target) if target < at else None
                if known is None:
                    known, _ = read_name(wire, at)
                    self._names[target] = known
                return known, at + 2
            if not first:  # the owner of every OPT record
                return ".", at + 1
        return read_name(wire, at)

    def walk(self) -> tuple[tuple[ResourceRecord, ...], ...]:
        """Return the answer, authority and additional section; they are parsed once."""
        if self._sections is None:
            at = self._walk_questions()
            _, answers, authorities, additions = self._counts
            answer, at = self._walk_records(answers, at)
            authority, at = self._walk_records(authorities, at) if authorities else ((), at)
            additional, _ = self._walk_records(additions, at) if additions else ((), at)
            self._sections = answer, authority, additional
        return self._sections

    def _walk_questions(self) -> int:
        at = HEADER_SIZE
        for number in range(self._counts[0]):
            name, at = read_name(self.wire, at)
            if at + 4 > len(self.wire):
                raise DnsWireError("a question runs over the end")
            if number == 0:
                self._names[HEADER_SIZE] = name  # the owner of most answers points here
                self._question = Question(name, *_PAIR.unpack_from(self.wire, at))
            at += 4
        return at

    def _walk_records(self, count: int, at: int) -> tuple[tuple[ResourceRecord, ...], int]:
        wire, end = self.wire, len(self.wire)
        records = []
        for _ in range(count):
            owner, at = self.name_at(at)
            offset = at + _FIXED_SIZE
            if offset > end:
                raise DnsWireError("a record runs over the end")
            rtype, rclass, ttl, length = _FIXED.unpack_from(wire, at)
            at = offset + length
            if at > end:
                raise DnsWireError("a record runs over the end")
            records.append(_new(ResourceRecord, (owner, rtype, rclass, ttl, offset, length)))
        return tuple(records), at
