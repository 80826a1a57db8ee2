"""Decodes DNS answers for a reviewer, as dig shows them."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from struct import unpack

from inventory.model import IPAddress
from probes.framework.evidence import Observation
from probes.observations.text import MOST_RECORDS, Word, cut, end, octets
from probes.wire.dns import rdata
from probes.wire.dns.messages import DnsMessage, DnsWireError, parse, type_name

_KEPT = 64
"""The largest number of messages with cached lines."""
_ID = 2
"""Bytes of the id that a message begins with."""
_DECODED = frozenset({"CAA", "CDNSKEY", "CDS", "DNSKEY", "DS", "RRSIG"})
_KEY_HEAD, _SIGNATURE_HEAD = 4, 18
"""Bytes before a key or digest, and before the signer's name in a signature."""
_GENERIC = re.compile(r"\\# \d+ ([0-9a-f ]+)", re.IGNORECASE)


def record_text(rtype: str, data: str) -> str:
    """Return a record's data as text. CAA (RFC 8659) and DNSSEC (RFC 4034) data come in generic form (RFC 3597)."""
    generic = _GENERIC.fullmatch(data)
    if rtype not in _DECODED or generic is None:
        return data
    try:
        wire = bytes.fromhex(generic[1])
    except ValueError:
        return data
    return _caa(wire) if rtype == "CAA" else _of_dnssec(rtype, wire) or data


def _caa(wire: bytes) -> str:
    """Return the flags, tag and value of a CAA record."""
    tag, value = (wire[2 : 2 + wire[1]], wire[2 + wire[1] :]) if len(wire) > 1 else (b"", b"")
    printable = bytes(range(0x20, 0x7F))
    if not tag.isalnum() or len(tag) != wire[1] or value.strip(printable):
        return octets(wire, str)
    return f'{wire[0]} {tag.decode()} "{value.decode()}"'


def _of_dnssec(rtype: str, wire: bytes) -> str:
    """Return a key with its id, as ``dig +multiline`` shows it, a digest of a key, or a signature's type and validity.

    The key, digest or signature itself comes last, since lines are cut. Empty for data that is too short.
    """
    if rtype in ("DNSKEY", "CDNSKEY") and len(wire) > _KEY_HEAD:
        flags, protocol, algorithm = unpack("!HBB", wire[:_KEY_HEAD])
        return f"{flags} {protocol} {algorithm} key id {_key_id(wire)}: {wire[_KEY_HEAD:].hex()}"
    if rtype in ("DS", "CDS") and len(wire) > _KEY_HEAD:
        tag, algorithm, digest = unpack("!HBB", wire[:_KEY_HEAD])
        return f"{tag} {algorithm} {digest} {wire[_KEY_HEAD:].hex()}"
    if rtype == "RRSIG" and len(wire) > _SIGNATURE_HEAD:
        covered, algorithm, labels, ttl, until, since, tag = unpack("!HBBIIIH", wire[:_SIGNATURE_HEAD])
        times = " ".join(f"{datetime.fromtimestamp(time, UTC):%Y%m%d%H%M%S}" for time in (until, since))
        return f"{type_name(covered)} {algorithm} {labels} {ttl} {times} {tag}: {wire[_SIGNATURE_HEAD:].hex()}"
    return ""


def _key_id(wire: bytes) -> int:
    """Return the key tag of a DNSKEY (RFC 4034 appendix B)."""
    total = sum(byte << 8 if number % 2 == 0 else byte for number, byte in enumerate(wire))
    return (total + (total >> 16)) & 0xFFFF


def answer_lines(
    step: Observation, asked: str, response: bytes | None, word: Word, answered_from: IPAddress | None = None
) -> Iterator[str]:
    """Yield a line with the question and the result, then a line for each record."""
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
    """Return the code and flags of a message, then a line for each record, as dig does in any language.

    None for a message that cannot be read. Nothing that is shown depends on the id of a message: without it many
    answers are alike.
    """
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
