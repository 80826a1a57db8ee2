"""Builds hellos as browsers send them, with a post-quantum key share, which fills two TCP segments, and without.

RFC 10024 calls the group X25519MLKEM768. Its share is an encapsulation key of ML-KEM-768 (FIPS 203: 768 coefficients
of 12 bits below 3329, then a seed), then one of X25519. We do not have its private key, so no handshake completes.
"""

import secrets
from functools import cache

from probes.wire.tls import groups, signatures
from probes.wire.tls.hello import HelloOffer, hello_record
from probes.wire.tls.numbers import SIGNED_TIMESTAMPS, STATUS_REQUEST, TLS12, TLS13

SEGMENT = 1_460
"""The payload bytes of the largest TCP segment on Ethernet."""
_GROUP = 4588
_COEFFICIENTS, _MODULUS = 768, 3_329
_SUITES = (
    0x1301,
    0x1302,
    0x1303,
    0xC02B,
    0xC02F,
    0xC02C,
    0xC030,
    0xCCA9,
    0xCCA8,
    0xC013,
    0xC014,
    0x009C,
    0x009D,
    0x002F,
    0x0035,
)
_MORE = ((STATUS_REQUEST, b"\x01\0\0\0\0"), (SIGNED_TIMESTAMPS, b""), (27, b"\x02\0\x02"))


def hello(server_name: str | None, *, large: bool) -> bytes:
    """Return the record to send; ``large`` adds the post-quantum key share."""
    classical = (groups.X25519, secrets.token_bytes(32))
    quantum = ((_GROUP, encapsulation_key() + secrets.token_bytes(32)),) if large else ()
    offer = HelloOffer(
        version=TLS13,
        older=(TLS12,),
        suites=_SUITES,
        server_name=server_name,
        groups=(*((_GROUP,) if large else ()), groups.X25519, groups.SECP256R1, 24),
        signatures=(*signatures.STRONG[:6], 0x0401, 0x0501, 0x0601),
        key_shares=(*quantum, classical),
        alpn=("h2", "http/1.1"),
        session_ticket=True,
        more=_MORE,
    )
    return hello_record(offer, random=secrets.token_bytes(32), session_id=secrets.token_bytes(32))


def encapsulation_key() -> bytes:
    """Return 1,184 bytes that pass the check of FIPS 203 §7.2.

    Keys of one process differ only in their last 32 bytes: secrets encapsulated to them are never used.
    """
    return _polynomials() + secrets.token_bytes(32)


@cache
def _polynomials() -> bytes:
    number = 0
    for place in range(_COEFFICIENTS):
        number |= secrets.randbelow(_MODULUS) << (12 * place)
    return number.to_bytes(_COEFFICIENTS * 12 // 8, "little")
