"""Holds the texts about shared causes by key, in the catalogues under ``report/<key>``. Data only."""

from collections.abc import Mapping

CAUSE_WORDS: Mapping[str, str] = {
    "state_ipv6": "{met:n} of {of:n} {of/service or device works/services and devices work} over IPv6"
    " ({unknown:n} undecided).",
    "state_ipv6_decided": "{met:n} of {of:n} {of/service or device works/services and devices work} over IPv6.",
    "state_fails_only": "{fails:n} failed {fails/finding/findings}, {grave:n} of them critical or high.",
    "state_fails": "{failing:n} of {agencies:n} {agencies/agency/agencies} {failing/has/have} problems to fix:"
    " {fails:n} failed {fails/finding/findings}, {grave:n} of"
    " them critical or high.",
    "causes": "What to do first",
    "causes_intro": "Problems of several hosts with one measured cause, each listed once, the largest gain first. "
    "Everything else is in the list of each agency.",
    "causes_none": "No two hosts share a measured cause; each problem is in the list of its agency.",
    "cause": "Shared cause",
    "cause_whose": "Owner",
    "cause_reach": "Affects",
    "cause_after": "Gain once fixed",
    "cause_problems": "Problems",
    "cause_subjects": "Affected hosts",
    "cause_number": "No.",
    "cause_certainty": "Certainty",
    "cause_certain": "measured",
    "cause_probable": "probable",
    "cause_route": "The announced prefix {name}",
    "cause_prefix": "No measured address of {name} answers: probably one firewall or uplink",
    "cause_certificate": "One certificate (SHA-256 {name})",
    "cause_name_servers": "The name servers {name}",
    "cause_mail_exchangers": "The mail exchangers {name}",
    "cause_name_server": "The name server {name}",
    "cause_mail_gateway": "The mail gateway {name}",
    "cause_resolver": "The resolver {name}",
    "cause_address": "The address {name}",
    "cause_address_port": "The address {name}, TCP port {port}",
    "cause_web_server": "The hosts at {name} probably share one web server ({software})",
    "cause_owner_row": "{agency}, by its row in the inventory",
    "cause_owner_block": "{agency}, by its address block in the inventory",
    "cause_owner_zone": "{agency}, by its domain in the inventory",
    "cause_owner_members": "{agency}: all affected hosts are its own",
    "cause_owner_unknown": "not known from the inventory: ask its provider (of hosting, network or DNS)",
    "cause_takes": "{subjects:n} {subjects/host/hosts}, {agencies:n} {agencies/agency/agencies}, {findings:n}"
    " {findings/finding/findings}",
    "cause_takes_own": "{subjects:n} {subjects/host/hosts} of your own",
    "cause_targets": "{n:n} {n/target/targets} reached",
    "cause_gain": "{figure} {title}: {met:n}/{of:n} → {met_after:n}/{of_after:n}",
    "cause_gain_possible": "{figure} {title}: {met:n}/{of:n} → {met_after:n}/{of_after:n}, up to {most:n} if what can"
    " only be measured then is right too",
    "cause_no_gain": "fixing this changes no figure by itself",
}
