"""Translates the texts of the command line. English stands in the code and is the key."""

import os
from functools import cache

from auditor.texts.translate import Texts


def language() -> str:
    """``vi`` unless ``--lang`` or ``AUDITOR_LANG`` says ``en``."""
    return "en" if os.environ.get("AUDITOR_LANG") == "en" else "vi"


@cache
def _texts(lang: str) -> Texts:
    return Texts(lang)


def ui(english: str, /, **args: object) -> str:
    """Return a text of the command line with its fields filled in; what is not translated shows in English."""
    return _texts(language()).say("ui", english, **args)
