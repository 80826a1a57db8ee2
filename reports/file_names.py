"""Makes file names from names of operators and targets: letters, digits and hyphens, each only once."""

import re
import unicodedata
from itertools import count

_LONGEST = 60


class FileNames:
    """Names of the files of one report, without their ending."""

    def __init__(self, otherwise: str) -> None:
        self._otherwise = otherwise
        self._taken: set[str] = set()

    def of(self, text: str) -> str:
        """``Sở Y tế`` is ``so-y-te``; the next of that name ``so-y-te-2``."""
        plain = unicodedata.normalize("NFKD", text.lower().replace("đ", "d")).encode("ascii", "ignore").decode()
        base = re.sub("[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST] or self._otherwise
        wanted = (base if number == 1 else f"{base}-{number}" for number in count(1))
        name = next(each_text for each_text in wanted if each_text not in self._taken)
        self._taken.add(name)
        return name
