"""Tests that facts which a probe did not reach are told from facts that it saw to be absent."""

import ast
import importlib
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest

from auditor.facts.cut_off import cut_off
from probes.framework.evidence import OF_THIS_MACHINE, Evidence, EvidenceId, EvidenceSet, Failure, FailureKind
from probes.framework.registry import load as load_probes
from tests.golden import lab
from tests.golden.lab import V4, V6

PROBES = frozenset({"icmp6"})
_BY_CHECK = "auditor.judging.excuses"
"""The module that reads the names from the declarations of the checks."""


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


def test_cut_off_is_the_repetition_of_what_was_to_be_confirmed() -> None:
    whole = lab.echo(V6, 5)
    again = replace(_unfinished(whole), attempt=2)
    assert cut_off(EvidenceSet((whole, again)), PROBES) == (again.id,)
    assert cut_off(EvidenceSet((_unfinished(whole), replace(whole, attempt=2))), PROBES) == ()


def test_cut_off_is_the_repetition_of_what_had_failed() -> None:
    whole = lab.echo(V6, 5)
    failed = replace(whole, steps=(replace(whole.steps[0], failure=Failure(kind=FailureKind.TIMEOUT)),))
    again = replace(_unfinished(whole), attempt=2)
    assert cut_off(EvidenceSet((failed, again)), PROBES) == (again.id,)
    assert cut_off(EvidenceSet((failed, replace(failed, attempt=2))), PROBES) == ()


@pytest.mark.parametrize(
    ("failure", "count"),
    [
        (Failure(kind=FailureKind.TIMEOUT), 0),
        (Failure(kind=FailureKind.NO_ROUTE_HERE), 0),
        (Failure(kind=FailureKind.NO_PERMISSION), 1),
        (Failure(kind=FailureKind.FILTERED_HERE), 1),
        (Failure(kind=FailureKind.OUT_OF_SCOPE), 1),
        (Failure(kind=FailureKind.OVER_BUDGET), 1),
        (Failure(kind=FailureKind.CUT_SHORT, detail=f"{OF_THIS_MACHINE} slept"), 1),
    ],
)
def test_cut_off_is_what_a_limit_of_ours_or_this_machine_left_out(failure: Failure, count: int) -> None:
    whole = lab.echo(V6, 5)
    missed = replace(whole, steps=(replace(whole.steps[0], failure=failure),))
    assert len(cut_off(EvidenceSet((missed,)), PROBES)) == count


def _named() -> Iterator[tuple[str, str]]:
    """Yield each probe name that is given to ``cut_off``, with the module that gives it: (module, probe)."""
    for file in sorted(Path("auditor").rglob("*.py")):
        text = file.read_text("utf-8")
        for node in ast.walk(ast.parse(text)) if "cut_off(" in text else ():
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "cut_off":
                (name,) = [each.id for each in node.args[1:2] if isinstance(each, ast.Name)]
                module = ".".join(file.with_suffix("").parts)
                if module == _BY_CHECK:
                    continue
                yield from ((module, probe) for probe in sorted(getattr(importlib.import_module(module), name)))


def test_cut_off_is_asked_only_for_probes_that_there_are() -> None:
    named = list(_named())
    assert ("auditor.checks.security.dns.dnssec", "dnssec") in named
    assert [each for each in named if each[1] not in load_probes()] == []
