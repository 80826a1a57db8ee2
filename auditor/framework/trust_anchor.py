"""Reads the trust anchors of DNSSEC from a file in zone form: IANA's, or a laboratory's own.

No I/O except for the shipped file.
"""

import shlex
from importlib import resources

import dns.dnssec
import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.ANY.DS import DS


class AnchorError(ValueError):
    """Raised for a file that holds no usable trust anchor; the message names the line."""


def shipped() -> str:
    """Return the anchors of the public root, in the form that ``normal`` gives."""
    return normal(resources.files("auditor").joinpath("anchors/root.ds").read_text("ascii"))


def normal(text: str) -> str:
    """Return one DS record a line, in presentation form and sorted, from a file of DS and DNSKEY records of the root.

    TTL and class may be missing; records over several lines in brackets are not read. Raises AnchorError.
    """
    texts = set()
    for number, line in enumerate(text.splitlines(), start=1):
        words = _words(line, number)
        if words:
            texts.add(_record(words, number).to_text())
    if not texts:
        raise AnchorError("trust anchor: no DS or DNSKEY record of the root in it")
    return "\n".join(sorted(texts))


def read(text: str) -> tuple[DS, ...]:
    """Return the anchors from a text that ``normal`` returned."""
    records = (dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.DS, line) for line in text.splitlines())
    return tuple(record for record in records if isinstance(record, DS))


def _words(line: str, number: int) -> list[str]:
    try:
        words = shlex.split(line.partition(";")[0])
    except ValueError:
        raise AnchorError(f"trust anchor, line {number}: a quotation mark without its end") from None
    while len(words) > 1 and _is_ttl_or_class(words[1]):
        del words[1]
    return words


def _is_ttl_or_class(word: str) -> bool:
    return word.isdigit() or word.upper() == "IN"


def _record(words: list[str], number: int) -> DS:
    if len(words) < 3 or words[0] != "." or words[1].upper() not in ("DS", "DNSKEY"):
        raise AnchorError(f"trust anchor, line {number}: expected . [TTL] [IN] DS|DNSKEY DATA")
    rtype = dns.rdatatype.from_text(words[1])
    try:
        record = dns.rdata.from_text(dns.rdataclass.IN, rtype, " ".join(words[2:]))
        if isinstance(record, DNSKEY):
            record = dns.dnssec.make_ds(dns.name.root, record, "SHA256", policy=dns.dnssec.allow_all_policy)
    except (dns.exception.DNSException, ValueError):
        raise AnchorError(f"trust anchor, line {number}: not a record of type {words[1]}") from None
    if not isinstance(record, DS):
        raise AnchorError(f"trust anchor, line {number}: not a record of type {words[1]}")
    return record
