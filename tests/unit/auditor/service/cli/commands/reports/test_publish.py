"""Tests ``auditor publish``: a folder for a web server, corrected openly, refused if it would disclose a host."""

import json
import subprocess
from pathlib import Path

import pytest

from auditor.service.store.url import open_store
from tests.support import published
from tests.unit.auditor.service.cli.calling import Cli
from tests.unit.auditor.stored import Held, put

pytestmark = pytest.mark.clock(published.AFTER)


def fill(days: tuple[int, ...] = published.DAYS, **options: str) -> None:
    with open_store("sqlite:///auditor.db") as store:
        published.fill(store, days, **options)  # type: ignore[arg-type]


def test_publish_writes_pages_and_data_that_everybody_may_read(cli: Cli) -> None:
    fill()
    result = cli("--lang", "en", "publish", "2026", "--out", "site")
    assert (result.code, result.out, result.err) == (0, "site/index.html\n", "")
    assert {path.name for path in Path("site").iterdir()} == {
        *("index.html", "en.html", "data.json", "data.schema.json", "dcat.jsonld", "SHA256SUMS"),
        *("figures.csv", "agencies.csv", "targets.csv", "undecided.csv"),
    }
    assert {path.stat().st_mode & 0o777 for path in Path("site").iterdir()} == {0o644}
    assert json.loads(Path("site/data.json").read_text("utf-8"))["edition"] == 1


def test_publish_warns_of_what_speaks_against_the_last_count(cli: Cli) -> None:
    fill()
    with open_store("sqlite:///auditor.db") as store:
        put(store, Held(name="part", days=110, subjects=published.subjects(), part=True))
    result = cli("--lang", "en", "publish", "2026", "--out", "site")
    assert (result.code, "warning: The count of 20 Dec 2026 (run part) is later" in result.err) == (0, True)


def test_publish_again_with_other_numbers_is_a_correction(cli: Cli) -> None:
    fill(days=(-240, -200))
    assert cli("publish", "2026", "--out", "site").code == 0
    with open_store("sqlite:///auditor.db") as store:
        store_of_one_day(store)
    assert cli("publish", "2026", "--out", "site").code == 0
    made = json.loads(Path("site/data.json").read_text("utf-8"))
    assert (made["edition"], [one["edition"] for one in made["corrections"]]) == (2, [1])


def test_publish_over_the_edition_of_another_period_is_refused(cli: Cli) -> None:
    fill()
    assert cli("publish", "2026", "--out", "site").code == 0
    before = Path("site/data.json").read_bytes()
    result = cli("--lang", "en", "publish", "2026-10", "--out", "site")
    assert (result.code, "is of another period" in result.err) == (2, True)
    assert Path("site/data.json").read_bytes() == before


def test_publish_tells_that_the_last_count_was_judged_by_other_checks(cli: Cli) -> None:
    fill(days=(-240, -200))
    with open_store("sqlite:///auditor.db") as store:
        store_of_one_day(store, catalogue="another")
    assert cli("publish", "2026", "--out", "site").code == 0
    assert json.loads(Path("site/data.json").read_text("utf-8"))["counted"]["same_rules"] is False


def store_of_one_day(store: object, catalogue: str = "") -> None:

    rows, units = published.subjects(), published.organisation()
    held = Held(name="later", days=-100, subjects=rows, organisation=units, catalogue=catalogue)
    put(store, held)  # type: ignore[arg-type]


def test_publish_signature_is_one_that_openssl_verifies(cli: Cli, tmp_path: Path) -> None:
    fill()
    for words in (
        ["genpkey", "-algorithm", "ed25519", "-out", "key.pem"],
        ["pkey", "-in", "key.pem", "-pubout", "-out", "public.pem"],
    ):
        subprocess.run(["openssl", *words], check=True, capture_output=True)
    assert cli("publish", "2026", "--out", "site", "--key", "key.pem").code == 0
    verify = ["pkeyutl", "-verify", "-pubin", "-inkey", "public.pem", "-rawin", "-in", "site/SHA256SUMS"]
    words = ["openssl", *verify, "-sigfile", "site/SHA256SUMS.sig"]
    assert subprocess.run(words, capture_output=True, check=False).returncode == 0
    Path("site/SHA256SUMS").write_text("other")
    assert subprocess.run(words, capture_output=True, check=False).returncode != 0


def test_publish_of_a_unit_that_is_named_after_a_host_is_refused(cli: Cli) -> None:
    Path("auditor.toml").write_text('[report]\nissuer = "xa1.tinh.vn"\n', "utf-8")
    fill()
    result = cli("--lang", "vi", "publish", "2026", "--out", "site")
    assert result.code == 2
    assert "xa1.tinh.vn sẽ bị công bố trong data.json" in result.err
    assert not Path("site").exists()


@pytest.mark.parametrize(("period", "said"), [("2026-9", "is not a period"), ("2020", "no run of 2020")])
def test_publish_of_no_period_or_of_one_without_a_run_is_one_error(cli: Cli, period: str, said: str) -> None:
    fill()
    result = cli("--lang", "en", "publish", period, "--out", "site")
    assert (result.code, said in result.err, len(result.err.splitlines())) == (2, True, 1)


def test_publish_over_files_of_another_site_needs_force(cli: Cli) -> None:
    fill()
    Path("site").mkdir()
    Path("site/index.html").write_text("kept")
    refused = cli("--lang", "en", "publish", "2026", "--out", "site")
    assert refused.err == "auditor: site/index.html exists and is not empty; add --force to replace it\n"
    assert [path.name for path in Path("site").iterdir()] == ["index.html"]
    assert cli("publish", "2026", "--out", "site", "--force").code == 0
