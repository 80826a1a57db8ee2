"""Recognises names under which the store keeps inventories, as opposed to names of files.

Reading a configuration needs this too.
"""

import re
from pathlib import PurePath

from inventory.sources.files import READERS

_NAME = re.compile(r"[^\W_](?:[\w .-]{0,98}[\w])?")


def is_name(text: str) -> bool:
    """True if an inventory can be kept under this name, which cannot be the name of an inventory file."""
    return _NAME.fullmatch(text) is not None and PurePath(text.lower()).suffix not in READERS
