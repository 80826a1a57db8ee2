"""Reads the words of injected content from ``injected_words.toml`` once, at the first use."""

import tomllib
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True, kw_only=True)
class WordLists:
    """Holds the words that distinguish injected content from a page's own; the data file describes each list."""

    offers: tuple[str, ...]
    offers_in_scripts: tuple[str, ...]
    topics: tuple[str, ...]
    common: frozenset[str]
    headlined: frozenset[str]
    lures: tuple[str, ...]
    other_meanings: tuple[str, ...]
    shop_words: tuple[str, ...]
    host_parts: tuple[str, ...]
    host_names: tuple[str, ...]
    host_affixes: tuple[str, ...]
    reports: tuple[str, ...]
    reports_in_scripts: tuple[str, ...]
    defacements: tuple[str, ...]
    longest_keyword_link: int
    fewest_shop_words: int


@cache
def word_lists() -> WordLists:
    """Return the word lists that are shipped with the program; codes are topics and common words as well."""
    text = resources.files("auditor.facts.web").joinpath("injected_words.toml").read_text(encoding="utf-8")
    document = tomllib.loads(text)
    codes = document.pop("codes")
    return WordLists(
        topics=(*document.pop("topics"), *codes),
        common=frozenset((*document.pop("common"), *codes)),
        headlined=frozenset(document.pop("headlined")),
        longest_keyword_link=document.pop("longest_keyword_link"),
        fewest_shop_words=document.pop("fewest_shop_words"),
        **{name: tuple(words) for name, words in document.items()},
    )
