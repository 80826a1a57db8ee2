"""Tests that the command line and the environment become one configuration."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from auditor.service.cli import global_options
from auditor.service.cli.commands.measuring.audit import Recheck
from auditor.service.config.model import Config
from tests.unit.auditor.service.cli.calling import Cli

Seen = dict[str, Any]


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> Seen:
    """Replace ``check`` and ``audit`` by functions that only record their arguments."""
    taken: Seen = {}

    def check(targets: list[str], file: str | None, options: Mapping[str, object]) -> int:
        taken.update(targets=targets, file=file, config=global_options.load_config(options).config)
        return 0

    def audit(
        files: list[Path],
        out: Path | None,
        name: str,
        resume: str | None,
        recheck: Recheck,
        options: Mapping[str, object],
    ) -> int:
        taken.update(files=files, out=out, name=name, resume=resume, recheck=recheck)
        taken.update(config=global_options.load_config(options).config)
        return 0

    monkeypatch.setattr("auditor.service.cli.commands.measuring.check.check", check)
    monkeypatch.setattr("auditor.service.cli.commands.measuring.audit.audit", audit)
    return taken


def _value(config: Config, key: str) -> object:
    found: Any = config
    for part in key.split("."):
        found = getattr(found, part)
    return found


SHARED = [
    (("--only", "ipv6.dns"), "only", ("ipv6.dns",)),
    (("--only", "ipv6.dns,ipv6.web", "--only", "security"), "only", ("ipv6.dns", "ipv6.web", "security")),
    (("--skip", "security.tls.versions"), "skip", ("security.tls.versions",)),
    (("--snmp-profile", "core"), "snmp_profile", "core"),
    (("--root-hints", "root.hints"), "resolver.root_hints", Path("root.hints")),
    (("--trust-anchor", "root.ds"), "resolver.trust_anchor", Path("root.ds")),
    (("--ca-file", "ca.pem"), "tls.ca_file", Path("ca.pem")),
    (("--clearance", "passive"), "clearance", "passive"),
    (("--format", "json", "--format", "html=a,b.html"), "format", ("json", "html=a,b.html")),
    (("--fail-on", "low"), "fail_on", "low"),
    (("--force",), "force", True),
    (("--policy", "policy.toml"), "policy", Path("policy.toml")),
    (("--waivers", "waivers.csv"), "waivers", Path("waivers.csv")),
    (("--timeout", "2.5"), "timeout", 2.5),
    (("--evidence", "evidence"), "evidence", Path("evidence")),
    (("--profile", "audit"), "profile", "audit"),
    (("--lang", "vi"), "lang", "vi"),
    (("--color", "always"), "color", "always"),
]


@pytest.mark.parametrize("command", [("check", "example.vn"), ("audit", "inventory.csv")])
@pytest.mark.parametrize(("options", "key", "wanted"), SHARED)
def test_shared_options(
    command: tuple[str, ...], options: tuple[str, ...], key: str, wanted: object, cli: Cli, seen: Seen
) -> None:
    assert cli(*command, *options).code == 0
    value = _value(seen["config"], key)
    assert getattr(value, "value", value) == wanted


@pytest.mark.parametrize(
    ("text", "address", "port"), [("2001:db8::53", "2001:db8::53", None), ("192.0.2.53#5353", "192.0.2.53", 5353)]
)
def test_resolvers(text: str, address: str, port: int | None, cli: Cli, seen: Seen) -> None:
    assert cli("check", "example.vn", "--resolver", text, "--resolver", "192.0.2.1").code == 0
    first, second = seen["config"].resolver.servers
    assert (str(first.address), first.port, str(second.address)) == (address, port, "192.0.2.1")


def test_check_takes_targets_a_file_and_a_kind(cli: Cli, seen: Seen) -> None:
    assert cli("check", "a.vn", "https://b.vn/", "-f", "-", "--kind", "zone").code == 0
    assert seen["targets"] == ["a.vn", "https://b.vn/"]
    assert seen["file"] == "-"
    assert seen["config"].kind == "zone"


def test_audit_takes_inventories_and_where_things_go(cli: Cli, seen: Seen) -> None:
    arguments = ("--out", "reports", "--name", "quý 1", "--resume", "R1", "--store", "sqlite:///a.db")
    assert cli("audit", "a.csv", "b.xlsx", *arguments).code == 0
    assert seen["files"] == [Path("a.csv"), Path("b.xlsx")]
    assert (seen["out"], seen["name"], seen["resume"]) == (Path("reports"), "quý 1", "R1")
    assert seen["config"].store == "sqlite:///a.db"


def test_nothing_given_is_the_built_in_configuration(cli: Cli, seen: Seen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AUDITOR_LANG")
    assert cli("check", "example.vn").code == 0
    assert seen["config"] == Config()


@pytest.mark.parametrize(
    ("name", "text", "key", "wanted"),
    [
        ("AUDITOR_ONLY", "ipv6.dns,ipv6.web", "only", ("ipv6.dns", "ipv6.web")),
        ("AUDITOR_SKIP", "security", "skip", ("security",)),
        ("AUDITOR_KIND", "zone", "kind", "zone"),
        ("AUDITOR_SNMP_PROFILE", "core", "snmp_profile", "core"),
        ("AUDITOR_ROOT_HINTS", "root.hints", "resolver.root_hints", Path("root.hints")),
        ("AUDITOR_TRUST_ANCHOR", "root.ds", "resolver.trust_anchor", Path("root.ds")),
        ("AUDITOR_CA_FILE", "ca.pem", "tls.ca_file", Path("ca.pem")),
        ("AUDITOR_CLEARANCE", "passive", "clearance", "passive"),
        ("AUDITOR_FORMAT", "json", "format", ("json",)),
        ("AUDITOR_FAIL_ON", "never", "fail_on", "never"),
        ("AUDITOR_STORE", "sqlite:///b.db", "store", "sqlite:///b.db"),
        ("AUDITOR_POLICY", "policy.toml", "policy", Path("policy.toml")),
        ("AUDITOR_TIMEOUT", "3", "timeout", 3.0),
        ("AUDITOR_EVIDENCE", "evidence", "evidence", Path("evidence")),
        ("AUDITOR_PROFILE", "audit", "profile", "audit"),
        ("AUDITOR_LANG", "vi", "lang", "vi"),
        ("AUDITOR_COLOR", "never", "color", "never"),
        ("AUDITOR_VANTAGE", "buon-ma-thuot", "vantage.name", "buon-ma-thuot"),
    ],
)
def test_options_come_from_environment_variables(
    name: str, text: str, key: str, wanted: object, cli: Cli, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, text)
    assert cli("check", "example.vn").code == 0
    value = _value(seen["config"], key)
    assert getattr(value, "value", value) == wanted


def test_option_overrides_environment_and_file(
    cli: Cli, seen: Seen, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "settings" / "auditor").mkdir(parents=True)
    (tmp_path / "settings" / "auditor" / "auditor.toml").write_text('fail_on = "low"\ncontact = "user"\ntimeout = 9\n')
    (tmp_path / "auditor.toml").write_text('fail_on = "medium"\ntimeout = 8\n')
    monkeypatch.setenv("AUDITOR_TIMEOUT", "7")
    assert cli("check", "example.vn").code == 0
    config = seen["config"]
    assert (config.fail_on, config.contact, config.timeout) == ("medium", "user", 7.0)
    assert cli("check", "example.vn", "--timeout", "6").code == 0
    assert seen["config"].timeout == 6.0
    (tmp_path / "own.toml").write_text('contact = "own"\n')
    assert cli("check", "example.vn", "--config", "own.toml").code == 0
    assert (seen["config"].fail_on, seen["config"].contact) == ("high", "own")


def test_paths_in_a_file_are_meant_from_the_file(cli: Cli, seen: Seen, tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "own.toml").write_text('policy = "policy.toml"\n[resolver]\nroot_hints = "root.hints"\n')
    assert cli("check", "example.vn", "--config", "etc/own.toml").code == 0
    assert seen["config"].policy == tmp_path / "etc" / "policy.toml"
    assert seen["config"].resolver.root_hints == tmp_path / "etc" / "root.hints"


def test_config_show_says_where_values_come_from(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "auditor.toml").write_text('contact = "a@example.vn"\n[limits]\nconcurrency = 5\n')
    monkeypatch.setenv("AUDITOR_FAIL_ON", "low")
    shown = cli("config", "show", "--origin", "--color", "never").out.splitlines()
    assert f'contact = "a@example.vn"    # {tmp_path / "auditor.toml"}' in shown
    assert f"limits.concurrency = 5    # {tmp_path / 'auditor.toml'}" in shown
    assert 'fail_on = "low"    # AUDITOR_FAIL_ON' in shown
    assert 'color = "never"    # --color' in shown
    assert "# timeout: not set    # built-in" in shown


@pytest.mark.parametrize(
    ("color", "terminal", "no_color", "wanted"),
    [
        ("always", False, "1", True),
        ("never", True, "", False),
        ("auto", True, "", True),
        ("auto", True, "1", False),
        ("auto", False, "", False),
    ],
)
def test_colour_follows_option_and_environment(
    color: str, terminal: bool, no_color: str, wanted: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Stream:
        def isatty(self) -> bool:
            return terminal

    monkeypatch.setenv("NO_COLOR", no_color)
    assert global_options.colored(color, Stream()) is wanted


def test_a_recheck_names_its_run_and_its_subjects(cli: Cli, seen: Seen) -> None:
    assert cli("audit", "i.csv", "--amends", "r1", "--subject", "a", "--subject", "b").code == 0
    assert seen["recheck"] == Recheck(amends="r1", subjects=("a", "b"))
    assert cli("audit", "i.csv").code == 0
    assert seen["recheck"] == Recheck()
