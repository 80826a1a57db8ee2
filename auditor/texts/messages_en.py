"""Holds the English messages of the framework itself, by their context in the catalogues. Data only.

``framework/<CODE>``: findings that no check made. ``framework/<CODE>.fix``: their remedies. ``limits/<CODE>``: limits
of a report. The rest: one word for each value of an enum.
"""

from collections.abc import Mapping

from auditor.texts.figure_messages_en import FIGURE_WORDS
from auditor.texts.mesh_messages_en import MESH_WORDS

FRAMEWORK: Mapping[str, tuple[str, str]] = {
    "U_V6": (
        "The vantage had no working IPv6 at that time.",
        "Restore IPv6 at the vantage and run the check again; the audited system needs no change for this.",
    ),
    "U_V4": (
        "The vantage had no working IPv4 at that time.",
        "Restore IPv4 at the vantage and run the check again; the audited system needs no change for this.",
    ),
    "U_DNS": (
        "Name resolution gave no answer that can be relied on.",
        "Check the vantage's resolver and the name servers of the parent zone, then run the check again.",
    ),
    "U_EGR": (
        "Nothing showed that the vantage can send over this transport, so silence or refusals prove nothing.",
        "Open this port or protocol for the vantage, or configure a control endpoint, and run the check again.",
    ),
    "U_RATE": (
        "The far side limited or blocked the measurement (rate limit, greylisting, CAPTCHA or filter), or the line"
        " failed at times.",
        "Ask the operator to admit the vantage's addresses, or measure again later.",
    ),
    "U_CRED": (
        "There are no credentials for this device, or it rejected them.",
        "Give the auditor a read-only account for this device and run the check again.",
    ),
    "U_OBJ": (
        "The device does not offer the data that this needs.",
        "Update the device's software or allow the auditor to read this data; otherwise confirm the fact by hand.",
    ),
    "U_SMPL": (
        "There are too few samples, or the series has gaps.",
        "Let sampling run without interruption for the whole period, then judge again.",
    ),
    "U_VP": (
        "Only another vantage can see this (inside TSLCD, on the local network, or outside).",
        "Set up a vantage in the network concerned and run the check there.",
    ),
    "U_INV": (
        "The inventory lacks a fact that this needs, or the fact is out of date.",
        "Complete the subject's row in the inventory and run the check again.",
    ),
    "U_SCOPE": (
        "This needs the owner's authorisation (clearance).",
        "Where the owner agrees, record the authorisation in the inventory or widen the scope, and check again.",
    ),
    "U_PRIV": (
        "The auditor lacks a privilege or an optional tool on this machine.",
        "Give the auditor what it lacks, in most cases CAP_NET_RAW (auditor doctor tells), and run the check again.",
    ),
    "U_CUT": (
        "The measurement was cut short or never took place.",
        "Run the check again; if it is cut short again, allow it more time.",
    ),
    "U_REF": (
        "Reference data is missing or out of date.",
        "Bring the reference data up to date (auditor doctor names it) and judge again.",
    ),
    "U_AMB": (
        "The answers contradict each other.",
        "Measure again; if the answers still differ, have the operator compare the servers behind this name.",
    ),
    "OVER_BUDGET": (
        "Not tested to the end: the peer sent more than 2 MB or took more than 300 connections, the most that is"
        " accepted from one address.",
        "Have the operator find out why this address sends so much, then check again.",
    ),
    "OUT_OF_TIME": (
        "Not tested to the end: the time for one subject (limits.subject_seconds) was used up before {probes:list}"
        " {probes/was/were} done.",
        "Have the operator find out why this system answers so slowly, or allow a subject more time, then check again.",
    ),
    "NAME_WITHOUT_ADDRESS": (
        "{name} has no address in DNS, so there was nothing to measure.",
        "Correct the name where it is wrong; where it is right, publish its addresses.",
    ),
    "MORE_ADDRESSES": (
        "{count:n} further {count/address/addresses} {count/was/were} not tested; of each family the first {most:n}"
        " are.",
        "Publish fewer addresses under this name, or list the hosts behind it as subjects of their own.",
    ),
    "MAINTENANCE": (
        "Work on this was announced for the time of the measurement, so what was found then does not count as a "
        "defect.",
        "Check again when the work is done.",
    ),
    "BEHIND_NODE": (
        "It cannot be reached because {nodes:list}, through which it is connected, {nodes/does/do} not answer either;"
        " this is not held against it.",
        "Restore the node first, then measure again.",
    ),
    "INSPECTED": (
        "Something near the vantage decrypts TLS and issues certificates of its own ({issuer}), so that"
        " what the server itself does was not seen.",
        "Exempt the vantage from TLS inspection (firewall, proxy, antivirus program), or measure from another network.",
    ),
    "NO_EVIDENCE": (
        "No measurement for this was recorded.",
        "Run the check again; if it is cut short again, allow it more time.",
    ),
    "EXEMPT": ("Does not apply: the owner declared an exemption ({reason}; signed by: {signatory}).", ""),
    "NOT_ACTIVATED": ("Does not apply yet: it goes into operation on {activated:date}.", ""),
    "PLANNED": ("Does not apply yet: the owner plans IPv6 from {due:date}.", ""),
    "BUG": (
        "An error in the auditor itself: this check could not be completed.",
        "Report it with this finding's number to the auditor's maintainers, or to the author of the check where its id"
        " begins with local.; the audited system is not at fault.",
    ),
}
"""The message and the remedy, or "", of each code. Codes ``U_…`` are the reasons of findings.Reason."""

LIMITS: Mapping[str, str] = {
    "NOT_STATUTORY": (
        "This is monitoring, not the statutory security assessment. Decree 85/2016/NĐ-CP, article 20(2)(c), asks for a "
        "periodic assessment every two years overall, every year at levels 3 and 4, every six months at level 5, and "
        "from level 3 on only by a licensed, functionally competent public, or designated organisation."
    ),
    "VANTAGE_NO_IPV6": "Vantage {vantage} had no working IPv6: nothing about IPv6 was decided from there.",
    "VANTAGE_NO_IPV4": "Vantage {vantage} had no working IPv4: nothing about IPv4 was decided from there.",
    "VANTAGE_NAT64": "Vantage {vantage} has only IPv6; its users reach IPv4 through NAT64 ({prefixes:list}). Nothing "
    "about IPv4 was decided from there, and what answered through NAT64 does not count as IPv6 of "
    "any subject.",
    "VANTAGE_IMPAIRED_IPV6": "IPv6 of vantage {vantage} failed at times; what was measured then was set aside.",
    "VANTAGE_IMPAIRED_IPV4": "IPv4 of vantage {vantage} failed at times; what was measured then was set aside.",
    "VANTAGE_IMPAIRED_DNS": "Name resolution at vantage {vantage} could not be relied on.",
    "ONE_ROUND": "Every measurement was made in one round; a fault that comes and goes may be missed.",
    "NOT_SEALED": "NOT SEALED: this assessment was made after the run was sealed ({root}) and is not part of it.",
    "NO_PRIVILEGE": "The auditor ran without the privilege for raw packets; checks that need it were not tested.",
    "NO_TSLCD_VANTAGE": "No vantage stood inside the TSLCD network; what only shows there was not tested.",
    "NO_INTERNET_VANTAGE": "No vantage stood on the Internet; what only shows there was not tested.",
    "INTERRUPTED": "The run was interrupted: {done:n} of {planned:n} {planned/subject/subjects} {done/was/were}"
    " measured.",
    "VANTAGE_INTERRUPTED": "The measurement from vantage {vantage} was cut off: {done:n} of {planned:n}"
    " {planned/subject/subjects} {done/was/were} measured from there.",
    "NOT_MEASURED": "{subjects:n} {subjects/subject/subjects} of the inventory {subjects/was/were} not measured.",
    "SELECTED_CHECKS": "Only some checks were run: {checks:list}.",
    "SKIPPED_CHECKS": "These checks were left out on request: {checks:list}.",
    "NO_INVENTORY": "The targets were named on the command line: nothing was compared with an inventory.",
    "INVENTORY_AGE": "The inventory is as of {when:date}.",
    "AMENDS": "This run re-checks some subjects of run {run}: it adds to that run and changes nothing in it.",
    "PART": "A part of the subjects or of the checks was asked for in this run: its figures are not those of the"
    " whole.",
    "DOUBTFUL": "Suspiciously many subjects changed at once since run {run}; what changed may be the vantage"
    "'s, and no repeat of the audit has decided.",
    "DOUBT_CONFIRMED": "Suspiciously many subjects changed at once in this run; a repeat, run {run}, said the same.",
    "DOUBT_VANTAGE": "Suspiciously many subjects changed at once in this run; a repeat, run {run}, found them as "
    "before. The changes are put down to the vantage.",
    "WAIVED": "{findings:n}"
    " {findings/finding is an accepted exception; its verdict is/findings are accepted exceptions; their verdicts are}"
    " shown unchanged.",
    "WAIVER_ENDED": "The exception of {of} for {check} ended on {until:date} ({owner}): its defects count again.",
    "WAIVER_OF_NOBODY": "The accepted exception of {of} for {check} ({owner}) is of no subject or agency of this run.",
    "BUGS": "{findings:n} {findings/check/checks} met an error of the auditor itself and {findings/was/were} not"
    " completed.",
}

WORDS: Mapping[str, str] = {
    "outcome/pass": "Pass",
    "outcome/warn": "Warning",
    "outcome/fail": "Fail",
    "outcome/not_applicable": "Not applicable",
    "outcome/inconclusive": "Inconclusive",
    "outcome/not_tested": "Not tested",
    "outcome/error": "Auditor error",
    "doubt/waiting": "doubtful, to be repeated",
    "doubt/real": "doubted, confirmed by a repeat",
    "doubt/vantage": "changes of the vantage",
    "doubt/unsettled": "doubtful",
    "detail/ipv6.web.resources/own": "own parts",
    "detail/ipv6.web.resources/third-party": "parts from elsewhere",
    "detail/tslcd.isolation.vpn/management": "management",
    "detail/tslcd.channel.errors/light": "received light",
    "detail/security.dns.delegation/ns": "name servers",
    "detail/security.dns.delegation/glue": "addresses at the parent",
    "detail/security.dns.delegation/address": "servers without an address",
    "detail/security.dns.delegation/alias": "aliases as name servers",
    "detail/security.mail.dane-mta-sts/certificates": "certificates",
    "detail/security.mail.spf/all": "terms after “all”",
    "detail/security.mail.sender-ptr/senders": "sending hosts",
    "detail/ipv6.dns.resolver-dual/addresses": "addresses",
    "detail/meta.selftest.egress/tls": "decrypted TLS",
    "detail/meta.selftest.egress/limit": "room in the kernel",
    "detail/meta.selftest.ipv6/limit": "room in the kernel",
    "detail/meta.selftest.ipv4/limit": "room in the kernel",
    "detail/meta.selftest.ipv6/full-size": "full segments",
    "detail/meta.selftest.ipv6/mtu": "largest packets",
    "detail/meta.selftest.ipv6/delay": "delay",
    "detail/meta.selftest.ipv6/loss": "loss",
    "detail/meta.selftest.ipv4/full-size": "full segments",
    "detail/meta.selftest.ipv4/mtu": "largest packets",
    "detail/meta.selftest.ipv4/loss": "loss",
    "finding/one_round": "Seen in one round.",
    "finding/unseen": "another agency's connection point or device",
    "severity/critical": "critical",
    "severity/high": "high",
    "severity/medium": "medium",
    "severity/low": "low",
    "severity/info": "info",
    "level/required": "required",
    "level/recommended": "recommended",
    "level/optional": "optional",
    "basis/verified": "legal basis read",
    "basis/unverified": "legal basis not verified",
    "basis/policy": "set by the operator",
    "kind/portal": "portal",
    "kind/dvc": "online public services",
    "kind/commune-site": "commune web site",
    "kind/api": "programming interface",
    "kind/zone": "domain",
    "kind/mail": "mail domain",
    "kind/router": "router",
    "kind/switch": "switch",
    "kind/access-switch": "access switch",
    "kind/firewall": "firewall",
    "kind/connection-point": "TSLCD connection point",
    "kind/datacentre": "data centre",
    "kind/resolver": "resolver",
    "kind/host": "host",
    "kind/unit": "organisation unit",
    "unit_level/province": "province",
    "unit_level/department": "department",
    "unit_level/district": "district",
    "unit_level/commune": "commune",
    "unit_level/ward": "ward",
    "area/ipv6.dns": "IPv6 in DNS",
    "area/ipv6.web": "IPv6 web",
    "area/ipv6.mail": "IPv6 mail",
    "area/ipv6.path": "IPv6 path",
    "area/ipv6.device": "IPv6 devices",
    "area/tslcd": "TSLCD network",
    "area/security": "Basic security",
    "grade/met": "Met",
    "grade/partly": "Partly met",
    "grade/not_met": "Not met",
    "grade/not_enough_evidence": "Not enough evidence",
    "ladder/service.0": "no IPv6 address",
    "ladder/service.1": "IPv6 address published only",
    "ladder/service.2": "works over IPv6",
    "ladder/service.3": "complete over IPv6",
    "ladder/service.4": "ready for IPv6-only users",
    "ladder/device.0": "not capable of IPv6",
    "ladder/device.1": "capable of IPv6",
    "ladder/device.2": "IPv6 enabled, with an address",
    "ladder/device.3": "routes IPv6",
    "ladder/device.4": "carries IPv6 traffic",
    "ladder/point.0": "not registered",
    "ladder/point.1": "registered",
    "ladder/point.2": "reachable",
    "ladder/point.3": "in use, within the quality limits",
    "ladder/point.4": "both IPv4 and IPv6",
    "network/internet": "Internet",
    "network/tslcd": "TSLCD",
    "run_state/running": "running",
    "run_state/finished": "finished",
    "run_state/interrupted": "interrupted",
    "run_state/cancelled": "cancelled",
    "profile/quick": "quick: measured once",
    "profile/audit": "full: what failed was measured again",
    "health/ok": "working",
    "health/impaired": "impaired",
    "health/none": "none",
    "failure/refused": "refused",
    "failure/reset": "connection reset",
    "failure/tls_alert": "TLS alert",
    "failure/protocol": "protocol error",
    "failure/name_error": "name error",
    "failure/timeout": "no answer in time",
    "failure/unreachable": "unreachable",
    "failure/prohibited": "prohibited on the path",
    "failure/packet_too_big": "packet too big",
    "failure/no_permission": "no permission here",
    "failure/filtered_here": "kept in by a packet filter here",
    "failure/no_route_here": "no route from here",
    "failure/out_of_scope": "out of scope",
    "failure/cut_short": "cut short",
    "failure/over_budget": "more than is taken from one peer",
    "failure/out_of_time": "time for one subject used up",
    "failure/bug": "error in the auditor",
    **FIGURE_WORDS,
    **MESH_WORDS,
}
