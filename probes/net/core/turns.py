"""Lets many tasks run the same piece of work one after the other."""

import asyncio


async def others_first() -> None:
    """Let other ready tasks run first; to be called before a piece of work that takes tens of microseconds.

    A server nearby answers so fast that one task would do all its different work in one go. Where the tasks of an audit
    do the same piece one after the other instead, its code stays in the processor's cache: a seventh of an HTTPS visit.
    """
    await asyncio.sleep(0)
