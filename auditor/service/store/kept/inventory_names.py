"""Tells names under which the store keeps inventories from names of files; reading a configuration needs it too."""

import re
from pathlib import PurePath

from inventory.sources.files import READERS

_NAME = re.compile(r"[^\W_](?:[\w .-]{0,98}[\w])?")


def is_name(text: str) -> bool:
    """True if an inventory can be kept under this name: one that cannot be taken for a file's."""
    return _NAME.fullmatch(text) is not None and PurePath(text.lower()).suffix not in READERS
