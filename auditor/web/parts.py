"""Parts of pages that were rendered once for many readers."""

from collections import OrderedDict

from markupsafe import Markup


class Parts:
    """The latest parts of pages, by what they are about. Used by the event loop alone."""

    def __init__(self, most: int = 400) -> None:
        self._most = most
        self._held: OrderedDict[tuple[str, ...], Markup] = OrderedDict()

    def get(self, key: tuple[str, ...]) -> Markup | None:
        found = self._held.get(key)
        if found is not None:
            self._held.move_to_end(key)
        return found

    def keep(self, key: tuple[str, ...], part: Markup) -> None:
        self._held[key] = part
        while len(self._held) > self._most:
            self._held.popitem(last=False)
