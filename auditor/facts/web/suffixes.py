"""Finds registrable domains with the public suffix list that is stored with a run (publicsuffix.org)."""

from functools import lru_cache

from publicsuffixlist import PublicSuffixList

from auditor.framework.context import Context


def registrable(name: str, ctx: Context) -> str | None:
    """Return the registrable domain of ``name``; the name itself if it is a suffix, None without a list."""
    if not ctx.reference.public_suffixes:
        return None
    return _rules(ctx.reference.public_suffixes).privatesuffix(name) or name


@lru_cache(maxsize=4)
def _rules(text: str) -> PublicSuffixList:
    return PublicSuffixList(source=text.splitlines())
