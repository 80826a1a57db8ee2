"""Identifies one look at a subject: its probes share what was read of a page, and a later look reads anew."""

from contextvars import ContextVar


class Look:
    """One pass over a subject, told from every other by its identity alone. It ends when nobody holds it any more."""

    __slots__ = ("__weakref__",)


LOOK: ContextVar[Look | None] = ContextVar("LOOK", default=None)
"""None where no run measures a subject: then every probe reads for itself."""
