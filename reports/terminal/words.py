"""Holds the texts of the terminal by key, part of ``report_texts.UI``."""

from collections.abc import Mapping

TERMINAL_WORDS: Mapping[str, str] = {
    "explain": "see: auditor checks explain {check}",
    "times": "{text} (×{n:n})",
    "no_addresses": "no address",
    "addresses_unknown": "addresses could not be looked up",
    "silent": "no answer of any kind",
    "outside_scope": "Nothing was sent to {addresses:list}: [scope] of the configuration does not allow it.",
    "no_connection": "No way out to a network over IPv4 or IPv6, so nothing can be said about the targets. To see why:"
    " auditor doctor",
    "counts": "{n:n} {what}",
    "counts_warn": "{n:n} {n/warning/warnings}",
    "counts_error": "{n:n} auditor {n/error/errors}",
    "no_findings": "Nothing was judged.",
    "more": "and {n:n} more",
    "worst_problems": "Worst problems ({shown:n} of {n:n})",
    "need_authorisation": "{n:n} {n/check needs/checks need} the owner's authorisation: {checks}"
    " (auditor checks explain {first})",
}
