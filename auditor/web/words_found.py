"""Words of the pages about what was found: changes, histories, TSLCD, single checks."""

from collections.abc import Mapping

FOUND: Mapping[str, str] = {
    "changes": "What changed",
    "changes_between": "From {before} ({start:date}) to {after} ({end:date})",
    "changes_none": "There is no earlier run that this one could be compared with.",
    "no_changes": "Nothing of this kind.",
    "compare_with": "Compare with",
    "of_agency": "Agency",
    "of_all_agencies": "all agencies",
    "kind_of_change": "Show",
    "urgent_changes": "new, changed, fixed and gone",
    "show": "Show",
    "was": "Before:",
    "became": "Now:",
    "waived_mark": "accepted exception",
    "other_catalogue": "The catalogue of checks is another; checks with another version are not compared.",
    "other_policy": "The policy is another; checks with other thresholds are not compared where their result differs.",
    "other_networks": "The two runs measured from different networks.",
    "suspect": "{area}: so many subjects changed at once that the measuring point is to be checked before any agency.",
    "figures_changed": "Figures that changed",
    "before": "Before",
    "now": "Now",
}
