"""Finds the curves of ECDHE before TLS 1.3, beside those that TLS 1.3 has shown already."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from probes.wire.tls import groups, suites
from probes.wire.tls.flight import Flight


@dataclass(slots=True)
class Curves:
    """Holds the curves ``found`` before TLS 1.3, and those ``shown`` by it.

    ``bound``: a certificate may have a key on a curve, which must be offered as well (RFC 8422 §5.1).
    ``keeps_to_known``: with all curves on offer, the server took one that is known.
    """

    found: list[int] = field(default_factory=list)
    shown: tuple[int, ...] = ()
    bound: bool = False
    keeps_to_known: bool = False

    @classmethod
    def after(cls, first: Flight, shown: Iterable[int], accepted: Iterable[int]) -> "Curves":
        """Return the curves that the ``first`` flight of a version shows, with ``accepted`` as its suites."""
        exchange, by_code = first.key_exchange, suites.by_code()
        return cls(
            found=[code for code in groups.curves() if exchange is not None and code == exchange.group],
            shown=tuple(code for code in groups.curves() if code in shown),
            bound=any("ECDSA" in by_code[code].exchange for code in accepted),
        )

    @property
    def left(self) -> list[int]:
        """The curves that are not known yet."""
        return [code for code in groups.curves() if code not in (*self.found, *self.shown)]

    @property
    def known_last(self) -> list[int]:
        """The curves, unknown ones first: a server that insists on its own order hides those that it likes less."""
        return [*self.left, *dict.fromkeys((*self.found, *self.shown))]

    async def ask(self, question: Callable[[list[int]], Awaitable[int | None]]) -> None:
        """Ask for the unknown curves until there are no more; ``question`` returns the curve that the server takes."""
        while left := self.left:
            curve = await question(left)
            if curve not in left and self.found and self.bound and not self.keeps_to_known:
                curve = await question(self.known_last)
            if curve is None or curve not in left:
                return
            self.found.append(curve)
