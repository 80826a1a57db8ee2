"""Finds the agency of the rows under group headings, as far as the headings name it."""

from collections.abc import Sequence

from inventory.tables.row_roles import Numbering, heading_text, numberings


class HeadingAgency:
    """Holds the agency that the last heading named; none below a heading of its level, or above, with no known agency.

    The rows below that one belong to another agency: with none they are reported, with the agency above it would be
    held responsible for them.
    """

    def __init__(self) -> None:
        self.name = ""
        self._levels: list[frozenset[Numbering]] = []  # how headings are numbered, the outermost first, each once
        self._level = len(Numbering)  # of the heading that named the agency; -1 above all numbered ones

    def begin(self, cells: Sequence[str]) -> None:
        """Take the agency of a heading. One without a number stands where agencies stood before, else lowest of all."""
        self.name = heading_text(cells)
        found = numberings(cells)
        if found:
            self._level = self._enter(found)
        else:
            self._level = min(self._level, len(self._levels) - 1)
            del self._levels[self._level + 1 :]

    def pass_group(self, cells: Sequence[str]) -> None:
        """Pass a heading that names no known agency: within an agency it is a group of its rows, else its end."""
        found = numberings(cells)
        if found and self._enter(found) <= self._level:
            self.name = ""

    def _enter(self, found: frozenset[Numbering]) -> int:
        """Return the level of a heading, below which all levels end. A new numbering begins one below the others.

        ``C`` is a letter wherever letters are in use: no table has a hundred headings.
        """
        matching = [level for level, used in enumerate(self._levels) if used & found]
        if not matching:
            self._levels.append(found)
            return len(self._levels) - 1
        level = next((each for each in matching if Numbering.LETTERS in self._levels[each]), matching[0])
        self._levels[level] &= found
        del self._levels[level + 1 :]
        return level
