"""Tests that a mistake of an operator gives a clear line for each problem, exit 2, no traceback and no packet."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from containers.rehearsal.lab import Rehearsal
from tests.support import audits
from tests.support.audits import ENVIRONMENT, PROGRAM, CommandResult

pytest_plugins = ("tests.support.rehearsal",)

FILES: Mapping[str, bytes] = {
    "rows.csv": b"name,kind,ipv6,fqdn,expected_ipv6\nx,portall,2001:db8::1,,\ny,host,zz,,\nz,zone,,bad..name,plan\n",
    "more.csv": b"name,kind,ipv4\nx,portal,1.2.3\nq,portal,192.0.2.4\n,host,\n",
    "binary.csv": bytes(range(256)),
    "empty.csv": b"",
    "headless.csv": b"nmae,kindd\nx,portal\n",
    "broken.xlsx": b"PK\x03\x04 no workbook",
    "broken.yaml": b"targets: [a: b: c",
    "list.pdf": b"%PDF-1.7",
    "targets.txt": b"cong.sonlam.gov.vn\nx..vn\n\n2001:db8:::1 # a comment\n",
    "policy.toml": b'[levels]\n"ipv6.wb.*" = "required"\n"ipv6.web.reach" = "mandatory"\n[severity."ipv6.path.echo"]\n'
    b'default = "lo"\nroutr = "high"\n[thresholds."security.tls.cert-expiry"]\nwarn_day = 1\n[levls]\n',
    "no.toml": b"[levels\n",
    "text.db": b"this is no database at all, whatever its name says; " * 40,
    "words.txt": b"no certificate and no hints here\n",
    "good.csv": b"name,kind\ncong.sonlam.gov.vn,portal\n",
}
CHANGES: Mapping[str, tuple[str, str]] = {
    "key.toml": ("[scope]", "[scop]\nallow = []\n[scope]\nalow = []"),
    "value.toml": (
        "packets_per_second = 3000\n[scope]",
        'packets_per_second = "much"\nconcurrency = 0\n[scope]\ndeny = ["300.0.0.0/8"]',
    ),
    "secret.toml": ("[scope]", '[snmp.profiles.plain]\nversion = "2c"\ncommunity = "s3cret"\n[scope]'),
    "syntax.toml": ("[vantage]", "[vantage"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Holds a command line and the words that each of its lines must contain.

    ``{at}`` is the folder of the files above. ``in_vi``: the words of Vietnamese lines, where columns and kinds have
    Vietnamese names.
    """

    words: str
    says: tuple[tuple[str, ...], ...]
    in_vi: tuple[tuple[str, ...], ...] = ()
    config: str = ""
    env: tuple[tuple[str, str], ...] = ()


CHECK = "check cong.sonlam.gov.vn"
CASES: Mapping[str, Case] = {
    "no check left": Case(words=f"{CHECK} --only ipv6.dns --skip ipv6", says=(("--only", "--skip"),)),
    "unknown keys": Case(words=CHECK, config="key.toml", says=(("key.toml", "scope.alow", "scope.allow"), ("scop'",))),
    "bad values": Case(
        words=CHECK,
        config="value.toml",
        says=(("limits.packets_per_second", "much"), ("limits.concurrency", "0"), ("scope.deny", "300.0.0.0/8")),
    ),
    "a plain secret": Case(words=CHECK, config="secret.toml", says=(("snmp.profiles.plain.community",),)),
    "no TOML": Case(words=CHECK, config="syntax.toml", says=(("syntax.toml", "TOML", " 3, "),)),
    "no configuration": Case(words=CHECK, config="none.toml", says=(("none.toml",),)),
    "environment": Case(
        words=CHECK,
        env=(("AUDITOR_FAIL_ON", "hgh"), ("AUDITOR_TIMEOT", "3")),
        says=(("AUDITOR_FAIL_ON", "hgh", "high"), ("AUDITOR_TIMEOT", "timeout")),
    ),
    "rows of two files": Case(
        words="audit {at}/rows.csv {at}/more.csv",
        says=(
            ("rows.csv:2:kind", "portall", "portal"),
            ("rows.csv:3:ipv6", "zz"),
            ("rows.csv:4:fqdn", "bad..name"),
            ("rows.csv:4:expected_ipv6", "plan", "planned"),
            ("more.csv:2:ipv4", "1.2.3"),
            ("more.csv:2:name", "rows.csv:2"),
            ("more.csv:4",),
            ("more.csv:4",),
        ),
        in_vi=(
            ("rows.csv:2:Loại", "portall", "cổng thông tin điện tử"),
            ("rows.csv:3:Địa chỉ IPv6", "zz"),
            ("rows.csv:4:Tên miền", "bad..name"),
            ("rows.csv:4:Yêu cầu IPv6", "plan", "planned"),
            ("more.csv:2:Địa chỉ IPv4", "1.2.3"),
            ("more.csv:2:Tên", "rows.csv:2"),
            ("more.csv:4",),
            ("more.csv:4",),
        ),
    ),
    "files that are none": Case(
        words="audit {at}/binary.csv {at}/empty.csv {at}/headless.csv {at}/broken.xlsx {at}/broken.yaml {at}/list.pdf"
        " {at}/missing.csv {at}",
        says=(
            ("binary.csv", "UTF-8"),
            ("empty.csv",),
            ("headless.csv", "name", "kind"),
            ("broken.xlsx",),
            ("broken.yaml:1", "YAML"),
            ("list.pdf", ".csv"),
            ("missing.csv",),
            ("",),
        ),
        in_vi=(
            ("binary.csv", "UTF-8"),
            ("empty.csv",),
            ("headless.csv", "cột tên", "cột loại"),
            ("broken.xlsx",),
            ("broken.yaml:1", "YAML"),
            ("list.pdf", ".csv"),
            ("missing.csv",),
            ("",),
        ),
    ),
    "targets": Case(
        words="check x..vn 2001:db8:::1 ftp://x", says=(("x..vn",), ("2001:db8:::1",), ("ftp://", "https://"))
    ),
    "targets of a file": Case(
        words="check -f {at}/targets.txt", says=(("targets.txt:2", "x..vn"), ("targets.txt:4", "2001:db8:::1"))
    ),
    "no file of targets": Case(words="check -f {at}/missing.txt", says=(("missing.txt",),)),
    "no target": Case(words="check", says=(("-f",),)),
    "unknown checks": Case(
        words=f"{CHECK} --only ipv6.wb.reach --skip secrity",
        says=(("ipv6.wb.reach", "ipv6.web.reach"), ("secrity", "security")),
    ),
    "unknown format": Case(words=f"{CHECK} --format jsn", says=(("jsn", "json"),)),
    "no folder for a format": Case(words=f"{CHECK} --format json={{at}}/no/where.json", says=(("no/where.json",),)),
    "two formats at once": Case(words=f"{CHECK} --format json --format text", says=(("--format json=",),)),
    "unknown kind": Case(words=f"{CHECK} --kind portall", says=(("portall", "'portal'"),)),
    "unknown values": Case(
        words=f"{CHECK} --clearance wild --fail-on hgh --profile fast --resolver 1.2.3",
        says=(("--clearance", "wild"), ("--fail-on", "hgh"), ("--profile", "fast"), ("--resolver", "1.2.3")),
    ),
    "unknown SNMP profile": Case(words=f"{CHECK} --snmp-profile backbone", says=(("backbone",),)),
    "no number": Case(words=f"{CHECK} --timeout soon", says=(("--timeout",),)),
    "negative number": Case(words=f"{CHECK} --timeout=-1", says=(("--timeout", "0", "-1"),)),
    "policy": Case(
        words=f"{CHECK} --policy {{at}}/policy.toml",
        says=(
            ("policy.toml", "levels", "ipv6.wb.*"),
            ("levels.ipv6.web.reach", "mandatory", "required"),
            ("severity.ipv6.path.echo", "lo", "low"),
            ("severity.ipv6.path.echo", "routr", "router"),
            ("thresholds.security.tls.cert-expiry", "warn_day", "warn_days"),
            ("levls", "levels"),
        ),
    ),
    "no policy": Case(words=f"{CHECK} --policy {{at}}/none.toml", says=(("none.toml",),)),
    "policy no TOML": Case(words=f"{CHECK} --policy {{at}}/no.toml", says=(("no.toml", "TOML"),)),
    "reference files": Case(
        words=f"{CHECK} --root-hints {{at}}/words.txt --ca-file {{at}}/words.txt --policy {{at}}/none.toml",
        says=(("words.txt",), ("words.txt", "ca_file"), ("none.toml",)),
    ),
    "no folder of the store": Case(
        words="audit {at}/good.csv --store sqlite:///{at}/no/such/a.db", says=(("no/such", "--store"),)
    ),
    "a store that is no database": Case(
        words="audit {at}/good.csv --store sqlite:///{at}/text.db", says=(("text.db", "--store"),)
    ),
    "a store that is a folder": Case(words="audit {at}/good.csv --store sqlite:///{at}", says=(("",),)),
    "an unknown kind of store": Case(
        words="audit {at}/good.csv --store mysql://user:s3cret@host/x", says=(("mysql", "sqlite://"),)
    ),
    "evidence into a file": Case(words=f"{CHECK} --evidence {{at}}/empty.csv", says=(("empty.csv",),)),
    "reports into a file": Case(words="audit {at}/good.csv --out {at}/empty.csv", says=(("empty.csv",),)),
    "no run": Case(words="audit {at}/good.csv --store sqlite:///{at}/new.db --resume r1", says=(("r1",),)),
    "judging nothing": Case(words="judge {at}/nothing", says=(("/nothing",),)),
    "judging without a store": Case(words="judge r1 --store sqlite:///{at}/none.db", says=(("none.db",),)),
    "reporting without a store": Case(words="report r1 --store sqlite:///{at}/none.db", says=(("none.db",),)),
    "unknown probe": Case(words="probe dnss cong.sonlam.gov.vn", says=(("dnss", "'dns'"),)),
    "nothing to probe": Case(words="probe dns", says=(("TARGET",),)),
    "unknown check to explain": Case(words="checks explain ipv6.web.rech", says=(("ipv6.web.rech", "ipv6.web.reach"),)),
    "unknown command": Case(words="chek x.vn", says=(("chek", "check"),)),
    "unknown option": Case(words=f"{CHECK} --onyl a", says=(("--onyl", "--only"),)),
    "unknown language": Case(words=f"{CHECK} --lang fr", says=(("--lang", "fr", "vi"),)),
}
TABLE = """table inet counting {
  chain output {
    type filter hook output priority 0;
    meta l4proto { tcp, udp, sctp } counter
    icmp type echo-request counter
    icmpv6 type echo-request counter
  }
}
"""


DRIVER = """
import contextlib, io, json, os, sys
from auditor.service.cli.main import main
for argv, env in json.load(sys.stdin):
    os.environ.update(env)
    sys.argv = ["auditor", *argv]
    out, err, code = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code
    for name in env:
        del os.environ[name]
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""
"""Runs many command lines in one process: starting one for each takes a minute. A few are run by themselves below."""


def _sent(lab: Rehearsal) -> int:
    """Return the number of packets that programs of the vantage have sent."""
    listed = lab.run(["nft", "list", "table", "inet", "counting"])
    assert listed.returncode == 0, listed.stderr
    return sum(int(number) for number in re.findall(r"counter packets (\d+)", listed.stdout))


@pytest.fixture(scope="module")
def counting(lab: Rehearsal) -> Callable[[], int]:
    """Return a counter of the packets that leave the vantage from now on."""
    assert lab.run(["nft", "-f", "-"], input=TABLE).returncode == 0
    return lambda: _sent(lab)


@pytest.fixture(scope="module")
def folder(lab: Rehearsal, tmp_path_factory: pytest.TempPathFactory) -> Path:
    at = tmp_path_factory.mktemp("bad")
    for name, data in FILES.items():
        (at / name).write_bytes(data)
    good = (lab.dir / "auditor.toml").read_text("utf-8")
    for name, (old, new) in CHANGES.items():
        (at / name).write_text(good.replace(old, new), "utf-8")
    return at


@pytest.fixture(scope="module")
def answers(lab: Rehearsal, folder: Path, counting: Callable[[], int]) -> Mapping[tuple[str, str], CommandResult]:
    """Return the answer of every case in both languages; fail if any packet was sent meanwhile."""
    before = counting()
    calls = [(name, lang) for name in CASES for lang in ("vi", "en")]
    given = [(_words(lab, folder, *call), dict(CASES[call[0]].env)) for call in calls]
    done = lab.run([PROGRAM[0], "-c", DRIVER], env=ENVIRONMENT, input=json.dumps(given))
    assert counting() == before, "something was sent"
    found = (json.loads(line) for line in done.stdout.splitlines())
    results = (CommandResult(code=code, out=out, err=err, seconds=0) for code, out, err in found)
    return dict(zip(calls, results, strict=True))


def _words(lab: Rehearsal, folder: Path, name: str, lang: str) -> list[str]:
    case = CASES[name]
    config = folder / case.config if case.config else lab.dir / "auditor.toml"
    words = [word.format(at=folder) for word in case.words.split()]
    return ["--config", str(config), *([] if "--lang" in words else ["--lang", lang]), *words]


@pytest.mark.parametrize("lang", ["vi", "en"])
@pytest.mark.parametrize("name", CASES)
def test_a_clear_line_for_each_problem(answers: Mapping[tuple[str, str], CommandResult], name: str, lang: str) -> None:
    result, case = answers[name, lang], CASES[name]
    wanted = case.in_vi if lang == "vi" and case.in_vi else case.says
    assert (result.code, result.out) == (audits.USAGE, ""), result.err
    assert "Traceback" not in result.err
    assert all(line.startswith("auditor: ") for line in result.told)
    assert len(result.told) == len(wanted), result.err
    left = list(result.told)
    for words in sorted(wanted, key=len, reverse=True):
        line = next((line for line in left if all(word in line for word in words)), None)
        assert line is not None, f"no line names {words}: {result.err}"
        left.remove(line)
    assert "s3cret" not in result.err


def test_the_languages_differ_and_name_the_same(answers: Mapping[tuple[str, str], CommandResult]) -> None:
    for name in CASES:
        if name != "unknown language":
            vi, en = (re.sub(r"/\S+", "", answers[name, lang].err) for lang in ("vi", "en"))
            assert vi != en, name


@pytest.mark.parametrize("name", ["unknown keys", "rows of two files", "unknown command", "policy"])
def test_so_do_programs_of_their_own(
    answers: Mapping[tuple[str, str], CommandResult],
    lab: Rehearsal,
    folder: Path,
    counting: Callable[[], int],
    name: str,
) -> None:
    before = counting()
    done = lab.run([*PROGRAM, *_words(lab, folder, name, "vi")], env=ENVIRONMENT)
    assert counting() == before
    result = answers[name, "vi"]
    assert (done.returncode, done.stdout, done.stderr) == (result.code, result.out, result.err)


def test_nothing_is_left_behind(answers: Mapping[tuple[str, str], CommandResult], folder: Path) -> None:
    kept = {*FILES, *CHANGES}
    assert {path.name for path in folder.iterdir()} - {"new.db"} == kept
    assert {name: (folder / name).read_bytes() for name in FILES} == FILES


def test_the_counter_counts(lab: Rehearsal, counting: Callable[[], int]) -> None:
    """The counter sees packets that are sent: otherwise zero would prove nothing."""
    before = counting()
    assert audits.auditor(lab, "check", "cong.sonlam.gov.vn", "--only", "ipv6.dns", "--timeout", 10).code == audits.OK
    assert counting() > before + 10
