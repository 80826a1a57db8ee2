"""Finds the folder for files of a store in a database server: systemd's state folder, or the user's."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import URL


def path_of(database: "URL") -> Path:
    """Return the path, named after database and server, beside which files of a store in a server are kept."""
    query = database.query.get("host", "")
    host = database.host or (query if isinstance(query, str) else ",".join(query))
    server = ":".join(part for part in (host, str(database.port or "")) if part)
    name = f"{database.database or ''}{server and '@'}{server}.postgresql".replace("/", "_")
    if folder := os.environ.get("STATE_DIRECTORY", "").partition(":")[0]:
        return Path(folder, name)
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state", "auditor", name)
