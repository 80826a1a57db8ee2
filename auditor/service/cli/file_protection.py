"""Protects the files of the user's own store from other users of the machine."""

import sys

from auditor.service.cli.words import ui
from auditor.service.store.files import tighten
from auditor.service.store.url import parts_of


def keep_private(store: str) -> None:
    """Remove other users' permissions from an existing store, and warn: it lists every open weakness, and accounts."""
    for part in parts_of(store):
        if tighten(part):
            text = ui("{path} could be read by other users of this machine; now only by its owner", path=str(part))
            print(f"auditor: {ui('warning')}: {text}", file=sys.stderr)
