"""Makes recovery codes, each used once in place of the second factor when its device is lost."""

import re
import secrets

HOW_MANY = 10
LETTERS = 28
"""140 bits: nobody guesses one, so a plain digest of it can be stored (ASVS 5.0 6.5.2 wants 112)."""
LONGEST_TYPED = 64
"""With whatever stands between its groups."""
_ALPHABET = "abcdefghijklmnopqrstuvwxyz234567"
_GROUP = 4
_SECRET = re.compile(r"[A-Z2-7]{32}")


def codes() -> tuple[str, ...]:
    """Make new recovery codes, as they are shown: groups of four letters."""
    return tuple(_grouped("".join(secrets.choice(_ALPHABET) for _ in range(LETTERS))) for _ in range(HOW_MANY))


def plain(code: str) -> str:
    """Return the code as it is compared: without separators, in small letters."""
    return "".join(re.findall(r"[a-z0-9]", code.lower()[:100]))


def is_secret(text: str) -> bool:
    """True if this is a shared secret such as we make (160 bits, RFC 4226 §4)."""
    return _SECRET.fullmatch(text) is not None


def _grouped(text: str) -> str:
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))
