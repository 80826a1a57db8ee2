"""The reports' own words, by key. In the catalogues their context is ``report/<key>``. Data and one function."""

from collections.abc import Mapping

from auditor.texts import Texts

UI: Mapping[str, str] = {
    "vantage": "Measuring point",
    "remedy": "Remedy",
    "explain": "auditor checks explain {check}",
    "evidence": "Evidence",
    "not_tested": "Not tested",
    "undecided": "Inconclusive",
    "result": "Result",
    "points": "{score:n}/100",
    "rung": "level {level:n} of 4",
    "rung_at_least": "at least level {level:n} of 4",
    "coverage": "{ratio:percent} of the evidence",
    "no_score": "not enough evidence",
    "other": "other checks",
    "waived": "accepted exception until {until:date}: {reason}",
    "waived_open": "accepted exception: {reason}",
    "times": "{text} (×{n:n})",
    "no_addresses": "no address",
    "counts": "{n:n} {what}",
    "no_findings": "Nothing was judged.",
    "more": "and {n:n} more",
}


def say(texts: Texts, key: str, **args: object) -> str:
    """One of the words above, in the language of ``texts``; an unknown key is a bug and raises KeyError."""
    return texts.say(f"report/{key}", UI[key], **args)
