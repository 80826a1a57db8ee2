"""Holds the texts of the frame of every page, of the search and of the drawings, by key; part of ``words.UI``."""

from collections.abc import Mapping

LAYOUT: Mapping[str, str] = {
    "menu": "Menu",
    "group_results": "Results",
    "group_audits": "Audits",
    "group_lists": "Registers",
    "group_admin": "Administration",
    "search": "Search",
    "search_hint": "Agency, asset, address or check",
    "search_results": "Search results",
    "search_none": "Nothing matches {text}.",
    "search_how": "Part of an agency's name or code, of an asset's name, domain or address, or of a check's title "
    "or id.",
    "search_more": "{shown:n} of {n:n} shown. Search for more of the name.",
}
