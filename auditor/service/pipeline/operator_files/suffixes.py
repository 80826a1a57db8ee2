"""Reads the list of public suffixes that is shipped (publicsuffix.org), to be kept with a run."""

from functools import cache
from importlib.resources import files

_BEGIN, _END = "===BEGIN ICANN DOMAINS===", "===END ICANN DOMAINS==="


@cache
def shipped_suffixes() -> str:
    """Return the rules of registries, without comments."""
    text = files("publicsuffixlist").joinpath("public_suffix_list.dat").read_text("utf-8")
    of_registries = text.partition(_BEGIN)[2].partition(_END)[0]
    rules = (line.strip() for line in of_registries.splitlines())
    return "\n".join(rule for rule in rules if rule and not rule.startswith("//"))
