"""Tests ``auditor federate``: a province's summary goes to a centre, which corrects and compares."""

import json
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from auditor.figures.comparison import Credibility
from auditor.framework.findings import Outcome
from auditor.service.cli.commands.reports import federate
from auditor.service.pipeline.judging.judged import LoadedJudgement
from auditor.service.runs.federation_files import kept_files
from auditor.service.store.records import Doubt
from auditor.service.store.sql.runs import doubt_rows
from auditor.service.store.url import open_store
from inventory.inventory import Inventory
from inventory.model import AgencyId
from inventory.organisation import Organisation, Unit
from tests.support.federated import figure, head, lines, write
from tests.unit.auditor.service.cli.calling import Cli
from tests.unit.auditor.stored import Brief, Held, put

PROVINCES = 34
EARLY = {"started": "2025-01-01T01:00:00+00:00", "judged_at": "2025-01-01T02:00:00+00:00"}
ISSUED = "2025-01-01T03:00:00+00:00"
CENTRE = ("--store", "sqlite:///centre.db")


@pytest.fixture(autouse=True)
def _store(tmp_path: Path) -> None:
    with open_store("sqlite:///auditor.db") as store:
        failing = Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="MISSING")
        put(store, Held(name="a", days=-600, findings={"www.tinh.vn": [failing]}))


def test_federate_takes_files_and_reports_corrections(cli: Cli, tmp_path: Path) -> None:
    said = ""
    for number, hour in ((1, "03"), (2, "03"), (1, "09")):
        first = head(number, **EARLY, issued=f"2025-01-01T{hour}:00:00+00:00")
        path = write(tmp_path / f"{number}-{hour}.sealed", first, [figure(met=90)] if hour == "09" else lines(number))
        taken = cli("--lang", "en", "federate", "import", str(path), *CENTRE)
        assert taken.code == 0, taken.err
        said = taken.err
    assert "corrects its figures" in said
    told = cli("--lang", "en", "federate", "report", "--format", "text", "--format", "html=f.html", *CENTRE)
    assert (told.code, "Tỉnh 01 *" in told.out, "Tỉnh 02" in told.out) == (0, True, True)
    assert "<html" in Path("f.html").read_text("utf-8")
    assert cli("federate", "report", "2020-01", *CENTRE).code == 2
    assert cli("federate", "report", "--format", "docx", *CENTRE).code == 2


def test_federate_export_of_a_judged_run_is_taken(cli: Cli) -> None:
    given = cli("--lang", "en", "federate", "export", "a", "a.sealed", "--province", "66", "--round", "2025-01")
    assert (given.code, given.out[:7]) == (0, "sha256:"), given.err
    taken = cli("--lang", "vi", "federate", "import", "a.sealed", *CENTRE)
    assert (taken.code, "UBND tỉnh, lượt 2025-01" in taken.err) == (0, True), taken.err
    assert "đã có trong cơ sở dữ liệu" in cli("--lang", "vi", "federate", "import", "a.sealed", *CENTRE).err


@pytest.mark.parametrize(
    ("tops", "province", "named"),
    [(1, None, ("T0", "Tỉnh 0")), (1, "66", ("66", "Tỉnh 0")), (2, "66", ("66", "66")), (0, "66", ("66", "66"))],
)
def test_province_has_the_name_of_the_only_unit_at_the_top(
    tops: int, province: str | None, named: tuple[str, str]
) -> None:
    units = tuple(Unit(code=AgencyId(f"T{n}"), name=f"Tỉnh {n}") for n in range(tops))
    inventory = Inventory(subjects=(), organisation=Organisation(units=units))
    run = SimpleNamespace(started=datetime(2025, 1, 9, tzinfo=UTC))
    judged = cast("LoadedJudgement", SimpleNamespace(inventory=inventory, run=run))
    issuer = federate._issuer(judged, province, None)
    assert ((issuer.province, issuer.name), issuer.round) == (named, "2025-01")


def test_federate_export_of_a_part_is_refused_or_warned_of(cli: Cli) -> None:
    with open_store("sqlite:///auditor.db") as store:
        put(store, Held(name="again", days=-500, amends="a"))
        put(store, Held(name="part", days=-400, part=True))
    again, part = (
        cli("--lang", "en", "federate", "export", run, f"{run}.sealed", "--province", "66") for run in ("again", "part")
    )
    assert (again.code, "export that one" in again.err, Path("again.sealed").exists()) == (2, True, False)
    assert (part.code, "covers a part" in part.err) == (0, True)


@pytest.mark.parametrize(
    ("state", "code", "told"),
    [
        (Credibility.WAITING, 2, "cannot be exported before a repeat has decided"),
        (Credibility.VANTAGE, 2, "the vantage was to blame"),
        (Credibility.UNSETTLED, 0, "no repeat has decided whether"),
        (Credibility.REAL, 0, ""),
    ],
)
def test_federate_export_of_a_doubted_run_is_refused_or_warned_of(
    cli: Cli, state: Credibility, code: int, told: str
) -> None:
    with open_store("sqlite:///auditor.db") as store:
        run = put(store, Held(name="doubted", days=-400))
        with store.database.writing() as connection:
            doubt = Doubt(base=run.id, areas=("ipv6.web",), since=run.started, state=state)
            doubt_rows.add(connection, run.id, doubt)
    made = cli("--lang", "en", "federate", "export", "doubted", "doubted.sealed", "--province", "66")
    assert (made.code, told in made.err, Path("doubted.sealed").exists()) == (code, True, code == 0)
    assert bool(told) == ("doubted" in made.err)


def test_federate_export_of_one_vantage_of_a_round_is_warned_of(cli: Cli) -> None:
    with open_store("sqlite:///auditor.db") as store:
        put(store, Held(name="member", days=-400))
        with store.database.writing() as connection:
            of_both = "SELECT one.key, whole.key FROM run one, run whole WHERE one.id = 'member' AND whole.id = 'a'"
            connection.exec_driver_sql(f"INSERT INTO member {of_both}")
    made = cli("--lang", "en", "federate", "export", "member", "member.sealed", "--province", "66")
    assert (made.code, "of one vantage of round a" in made.err) == (0, True)


def test_federate_of_34_provinces_keeps_and_shows_each(cli: Cli, tmp_path: Path) -> None:
    numbers = range(1, PROVINCES + 1)
    paths = [
        write(tmp_path / f"{number}.sealed", head(number, **EARLY, issued=ISSUED), lines(number)) for number in numbers
    ]
    for _ in range(2):  # a file that is stored already changes nothing
        taken = cli("--lang", "en", "federate", "import", *map(str, paths), *CENTRE)
        assert taken.code == 0, taken.err
    told = cli("--lang", "vi", "federate", "report", "--format", "json=f.json", "--format", "text", *CENTRE)
    assert told.code == 0, told.err
    assert [f"Tỉnh {number:02}" for number in numbers if f"Tỉnh {number:02}" not in told.out] == []
    report = json.loads(Path("f.json").read_bytes())
    assert len(report["provinces"]) == PROVINCES
    with open_store("sqlite:///centre.db") as store:
        kept = kept_files(store)
        assert len(kept) == PROVINCES
        assert list(store.runs()) == []  # neither runs nor evidence of provinces


def test_federate_report_names_provinces_that_told_of_another_round_alone(cli: Cli, tmp_path: Path) -> None:
    for number, name in ((1, "2025-01"), (2, "2025-01"), (1, "2025-02")):
        first = head(number, **EARLY, issued=f"2025-0{name[-1]}-01T03:00:00+00:00", round=name)
        assert (
            cli("federate", "import", str(write(tmp_path / f"{number}{name}", first, lines(number))), *CENTRE).code == 0
        )
    told = cli("--lang", "en", "federate", "report", *CENTRE).out
    assert "Round 2025-02: 1 province" in told
    assert "in no sum here: Tỉnh 02." in " ".join(told.split())
    assert "in no sum" not in cli("--lang", "en", "federate", "report", "2025-01", *CENTRE).out


def test_federate_report_of_an_empty_store_says_what_to_do(cli: Cli) -> None:
    refused = cli("--lang", "en", "federate", "report")
    assert (refused.code, "federate import FILE" in refused.err) == (2, True)
