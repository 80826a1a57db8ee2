"""Makes recovery codes, each used once in place of the second factor when its device is lost."""

import re
import secrets

HOW_MANY = 10
LETTERS = 28
"""Letters of a code: 140 bits, so a plain digest of it can be stored (ASVS 5.0 6.5.2 requires 112)."""
LONGEST_TYPED = 64
"""Characters of a typed code at most, with the separators of its groups."""
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_GROUP = 4
_SECRET = re.compile(r"[A-Z2-7]{32}")


def codes() -> tuple[str, ...]:
    """Generate new recovery codes, in the form that is shown: groups of four letters."""
    return tuple(_grouped("".join(secrets.choice(_ALPHABET) for _ in range(LETTERS))) for _ in range(HOW_MANY))


def plain(code: str) -> str:
    """Return the code in the form that is compared: without separators, in lower case."""
    return "".join(re.findall(r"[a-z0-9]", code.lower()[:100]))


def is_secret(text: str) -> bool:
    """True if the text has the form of our shared secrets (160 bits, RFC 4226 §4)."""
    return _SECRET.fullmatch(text) is not None


def _grouped(text: str) -> str:
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))
