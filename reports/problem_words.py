"""Holds the texts about lists of problems by key, in the catalogues under ``report/<key>``. Data only."""

from collections.abc import Mapping

PROBLEM_WORDS: Mapping[str, str] = {
    "problems": "Problems",
    "problems_note": "What fails, then warnings, the gravest first, by agency, with the first subjects. Accepted "
    "exceptions are left out.",
    "problem": "Problem",
    "all_results": "Failures and warnings",
    "all_severities": "All severities",
    "all_areas": "All areas",
    "all_checks": "All checks",
    "kind": "Kind",
    "all_kinds": "All kinds",
    "both_families": "IPv4 and IPv6",
    "all_tags": "All tags",
    "problems_shown": "rows",
    "more_problems": "Show the other rows",
    "warnings": "{n:n} {n/warning/warnings}",
    "who_fails": "Who fails it",
    "back": "Back to the results",
    "print_all": "Print details and evidence too",
    "print_note": "On paper: what must be fixed and warnings. The electronic report has the details, the evidence and "
    "the criteria.",
    "print_overview": "On paper: the overview. Each agency's page prints what it must fix; rows of the list of "
    "problems are printed once they are filtered or the box above is ticked.",
    "number_of_results": "Results",
    "all_rows": "all rows",
}
