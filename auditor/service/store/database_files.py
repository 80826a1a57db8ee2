"""Says where the files stand that belong to a store in a database server: systemd's state folder, or the user's."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import URL


def path_of(database: "URL") -> Path:
    """Return the path beside which the files of a store in a database server stand, named after the database."""
    name = f"{(database.database or '').replace('/', '_')}.postgresql"
    if folder := os.environ.get("STATE_DIRECTORY", "").partition(":")[0]:
        return Path(folder, name)
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state", "auditor", name)
