"""Tells how old the copies of IANA's registries are. Never fails: whether a day has come is no fault of a change."""

import runpy
import sys
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLD = 400
"""Days after which a copy should be brought up to date."""
COPIES = (
    ("cipher suites of TLS", "probes/wire/tls/registered_suites.py", "RELEASED", "scripts/cipher_suites.py"),
    ("special-purpose addresses", "inventory/special_ranges.py", "RETRIEVED", "scripts/special_ranges.py"),
)


def lines(today: date) -> list[str]:
    """Return a line for each copy: its day, its age, and the script that renews an old one."""
    told = []
    for name, module, constant, script in COPIES:
        values = runpy.run_path(str(ROOT / module))
        day = date.fromisoformat(values[constant])
        age = (today - day).days
        source = f" ({values['SOURCE']})" if "SOURCE" in values else ""
        renew = f"; old: see {script}" if age > OLD else ""
        told.append(f"{name}{source}: of {day}, {age} days old{renew}")
    return told


if __name__ == "__main__":
    print("\n".join(lines(datetime.now(UTC).date())), file=sys.stderr)
