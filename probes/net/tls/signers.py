"""Asks what a server signs with where a client does not take everything."""

import secrets
from collections.abc import AsyncIterator, Collection
from dataclasses import replace

from probes.net.tls.offered import took
from probes.net.tls.scan_gate import Inquiry
from probes.wire.tls import groups, signatures
from probes.wire.tls.hello import HelloOffer
from probes.wire.tls.numbers import TLS12, TLS13


async def weak_signatures(inquiry: Inquiry, offer: HelloOffer) -> AsyncIterator[int]:
    """The schemes with SHA-1 and MD5 that it uses in TLS 1.2 when nothing better is offered. Both together first: most
    servers refuse them all."""
    left = [signatures.SHA1, signatures.MD5]
    while left:
        every = tuple(scheme for schemes in left for scheme in schemes)
        reply = await inquiry.ask(replace(offer, signatures=every))
        signed_with = reply.flight.key_exchange.signature if reply.flight.key_exchange is not None else None
        if not took(TLS12, reply) or signed_with is None or signed_with not in every:
            return
        yield signed_with
        left = [schemes for schemes in left if signed_with not in schemes]


async def without_edwards(inquiry: Inquiry, offer: HelloOffer, known: Collection[int]) -> bool | None:
    """True if it answers one who takes no EdDSA, like browsers; None: it did not tell. ``known`` are its groups of TLS
    1.3: there a share of X25519 goes along, as a request for one says nothing of signatures."""
    if offer.version == TLS13 and groups.X25519 not in known:
        return None
    if offer.version == TLS13:
        offer = replace(offer, groups=(groups.X25519,), key_shares=((groups.X25519, secrets.token_bytes(32)),))
    others = tuple(scheme for scheme in offer.signatures if scheme not in signatures.EDWARDS)
    hello = (await inquiry.ask(replace(offer, signatures=others))).hello
    return None if hello is not None and hello.retry else hello is not None
