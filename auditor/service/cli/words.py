"""Translates the texts of the command line. The English text in the code is the key."""

import os
from functools import cache

from auditor.texts.translate import Texts


def language() -> str:
    """Return ``vi``, or ``en`` if ``--lang`` or ``AUDITOR_LANG`` says so."""
    return "en" if os.environ.get("AUDITOR_LANG") == "en" else "vi"


@cache
def _texts(lang: str) -> Texts:
    return Texts(lang)


def ui(english: str, /, **args: object) -> str:
    """Return a text of the command line with its fields filled in; an untranslated text is in English."""
    return _texts(language()).say("ui", english, **args)
