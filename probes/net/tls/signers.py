"""Finds the signature schemes of a server for a client that does not accept all of them."""

import secrets
from collections.abc import AsyncIterator, Collection
from dataclasses import replace

from probes.net.tls.offered import took
from probes.net.tls.scan_gate import Inquiry
from probes.wire.tls import groups, signatures
from probes.wire.tls.hello import HelloOffer
from probes.wire.tls.numbers import TLS12, TLS13


async def weak_signatures(inquiry: Inquiry, offer: HelloOffer) -> AsyncIterator[int]:
    """Yield the schemes with SHA-1 and MD5 that it uses in TLS 1.2 when no better is offered.
    Both together first: most servers refuse them all."""
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
    """True if the server answers a client without EdDSA, like browsers; None: its answer does not tell.

    ``known`` are its groups of TLS 1.3: there a share of X25519 goes along, as a request for one tells nothing about
    signatures.
    """
    if offer.version == TLS13 and groups.X25519 not in known:
        return None
    if offer.version == TLS13:
        offer = replace(offer, groups=(groups.X25519,), key_shares=((groups.X25519, secrets.token_bytes(32)),))
    others = tuple(scheme for scheme in offer.signatures if scheme not in signatures.EDWARDS)
    hello = (await inquiry.ask(replace(offer, signatures=others))).hello
    return None if hello is not None and hello.retry else hello is not None
