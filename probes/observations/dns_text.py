"""Decodes DNS answers for a reviewer, as dig shows them."""

from collections.abc import Iterator

from inventory.model import IPAddress
from probes.framework.evidence import Observation
from probes.observations.text import MOST_RECORDS, Word, end
from probes.wire import rdata
from probes.wire.dns import DnsMessage, DnsWireError, parse, type_name


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
        yield f"  {section:10} {record.owner} {record.ttl} {type_name(record.type)} {data}"
    if len(shown) > MOST_RECORDS:
        yield f"  … (+{len(shown) - MOST_RECORDS})"
