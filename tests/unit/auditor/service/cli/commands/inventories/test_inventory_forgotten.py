"""Tests that ``auditor inventory forgotten`` lists names that a stored run shows, in three forms, and sends nothing."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from auditor.service.cli.failures import EXIT_OK, EXIT_USAGE
from auditor.service.store.url import open_store
from inventory.loader import load_sent
from inventory.model import SubjectId
from probes.observations.dns import LookupStatus, NameLookup
from tests.golden.lab_snmp import polled
from tests.support import judged
from tests.unit.auditor.service.cli.calling import Cli

DOMAIN = "yte.example.vn"


@pytest.fixture
def words(tmp_path: Path) -> tuple[str, ...]:
    """Return the arguments for an inventory and its store; the evidence of its run names a mail host."""
    store = f"sqlite:///{tmp_path / 'auditor.db'}"
    mx = NameLookup(
        t0=0.0, t=0.1, name=DOMAIN, rtype="MX", role="mx", status=LookupStatus.ANSWER, records=(f"10 mx.{DOMAIN}",)
    )
    with open_store(store) as opened:
        judged.fill(opened)
        opened.add_evidence([replace(polled(mx), run=judged.RUN, subject=SubjectId(judged.OURS))])
    (tmp_path / "a.csv").write_text(judged.ROWS, "utf-8")
    return str(tmp_path / "a.csv"), "--store", store


def test_forgotten_lists_names_with_where_they_were_seen(cli: Cli, words: tuple[str, ...]) -> None:
    result = cli("inventory", "forgotten", *words, "--suffix", DOMAIN)
    assert (result.code, result.out.splitlines()) == (
        EXIT_OK,
        [f"mx.{DOMAIN}  host  MX {judged.OURS}", f"{DOMAIN}  mail  MX {judged.OURS}"],
    )
    assert result.err == f"2 names under {DOMAIN} that no row has\n"


def test_forgotten_as_json_names_the_run(cli: Cli, words: tuple[str, ...]) -> None:
    told = json.loads(cli("inventory", "forgotten", *words, "--suffix", DOMAIN, "--format", "json").out)
    assert (told["run"], told["suffixes"], told["more"]) == (judged.RUN, [DOMAIN], 0)
    assert told["names"][0]["seen"] == [{"way": "MX", "subject": judged.OURS}]


def test_forgotten_as_csv_is_an_inventory(cli: Cli, words: tuple[str, ...]) -> None:
    out = cli("inventory", "forgotten", *words, "--suffix", DOMAIN, "--format", "csv").out
    subjects = load_sent([("a.csv", out.encode())]).inventory.subjects
    assert [(each.host, each.kind.value) for each in subjects] == [(f"mx.{DOMAIN}", "host"), (DOMAIN, "mail")]


@pytest.mark.parametrize("more", [(), ("--suffix", "a.vn", "--format", "xml"), ("--suffix", "a.vn", "--run", "none")])
def test_forgotten_without_a_domain_format_or_run_is_refused(
    cli: Cli, words: tuple[str, ...], more: tuple[str, ...]
) -> None:
    assert cli("inventory", "forgotten", *words, *more).code == EXIT_USAGE
