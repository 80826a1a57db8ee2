"""Gives the command that measures a finding again: the same subject, kind, address and patience.

A command that asked another address or a kind with other checks could pass and prove nothing: what is open over IPv6
only is not seen again over IPv4.
"""

import shlex
from collections.abc import Sequence
from functools import lru_cache

from auditor.framework.findings import CheckId
from auditor.framework.message_format import clean
from inventory.model import Clearance, IPAddress, Network, Subject, written
from reports.document import ReportHeader

_PROFILES = ("quick", "audit")
_KEPT = 1_024
"""Words: those of commands are few, but for names of subjects, which come one after the other."""


def repeat_command(
    subject: Subject,
    check: CheckId,
    header: ReportHeader,
    *,
    addresses: Sequence[IPAddress] = (),
    derived: bool = False,
) -> str:
    """Give the command line, as a shell takes it. ``addresses``: those that the findings are about, all of them.

    A row of the inventory is measured from there unless its name says everything: its addresses, network, clearance
    and SNMP access stand in the row and on no command line.
    """
    source = "" if header.inventory is None else header.inventory.source
    profile = header.profile if header.profile in _PROFILES else "audit"
    if source and not derived and not _is_told_by_its_name(subject):
        target = [*dict.fromkeys(source.split(", ")), "--subject", subject.id]
        words = ["auditor", "audit", *target, "--only", check, "--profile", profile]
    else:
        only = ["--only", check, "--profile", profile]
        words = ["auditor", "check", *_targets(subject, addresses, adhoc=header.inventory is None), *only]
    return " ".join(map(_quoted, words))


@lru_cache(maxsize=_KEPT)
def _quoted(word: str) -> str:
    return shlex.quote(clean(word))


def _is_told_by_its_name(subject: Subject) -> bool:
    """True if a name with a kind measures the same: DNS gives the addresses of both families."""
    from_dns = subject.host is not None and not subject.addresses
    usual = subject.network is Network.INTERNET and subject.clearance is not Clearance.INTRUSIVE
    return from_dns and usual and not subject.snmp_profile and not subject.tags


def _targets(subject: Subject, addresses: Sequence[IPAddress], *, adhoc: bool) -> list[str]:
    if adhoc and not subject.derived_from:
        typed = subject.name or subject.id
        return [typed] if subject.candidates or len(subject.kinds) > 1 else [typed, "--kind", subject.kind.value]
    kind = ["--kind", subject.kind.value]
    if subject.host is not None and not subject.addresses:
        return [subject.host, *kind]
    asked = addresses or subject.addresses
    return [*(written(address) for address in asked), *kind] if asked else [subject.id, *kind]
