"""Holds the texts of the public edition by key, in the catalogues under ``public/<key>``. Data and one function."""

from collections.abc import Mapping

from auditor.texts.translate import Texts

PUBLIC_TEXTS: Mapping[str, str] = {
    "title": "IPv6 and the state data network: {period}",
    "year": "the year {year}",
    "quarter": "quarter {quarter} of {year}",
    "month": "{month}/{year}",
    "issued": "Published on {day:date} by {issuer}",
    "issued_alone": "Published on {day:date}",
    "edition": "edition {n:n}",
    "skip": "Skip to the figures",
    "met_targets": "{n:n} of {m:n} {m/target is/targets are} met at the end of the period; {unknown:n}"
    " cannot be decided.",
    "targets_few": "{few:n} {few/target rests/targets rest} on fewer than {n:n} subjects: whether {few/it is/they are}"
    " met is not published.",
    "targets_missing": "{n:n} {n/target has/targets have} no figure yet: missing, not failed.",
    "targets_all": "Together there are the {of:n} {of/target/targets} that the report of the period counts.",
    "no_targets": "No target applied in this period.",
    "measured": "Counted {n:n} {n/time/times} in the period, the last time on {last:date}; the beginning is the count"
    " of {first:date}.",
    "other_rules": "Checks or thresholds changed between the two: a figure may have moved for this reason alone, though"
    " nothing changed at an agency.",
    "slight_start": "At the beginning less than half as much was looked at: a figure may have moved for this reason"
    " alone.",
    "doubtful": "The last count is in doubt: so much changed at once that the vantage may be the cause, and no repeat"
    " has decided it.",
    "fuller": "The count of {day:date} decided more than twice as much as the last one: what is said of the end rests"
    " on a part.",
    "measured_once": "Counted once, on {last:date}: there is no earlier count to compare with.",
    "figures": "Progress",
    "start": "Beginning",
    "of": "{met:n} of {of:n}",
    "of_unknown": "{met:n} of {of:n}, {unknown:n} undecided",
    "too_few": "fewer than {n:n} subjects, not published",
    "nothing": "does not apply",
    "targets": "Targets",
    "requirement": "Target",
    "due": "Deadline",
    "status": "At the end",
    "since": "Met since",
    "agencies": "By agency",
    "agencies_note": "An agency for which a figure counts fewer than {n:n} subjects is added to others. Security is "
    "given only for the province.",
    "agency": "Agency",
    "others_of_level": "{level}: {n:n} {n/unit/units} together",
    "others": "all others together",
    "counts": "Met / applies",
    "undecided": "Undecided",
    "method": "How this was measured",
    "method_measured": "Every figure rests on measurements over the network, over IPv4 and IPv6 alike, of the systems"
    " in the province's inventory. Nothing was changed at any of them.",
    "method_share": "A share is the number that meets the figure of all to which it applies. What could not be decided"
    " counts as not met in the share and stands beside it.",
    "method_declared": "A value that somebody declared is called declared.",
    "method_left_out": "No host, address, port, version or single defect is published.",
    "not_measured": "What could not be measured",
    "not_measured_note": "Subjects and figures that were not decided at the last count, by reason.",
    "reason": "Reason",
    "number": "Number",
    "corrections": "Corrections",
    "corrected": "Edition {n:n} of {day:date} was replaced. These numbers changed:",
    "changed": "{what}: {before} → {after}",
    "data": "Data",
    "data_note": "The same numbers for programs: CSV, JSON with its schema, and a description of the data set (DCAT).",
    "sealed": "The digests of all files stand in {file}.",
}


def tell(texts: Texts, key: str, **args: object) -> str:
    """Say one of the texts above in the language of ``texts``; an unknown key is a bug and raises KeyError."""
    return texts.say(f"public/{key}", PUBLIC_TEXTS[key], **args)
