"""Tests that a round names the networks in which a commune answers and does not, in Vietnamese and English."""

import os
import subprocess
import sys
from pathlib import Path

from auditor.framework.findings import Outcome
from auditor.service.store.url import open_store
from probes.framework.evidence import RunId
from tests.support import private_net

INSIDE_ONLY, OUTSIDE_ONLY, EVERYWHERE = "xa-trong", "xa-ngoai", "xa-ca-hai"
ADDRESSES = {
    INSIDE_ONLY: ("192.0.2.11", "2001:db8::11"),
    OUTSIDE_ONLY: ("192.0.2.12", "2001:db8::12"),
    EVERYWHERE: ("192.0.2.13", "2001:db8::13"),
}
CONTROLS = ("192.0.2.1", "192.0.2.2", "2001:db8::1", "2001:db8::2")
OWN = (*CONTROLS, *(address for pair in ADDRESSES.values() for address in pair))
SETUP = "\n".join(f"ip addr add {address}/{128 if ':' in address else 32} dev lo" for address in OWN) + (
    "\nnft add table inet t; nft add chain inet t in '{ type filter hook input priority 0; }'\n"
)
SETTINGS = """
only = ["tslcd.site.reach", "tslcd.isolation.not-exposed", "ipv6.path.echo"]
timeout = 3
[vantage]
name = "{name}"
networks = ["{network}"]
control = [{control}]
[addressing]
allow_documentation_prefixes = true
[scope]
allow = [{own}]
"""
SENTENCES = {
    "vi": {
        INSIDE_ONLY: "Có trả lời trong mạng TSLCD (hub), không trả lời từ Internet (hanoi).",
        OUTSIDE_ONLY: "Có trả lời từ Internet (hanoi), không trả lời trong mạng TSLCD (hub).",
    },
    "en": {
        INSIDE_ONLY: "Answers inside TSLCD (hub), not from the Internet (hanoi).",
        OUTSIDE_ONLY: "Answers from the Internet (hanoi), not inside TSLCD (hub).",
    },
}


def auditor(folder: Path, *words: str) -> str:
    argv = [sys.executable, "-P", "-m", "auditor.service.cli.main", *words]
    source = str(Path(__file__).resolve().parents[2])
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": source, "XDG_CONFIG_HOME": str(folder)}
    done = subprocess.run(argv, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 3, 4), done.stderr
    return done.stdout


def audit(folder: Path, vantage: str, network: str, silent: str, *words: str) -> None:
    """Run an audit from a vantage at which one commune is silent."""
    rules = [f"nft flush chain inet t in; nft add rule inet t in ip daddr {ADDRESSES[silent][0]} drop"]
    rules.append(f"nft add rule inet t in ip6 daddr {ADDRESSES[silent][1]} drop")
    subprocess.run(["sh", "-e", "-c", "; ".join(rules)], check=True)
    quoted, own = (", ".join(f'"{address}"' for address in some) for some in (CONTROLS, OWN))
    settings = SETTINGS.format(name=vantage, network=network, control=quoted, own=own)
    (folder / f"{vantage}.toml").write_text(settings, "utf-8")
    kept = ("--store", "sqlite:///runs.db", "--profile", "quick", "--format", f"csv={vantage}.csv")
    auditor(folder, "--config", f"{vantage}.toml", "audit", "inventory.csv", *kept, *words)


def section(report: str, subject: str) -> str:
    """Return the part of a text report about one subject, up to the name of the next."""
    _, _, rest = report.partition(f"{subject}")
    ends = [rest.find(other) for other in ADDRESSES if other != subject and other in rest]
    return rest[: min(ends, default=len(rest))]


def test_round_says_of_each_commune_from_which_network_it_answers(tmp_path: Path) -> None:
    rows = [f"{name},connection-point,{v4},{v6},ssh:22,{name},Xã,tslcd" for name, (v4, v6) in ADDRESSES.items()]
    head = "name,kind,ipv4,ipv6,services,agency_code,agency_name,network"
    (tmp_path / "inventory.csv").write_text("\n".join([head, *rows, ""]), "utf-8")
    with private_net.entered(SETUP):
        audit(tmp_path, "hub", "tslcd", OUTSIDE_ONLY, "--round", "lượt")
        with open_store(f"sqlite:///{tmp_path / 'runs.db'}") as store:
            (round,) = (run.id for run in store.runs() if run.is_round)
        audit(tmp_path, "hanoi", "internet", INSIDE_ONLY, "--round", round)
    reports = {
        lang: auditor(tmp_path, "report", round, "--store", "sqlite:///runs.db", "--format", "text", "--lang", lang)
        for lang in SENTENCES
    }
    for lang, report in reports.items():
        for subject, sentence in SENTENCES[lang].items():
            assert sentence in " ".join(section(report, subject).split())
        assert "TSLCD (hub)" not in section(report, EVERYWHERE)
    assert reached(tmp_path, round) == {INSIDE_ONLY: Outcome.PASS, OUTSIDE_ONLY: Outcome.FAIL, EVERYWHERE: Outcome.PASS}


def reached(folder: Path, round: RunId) -> dict[str, Outcome]:
    """Return the outcome of the reachability check of each commune, which is judged in its own network."""
    with open_store(f"sqlite:///{folder / 'runs.db'}") as store:
        judgement = store.latest_judgement(round)
        assert judgement is not None
        return {
            str(subject): finding.outcome
            for subject, findings in store.findings_by_subject(judgement.id)
            for finding in findings
            if finding.check == "tslcd.site.reach"
        }
