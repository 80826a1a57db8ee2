"""What a probe did not come to is told from what it saw that there is not."""

from dataclasses import replace
from ipaddress import ip_address

from auditor.facts.cut_off import cut_off
from probes.framework.evidence import Evidence, EvidenceId, EvidenceSet, Failure, FailureKind
from tests.golden import lab
from tests.golden.lab import V4, V6

PROBES = frozenset({"icmp6"})


def _unfinished(piece: Evidence) -> Evidence:
    return replace(piece, id=EvidenceId(f"{piece.id} late"), steps=(), failure=Failure(kind=FailureKind.OUT_OF_TIME))


def test_cut_off_names_evidence_of_the_probe_that_did_not_end() -> None:
    late = _unfinished(lab.echo(V6, 5))
    assert cut_off(EvidenceSet((late, lab.echo(V4, 5))), PROBES) == (late.id,)
    assert cut_off(EvidenceSet((late,)), frozenset({"tcp"})) == ()


def test_cut_off_at_an_address_leaves_out_the_others() -> None:
    late = _unfinished(lab.echo(V6, 5))
    assert cut_off(EvidenceSet((late,)), PROBES, ip_address(V6)) == (late.id,)
    assert cut_off(EvidenceSet((late,)), PROBES, ip_address(V4)) == ()


def test_cut_off_is_nothing_where_another_try_ended() -> None:
    whole = lab.echo(V6, 5)
    assert cut_off(EvidenceSet((whole, _unfinished(whole))), PROBES) == ()
