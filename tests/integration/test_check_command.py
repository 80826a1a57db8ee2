"""Tests ``auditor check`` and related commands as an administrator uses them: fast, with reason and remedy."""

import csv
import html
import json
import re
import shlex
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from auditor.framework import catalogue
from containers.rehearsal.addressing import lay_out
from containers.rehearsal.lab import Rehearsal
from containers.rehearsal.mail import client_listeners
from containers.rehearsal.province import PROVINCE
from containers.rehearsal.web import GONE
from inventory.model import Clearance, written
from probes.framework.registry import load as probes
from tests.support import audits
from tests.support.audits import CommandResult, Document, auditor, brief, only, together, verdicts
from tests.support.ready_vantage import ready_at_vantage

pytest_plugins = ("tests.support.rehearsal",)

DEADLINE = 300.0
"""Seconds that an answer may take on a busy machine; the output shows the measured ones."""
HEALTHY, BROKEN = "cong.sonlam.gov.vn", "nongnghiep.sonlam.gov.vn"
BROKEN_V6 = "2001:db8:a0:e::80"


@pytest.fixture(scope="module")
def lab(lab: Rehearsal) -> Iterator[Rehearsal]:
    """Yield the vantage; each command is a process of its own, but the program is imported only once."""
    with ready_at_vantage(lab) as ready:
        yield ready


@pytest.fixture(scope="module")
def broken(lab: Rehearsal) -> Document:
    """Return the document of a check of the broken host."""
    return auditor(lab, "check", BROKEN, "--format", "json", "--timeout", 1).document


def test_a_healthy_host_in_seconds(lab: Rehearsal) -> None:
    vi, en = together(lab, ("check", HEALTHY), ("check", HEALTHY, "--lang", "en"))
    for result, words in ((vi, "Kết quả: ĐẠT"), (en, "Result: MET")):
        print(f"check of a healthy host: {result.seconds:.2f} s")
        assert result.seconds < DEADLINE
        assert (result.code, result.told) == (audits.OK, [])
        assert words in result.out
        assert HEALTHY in result.out
        assert "✘" not in result.out


def test_a_broken_host_in_seconds_with_reason_evidence_and_remedy(lab: Rehearsal) -> None:
    vi, en = together(lab, ("check", BROKEN), ("check", BROKEN, "--lang", "en"))
    for result, words in (
        (vi, ("KHÔNG ĐẠT", "Khắc phục:", "xem: auditor checks explain", "Kết quả: CHƯA ĐẠT")),
        (en, ("FAIL", "Remedy:", "see: auditor checks explain", "Result: NOT MET")),
    ):
        print(f"check of a host that does not answer: {result.seconds:.2f} s")
        assert result.seconds < DEADLINE
        assert (result.code, result.told) == (audits.FINDINGS, [])
        assert [word for word in (*words, "ipv6.web.reach", BROKEN_V6, "tcp/443") if word not in result.out] == []


def test_the_two_languages_say_the_same_in_other_words(broken: Document) -> None:
    for finding in broken["findings"]:
        assert finding["message"]["vi"] != finding["message"]["en"]
        assert (finding["remedy"] is not None) or finding["outcome"] not in {"warn", "fail"}
    assert verdicts(broken)[BROKEN, "ipv6.web.reach"] == "fail"


def test_the_exit_code_is_what_was_asked_for(lab: Rehearsal) -> None:
    wanted = {
        ("--fail-on", "never"): audits.OK,
        ("--fail-on", "critical"): audits.FINDINGS,
        ("--only", "ipv6.web.addr-sane"): audits.OK,
        ("--only", "ipv6.web.port-parity", "--fail-on", "critical"): audits.OK,
    }
    results = together(lab, *(("check", BROKEN, "--timeout", 1, *options) for options in wanted))
    assert [result.code for result in results] == list(wanted.values())


def test_check_of_a_url_visits_its_page(lab: Rehearsal) -> None:
    """The page of the URL is missing, while the first page of the same site is served."""
    document = auditor(lab, "check", f"https://{HEALTHY}{GONE}", "--format", "json", "--only", "ipv6.web").document
    found = {one["code"] for one in document["findings"] if one["check"] == "ipv6.web.http-ok"}
    assert found == {"ERROR_ALIKE"}


def test_an_address_is_audited_as_a_host(lab: Rehearsal) -> None:
    targets = ("2001:db8:a0:1::80", "[2001:db8:a0:1::80]:443", "198.51.100.1")
    for target, result in zip(
        targets, together(lab, *(("check", target, "--format", "json") for target in targets)), strict=True
    ):
        assert result.code == audits.OK
        (subject,) = result.document["subjects"]
        assert (subject["kind"], subject["id"]) == ("host", target)
        assert subject["addresses"] == [target.removeprefix("[").removesuffix("]:443")]
        # Deeper checks have no authorisation.
        undecided = [one for one in only(result.document, "inconclusive") if one["reason"] != "U-SCOPE"]
        # The inventory does not name the expected AS.
        undecided = [one for one in undecided if one["code"] != "ORIGIN_NOT_RECORDED"]
        assert brief([*only(result.document, "fail", "warn", "error"), *undecided]) == []


HOLE = "may-telnet6"
"""A machine with a Telnet port that is open over IPv6 and filtered over IPv4."""
HOLE_V4, HOLE_V6 = (written(address) for address in lay_out(PROVINCE).machines[HOLE].every())
PRINTED = re.compile(r"<code>(auditor (?:audit|check) [^<]*)</code>")


@pytest.mark.parametrize(
    ("words", "check", "address"),
    [
        (("audit", "inventory.csv", "--subject", HOLE), "security.ports.v4v6-parity", None),
        (("audit", "inventory.csv", "--subject", HOLE), "security.ports.mgmt-exposed", HOLE_V6),
        (("check", HOLE_V4, HOLE_V6), "security.ports.mgmt-exposed", HOLE_V6),
    ],
)
def test_printed_command_finds_a_hole_open_over_ipv6_only_again(
    lab: Rehearsal,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    check: str,
    address: str | None,
) -> None:
    """The report names the inventory's file as in the command, so the test changes to the folder of the file."""
    monkeypatch.chdir(lab.dir)

    def fails_at(*words: str, into: Path) -> tuple[set[tuple[str, str]], str]:
        kept = ("--store", f"sqlite:///{into}.db", "--evidence", f"{into}.evidence")
        formats = ("--format", f"json={into}.json", "--format", f"html={into}.html")
        result = auditor(lab, *words, *(kept if words[0] == "audit" else ()), *formats)
        assert result.code == audits.FINDINGS, result.err
        findings = only(audits.read(into.with_suffix(".json")), "fail")
        return {(one["check"], one["address"]) for one in findings}, into.with_suffix(".html").read_text("utf-8")

    before, page = fails_at(*words, "--only", check, "--profile", "quick", into=tmp_path / "first")
    assert before == {(check, address)}
    (printed,) = dict.fromkeys(PRINTED.findall(page))
    again, _ = fails_at(*shlex.split(html.unescape(printed))[1:], into=tmp_path / "again")
    assert again == before


def test_an_address_where_nobody_is(lab: Rehearsal) -> None:
    document = auditor(lab, "check", "2001:db8:a0:1ff::80", "--format", "json", "--timeout", 1).document
    assert {one["check"] for one in only(document, "fail", "warn", "error")} == {"ipv6.path.echo"}


def test_targets_from_standard_input(lab: Rehearsal) -> None:
    result = auditor(lab, "check", "-f", "-", "--format", "json", input=f"# two\n{HEALTHY}\n2001:db8:a0:1::80\n")
    assert result.code == audits.OK
    assert {one["subject"] for one in result.document["findings"]} >= {HEALTHY, "2001:db8:a0:1::80"}


def test_what_is_asked_for_decides_what_is_sent(lab: Rehearsal, tmp_path: Path) -> None:
    result = auditor(
        lab, "check", "thu-yte.sonlam.gov.vn", "--only", "ipv6.mail.mx-aaaa", "--format", "json", "--evidence", tmp_path
    )
    assert verdicts(result.document)["thu-yte.sonlam.gov.vn", "ipv6.mail.mx-aaaa"] == "fail"
    evidence = [one for one in _evidence(tmp_path) if one["probe"] != "selftest"]
    assert {"dns"} <= {one["probe"] for one in evidence} <= {"dns", "mail_clients", "mail_records"}
    assert {step["kind"] for one in evidence for step in one["steps"]} <= {"dns-exchange", "name-lookup", "delegation"}


def _evidence(folder: Path) -> list[dict[str, Any]]:
    lines = (folder / "evidence.jsonl").read_text("utf-8").splitlines()
    return [fields for line in lines if "probe" in (fields := json.loads(line))]


MAIL = "thudientu.sonlam.gov.vn"
MAIL_PROGRAMS = next(str(address) for _, address, _ in client_listeners(PROVINCE, lay_out(PROVINCE)))
"""The address that serves mail clients."""
WITHOUT_ECHO = next(f"{portal.label}.sonlam.gov.vn" for portal in PROVINCE.portals if not portal.echo)
TARGETS = {
    "full_segments": WITHOUT_ECHO,
    "nameserver": "sonlam.gov.vn",
    "dns": "sonlam.gov.vn",
    "smtp": MAIL,
    "mail_tls": MAIL_PROGRAMS,
    "mail_tls_renegotiation": MAIL,
    "mail_tls_support": MAIL,
}
SITES = frozenset(
    {"foreign_management", "internet_anchors", "lan", "segment_sizes", "site_echo", "site_path", "site_stamp"}
)
NEED_MORE = SITES | {"https_hint", "mail_transport", "probe_8335", "resolver", "snmp_security"}
"""Probes for which few subjects are a target.

A site of an agency, a stray hint, an announced mail policy, a router with named interfaces, a resolver of an agency,
an SNMP agent that lets us in.
"""
AT_ONCE = 4
"""Processes that probe at once: each needs a second of CPU time to start, and then mostly waits."""

ONE_AFTER_ANOTHER = """
import contextlib, io, json, sys
from auditor.service.cli.app import run
from probes.net.raw.privsep import leave_privileges
leave_privileges()
for words in json.load(sys.stdin):
    out = io.TextIOWrapper(io.BytesIO(), "utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(io.StringIO()) as err:
        code = run(words)
    out.flush()
    print(json.dumps([code, out.buffer.getvalue().decode(), err.getvalue()]), flush=True)
"""
"""Runs the commands of standard input in one process, which imports the program once: one for each takes minutes."""


def _probed(lab: Rehearsal, names: list[str]) -> dict[str, CommandResult]:
    """Return the output of ``auditor probe`` for each of these probes at its target."""
    configured = ("--config", str(lab.dir / "auditor.toml"))
    calls = [[*configured, "probe", name, TARGETS.get(name, HEALTHY), "--timeout", "1"] for name in names]
    argv = [audits.PROGRAM[0], "-c", ONE_AFTER_ANOTHER]
    done = lab.run(argv, timeout=1_800, env=audits.ENVIRONMENT, input=json.dumps(calls))
    assert done.returncode == 0, done.stderr
    ended = [json.loads(line) for line in done.stdout.splitlines()]
    return {
        name: CommandResult(code=code, out=out, err=err, seconds=0)
        for name, (code, out, err) in zip(names, ended, strict=True)
    }


def test_every_probe_shows_its_evidence(lab: Rehearsal) -> None:
    # An intrusive probe measures nothing without an owner's authorisation, and none of these targets has one.
    names = sorted(name for name, probe in probes().items() if probe.clearance is not Clearance.INTRUSIVE)
    names = [name for name in names if name not in NEED_MORE]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        parts = list(pool.map(lambda part: _probed(lab, part), (names[first::AT_ONCE] for first in range(AT_ONCE))))
    answers = {name: result for part in parts for name, result in part.items()}
    assert sorted(answers) == names
    told = {name: (result.code, result.told) for name, result in answers.items()}
    assert told == dict.fromkeys(names, (audits.OK, []))
    for name, answer in answers.items():
        shown = answer.document
        assert (shown["probe"], shown["vantage"]) == (name, "dien-tap")
        assert {one["probe"] for one in shown["evidence"]} == {name}
    lacking = {
        name
        for name, result in answers.items()
        if probes()[name].records[0].KIND
        not in {step["kind"] for one in result.document["evidence"] for step in one["steps"]}
    }
    assert lacking == set()


def test_a_probe_of_a_service_asks_a_bare_address_too(lab: Rehearsal) -> None:
    for result in together(lab, *(("probe", name, "2001:db8:a0:1::80") for name in ("tcp", "tls", "http"))):
        evidence = result.document["evidence"]
        assert [
            step for one in evidence for step in one["steps"] if step["failure"] is None and step.get("port") == 443
        ]


def test_a_probe_with_nothing_to_measure_says_so(lab: Rehearsal) -> None:
    result = auditor(lab, "probe", "nameserver", "2001:db8:a0:1::80", "--lang", "en")
    assert result.document["evidence"] == []
    assert result.lines == ["auditor: nothing at 2001:db8:a0:1::80 is what probe nameserver measures"]


@pytest.mark.parametrize("lang", ["vi", "en"])
def test_the_catalogue_explains_itself(lab: Rehearsal, lang: str) -> None:
    listed = auditor(lab, "checks", "list", "--lang", lang)
    ids = auditor(lab, "checks", "list", "--ids").out.split()
    assert set(ids) == set(catalogue.load().checks)
    assert [line.split()[0] for line in listed.out.splitlines()] == ids


def test_every_check_is_explained_in_both_languages(lab: Rehearsal) -> None:
    """One process explains all checks: starting one for each takes a minute and tests nothing more."""
    script = (
        "import sys; from auditor.service.cli.app import run;"
        " print(max(run(['checks', 'explain', i]) for i in sys.argv[1:]))"
    )
    texts = {}
    for lang in ("vi", "en"):
        env = {**audits.ENVIRONMENT, "AUDITOR_LANG": lang}
        done = lab.run([audits.PROGRAM[0], "-c", script, *sorted(catalogue.load().checks)], env=env)
        assert (done.stdout.splitlines()[-1], done.stderr) == ("0", "")
        texts[lang] = done.stdout
    for check in catalogue.load().checks.values():
        for part in (check.title, check.why, check.fix):
            assert part in texts["en"], check.id
            assert part not in texts["vi"], f"{check.id}: {part!r} is not translated"


def test_doctor_is_content_with_a_good_vantage(lab: Rehearsal) -> None:
    result = auditor(lab, "doctor")
    assert (result.code, result.err) == (audits.OK, "")
    assert "✘" not in result.out
    assert "2001:db8:77::10" in result.out


@pytest.mark.parametrize("vantage", ["vantage-v4", "vantage-v6"])
def test_doctor_sees_what_a_vantage_lacks(lab: Rehearsal, vantage: str) -> None:
    result = auditor(lab, "doctor", vantage=vantage)
    assert result.code == audits.INCOMPLETE
    missing = "IPv6" if vantage == "vantage-v4" else "IPv4"
    assert [line.split()[1] for line in result.out.splitlines() if line.startswith("✘")] == [missing]


def test_the_configuration_says_where_it_comes_from(lab: Rehearsal) -> None:
    result = auditor(lab, "config", "show", "--origin", env={"AUDITOR_FAIL_ON": "low"})
    assert (result.code, result.err) == (audits.OK, "")
    values = dict(line.split(" = ", 1) for line in result.out.splitlines() if line[:1] not in ("", "#"))
    assert values["vantage.name"].split("    # ") == ['"dien-tap"', str(lab.dir / "auditor.toml")]
    assert values["fail_on"].split("    # ") == ['"low"', "AUDITOR_FAIL_ON"]
    assert values["clearance"].endswith("built-in")


def test_propose_of_a_web_name_gives_its_zone_mail_and_the_servers_in_it(lab: Rehearsal) -> None:
    done = auditor(lab, "inventory", "propose", HEALTHY, "--from", "name")
    assert done.code == audits.OK, done.err
    rows = [(row["fqdn"], row["kind"]) for row in csv.DictReader(done.out.splitlines())]
    assert rows == [
        (HEALTHY, "portal"),
        *((f"ns{n}.sonlam.gov.vn", "host") for n in (1, 2, 3)),
        ("sonlam.gov.vn", "mail"),
        ("sonlam.gov.vn", "zone"),
    ]


@pytest.mark.parametrize("name", ["khong-co.example.vn", "gov.vn", "2001:db8::1"])
def test_propose_of_a_name_that_is_no_site_says_so(lab: Rehearsal, name: str) -> None:
    done = auditor(lab, "inventory", "propose", name, "--from", "name")
    assert (done.code, done.out) == (audits.USAGE, "")
    assert name in done.err
