"""Repeats questions that were answered with REFUSED or SERVFAIL, as rate limits answer the rest of a burst.

What answers about half of all questions with an error answers one of so many; a server without the zone answers none.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from probes.observations.dns import DnsExchange
from probes.wire.dns.messages import declines

BRIEFLY = (1.0, 2.0)
"""Pauses in seconds before a question that was answered with an error is asked again."""
CALM = (*BRIEFLY, 0.5, 0.5, 0.5, 0.5)
"""The same for the questions that decide whether a name server serves its zone."""


async def asked_calmly(ask: Callable[[], Awaitable[DnsExchange]], pauses: Sequence[float] = CALM) -> DnsExchange:
    """Ask until the answer is no such error, at most once more after each of the pauses; return the last."""
    exchange = await ask()
    for pause in pauses:
        if not declines(exchange.response):
            break
        await asyncio.sleep(pause)
        exchange = await ask()
    return exchange
