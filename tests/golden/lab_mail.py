"""Builders of SMTP dialogues for golden cases: two exchangers, each with an address of both families."""

import struct
from collections.abc import Sequence
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from probes.framework.evidence import Evidence, FailureKind
from probes.observations.dns import NameLookup
from probes.observations.mail import RelayTry, SmtpDialogue, SmtpRelay, SmtpReply, StartTls
from tests.golden import lab
from tests.golden.lab import ZONE, at, evidence, look, why

CLIENTS = f"mail.{ZONE}"
MX1, MX2 = f"mx1.{ZONE}", f"mx2.{ZONE}"
V6, V6B = "2001:db8:a::25", "2001:db8:b::25"
V4, V4B = "198.51.100.25", "203.0.113.25"
LISTED = look(ZONE, "MX", "mx", f"10 {MX1}", f"20 {MX2}")
ONLY = look(ZONE, "MX", "mx", f"10 {MX1}")
GOOD = (lab.leaf(MX1), lab.MIDDLE)
OTHER = (lab.leaf(MX1, number=11, days=(-20, 70)), lab.MIDDLE)
EXPIRED = (lab.leaf(MX1, number=12, days=(-90, -1)), lab.MIDDLE)
STRANGE = (lab.leaf("may-chu-mau.example", number=13),)


def address(name: str, v6: Sequence[str] = (), v4: Sequence[str] = ()) -> tuple[NameLookup, NameLookup]:
    """Return both look-ups of an exchanger's addresses."""
    return look(name, "A", "mx-address", *v4), look(name, "AAAA", "mx-address", *v6)


def host(v6: Sequence[str] = (), v4: Sequence[str] = ()) -> tuple[NameLookup, NameLookup]:
    """Return both look-ups of the host that SRV records name."""
    return look(CLIENTS, "A", "client-host", *v4), look(CLIENTS, "AAAA", "client-host", *v6)


def srv(service: str, port: int, target: str = CLIENTS) -> tuple[NameLookup]:
    """Return one SRV record, in the generic form."""
    labels = [label.encode("ascii") for label in target.split(".") if label]
    wire = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"
    data = struct.pack("!HHH", 0, 1, port) + wire
    return (look(f"_{service}._tcp.{ZONE}", "SRV", "client-srv", f"\\# {len(data)} {data.hex()}"),)


def names(*lookups: NameLookup) -> Evidence:
    return evidence("dns", *lookups, task=ZONE)


def usual(v6: Sequence[str] = (V6,), v4: Sequence[str] = (V4,)) -> Evidence:
    """Return the look-ups of a domain with one exchanger."""
    return names(ONLY, *address(MX1, v6, v4))


def both() -> Evidence:
    """Return two exchangers with an address of each family."""
    return names(LISTED, *address(MX1, [V6], [V4]), *address(MX2, [V6B], [V4B]))


def reply(code: int | None, said: str = "", *text: str) -> SmtpReply:
    lines = text or (("x",) if code is None else (f"{code} {said or 'mx ESMTP'}",))
    return SmtpReply(said=said, code=code, lines=lines, seconds=0.1)


def envelope(place: str, step: SmtpDialogue, attempt: int = 1) -> Evidence:
    return evidence(
        "smtp", step, task=f"{place}#25", endpoint=at(place, 25, MX1), attempt=attempt, minutes=30 * (attempt - 1)
    )


def dialogue(
    place: str,
    chain: Sequence[x509.Certificate | bytes] = GOOD,
    *,
    offers: tuple[str, ...] = ("PIPELINING", "STARTTLS"),
    starttls: StartTls | None = None,
    tls: FailureKind | None = None,
    consent: int | None = 220,
    said: str = "",
    failure: FailureKind | None = None,
    attempt: int = 1,
) -> Evidence:
    """Return a dialogue up to EHLO, by default with TLS at its end; ``tls``: the failure of the handshake.

    ``said``: the reply to STARTTLS with the code ``consent``.
    """
    offered = "STARTTLS" in offers
    done = StartTls.NOT_OFFERED if not offered else StartTls.FAILED if tls else StartTls.DONE
    how = starttls or done
    hello = reply(250, "EHLO x", "250-mx", *(f"250 {word}" for word in offers))
    ders = tuple(one if isinstance(one, bytes) else one.public_bytes(Encoding.DER) for one in chain)
    step = SmtpDialogue(
        address=ip_address(place),
        port=25,
        server_name=MX1,
        connected=True,
        replies=(reply(220), hello, *((reply(consent, "STARTTLS", *filter(None, [said])),) if offered else ())),
        extensions=offers,
        starttls=how,
        tls_failure=why(tls),
        version="TLSv1.3" if how is StartTls.DONE else None,
        chain=ders if how is StartTls.DONE else (),
        failure=why(failure),
    )
    return envelope(place, step, attempt)


def ended(place: str, *replies: SmtpReply, failure: FailureKind | None = None, attempt: int = 1) -> Evidence:
    """Return a dialogue that ended early, with these replies, or with a failure after them."""
    step = SmtpDialogue(
        address=ip_address(place), port=25, server_name=MX1, connected=True, replies=replies, failure=why(failure)
    )
    return envelope(place, step, attempt)


def blotted(place: str, *hellos: SmtpReply, extensions: tuple[str, ...] = ()) -> Evidence:
    """Return a dialogue behind a firewall that masks the greeting with asterisks: replies to EHLO, then to HELO."""
    greeting = reply(220, "", "220 **************************************2******200**0*********************0*00")
    step = SmtpDialogue(
        address=ip_address(place),
        port=25,
        server_name=MX1,
        connected=True,
        replies=(greeting, *hellos),
        extensions=extensions,
        starttls=StartTls.NOT_OFFERED,
    )
    return envelope(place, step)


def closed(place: str, failure: FailureKind | None, attempt: int = 1) -> Evidence:
    """Return a connection that failed."""
    step = SmtpDialogue(address=ip_address(place), port=25, server_name=MX1, failure=why(failure))
    return envelope(place, step, attempt)


def offered(form: str, *codes: int | None, text: str = "") -> tuple[RelayTry, ...]:
    """Return recipients of different domains offered in one way."""
    recipients = ("relay-test@example.net", "relay-test@example.org")
    return tuple(
        RelayTry(form=form, sender="relay-test@example.com", recipient=recipient, code=code, text=text or f"{code} x")
        for recipient, code in zip(recipients, codes, strict=False)
    )


def relay(
    place: str,
    *tries: RelayTry,
    replies: tuple[SmtpReply, ...] = (),
    failure: FailureKind | None = None,
    connected: bool = True,
    attempt: int = 1,
) -> Evidence:
    """Return the evidence of a relay test."""
    step = SmtpRelay(
        address=ip_address(place),
        port=25,
        server_name=MX1,
        domain=ZONE,
        connected=connected,
        replies=replies,
        tries=tries,
        failure=why(failure),
    )
    return evidence(
        "open_relay",
        step,
        task=f"{place}#25 smtp-relay",
        endpoint=at(place, 25, MX1),
        attempt=attempt,
        minutes=30 * (attempt - 1),
    )
