"""Renders evidence as lines for a reviewer: what was asked, what came back, how long it took.

The lines are technical and free of language, as dig's or curl's are; only failures take a word from the caller. Text
from a target is escaped and bounded. A kind of observation without lines of its own shows all its fields.
"""

import dataclasses
import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime
from enum import Enum
from itertools import islice
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auditor.framework.message_format import clean
from inventory.model import written
from probes.framework.evidence import Evidence, Failure, Observation
from probes.observations.dns import Delegation, DnsExchange, NameLookup
from probes.observations.link import LanWatch, SourceValidation
from probes.observations.path import (
    BulkTransfer,
    EchoTrain,
    FullSegment,
    HopProbe,
    PathTrace,
    PmtudFlow,
    SourceRoute,
    TunnelEntry,
)
from probes.observations.routing import RouteOrigin
from probes.observations.tls import Answer, TlsSupport
from probes.observations.transport import EchoSeries, StampSeries, TcpConnect
from probes.observations.web import HttpExchange, TlsHandshake
from probes.wire import rdata
from probes.wire.dns import Message, WireError, parse, type_name
from reports import user_network_text

Word = Callable[[str], str]

LONGEST_LINE = 300
MOST_LINES = 60
MOST_RECORDS = 20
_FEW = 4
_NOTHING: tuple[object, ...] = (None, "", (), b"", frozenset())
_BASE = {field.name for field in dataclasses.fields(Observation)}


def machine_word(failure: str) -> str:
    return failure


def lines(evidence: Evidence, word: Word = machine_word) -> list[str]:
    """Everything one probe run recorded; at most MOST_LINES."""
    found = [clean(line, LONGEST_LINE) for step in evidence.steps for line in _step(step, word)]
    if evidence.failure is not None:
        found.append(clean(f"{evidence.probe}: {_failure(evidence.failure, word)}", LONGEST_LINE))
    if len(found) > MOST_LINES:
        return [*found[: MOST_LINES - 1], f"… (+{len(found) - MOST_LINES + 1})"]
    return found


def headlines(evidence: Evidence, word: Word = machine_word, about: str = "") -> list[str]:
    """One line for each step: what speaks of ``about`` first, then failures, conclusions before single questions."""
    steps = [(step, list(_step(step, word))) for step in evidence.steps]

    def weight(one: tuple[Observation, list[str]]) -> tuple[bool, bool, bool]:
        step, said = one
        elsewhere = not about or not any(about in line for line in said)
        return elsewhere, step.failure is None, isinstance(step, DnsExchange)

    return [clean(said[0] + _leaf(step), LONGEST_LINE) for step, said in sorted(steps, key=weight)]


def _leaf(step: Observation) -> str:
    """The certificate in a few words, for a line that stands for the whole handshake."""
    if not isinstance(step, TlsHandshake) or not step.chain:
        return ""
    told = {line.partition(" ")[0]: line.partition(" ")[2].strip() for line in _certificate(step.chain[0])}
    return f", certificate {told['subject']}, {told['valid']}" if "valid" in told else ""


def _step(step: Observation, word: Word) -> Iterator[str]:
    match step:
        case TcpConnect():
            source = f" from {written(step.source)}" if step.source else ""
            yield f"tcp/{step.port} {written(step.address)}{source}: {_end(step, 'open', word)}"
        case DnsExchange():
            yield from _dns(step, word)
        case NameLookup():
            yield from _lookup(step, word)
        case Delegation():
            yield from _delegation(step, word)
        case TlsHandshake():
            yield from _tls(step, word)
        case HttpExchange():
            yield from _http(step, word)
        case TlsSupport():
            yield from _support(step, word)
        case RouteOrigin():
            yield from _origin(step, word)
        case _:
            yield from _of_path(step, word)


def _of_path(step: Observation, word: Word) -> Iterator[str]:
    match step:
        case EchoSeries() | EchoTrain() | StampSeries():
            yield _echo(step, word)
        case PathTrace():
            yield from _trace(step, word)
        case LanWatch():
            yield from user_network_text.heard(step, lambda success: _end(step, success, word))
        case SourceValidation():
            yield from user_network_text.forged(step, lambda success: _end(step, success, word))
        case SourceRoute() | TunnelEntry():
            yield user_network_text.passed_on(step, lambda success: _end(step, success, word))
        case PmtudFlow():
            yield from _pmtud(step, word)
        case FullSegment():
            end = "arrived" if step.mtu is None else f"arrived smaller: {step.mtu} bytes fit"
            yield f"tcp packet of {step.size} bytes to {_at(step.address, step.port)} → {_end(step, end, word)}"
        case BulkTransfer():
            whole = "whole" if step.whole else "of more"
            got = f"{step.status or 'no status'}, {step.received} bytes {whole} in {_seconds(step.seconds)}"
            longest = f", longest silence {_seconds(step.stall)}"
            yield f"large GET {clean(step.url)} at {_at(step.address, step.port)} → {_end(step, got, word)}{longest}"
        case _:
            yield _generic(step, word)


def _end(step: Observation, success: str, word: Word) -> str:
    result = success if step.failure is None else _failure(step.failure, word)
    return f"{result}, {_seconds(step.t - step.t0)}" if step.t > step.t0 else result


def _failure(failure: Failure, word: Word) -> str:
    number = "" if failure.errno is None else f" [errno {failure.errno}]"
    detail = f" ({clean(failure.detail, 120)})" if failure.detail else ""
    return word(failure.kind.value) + detail + number


def _seconds(duration: float) -> str:
    return f"{duration:.1f} s" if duration >= 1 else f"{duration * 1000:.0f} ms"


def _dns(step: DnsExchange, word: Word) -> Iterator[str]:
    flags = " ".join(
        flag
        for flag, on in (("+rd", step.recursion_desired), ("+dnssec", step.dnssec_ok), ("+edns", step.edns_size))
        if on
    )
    asked = f"dns {step.transport}/{step.port} {step.server}: {step.qname} {step.qtype} {flags}".rstrip()
    other = f", answer came from {step.answered_from}" if step.answered_from else ""
    message = _message(step.response)
    if message is None:
        size = "" if step.response is None else f"unreadable answer of {len(step.response)} bytes, "
        hexes = "" if step.response is None else f" {step.response[:24].hex(' ')}"
        yield f"{asked} → {size}{_end(step, 'no answer', word)}{other}{hexes}"
        return
    header = " ".join(name for name in ("aa", "tc", "ra", "ad") if getattr(message, name))
    yield f"{asked} → {_end(step, f'{message.rcode_text} {header}'.rstrip(), word)}, {len(message.wire)} bytes{other}"
    yield from _records(message)


def _message(wire: bytes | None) -> Message | None:
    if wire is None:
        return None
    try:
        return parse(wire)
    except WireError:
        return None


def _records(message: Message) -> Iterator[str]:
    sections = (("answer", message.answer()), ("authority", message.authority()), ("additional", message.additional()))
    shown = [(section, one) for section, records in sections for one in records if type_name(one.type) != "OPT"]
    for section, record in shown[:MOST_RECORDS]:
        try:
            data = rdata.text(message, record)
        except WireError:
            data = f"unreadable: {message.data(record)[:24].hex(' ')}"
        yield f"  {section:10} {record.owner} {record.ttl} {type_name(record.type)} {data}"
    if len(shown) > MOST_RECORDS:
        yield f"  … (+{len(shown) - MOST_RECORDS})"


def _lookup(step: NameLookup, word: Word) -> Iterator[str]:
    zone = f", zone {step.zone}" if step.zone else ""
    few = len(step.records) <= _FEW
    found = f": {', '.join(step.records)}" if few and step.records else ""
    end = _end(step, step.status.value, word)
    yield f"name {step.name} {step.rtype} ({step.role}, {step.via}{zone}) → {end}{found}"
    if step.chain:
        yield f"  chain      {' → '.join(step.chain)}"
    if not few:
        yield from (f"  record     {record}" for record in step.records[:MOST_RECORDS])


def _delegation(step: Delegation, word: Word) -> Iterator[str]:
    yield f"delegation {step.zone} from {step.parent} → {_end(step, 'referral', word)}"
    if step.parent_ns:
        yield f"  parent NS  {', '.join(step.parent_ns)}"
    if step.child_ns:
        yield f"  zone NS    {', '.join(step.child_ns)}"
    yield from (f"  glue       {name} {address}" for name, address in step.glue[:MOST_RECORDS])


def _tls(step: TlsHandshake, word: Word) -> Iterator[str]:
    name = f" name {step.server_name}" if step.server_name else ""
    agreed = " ".join(part for part in (step.version, step.cipher, f"alpn {step.alpn}" if step.alpn else "") if part)
    inside = "" if step.protocol == "https" else f" ({step.protocol})"
    yield f"tls {_at(step.address, step.port)}{name}{inside} → {_end(step, agreed or 'handshake', word)}"
    for number, der in enumerate(step.chain[:5], 1):
        yield f"  certificate {number}"
        yield from (f"    {line}" for line in _certificate(der))


def _certificate(der: bytes) -> Iterator[str]:
    try:
        one = x509.load_der_x509_certificate(der)
        yield f"subject    {one.subject.rfc4514_string()}"
        yield f"issuer     {one.issuer.rfc4514_string()}"
        yield f"valid      {one.not_valid_before_utc:%Y-%m-%d %H:%M} to {one.not_valid_after_utc:%Y-%m-%d %H:%M} UTC"
        names = _alternative_names(one)
        if names:
            yield f"names      {', '.join(names[:10])}{f' … (+{len(names) - 10})' if len(names) > 10 else ''}"
        spki = one.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        yield f"key        SHA-256 {hashlib.sha256(spki).hexdigest()}"
    except Exception as error:  # any byte may be wrong in a certificate, and the library says so in many ways
        yield f"unreadable ({len(der)} bytes): {error}"
    yield f"SHA-256    {hashlib.sha256(der).hexdigest()}"


def _alternative_names(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    return [str(name.value) for name in names]


def _http(step: HttpExchange, word: Word) -> Iterator[str]:
    status = "no status" if step.status is None else f"{step.status} {step.reason}".rstrip()
    yield f"http GET {clean(step.url)} at {_at(step.address, step.port)} → {_end(step, status, word)}"
    if step.location is not None:
        yield f"  redirect   {step.location}"
    yield from (f"  {name.lower()}: {value}" for name, value in step.headers[:MOST_RECORDS])
    if len(step.headers) > MOST_RECORDS:
        yield f"  … (+{len(step.headers) - MOST_RECORDS})"
    if step.body_size:
        more = " (cut)" if step.truncated else ""
        yield f"  body       {step.body_size} bytes{more}, SHA-256 {step.body_sha256}"


def _trace(step: PathTrace, word: Word) -> Iterator[str]:
    """Render a trace as traceroute does: a star for each unanswered probe."""
    hops: dict[int, list[HopProbe]] = {}
    for probe in step.probes:
        hops.setdefault(probe.hop, []).append(probe)
    end = "reached" if step.reached else "not reached"
    yield f"trace {step.protocol}/{step.port} {step.address}: {len(hops)} hops → {_end(step, end, word)}"
    for hop, probes in sorted(hops.items()):
        sources = ", ".join(dict.fromkeys(str(one.source) for one in probes if one.source is not None))
        times = " ".join("*" if one.rtt is None else f"{one.rtt * 1000:.1f}" for one in probes)
        others = sorted({one.answer for one in probes if one.answer not in (None, "time-exceeded", "reached")}, key=str)
        yield f"  {hop:<10} {sources} {times}{' ms' if sources else ''} {' '.join(map(str, others))}".rstrip()


def _pmtud(step: PmtudFlow, word: Word) -> Iterator[str]:
    name = f" name {step.server_name}" if step.server_name else ""
    end = step.ended or "no connection"
    if step.heeded is not None:
        end = f"heeded {_seconds(step.heeded - (step.first_error or 0.0))} after the first Packet Too Big"
    elif step.ignored:
        end = f"not heeded, {step.ended}"
    link = "nothing lost" if step.watched else f"link of {step.mtu} bytes, {step.errors_sent} Packet Too Big sent"
    link = f"{link}, {step.received} bytes received"
    yield f"pmtud {_at(step.address, step.port)}{name}: {link} → {_end(step, end, word)}"
    sizes = [str(one.size) for one in step.segments[: 2 * MOST_RECORDS]]
    if sizes:
        more = f" … (+{len(step.segments) - len(sizes)})" if len(step.segments) > len(sizes) else ""
        yield f"  packets    {' '.join(sizes)}{more}"


def _echo(step: EchoSeries | EchoTrain | StampSeries, word: Word) -> str:
    came = [rtt for rtt in step.rtts if rtt is not None]
    times = (
        f", rtt min/avg/max {'/'.join(_seconds(t) for t in (min(came), sum(came) / len(came), max(came)))}"
        if came
        else ""
    )
    hops, error = "", ""
    if isinstance(step, EchoSeries):
        hops = f", hop limit {', '.join(str(h) for h in sorted(set(step.hop_limits)))}" if step.hop_limits else ""
        error = f", {step.error}" if step.error else ""
    failed = f", {_failure(step.failure, word)}" if step.failure else ""
    to = f"stamp {_at(step.address, step.port)}" if isinstance(step, StampSeries) else f"echo {step.address}"
    return f"{to}: {step.sent} sent, {step.received} received{times}{hops}{error}{failed}"


def _support(step: TlsSupport, word: Word) -> Iterator[str]:
    name = f" name {step.server_name}" if step.server_name else ""
    inside = "" if step.protocol == "https" else f" ({step.protocol})"
    accepted = [one for one in step.versions if one.answer is Answer.ACCEPTED]
    end = _end(step, f"accepts {', '.join(one.version for one in accepted) or 'no TLS'}", word)
    stopped = f", stopped: {step.stopped.value}" if step.stopped.value else ""
    yield f"tls-support {_at(step.address, step.port)}{name}{inside}: {step.hellos} hellos → {end}{stopped}"
    for one in accepted:
        order = "" if one.ordered is None else " in its order" if one.ordered else " in the client's order"
        yield f"  {one.version:10} {', '.join(one.suites)}{order}"
    for title, listed in (("curves", step.curves), ("groups", step.groups), ("signatures", step.signatures)):
        if listed:
            yield f"  {title:10} {', '.join(listed)}"


def _origin(step: RouteOrigin, word: Word) -> Iterator[str]:
    first = next((f"{one.prefix} from {_asn(one.origin)}" for one in step.announcements), "not announced")
    yield f"origin {step.address} → {_end(step, first, word)}"
    for title, table in (("routes", step.routes), ("roas", step.roas)):
        if table is not None:
            yield f"  {title:10} {table.source} of {_shown(table.taken, word)} ({table.dated_by.value}), {table.digest}"
    for route in step.announcements[:MOST_RECORDS]:
        seen = "" if route.seen is None else f", seen by {route.seen} %"
        yield f"  announced  {route.prefix} from {_asn(route.origin)}{seen}"
    for roa in step.authorisations[:MOST_RECORDS]:
        yield f"  ROA        {roa.prefix} up to /{roa.max_length} from AS{roa.asn}"


def _asn(number: int | None) -> str:
    return "an AS_SET" if number is None else f"AS{number}"


def _at(address: object, port: int) -> str:
    return f"[{address}]:{port}" if ":" in str(address) else f"{address}:{port}"


def _generic(step: Observation, word: Word) -> str:
    return f"{step.KIND}: {_fields(step, word)} → {_end(step, 'ok', word)}"


def _fields(value: Any, word: Word) -> str:
    """The fields of an observation or of a part of one, by name, those that hold nothing left out."""
    held = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value) if f.name not in _BASE)
    shown = [f"{name} {_shown(one, word)}" for name, one in held if one not in _NOTHING]
    return ", ".join(shown)


def _shown(value: object, word: Word) -> str:
    """Any value in words: never as the program writes it down."""
    match value:
        case None:
            return "unknown"
        case bytes():
            return f"{len(value)} bytes {value[:24].hex(' ')}".rstrip()
        case bool():
            return "yes" if value else "no"
        case Enum():
            return str(value.value)
        case datetime():
            return value.isoformat(timespec="seconds")
        case Failure():
            return _failure(value, word)
        case tuple() | frozenset() | list():
            return _listed(value, word)
        case Mapping():
            return ", ".join(f"{_shown(key, word)}: {_shown(one, word)}" for key, one in value.items())
        case _ if dataclasses.is_dataclass(value):
            return f"({_fields(value, word)})"
        case _:
            return clean(str(value))


def _listed(values: Collection[object], word: Word) -> str:
    """Some of the values; sets in the order of their words."""
    words = [_shown(one, word) for one in islice(values, MOST_RECORDS)]
    if isinstance(values, frozenset):
        words.sort()
    more = f" … (+{len(values) - MOST_RECORDS})" if len(values) > MOST_RECORDS else ""
    return ", ".join(words) + more
