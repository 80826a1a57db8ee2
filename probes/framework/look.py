"""Identifies one pass over a subject: its probes share pages already read, and a later pass reads them again."""

from contextvars import ContextVar


class Look:
    """Identifies one pass over a subject, by object identity only. It is dropped with its last reference."""

    __slots__ = ("__weakref__",)


LOOK: ContextVar[Look | None] = ContextVar("LOOK", default=None)
"""The current pass; None if no run measures a subject, and every probe reads pages itself."""
