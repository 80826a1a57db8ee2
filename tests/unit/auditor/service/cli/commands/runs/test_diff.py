"""Tests ``auditor diff`` and ``auditor frameworks`` over a store: contents, formats and the exit code."""

import json
from pathlib import Path

import pytest

from auditor.framework.findings import Arg, Outcome
from auditor.service.store.url import open_store
from tests.unit.auditor.service.cli.calling import Cli
from tests.unit.auditor.stored import SUBJECTS, Brief, Held, put

P, F, U = Outcome.PASS, Outcome.FAIL, Outcome.INCONCLUSIVE
AAAA, NS, DMARC = "ipv6.web.aaaa", "ipv6.web.reach", "security.mail.dmarc"


@pytest.fixture(autouse=True)
def _store(tmp_path: Path) -> None:
    with open_store(f"sqlite:///{tmp_path / 'auditor.db'}") as store:
        put(
            store,
            Held(
                name="a",
                findings={
                    "www.tinh.vn": [
                        Brief(check=AAAA, outcome=P, code="PUBLISHED"),
                        Brief(check=NS, outcome=F, code="UNREACHABLE"),
                    ],
                    "tinh.vn": [Brief(check=DMARC, outcome=F)],
                    "dvc.tinh.vn": [Brief(check=AAAA, outcome=F, code="MISSING")],
                },
            ),
        )
        put(
            store,
            Held(
                name="b",
                days=30,
                findings={
                    "www.tinh.vn": [
                        Brief(check=AAAA, outcome=F, code="MISSING"),
                        Brief(check=NS, outcome=F, code="UNREACHABLE"),
                    ],
                    "tinh.vn": [Brief(check=DMARC, outcome=U)],
                    "dvc.tinh.vn": [Brief(check=AAAA, outcome=P, code="PUBLISHED")],
                },
            ),
        )
        put(
            store,
            Held(
                name="c",
                days=60,
                subjects=SUBJECTS[:1],
                findings={
                    "www.tinh.vn": [
                        Brief(check=AAAA, outcome=F, code="MISSING"),
                        Brief(check=NS, outcome=P, code="OPEN"),
                    ]
                },
            ),
        )


def test_diff_regression_is_first_and_exits_with_five(cli: Cli) -> None:
    result = cli("diff", "a", "b")
    assert result.code == 5
    lines = result.out.splitlines()
    assert lines[0] == "From a (1 Sep 2026) to b (1 Oct 2026)"
    assert (
        lines[1]
        == "new 1 · newly listed 0 · changed 0 · still failing 1 · fixed 1 · eased 0 · gone 0 · not comparable 1"
    )
    at = lines.index("✘ new  ipv6.web.aaaa  www.tinh.vn  (high)")
    assert lines[at + 1].startswith("    - ✔ Pass: ")
    assert lines[at + 2].startswith("    + ✘ Fail: ")
    assert "✔ fixed  ipv6.web.aaaa  dvc.tinh.vn  (high)" in lines
    assert "still failing  " not in result.out
    assert "still failing  ipv6.web.reach" in cli("-v", "diff", "a", "b").out


def test_the_run_before_is_found(cli: Cli) -> None:
    assert cli("diff", "--previous", "b").out == cli("diff", "a", "b").out
    assert cli("diff", "--previous", "a").err == "auditor: the store holds no judged run before a\n"


def test_diff_only_better_exits_with_zero(cli: Cli) -> None:
    result = cli("diff", "b", "c")
    assert result.code == 0
    assert "fixed 1 · eased 0 · gone 0" in result.out


def test_diff_of_one_agency_has_only_its_changes(cli: Cli) -> None:
    assert cli("diff", "a", "b", "--agency", "X1").out.splitlines()[1].startswith("new 0 ")
    assert cli("diff", "a", "b", "--agency", "P").code == 5
    assert cli("diff", "a", "b", "--agency", "Z").err == "auditor: no unit 'Z' in the inventory of either run\n"


def test_diff_json_has_all_changes(cli: Cli, tmp_path: Path) -> None:
    document = json.loads(cli("diff", "a", "b", "--format", "json").out)
    assert document["summary"] == {
        "new": 1,
        "added": 0,
        "changed": 0,
        "still_failing": 1,
        "fixed": 1,
        "eased": 0,
        "gone": 0,
        "not_comparable": 1,
    }
    assert document["regressions"] == 1
    new = next(one for one in document["changes"] if one["change"] == "new")
    assert new["regression"]
    assert new["before"]["outcome"] == "pass"
    assert new["after"]["message"]["vi"] != new["after"]["message"]["en"]
    assert document["figures"]["K17"]["before"]["met"] == 0
    assert cli("diff", "a", "b", "--format", f"json={tmp_path / 'd.json'}").out == ""
    assert json.loads((tmp_path / "d.json").read_text(encoding="utf-8")) == document


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a"], "name two runs, the earlier one first, or one with --previous"),
        (["a", "b", "--previous", "b"], "name two runs, the earlier one first, or one with --previous"),
        (["a", "b", "--format", "xml"], "unknown format 'xml'; there are text, json"),
        (["a", "zz"], "the store holds no run 'zz'"),
    ],
)
def test_diff_incomparable_findings_are_listed(cli: Cli, words: list[str], said: str) -> None:
    result = cli("diff", *words)
    assert result.code == 2
    assert said in result.err


class TestFrameworks:
    def test_all_are_listed(self, cli: Cli) -> None:
        assert cli("frameworks", "list", "--ids").out.splitlines() == [
            "ipv6-for-gov",
            "plan-daklak-2023-2025",
            "portals-vn",
            "security-baseline",
            "tslcd-tt-06-2026",
        ]
        assert "Plan for digital infrastructure of Đắk Lắk province" in cli("frameworks", "list").out

    def test_one_is_shown_with_what_a_person_has_to_confirm(self, cli: Cli) -> None:
        out = cli("frameworks", "show", "ipv6-for-gov").out
        assert "checked in part" in out
        assert "rule: manual" in out
        assert cli("frameworks", "show", "ipv6-for-go").err == (
            "auditor: unknown framework 'ipv6-for-go' (did you mean 'ipv6-for-gov'?)\n"
        )

    def test_a_run_is_held_against_one(self, cli: Cli, tmp_path: Path) -> None:
        (tmp_path / "k.csv").write_text(
            "framework,requirement,value,as_of,source,signatory\nplan-daklak-2023-2025,II.1.b,82,2026-06-30,BC 5,An\n",
            encoding="utf-8",
        )
        assert cli("frameworks", "declare", "a", "k.csv").out == "1 declared value was added to run a\n"
        out = cli("frameworks", "show", "plan-daklak-2023-2025", "a").out
        assert "→ Met as declared, not measured" in out
        assert (
            "declared: 82 % as of 30 Jun 2026, after the date of the target (31 Dec 2025), source: BC 5, signed by: An"
            in out
        )
        assert "→ Without a target: none of 1 decided: 1 no check was run for it" in out

    def test_tests_of_throughput_stand_beside_what_others_publish(self, cli: Cli, tmp_path: Path) -> None:
        rates: list[dict[str, Arg]] = [{"rate_v4": 40.0, "rate_v6": 30.0}, {"rate_v4": 90.0}, {"rate_v4": 60.0}]
        shorts = (Brief(check="tslcd.channel.capacity", outcome=P, code="CARRIES", args=rate) for rate in rates)
        found = {str(subject.id): [short] for subject, short in zip(SUBJECTS, shorts, strict=False)}
        with open_store(f"sqlite:///{tmp_path / 'auditor.db'}") as store:
            put(store, Held(name="t", days=90, findings=found))
        (tmp_path / "k.csv").write_text(
            "framework,requirement,value,as_of,source,signatory\nplan-daklak-2023-2025,II.2.c,80,2026-06-30,i-Speed,An\n",
            encoding="utf-8",
        )
        assert cli("frameworks", "declare", "t", "k.csv").code == 0
        lines = cli("frameworks", "show", "plan-daklak-2023-2025", "t").out.splitlines()
        at = next(number for number, line in enumerate(lines) if line.startswith("II.2.c"))
        part = [line.strip() for line in lines[at : at + 9]]
        indicative = "indicative, not i-Speed: tests at {} of TSLCD in this run, median {} Mbit/s over IPv{}"
        assert "→ Met as declared, not measured" in part
        late = "after the date of the target (31 Dec 2025)"
        assert f"declared: 80 Mbps as of 30 Jun 2026, {late}, source: i-Speed, signed by: An" in part
        assert indicative.format("1 site", 30, 6) in part
        assert indicative.format("3 sites", 60, 4) in part
        assert sum("indicative" in line for line in lines) == 3  # the requirement's own note is one

    def test_a_faulty_table_is_told_by_row_and_field(self, cli: Cli, tmp_path: Path) -> None:
        (tmp_path / "k.csv").write_text("framework,requirement\nx,y\n", encoding="utf-8")
        result = cli("frameworks", "declare", "a", "k.csv")
        assert result.code == 2
        assert "auditor: k.csv:2:framework: unknown framework 'x'" in result.err
        assert "auditor: k.csv:1: column 'value' is missing" in result.err


def test_diff_into_a_file_that_exists_needs_force(cli: Cli) -> None:
    Path("change.json").write_text("kept")
    assert (cli("diff", "a", "b", "--format", "json=change.json").code, Path("change.json").read_text()) == (2, "kept")
    assert cli("diff", "a", "b", "--format", "json=change.json", "--force").code == 5
