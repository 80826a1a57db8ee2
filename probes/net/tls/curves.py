"""Finds the curves of ECDHE before TLS 1.3, beside those that TLS 1.3 has shown already."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field

from probes.wire.tls import groups, suites
from probes.wire.tls.flight import Flight


@dataclass(slots=True)
class Curves:
    """``found`` before TLS 1.3, and ``shown`` by it. ``bound``: a certificate may have a key on a curve, which must be
    offered as well (RFC 8422 §5.1). ``keeps_to_known``: with all curves on offer, one that is known was taken."""

    found: list[int] = field(default_factory=list)
    shown: tuple[int, ...] = ()
    bound: bool = False
    keeps_to_known: bool = False

    @classmethod
    def after(cls, first: Flight, shown: Iterable[int], accepted: Iterable[int]) -> "Curves":
        """What the ``first`` flight of a version shows, where the suites ``accepted`` were taken."""
        exchange, by_code = first.key_exchange, suites.by_code()
        return cls(
            found=[code for code in groups.curves() if exchange is not None and code == exchange.group],
            shown=tuple(code for code in groups.curves() if code in shown),
            bound=any("ECDSA" in by_code[code].exchange for code in accepted),
        )

    @property
    def left(self) -> list[int]:
        """Those of which nothing is known."""
        return [code for code in groups.curves() if code not in (*self.found, *self.shown)]

    @property
    def known_last(self) -> list[int]:
        """All, those that are left ahead: a server that insists on its own order then hides what it likes less."""
        return [*self.left, *dict.fromkeys((*self.found, *self.shown))]

    async def ask(self, question: Callable[[list[int]], Awaitable[int | None]]) -> None:
        """Ask for those that are left until there are no more; ``question`` says which of some the server takes."""
        while left := self.left:
            curve = await question(left)
            if curve not in left and self.found and self.bound and not self.keeps_to_known:
                curve = await question(self.known_last)
            if curve is None or curve not in left:
                return
            self.found.append(curve)
