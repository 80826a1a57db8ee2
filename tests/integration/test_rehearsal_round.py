"""Tests that three vantages make one round of the province and its TSLCD, which is judged as a whole."""

from pathlib import Path

import pytest

from auditor.framework.findings import Outcome
from auditor.service.store.records import RunState
from auditor.service.store.url import open_store
from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.round import measure
from containers.rehearsal.tslcd.lab import TslcdRehearsal
from probes.framework.evidence import RunId

pytest_plugins = ("tests.support.rehearsal", "tests.support.tslcd")

PORTAL, CUT_OFF = "xaydung.sonlam.gov.vn", "d-banlua"
SAME_LAN, DEAD, BEHIND_DEAD, OF_MACS = ("d-hanggio", "d-dongche"), "nut-dong", "d-khuatnut", "rt-lomac"
SUBJECTS = (PORTAL, CUT_OFF, *SAME_LAN, DEAD, BEHIND_DEAD, OF_MACS)
CHECKS = (
    "ipv6.web.aaaa",
    "ipv6.path.echo",
    "ipv6.path.probe-8335",
    "security.ipv6.addr-predictability",
    "tslcd.ip.plan",
    "tslcd.site.reach",
)
FEW = ("--only", ",".join(CHECKS), *(word for name in SUBJECTS for word in ("--subject", name)), "--lang", "en")


@pytest.fixture(scope="module")
def measured(lab: Rehearsal, tslcd: TslcdRehearsal, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str, RunId]:
    """Return the store's URL, the summary and the round's id."""
    folder: Path = tmp_path_factory.mktemp("round")
    url = f"sqlite:///{folder / 'auditor.db'}"
    round, said = measure(lab, tslcd, ("--store", url, *FEW), folder)
    return url, said, RunId(round)


def test_measure_judges_the_round_from_every_vantage(measured: tuple[str, str, RunId]) -> None:
    url, _, round = measured
    with open_store(url) as store:
        members = [store.run(member) for member in store.run(round).members]
        assert sorted(member.vantage for member in members) == ["chi-ipv6", "hub", "internet"]
        assert {member.state for member in members} == {RunState.FINISHED}
        judgement = store.latest_judgement(round)
        assert judgement is not None
        found = {
            (str(finding.subject), str(finding.check)): finding.vantage
            for _, findings in store.findings_by_subject(judgement.id)
            for finding in findings
            if finding.outcome is Outcome.FAIL
        }
    assert found[PORTAL, "ipv6.web.aaaa"] in ("chi-ipv6", "internet")
    assert found[CUT_OFF, "tslcd.site.reach"] == "hub"
    read_at_hub = {(name, "tslcd.ip.plan"): "hub" for name in SAME_LAN}
    assert read_at_hub.items() <= found.items()  # no other vantage read the devices
    assert found[OF_MACS, "security.ipv6.addr-predictability"] in ("chi-ipv6", "internet")
    assert found[DEAD, "tslcd.site.reach"] == found[DEAD, "ipv6.path.echo"] == "hub"  # although a router refuses


def test_measure_returns_a_summary_that_fits_a_terminal(measured: tuple[str, str, RunId]) -> None:
    lines = measured[1].splitlines()
    assert len(lines) <= 22
    assert {line.split()[1] for line in lines if line.startswith("Vantage ")} == {"internet", "chi-ipv6", "hub"}
    assert lines[-1].startswith("Result: ")
