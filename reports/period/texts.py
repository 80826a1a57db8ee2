"""Holds the texts of the report of a period by key, in the catalogues under ``period/<key>``. Data and one function."""

from collections.abc import Mapping

from auditor.texts.translate import Texts

PERIOD_TEXTS: Mapping[str, str] = {
    "title": "Report of {period}",
    "made": "Created on {day:date}.",
    "made_by": "Created on {day:date} by {issuer}.",
    "unfinished": "The period is not over: everything is as of {day:date}.",
    "counted": "Counted {n:n} {n/time/times} in the period; the last count is of {last:date}, run {run}.",
    "covers": "At the last count something was decided about {met:n} of {of:n} {of/subject/subjects} of the inventory.",
    "passed_part": "The count of {day:date} (run {run}) is later, but covers only a part beside the others of the"
    " period: it does not stand for the end.",
    "passed_cut_off": "The run of {day:date} ({run}) is later, but was cut off: it does not stand for the end.",
    "passed_missing": "The run of {day:date} ({run}) is later, but not everything was measured from {vantages:list}: it"
    " does not stand for the end.",
    "passed_vantage": "The run of {day:date} ({run}) is later, but its repeat showed that the vantage was to blame for"
    " what changed: it does not stand for the end.",
    "passed_ahead": "The run of {day:date} ({run}) is dated later than today: the clock was ahead when it was made. It"
    " does not stand for the end.",
    "doubtful": "The last count is in doubt: so much changed at once that the vantage may be the cause, and no repeat"
    " has decided it.",
    "judged_again": "The count of {day:date} (run {run}) was judged again on {judged:date}: its figures {figures:list}"
    " are not those of its first judgement, on which earlier reports may rest.",
    "fuller": "The count of {day:date} (run {run}) decided more than twice as much as the last one: what is said of the"
    " end rests on a part.",
    "slight": "The count of {day:date} (run {run}) decided less than half of what the last one did: a figure may have"
    " moved for this reason alone, as most systems were not looked at then.",
    "since_earlier": "The beginning is the last count before the period, of {first:date}, run {run}.",
    "since_first": "The beginning is the first count in the period, of {first:date}, run {run}: none is earlier.",
    "other_rules": "Checks or thresholds changed since the count of {day:date} (run {run}): a figure may have moved for"
    " this reason alone, though nothing changed at an agency. To compare like with like, run {run} must be judged"
    " again.",
    "single": "There is no other count to compare with.",
    "targets_met": "{n:n} of {m:n} {m/requirement/requirements} with a target {n/is/are} met at the end of the period.",
    "targets_declared": "{n:n} of these {n/rests/rest} only on a declared value.",
    "targets_not_met": "{n:n} {n/is/are} not met.",
    "targets_undecided": "{n:n} cannot be decided by what was measured.",
    "targets_missing": "{n:n} {n/has/have} no figure yet: they are missing, not failed.",
    "targets_elsewhere": "Every target in force is counted here. A table of provinces leaves out {missing:n}"
    " {missing/target/targets} without a figure and counts {table:n}; the public edition also leaves out {few:n} that"
    " {few/rests/rest} on fewer than {small:n} subjects, and counts {public:n}.",
    "targets_without_figures": "Every target in force is counted here. A table of provinces and the public edition"
    " leave out {missing:n} {missing/target/targets} without a figure, and count {public:n}.",
    "targets_old": "{n:n} {n/is/are} judged by a value that was declared for a day before the period: none was declared"
    " since.",
    "targets_none": "No requirement has a target in this period.",
    "figures": "Figures",
    "figure": "Figure",
    "start": "Beginning",
    "end": "End",
    "change": "Change in percentage points",
    "before": "Beside the period before",
    "before_note": "Both columns are as of the end of their period. What moved the figures is in the table below.",
    "item": "Item",
    "audits_counted": "Audits counted",
    "count_met": "Requirements met",
    "count_not_met": "Requirements not met",
    "count_undecided": "Requirements undecided",
    "count_missing": "Requirements without a figure",
    "movement": "What moved the figures",
    "movement_none": "Nothing changed between the two counts.",
    "agency": "Agency",
    "no_agency": "no agency",
    "met_of": "{met:n} of {of:n}",
    "systems": "Systems that changed",
    "became": "{name}: {before} → {after}",
    "met": "met",
    "not_met": "not met",
    "unknown": "undecided",
    "exempt": "exempt",
    "absent": "not counted",
    "article": "No.",
    "requirement": "Requirement",
    "kind": "Source",
    "measured": "measured",
    "declared": "declared",
    "missing": "no figure",
    "target": "Target",
    "due": "Deadline",
    "standing": "At the end",
    "met_since": "Met since",
    "availability": "Time that connection points answered, by agency",
    "availability_note": "Shares are of the samples that count. What was not measured, and what was set aside because"
    " the vantage was sick or maintenance was announced, is neither up nor down.",
    "nothing_sampled": "No connection point was sampled in this period.",
    "level": "Level",
    "points": "Points",
    "points_measured": "Points measured",
    "up": "Time answering",
    "lowest": "Lowest point",
    "not_sampled": "Not measured",
    "whole": "All together",
    "by_point": "Connection points",
    "point": "Point",
    "vantage": "Vantage",
    "loss": "Loss over IPv{family}",
    "no_measurement": "not measured",
    "sites": "Web sites and shared systems, looked at each hour",
    "sites_note": "Shares are of the looks that count: one that could not be taken is neither an answer nor a failure.",
    "no_sites": "No web site was sampled in this period.",
    "system": "System",
    "looked_over": "Looked at over",
    "any_address": "any address",
    "answered": "Visits that opened the page",
    "channels": "Load of channels",
    "channels_note": "Load is the 95th percentile of the hourly means of the busier direction. The registered bandwidth"
    " is that of the interface to TSLCD (tag wan=), of several that of all together.",
    "interface": "Interface",
    "registered": "Registered Mbit/s",
    "peak": "Load in Mbit/s",
    "use": "Share of the registered bandwidth",
    "declarations": "Declared values",
    "value": "Value",
    "as_of": "As of",
    "source": "Stated by",
    "signatory": "Signed by",
    "undecided": "What could not be decided",
    "reason": "Reasons, with the number of subjects",
    "number": "Not decided",
    "official_subject": "on IPv6 and the state data network in {period}",
    "official_opening": "By the checks of information systems, network devices and connection points of the province,"
    " the results in {period} are as follows.",
    "official_results": "Results",
    "official_figures": "Figures at the beginning and the end of the period",
    "official_beginning": "beginning",
    "official_network": "Connection points of the state data network",
    "official_availability": "{measured:n} of {points:n} connection {points/point/points} {measured/was/were} sampled."
    " They answered {up} of the time; the lowest of them {lowest}. {missing} of the time was not measured.",
    "official_open": "What is not met or has no figure",
    "official_line": "- {article}: {requirement} ({standing}).",
    "official_all_met": "Everything that has a target is met.",
    "official_proposals": "Proposals",
    "official_dots": "………………………………………………………………………………",
    "official_closing": "The annexes hold all figures, measured and declared ones shown separately./.",
    "survey_operator": "Figures of a telecom operator: {period}",
    "survey_department": "Figures of a department: {period}",
    "survey_sheet_operator": "Telecom operator",
    "survey_sheet_department": "Department",
    "survey_note": "Fill in only the yellow cells. A line without a value counts as missing, not as nothing. Column A "
    "holds the codes by which this workbook is read: leave it as it is.",
    "survey_framework": "Plan or regulation",
    "survey_period": "Period",
    "survey_form": "Form",
    "survey_respondent": "Respondent",
    "survey_code": "Code",
    "survey_item": "Item",
    "survey_unit": "Unit",
    "survey_value": "Value",
    "survey_as_of": "As of (dd/mm/yyyy)",
    "survey_source": "Document it stands in",
    "survey_signatory": "Signed by",
    "survey_note_column": "Remarks",
    "too_long": "{n:n} more {n/row/rows} in the workbook of this report.",
}


def tell(texts: Texts, key: str, **args: object) -> str:
    """Say one of the texts above in the language of ``texts``; an unknown key is a bug and raises KeyError."""
    return texts.say(f"period/{key}", PERIOD_TEXTS[key], **args)
