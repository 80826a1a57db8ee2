"""Which look at a subject runs. What one look has read of a page serves all of its probes; a later look reads anew."""

from contextvars import ContextVar


class Look:
    """One pass over a subject, told from every other by its identity alone."""

    __slots__ = ()


LOOK: ContextVar[Look | None] = ContextVar("LOOK", default=None)
"""None where no run measures a subject: then every probe reads for itself."""
