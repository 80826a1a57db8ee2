"""Decodes DNS answers for a reviewer, as dig shows them."""

import re
from collections.abc import Iterator

from inventory.model import IPAddress
from probes.framework.evidence import Observation
from probes.observations.text import MOST_RECORDS, Word, cut, end, octets
from probes.wire import rdata
from probes.wire.dns import DnsMessage, DnsWireError, parse, type_name

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
        return octets(wire)
    return f'{wire[0]} {tag.decode()} "{value.decode()}"'


def answer_lines(
    step: Observation, asked: str, response: bytes | None, word: Word, answered_from: IPAddress | None = None
) -> Iterator[str]:
    """What was asked and what came back, then the records."""
    other = f", answer came from {answered_from}" if answered_from else ""
    message = _message(response)
    if message is None:
        size = "" if response is None else f"unreadable answer of {len(response)} bytes, "
        hexes = "" if response is None else f" {response[:24].hex(' ')}"
        yield f"{asked} → {size}{end(step, 'no answer', word)}{other}{hexes}"
        return
    header = " ".join(name for name in ("aa", "tc", "ra", "ad") if getattr(message, name))
    yield f"{asked} → {end(step, f'{message.rcode_text} {header}'.rstrip(), word)}, {len(message.wire)} bytes{other}"
    yield from _records(message)


def _message(wire: bytes | None) -> DnsMessage | None:
    if wire is None:
        return None
    try:
        return parse(wire)
    except DnsWireError:
        return None


def _records(message: DnsMessage) -> Iterator[str]:
    sections = (("answer", message.answer()), ("authority", message.authority()), ("additional", message.additional()))
    shown = [
        (section, record) for section, records in sections for record in records if type_name(record.type) != "OPT"
    ]
    for section, record in shown[:MOST_RECORDS]:
        try:
            data = rdata.text(message, record)
        except DnsWireError:
            data = f"unreadable: {message.data(record)[:24].hex(' ')}"
        rtype = type_name(record.type)
        yield f"  {section:10} {record.owner} {record.ttl} {rtype} {record_text(rtype, data)}"
    if len(shown) > MOST_RECORDS:
        rest = (f"{record.owner} {record.ttl} {type_name(record.type)}" for _, record in shown[MOST_RECORDS:])
        yield f"  … (+{len(shown) - MOST_RECORDS}: {cut(rest)})"
