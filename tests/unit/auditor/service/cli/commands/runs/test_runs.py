"""Tests ``auditor runs``: the list of a store, seals that break after a change, and figures over time."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from auditor.framework.findings import Outcome
from auditor.service.store.records import JudgementId, RunState, StoreError
from auditor.service.store.url import open_store
from inventory.model import SubjectId
from probes.framework.evidence import RunId
from tests.support import vantages
from tests.support.sqlite_file import connected
from tests.unit.auditor.service.cli.calling import Cli
from tests.unit.auditor.service.store.examples import evidence
from tests.unit.auditor.stored import START, Brief, Held, judge, put

WHEN = "'2026-10-01 00:00:00.000000'"
URL = "sqlite:///auditor.db"
RUN = Held(name="a", findings={"www.tinh.vn": [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="MISSING")]})


@pytest.fixture(autouse=True)
def _store(tmp_path: Path) -> None:
    with open_store(URL) as store:
        put(store, RUN)
        store.add_evidence([evidence("www.tinh.vn", of=RunId("a"))])
        put(
            store,
            Held(name="b", days=30, findings={"www.tinh.vn": [Brief(check="ipv6.web.aaaa", outcome=Outcome.PASS)]}),
        )


@pytest.fixture
def keys(tmp_path: Path) -> tuple[str, str]:
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    one, other = tmp_path / "key.pem", tmp_path / "public.pem"
    one.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    other.write_bytes(private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    return str(one), str(other)


def test_list_of_an_empty_store_says_what_makes_a_run(cli: Cli) -> None:
    url = "sqlite:///empty.db"
    with open_store(url):
        pass
    listed = cli("--lang", "en", "runs", "list", "--store", url)
    assert (listed.code, listed.out) == (0, "")
    assert listed.err == "The store has no run yet: auditor audit FILE\n"


def changed(statement: str) -> None:
    with connected("auditor.db") as connection:
        connection.execute(statement)


def test_runs_are_listed_and_shown(cli: Cli) -> None:
    cli("runs", "seal", "a")
    listed = cli("runs", "list").out.splitlines()
    assert listed[0].split("  ")[0] == "a"
    assert listed[0].endswith("1 judgement  sealed")
    assert "sealed" not in listed[1]
    assert cli("runs", "list", "--ids").out == "a\nb\n"
    shown = cli("runs", "show", "a").out
    assert "5 of 5 measured" in shown
    assert "1 finding, 1 fail" in shown
    assert "sha256:" in shown
    assert cli("runs", "show", "zz").code == 2


def test_verify_sealed_run_is_good_until_changed(cli: Cli) -> None:
    root = cli("runs", "seal", "a").out.strip()
    result = cli("runs", "verify", "a")
    assert result.code == 0
    assert result.out.splitlines() == ["the seal is not signed", f"the run is as it was sealed: {root}"]
    assert "the store holds a seal of 'a' already" in cli("runs", "seal", "a").err


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE finding SET outcome = 'pass' WHERE judgement = 1", "altered: judgements a.1"),
        ("DELETE FROM finding WHERE judgement = 1", "altered: judgements a.1"),
        ('UPDATE finding SET waived = \'{"owner":"x","reason":"y"}\' WHERE judgement = 1', "altered: judgements a.1"),
        ('UPDATE finding SET waived = \'{"owner":"x","reason":"y","until":null}\'', "altered: judgements a.1"),
        ("UPDATE score SET score = 100 WHERE judgement = 1", "altered: judgements a.1"),
        ("UPDATE run SET started = '2026-01-01 00:00:00' WHERE id = 'a'", "altered: run started"),
        ("DELETE FROM evidence", "altered: evidence www.tinh.vn"),
        (
            "UPDATE subject SET body = json_set(body, '$.name', 'x') WHERE id = 'www.tinh.vn'",
            "altered: subjects www.tinh.vn",
        ),
        ("UPDATE judgement SET policy = reference WHERE id = 'a.1'", "altered: judgements a.1"),
        ("UPDATE run SET state = 'interrupted' WHERE id = 'a'", "altered: run state"),
        ("UPDATE run SET policy = reference WHERE id = 'a'", "altered: run policy"),
        ("DELETE FROM measured", "altered: run measured"),
        (
            "INSERT INTO forgotten SELECT key, '2026-10-01 00:00:00.000000' FROM run WHERE id = 'a'",
            "altered: run forgotten",
        ),
        (
            f"INSERT INTO doubt SELECT key, 'x', '[]', {WHEN}, 'vantage', '' FROM run WHERE id = 'a'",
            "altered: doubt doubt",
        ),
        ("INSERT INTO judging VALUES (1)", "altered: judgements a.1"),
        ("UPDATE seal SET judgement = 2", "altered: shown"),
    ],
)
def test_verify_every_change_breaks_the_seal(cli: Cli, statement: str, said: str) -> None:
    cli("runs", "seal", "a")
    changed(statement)
    result = cli("runs", "verify", "a")
    assert result.code == 3
    assert said in result.out.splitlines()
    assert result.out.splitlines()[-1] == "the seal does not hold"


def test_verify_later_additions_are_listed(cli: Cli) -> None:
    cli("runs", "seal", "a")
    with open_store(URL) as store:
        judge(store, store.run(RunId("a")), RUN, 2)
    Path("k.csv").write_text(
        "framework,requirement,value,as_of,source,signatory\nplan-daklak-2023-2025,II.1.b,82,2026-06-30,BC 5,An\n",
        encoding="utf-8",
    )
    assert cli("frameworks", "declare", "a", "k.csv").code == 0
    result = cli("runs", "verify", "a")
    assert result.code == 0
    lines = result.out.splitlines()
    assert lines[1] == "added since: judgements a.2"
    assert lines[0].startswith("added since: declared ")


def test_published_figures_are_sealed_too(cli: Cli) -> None:
    with open_store(URL) as store:
        kept, other = store.put_blob(b"figures"), store.put_blob(b"better figures")
        store.add_summary(JudgementId("a.1"), kept)
    cli("runs", "seal", "a")
    assert cli("runs", "verify", "a").code == 0
    changed(f"UPDATE summary SET body = '{other}'")
    assert "altered: figures a.1" in cli("runs", "verify", "a").out
    changed("DELETE FROM summary")
    assert "altered: figures a.1" in cli("runs", "verify", "a").out


def test_a_sealed_run_is_not_resumed(cli: Cli) -> None:
    cli("runs", "seal", "a")
    with open_store(URL) as store, pytest.raises(StoreError, match="run 'a' is sealed"):
        store.resume_run(RunId("a"))


def test_a_seal_kept_elsewhere_outlives_the_store_s(cli: Cli) -> None:
    cli("runs", "seal", "a", "--out", "a.seal")
    changed("DELETE FROM seal")
    assert cli("runs", "verify", "b").err == "auditor: run b is not sealed: auditor runs seal b\n"
    gone = cli("runs", "verify", "a")
    assert (gone.code, gone.out.startswith("the seal of run a is gone: it was sealed as sha256:")) == (3, True)
    assert cli("runs", "verify", "a", "--seal", "a.seal").code == 0
    assert "is the seal of another run, a" in cli("runs", "verify", "b", "--seal", "a.seal").err
    document = json.loads(Path("a.seal").read_text(encoding="utf-8"))
    document["subjects"] = {}
    Path("a.seal").write_text(json.dumps(document), encoding="utf-8")
    result = cli("runs", "verify", "a", "--seal", "a.seal")
    assert result.code == 3
    assert "altered: seal" in result.out


def test_a_signature_says_whose_seal_it_is(cli: Cli, keys: tuple[str, str], tmp_path: Path) -> None:
    private, public = keys
    cli("runs", "seal", "a", "--key", private, "--out", "a.seal")
    result = cli("runs", "verify", "a", "--public-key", public)
    assert result.code == 0
    assert result.out.startswith("the signature is good, by the key sha256:")
    other = Ed25519PrivateKey.from_private_bytes(bytes([1] * 32)).public_key()
    (tmp_path / "other.pem").write_bytes(other.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    result = cli("runs", "verify", "a", "--public-key", "other.pem")
    assert (result.code, result.out.startswith("the signature is good, but by another key")) == (3, True)
    document = json.loads(Path("a.seal").read_text(encoding="utf-8"))
    document["signature"]["value"] = document["signature"]["value"][::-1]
    Path("a.seal").write_text(json.dumps(document), encoding="utf-8")
    result = cli("runs", "verify", "a", "--seal", "a.seal")
    assert (result.code, result.out.startswith("the signature is wrong")) == (3, True)


def test_an_unsigned_seal_is_not_enough_where_a_signature_is_wanted(cli: Cli, keys: tuple[str, str]) -> None:
    cli("runs", "seal", "a")
    assert cli("runs", "verify", "a", "--public-key", keys[1]).code == 3


def test_a_key_that_is_none_is_told_and_nothing_sealed(cli: Cli) -> None:
    Path("key.pem").write_text("secret words", encoding="utf-8")
    result = cli("runs", "seal", "a", "--key", "key.pem")
    assert result.err == "auditor: key.pem: holds no Ed25519 key in PEM without a passphrase\n"
    assert cli("runs", "verify", "a").code == 2


def test_only_what_is_finished_and_judged_is_sealed(cli: Cli) -> None:
    with open_store(URL) as store:
        store.finish_run(RunId("b"), START + timedelta(days=31), RunState.INTERRUPTED)
    assert cli("runs", "seal", "b").err == "auditor: run b is not finished and cannot be sealed\n"


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "auditor-seal-1", "run": 1}', "\x00"])
def test_no_file_but_a_seal_is_taken_for_one(cli: Cli, text: str) -> None:
    Path("a.seal").write_text(text, encoding="utf-8")
    result = cli("runs", "verify", "a", "--seal", "a.seal")
    assert result.code == 2
    assert "this is not a seal" in result.err


def test_trend_shows_figures_of_all_runs(cli: Cli) -> None:
    out = cli("runs", "trend", "--kpi", "K20").out.splitlines()
    assert out == [
        "a  1 Sep 2026",
        "  K20          Subjects of the inventory that were assessed: 20% (1 of 5)",
        "b  1 Oct 2026",
        "  K20          Subjects of the inventory that were assessed: 20% (1 of 5)",
    ]
    assert cli("runs", "trend", "--kpi", "K99").code == 2
    listed = json.loads(cli("runs", "trend", "--kpi", "K20", "--format", "json").out)
    assert [(run["run"], run["started"][:10]) for run in listed] == [("a", "2026-09-01"), ("b", "2026-10-01")]
    assert [{key: run["figures"]["K20"][key] for key in ("met", "of")} for run in listed] == [{"met": 1, "of": 5}] * 2


def test_trend_as_json_of_no_judged_run_is_an_empty_list(cli: Cli) -> None:
    with open_store("sqlite:///empty.db"):
        pass
    assert json.loads(cli("runs", "trend", "--format", "json", "--store", "sqlite:///empty.db").out) == []


def test_a_recheck_is_labelled_and_is_nobody_s_previous_run(cli: Cli) -> None:
    with open_store(URL) as store:
        put(store, Held(name="c", days=31, amends="a"))
        put(store, Held(name="d", days=60))
    assert cli("runs", "list").out.splitlines()[2].endswith("amends a")
    assert "re-checked by" in cli("runs", "show", "a").out
    assert cli("diff", "--previous", "d").out.startswith("From b ")
    assert "This run re-checks some subjects of run a" in cli("report", "c", "--format", "json").out


def test_what_is_not_in_the_inventory_cannot_be_rechecked(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auditor.service.cli.commands.measuring.audit.own_addresses", lambda hints: ())
    Path("i.csv").write_text("name,kind\nwww.tinh.vn,portal\n", encoding="utf-8")
    result = cli("audit", "i.csv", "--subject", "ww.tinh.vn")
    assert result.code == 2
    assert "no subject 'ww.tinh.vn' in the inventory (did you mean 'www.tinh.vn'?)" in result.err
    assert "no run 'zz'" in cli("audit", "i.csv", "--amends", "zz").err


@pytest.mark.clock(START + timedelta(days=60))
def test_forget_deletes_old_evidence_and_keeps_findings(cli: Cli) -> None:
    with open_store(URL) as store:  # a later run of the same name: the older ones are past
        put(store, Held(name="z", days=-10, findings=RUN.findings))
        put(store, Held(name="old", days=-400, findings=RUN.findings))
        put(store, Held(name="older", days=-500, findings=RUN.findings))
        store.add_evidence([evidence("www.tinh.vn", of=RunId(one)) for one in ("old", "older")])
        store.add_seal(RunId("older"), b"{}")
        before = store.findings(JudgementId("old.1"), SubjectId("www.tinh.vn"))
    assert cli("runs", "forget", "--older-than", "9999", "--store", URL).out.splitlines() != ["old"]
    assert cli("runs", "forget", "--older-than", "100", "--dry-run", "--store", URL).out.splitlines() == ["old"]
    with open_store(URL) as store:
        assert store.run(RunId("old")).forgotten is None
    assert cli("runs", "forget", "--older-than", "100", "--store", URL).out.splitlines() == ["old"]
    with open_store(URL) as store:
        assert list(store.all_evidence(RunId("old"))) == []
        assert store.findings(JudgementId("old.1"), SubjectId("www.tinh.vn")) == before
    refused = cli("judge", "old", "--store", URL)
    assert (refused.code, "kept no more" in refused.err or "không còn" in refused.err) == (2, True)
    assert cli("report", "old", "--format", "json", "--store", URL).code in (0, 3, 4)
    assert cli("runs", "forget", "--older-than", "100", "--store", URL).out.count("old\n") == 0


def test_list_runs_round_names_its_members(cli: Cli) -> None:
    with open_store(URL) as store:
        vantages.add_round(store, vantages.Place(name="ha-noi"), vantages.Place(name="hub", networks=("tslcd",)))
    lines = cli("runs", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == ["round", "run-ha-noi", "run-hub", "a", "b"]
    assert "ha-noi, hub" in lines[0]
    assert cli("runs", "list", "--ids").out.split() == ["round", "run-ha-noi", "run-hub", "a", "b"]
    shown = cli("runs", "show", "round").out
    assert "run-hub  hub (tslcd)  finished" in shown
    assert "round" in cli("runs", "show", "run-hub").out


def test_list_runs_json_has_members_under_their_round(cli: Cli) -> None:
    with open_store(URL) as store:
        vantages.add_round(store, vantages.Place(name="ha-noi"), vantages.Place(name="hub", networks=("tslcd",)))
    found = json.loads(cli("runs", "list", "--format", "json").out)
    assert [one["id"] for one in found] == ["round", "a", "b"]
    assert [(one["id"], one["vantage"], one["round"]) for one in found[0]["members"]] == [
        ("run-ha-noi", "ha-noi", "round"),
        ("run-hub", "hub", "round"),
    ]
    assert json.loads(cli("runs", "show", "round", "--format", "json").out) == found[0]
    assert cli("runs", "list", "--format", "xml").code == 2


def test_judge_and_report_round_and_one_vantage_of_it(cli: Cli) -> None:
    got = {vantages.PORTAL: vantages.TIMEOUT, vantages.OTHER: None}
    with open_store(URL) as store:
        vantages.add_round(
            store, vantages.Place(name="ha-noi", got=got), vantages.Place(name="hue", got=dict.fromkeys(got))
        )
    assert cli("judge", "run-ha-noi", "--fail-on", "high", "--format", "json").code == 3
    whole = json.loads(cli("judge", "round", "--format", "json").out)
    assert [one["name"] for one in whole["run"]["vantages"]] == ["ha-noi", "hue"]
    assert json.loads(cli("report", "round", "--format", "json").out)["summary"]["fail"] == 0
    alone = json.loads(cli("report", "round", "--vantage", "ha-noi", "--format", "json").out)
    assert alone["summary"]["fail"] == 1
    wrong = cli("report", "round", "--vantage", "huế")
    assert wrong.code == 2
    assert "ha-noi, hue" in wrong.err


def test_verify_seal_of_round_covers_the_evidence_of_its_members(cli: Cli) -> None:
    got = {vantages.PORTAL: None}
    with open_store(URL) as store:
        vantages.add_round(store, *(vantages.Place(name=name, got=got) for name in ("ha-noi", "hue")))
    cli("judge", "round")
    assert cli("runs", "seal", "round").code == 0
    assert cli("runs", "verify", "round").code == 0
    assert "sealed" in cli("runs", "list").out.splitlines()[0]
    with open_store(URL) as store:
        added = vantages.Place(name="hue", got={vantages.OTHER: None})
        store.add_evidence(vantages.evidence_of(added.run, added, vantages.START))
    late = cli("runs", "verify", "round").out
    assert f"evidence {vantages.OTHER}" in late
    changed("UPDATE run SET vantage = 'elsewhere' WHERE id = 'run-hue'")
    broken = cli("runs", "verify", "round")
    assert broken.code == 3
    assert "run member run-hue" in broken.out


def test_diff_previous_and_trend_speak_of_rounds(cli: Cli) -> None:
    month = timedelta(days=28)
    both = [vantages.Place(name=name, got={vantages.PORTAL: None, vantages.OTHER: None}) for name in ("ha-noi", "hue")]
    dead = [replace(one, got={vantages.PORTAL: vantages.TIMEOUT, vantages.OTHER: None}) for one in both]
    with open_store(URL) as store:
        vantages.add_round(store, *both, start=vantages.START - month, id=RunId("before"))
        vantages.add_round(store, *dead)
    for run in ("before", "round", "run-hue"):
        cli("judge", run)
    found = cli("diff", "--previous", "round")
    assert found.code == 5
    assert vantages.PORTAL in found.out
    assert cli("diff", "before", "round").out == found.out
    assert [line.split()[0] for line in cli("runs", "trend").out.splitlines() if not line.startswith(" ")] == [
        "before",
        "round",
        "a",
        "b",
    ]


def test_a_seal_whose_file_cannot_be_written_is_not_made(cli: Cli) -> None:
    said = cli("--lang", "en", "runs", "seal", "a", "--out", "/dev/full")
    assert (said.code, said.err) == (1, "auditor: /dev/full: no space left\n")
    assert cli("runs", "seal", "a", "--out", "a.seal").code == 0
    assert Path("a.seal").is_file()
