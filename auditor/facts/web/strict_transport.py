"""Reads Strict-Transport-Security as browsers do (RFC 6797)."""

from collections.abc import Sequence

HEADER = "strict-transport-security"


def max_age(value: str) -> int | None:
    """Return the max-age of a header in seconds; None if browsers ignore the header (RFC 6797 §6.1)."""
    found: list[int] = []
    for directive in value.split(";"):
        name, _, number = directive.partition("=")
        if name.strip().lower() == "max-age":
            digits = number.strip().strip('"')
            if not (digits.isascii() and digits.isdigit()):
                return None
            found.append(int(digits[:12]))
    return found[0] if len(found) == 1 else None


def covers(sent: Sequence[str], page_host: str, host: str) -> bool:
    """True if a browser that received these headers from ``page_host`` uses only HTTPS for ``host``.

    Of several headers the first counts (RFC 6797 §8.1).
    """
    value = sent[0] if sent else ""
    if not max_age(value):
        return False
    below = "includesubdomains" in {directive.strip().lower() for directive in value.split(";")}
    return host == page_host or (below and host.endswith(f".{page_host}"))
