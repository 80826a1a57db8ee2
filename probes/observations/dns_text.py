"""Decodes DNS answers for a reviewer, as dig shows them."""

import re
from collections.abc import Iterator
from functools import lru_cache

from inventory.model import IPAddress
from probes.framework.evidence import Observation
from probes.observations.text import MOST_RECORDS, Word, cut, end, octets
from probes.wire import rdata
from probes.wire.dns import DnsMessage, DnsWireError, parse, type_name

_KEPT = 64
"""Messages whose lines are kept."""
_ID = 2
"""Bytes of the id that a message begins with."""
_GENERIC = re.compile(r"\\# \d+ ([0-9a-f ]+)", re.IGNORECASE)


def record_text(rtype: str, data: str) -> str:
    """Show the data of a record: a CAA record in generic form (RFC 3597) as its flags, tag and value (RFC 8659)."""
    generic = _GENERIC.fullmatch(data)
    if rtype != "CAA" or generic is None:
        return data
    try:
        wire = bytes.fromhex(generic[1])
    except ValueError:
        return data
    tag, value = (wire[2 : 2 + wire[1]], wire[2 + wire[1] :]) if len(wire) > 1 else (b"", b"")
    printable = bytes(range(0x20, 0x7F))
    if not tag.isalnum() or len(tag) != wire[1] or value.strip(printable):
        return octets(wire, str)
    return f'{wire[0]} {tag.decode()} "{value.decode()}"'


def answer_lines(
    step: Observation, asked: str, response: bytes | None, word: Word, answered_from: IPAddress | None = None
) -> Iterator[str]:
    """What was asked and what came back, then the records."""
    other = word(", answer came from {}").format(answered_from) if answered_from else ""
    shown = None if response is None else _shown(response[_ID:])
    if shown is None:
        unread = "" if response is None else word("unreadable answer of {} bytes, ").format(len(response))
        hexes = "" if response is None else f" {response[:24].hex(' ')}"
        yield f"{asked} → {unread}{end(step, word('no answer'), word)}{other}{hexes}"
        return
    yield f"{asked} → {end(step, shown[0], word)}, {len(response or b'')} B{other}"
    yield from shown[1:]


@lru_cache(maxsize=_KEPT)
def _shown(behind_id: bytes) -> tuple[str, ...] | None:
    """Give the code and flags of a message and then a line for each record, as dig does in any language; None of what
    cannot be read. Nothing that is shown depends on the id of a message: without it many answers are alike."""
    try:
        message = parse(bytes(_ID) + behind_id)
    except DnsWireError:
        return None
    header = " ".join(name for name in ("aa", "tc", "ra", "ad") if getattr(message, name))
    return f"{message.rcode_text} {header}".rstrip(), *_records(message)


def _records(message: DnsMessage) -> Iterator[str]:
    sections = (("answer", message.answer()), ("authority", message.authority()), ("additional", message.additional()))
    shown = [
        (section, record) for section, records in sections for record in records if type_name(record.type) != "OPT"
    ]
    for section, record in shown[:MOST_RECORDS]:
        try:
            data = rdata.text(message, record)
        except DnsWireError:
            raw = message.data(record)
            data = f"\\# {len(raw)} {raw[:24].hex(' ')}"  # RFC 3597 §5, in any language
        rtype = type_name(record.type)
        yield f"  {section:10} {record.owner} {record.ttl} {rtype} {record_text(rtype, data)}"
    if len(shown) > MOST_RECORDS:
        rest = (f"{record.owner} {record.ttl} {type_name(record.type)}" for _, record in shown[MOST_RECORDS:])
        yield f"  … (+{len(shown) - MOST_RECORDS}: {cut(rest)})"
