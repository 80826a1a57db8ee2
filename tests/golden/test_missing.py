"""Tests over all golden cases that evidence which is missing through our own fault creates no defect.

In each case a piece of evidence is cut off, as by the end of the subject's time: halfway, and before its first step or,
if it is about a name, its last. What the complete evidence does not show as a defect must not become one, nor a warning
a failure. Only the last attempt at a task is cut: one before it that was cut would not have been repeated.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache

import pytest

from auditor.framework.check import Check, CheckScope, load
from auditor.framework.findings import DEFECTS, CheckId, Outcome
from probes.framework.evidence import Evidence, EvidenceSet, Failure, FailureKind
from probes.framework.registry import load as load_probes
from tests.golden.case import HERE, Loaded, findings, stored_case

CHECKS = {id_: check for id_, check in load().items() if check.scope is CheckScope.SUBJECT}
"""The checks of subjects; what is said of the vantage itself accuses nobody."""
PROBES = frozenset(load_probes())
"""What is measured in a run; samples and declared facts are read from the store, whole."""
ASKED_TOGETHER = "The servers of one look-up are asked in one piece of evidence, which ends before the result if cut."
ONCE = "An answer that was given once counts; that a second one contradicts it shows only where it is asked for again."
WORSE_ELSEWHERE = "It is true, and left out only beside a worse defect that shows the same."
STANDS: Mapping[tuple[str, str, str], str] = {
    ("ipv6.dns.ns-reach-tcp", "ONLY_BAD_RCODE", "dns"): "It errs for certain; the others tell only how bad that is.",
    ("ipv6.dns.ns-reach-tcp", "ONLY_SILENT", "dns"): "It is silent for certain; the others tell only how bad that is.",
    ("ipv6.mail.spf-ip6", "REJECTED", "dns"): ONCE,
    ("ipv6.web.large-hello", "DEAF_FAMILY", "dns"): WORSE_ELSEWHERE,
    ("security.dns.caa", "ANSWERS_ERROR", "dns"): ASKED_TOGETHER,
    ("security.dns.ns-diversity", "ONE_PLACE", "dns"): ONCE,
    ("security.ipv6.unintended", "PUBLISHED", "dns"): ONCE,
    ("security.mail.dane-mta-sts", "STS_UNTRUSTED", "mail_transport"): WORSE_ELSEWHERE,
}
"""The defects that stand although a piece is missing, with the reason; by check, code and probe."""


@cache
def cases(check_id: CheckId) -> tuple[tuple[str, Loaded], ...]:
    return tuple((path.stem, stored_case(path)) for path in sorted((HERE / check_id).glob("*.json")))


def defects(case: Loaded, check: Check) -> Mapping[object, tuple[Outcome, str]]:
    found = findings(replace(case, evidence=EvidenceSet(case.evidence)), check)
    return {(one.address, one.detail): (one.outcome, one.code) for one in found if one.outcome in DEFECTS}


def is_read(check: Check, piece: Evidence) -> bool:
    return any(isinstance(step, (*check.needs, *check.beside)) for step in piece.steps)


def last_pieces(case: Loaded, check: Check) -> Iterator[Evidence]:
    last = {(one.probe, one.task): one.attempt for one in sorted(case.evidence, key=lambda one: one.attempt)}
    for one in case.evidence:
        if one.probe in PROBES and one.attempt == last[one.probe, one.task] and is_read(check, one):
            yield one


def without(case: Loaded, piece: Evidence) -> Loaded:
    return replace(case, evidence=EvidenceSet(piece if one.id == piece.id else one for one in case.evidence))


def cut(piece: Evidence) -> Iterator[Evidence]:
    count = len(piece.steps)
    for kept in sorted({count // 2, count - 1 if piece.endpoint is None else 0}):
        yield replace(piece, steps=piece.steps[:kept], failure=Failure(kind=FailureKind.OUT_OF_TIME))


def created(check: Check) -> Iterator[tuple[tuple[str, str, str], str]]:
    """Yield each defect that only the missing piece creates or worsens, with the case and the piece."""
    for stem, case in cases(check.id):
        if all(said["outcome"] == Outcome.FAIL for said in case.findings):
            continue  # nothing is left to become worse
        whole = defects(case, check)
        for piece in last_pieces(case, check):
            for left in cut(piece):
                for key, (outcome, code) in defects(without(case, left), check).items():
                    if key not in whole or (outcome is Outcome.FAIL and whole[key][0] is Outcome.WARN):
                        yield (check.id, code, piece.probe), f"{stem} without {piece.id} from {len(left.steps)}"


@pytest.mark.parametrize("check_id", CHECKS)
def test_missing_piece_creates_no_defect(check_id: CheckId) -> None:
    seen = dict(created(CHECKS[check_id]))
    stands = {key for key in STANDS if key[0] == check_id}
    assert not {key: where for key, where in seen.items() if key not in stands}
    assert not stands - seen.keys(), "it no longer occurs"
