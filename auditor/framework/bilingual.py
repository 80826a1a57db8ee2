"""Defines a text in both languages for the checks of an operator, which have no translation catalogue."""


class Bilingual(str):
    """Holds an English text with the Vietnamese one beside it; ``Bilingual("No IPv6 address", vi="Chưa có IPv6")``."""

    vi: str

    def __new__(cls, en: str, *, vi: str) -> "Bilingual":
        text = super().__new__(cls, en)
        text.vi = vi
        return text
