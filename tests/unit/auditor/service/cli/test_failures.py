"""Tests operator errors: one line for each on stderr, exit 2, nothing on stdout, no traceback, nothing sent."""

import errno
from pathlib import Path

import pytest

from auditor.framework.escaping import visible
from auditor.service.cli import app
from auditor.service.cli.failures import EXIT_INTERRUPTED, refuse
from reports.registry import FORMATS
from tests.unit.auditor.service.cli.calling import Cli


def _refused(cli: Cli, *arguments: str) -> list[str]:
    result = cli(*arguments)
    assert (result.code, result.out) == (2, "")
    assert "Traceback" not in result.err
    lines = [line for line in result.err.splitlines() if not line.startswith("checking ")]
    assert all(line.startswith("auditor: ") for line in lines)
    return [line.removeprefix("auditor: ") for line in lines]


def _write(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("chekc", "a.vn"), "no command 'chekc'; did you mean 'check', 'checks'?"),
        (("runs", "run"), "no command 'run'; auditor --help lists them"),
        (("demo",), "'demo' belongs to a checkout of the source: ./auditor.sh demo"),
        (("frobnicate",), "no command 'frobnicate'; auditor --help lists them"),
        (("checks", "lst"), "no command 'lst'; did you mean 'list'?"),
        (("check", "--zzz"), "no option --zzz; --help lists them"),
        (("check", "--fial-on", "high"), "no option --fial-on; did you mean --fail-on?"),
        (("check", "a.vn", "--only"), "option --only needs a value"),
        (("audit",), "INVENTORY… is missing; auditor audit --help tells how it is used"),
        (("probe", "dns"), "TARGET is missing; auditor probe --help tells how it is used"),
        (("checks", "explain"), "ID is missing; auditor checks explain --help tells how it is used"),
        (("explain", "ipv6.web"), "no command 'explain'; did you mean 'checks explain'?"),
        (("validate", "a.csv"), "no command 'validate'; did you mean 'frameworks validate', 'inventory validate'?"),
        (("probe", "dns", "a.vn", "b.vn"), "one too many: b.vn"),
        (("--quiet=1", "doctor"), "option --quiet takes no value"),
        (("check", "a.vn", "--timeout", "soon"), "--timeout: must be a number"),
        (
            ("declare", "forms", "plan", "2026"),
            "option --out is missing; auditor declare forms --help tells how it is used",
        ),
    ],
)
def test_usage_error_exits_with_two(arguments: tuple[str, ...], line: str, cli: Cli) -> None:
    assert _refused(cli, *arguments) == [line]


def test_wrong_target_is_called_so_in_vietnamese(cli: Cli) -> None:
    (line,) = _refused(cli, "check", "may-tep", "--lang", "vi")
    assert line.startswith('mục tiêu: "may-tep" không phải đối tượng kiểm tra: ')


def test_usage_error_speaks_vietnamese(cli: Cli) -> None:
    assert _refused(cli, "check", "--zzz", "--lang", "vi") == [
        "không có tùy chọn --zzz; dùng --help để xem các tùy chọn"
    ]


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--lang", "fr"), "--lang: must be one of 'vi', 'en', not 'fr'"),
        (("--fail-on", "hihg"), "--fail-on: must be one of 'critical', 'high', 'medium', 'low', 'never', not 'hihg'"),
        (("--timeout", "0"), "--timeout: must be greater than 0, not 0.0"),
        (("--clearance", "all"), "--clearance: must be one of 'passive', 'normal', 'intrusive', not 'all'"),
        (
            ("--resolver", "dns.example.vn"),
            "--resolver: resolver.servers.0: must be an address such as 2001:db8::53"
            " or, with a port, [2001:db8::53]:53 or 192.0.2.53#53, not 'dns.example.vn'",
        ),
        (("--only", "ipv6.dsn"), "unknown check 'ipv6.dsn' (did you mean 'ipv6.dns'?)"),
        (("--format", "jsno"), f"unknown format 'jsno'; there are {', '.join(FORMATS)} (did you mean 'json'?)"),
        (("--format", "json=no/r.json"), "no/r.json: the folder for it does not exist"),
        (("--policy", "no.toml"), "no.toml: policy: there is no such file"),
        (("--root-hints", "."), ".: resolver.root_hints: is a folder, not a file"),
        (("--ca-file", "empty.pem"), "empty.pem: tls.ca_file: holds no PEM certificate"),
    ],
)
def test_option_invalid_value_is_refused(arguments: tuple[str, ...], line: str, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    if arguments == ("--lang", "fr"):  # an unknown language is reported in Vietnamese, the default
        line = "--lang: phải là một trong các giá trị 'vi', 'en', không phải 'fr'"
    assert _refused(cli, "check", "example.vn", *arguments) == [line]


def test_kind_unknown_is_refused_with_the_nearest(cli: Cli) -> None:
    line = _refused(cli, "check", "example.vn", "--kind", "portl")
    assert len(line) == 1
    assert line[0].startswith("unknown kind 'portl'; there are portal, dvc, ")
    assert line[0].endswith(" (did you mean 'portal'?)")


def test_name_unknown_is_refused_with_the_nearest(cli: Cli) -> None:
    assert _refused(cli, "checks", "explain", "ipv6.web.aaa") == [
        "unknown check 'ipv6.web.aaa' (did you mean 'ipv6.web.aaaa'?)"
    ]
    [line] = _refused(cli, "probe", "tpc", "192.0.2.1")
    assert line.startswith("unknown probe 'tpc'; there are ")
    assert " dns, " in line
    assert line.endswith(" (did you mean 'tcp'?)")


def test_every_problem_of_a_configuration_at_once(cli: Cli, tmp_path: Path) -> None:
    path = _write(
        tmp_path / "own.toml",
        'colour = "always"\ntimeout = -1\n[limits]\npackets_per_secnd = 5\nconcurrency = "many"\n'
        '[vantage]\ncontrol = ["nonsense"]\n[scope]\nallow = ["2001:db8::/129"]\n',
    )
    assert sorted(_refused(cli, "config", "show", "--config", path)) == [
        f"{path}: limits.concurrency: must be a whole number, not 'many'",
        f"{path}: scope.allow.0: must be a prefix such as 2001:db8::/32 or 192.0.2.0/24, not '2001:db8::/129'",
        f"{path}: timeout: must be greater than 0, not -1",
        f"{path}: unknown key 'colour' (did you mean 'color'?)",
        f"{path}: unknown key 'limits.packets_per_secnd' (did you mean 'limits.packets_per_second'?)",
        f"{path}: vantage.control.0: must be an address such as 2001:db8::53"
        " or, with a port, [2001:db8::53]:53 or 192.0.2.53#53, not 'nonsense'",
    ]


def test_a_secret_that_stands_as_itself_is_not_repeated(cli: Cli, tmp_path: Path) -> None:
    path = _write(tmp_path / "own.toml", '[snmp.profiles.core]\ncommunity = "hunter2"\nversion = "hunter3"\n')
    lines = _refused(cli, "config", "show", "--config", path)
    told = "a secret stands as env:NAME, file:PATH, keyring:SERVICE/NAME or ask:, never as itself"
    assert f"{path}: snmp.profiles.core.community: {told}" in lines
    assert "hunter" not in "".join(lines)


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"a = ", "not valid TOML at the end of the file: this is no value"), (b"\xff\xfe", "is not text in UTF-8")],
)
def test_a_broken_configuration(data: bytes, says: str, cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_bytes(data)
    [line] = _refused(cli, "config", "show", "--config", "own.toml")
    assert line.startswith(f"own.toml: {says}")


def test_a_configuration_that_is_not_there(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _refused(cli, "config", "show", "--config", "no.toml") == ["no.toml: there is no such file"]
    monkeypatch.setenv("AUDITOR_CONFIG", "no.toml")
    assert _refused(cli, "config", "show") == ["no.toml: there is no such file"]


def test_environment_unknown_variable_is_refused(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDITOR_FAILON", "high")
    assert _refused(cli, "config", "show") == ["AUDITOR_FAILON: unknown key 'failon' (did you mean 'fail_on'?)"]


def test_every_problem_of_a_policy_at_once(cli: Cli, tmp_path: Path) -> None:
    path = _write(
        tmp_path / "policy.toml",
        '[level]\n[levels]\n"ipv6.web.aaa" = "required"\n"ipv6.web.aaaa" = "must"\n'
        '[severity."ipv6.web.aaaa"]\nportl = "high"\n[thresholds."security.tls.cert-expiry"]\nwarn_dys = 3\n',
    )
    lines = _refused(cli, "check", "example.vn", "--policy", path)
    assert lines == [
        f"{path}: unknown section 'level' (did you mean 'levels'?)",
        f"{path}: levels: unknown check 'ipv6.web.aaa' (did you mean 'ipv6.web.aaaa'?)",
        f"{path}: levels.ipv6.web.aaaa: 'must' is not one of required, required*, recommended, optional",
        f"{path}: severity.ipv6.web.aaaa: unknown kind 'portl' (did you mean 'portal'?)",
        f"{path}: thresholds.security.tls.cert-expiry: unknown threshold 'warn_dys' (did you mean 'warn_days'?)",
    ]


def test_target_invalid_is_refused(cli: Cli, tmp_path: Path) -> None:
    assert _refused(cli, "check") == ["nothing to check: name a target, or a file of targets with -f"]
    assert len(_refused(cli, "check", "http://", "a b", "gopher://x")) == 3
    [line] = _refused(cli, "check", "-f", "no.txt")
    assert "no.txt" in line
    path = _write(tmp_path / "targets.txt", "# comment\n\n")
    assert cli("check", "-f", path).code == 2


def test_inventory_invalid_is_refused(cli: Cli, tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", "name,kind,ipv6\nwww.a.vn,portl,2001:db8::1\nwww.b.vn,portal,2001:db8::zz\n")
    lines = _refused(cli, "audit", path)
    assert [line.partition(": ")[0] for line in lines] == [f"{path}:2:kind", f"{path}:3:ipv6"]
    [line] = _refused(cli, "audit", "no.csv")
    assert line.startswith("no.csv: ")


def test_report_folder_unusable_is_refused(cli: Cli, tmp_path: Path) -> None:
    path = _write(tmp_path / "a.csv", "name,kind\nwww.a.vn,portal\n")
    assert _refused(cli, "audit", path, "--out", "a.csv") == ["a.csv exists and is not a folder"]
    assert _refused(cli, "audit", path, "--out", "no/reports") == ["no/reports: the folder for it does not exist"]
    assert _refused(cli, "audit", path, "--out", "new", "--format", "ppt") == [
        f"unknown format 'ppt'; there are {', '.join(FORMATS)}"
    ]
    assert not (tmp_path / "auditor.db").exists()


def test_store_unusable_is_refused(cli: Cli, tmp_path: Path) -> None:
    assert _refused(cli, "report", "R1", "--store", "sqlite:///no.db") == [
        "there is no store no.db; `auditor audit` makes one"
    ]
    assert _refused(cli, "report", "R1", "--store", "mysql://u:hunter2@h/d") == [
        "there is no store 'mysql://'; did you mean 'sqlite://'?"
    ]
    path = _write(tmp_path / "text.db", "no database at all, " * 100)
    assert _refused(cli, "judge", "R1", "--store", f"sqlite:///{path}", "--lang", "vi") == [
        f"{path} không phải cơ sở dữ liệu; hãy chỉ nơi khác với --store"
    ]


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("plain, tiếng Việt ✔", "plain, tiếng Việt ✔"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\nauditor: b", "a\\nauditor: b"),
        ("right\u202eleft", "right\\u202eleft"),
        ("tag\U000e0041", "tag\\U000e0041"),
    ],
)
def test_error_text_has_no_terminal_controls(line: str, wanted: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert visible(line) == wanted
    assert refuse([line]).code == 2
    assert capsys.readouterr().err == f"auditor: {wanted}\n"


def test_hostile_words_of_the_command_line(cli: Cli) -> None:
    for arguments in (("\x1b[31m",), ("check", "--\x1b[31m"), ("probe", "\x1b[31m", "a.vn"), ("check", "\x1b[31m.vn")):
        result = cli(*arguments)
        assert result.code == 2
        assert "\x1b" not in result.err + result.out


def test_interrupt_ends_with_its_exit_code(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("auditor.service.cli.commands.measuring.check.check", interrupted)
    assert cli("check", "example.vn").code == EXIT_INTERRUPTED


def test_our_own_bug_is_shown_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr("auditor.service.cli.commands.measuring.check.check", broken)
    with pytest.raises(OSError, match="no space"):
        app.run(["check", "example.vn"])
