"""A check that runs by itself says the same as in a whole audit, or is inconclusive.

Only the probes that serve it run then; what would have excused a subject is among them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache

import pytest

from auditor.framework.catalogue import Catalogue
from auditor.framework.catalogue import load as load_catalogue
from auditor.framework.check import Check
from auditor.framework.findings import Outcome
from probes.framework.evidence import Evidence, EvidenceSet
from tests.golden.case import HERE, Loaded, findings, load
from tests.golden.documents import read

_TOO_DEAR = {"security.tls.NO_TLS", "ipv6.mail.NO_MX"}
"""A server that resets every handshake and answers hellos shows only to the enumeration, and a host that takes mail
without an MX record only to a connection: neither is made for a certificate or a record alone."""


@cache
def _catalogue() -> Catalogue:
    return load_catalogue()


CHECKS: Mapping[str, Check] = {str(id_): check for id_, check in _catalogue().checks.items()}


@cache
def _alone(check: str) -> frozenset[str]:
    """Return the probes of a check, with those that stand for them in a whole audit."""
    known = _catalogue()
    chosen = {probe.name for probe in known.probes_for([CHECKS[check]])}
    standing = {name for name, probe in known.probes.items() if probe.instead_of & chosen}
    stood_for = {name for chosen_name in chosen for name in known.probes[chosen_name].instead_of}
    return frozenset(chosen | standing | stood_for)


def _said(case: Loaded, evidence: Iterable[Evidence]) -> dict[tuple[str, str], tuple[str, Outcome]]:
    found = findings(replace(case, evidence=EvidenceSet(evidence)), CHECKS[case.check])
    return {(str(finding.address), str(finding.detail)): (finding.code, finding.outcome) for finding in found}


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_one_check_alone_accuses_and_acquits_as_a_whole_audit_does(check: str) -> None:
    probes = _catalogue().probes
    for path in sorted((HERE / check).glob("*.json")):
        case = load(check, read(path))
        every = tuple(case.evidence)
        left = [one for one in every if one.probe not in probes or one.probe in _alone(check)]
        if case.gated or len(left) == len(every):
            continue
        whole, alone = _said(case, every), _said(case, left)
        for key, (code, outcome) in alone.items():
            if outcome is not Outcome.INCONCLUSIVE and f"{check.rpartition('.')[0]}.{code}" not in _TOO_DEAR:
                assert whole.get(key) == (code, outcome), path.name
