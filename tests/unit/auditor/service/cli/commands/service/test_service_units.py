"""Tests that ``auditor service install`` writes units that systemd accepts, for the paths that were asked for."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from auditor.service.cli.commands.service.service_units import HIDDEN, ServicePaths, written
from tests.architecture.tree import ROOT
from tests.unit.auditor.service.cli.calling import Cli


def words(root: Path, *more: str) -> tuple[str, ...]:
    return ("service", "install", "--root", str(root), "--program", "/opt/pipx/venvs/auditor/bin", *more)


def test_service_install_units_are_what_systemd_takes(cli: Cli, tmp_path: Path) -> None:
    program = tmp_path / "opt" / "pipx" / "venvs" / "auditor" / "bin"
    program.mkdir(parents=True)
    for name in ("auditor", "python"):
        shutil.copy("/bin/true", program / name)
    ended = cli(*words(tmp_path, "--configuration", "/etc/so-tttt", "--state", "/var/lib/so-tttt"))
    assert ended.code == 0, ended.err
    units = tmp_path / "etc" / "systemd" / "system"
    assert {path.stat().st_mode & 0o777 for path in units.iterdir()} == {0o644}
    text = (units / "auditor.service").read_text()
    assert "ExecStart=/opt/pipx/venvs/auditor/bin/auditor --config /etc/so-tttt/auditor.toml serve" in text
    assert "StateDirectory=so-tttt\n" in text
    assert "ConfigurationDirectory=so-tttt\n" in text
    everything = "".join(path.read_text() for path in units.iterdir())
    assert "/opt/auditor" not in everything
    assert "/var/lib/auditor" not in everything
    for unit in units.iterdir():
        unit.write_text(unit.read_text().replace("/opt/pipx", f"{tmp_path}/opt/pipx"))
    checked = ["auditor.service", "auditor-worker.service", "auditor-backup.timer", "auditor-rawpkt.socket"]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=yes", *(str(units / name) for name in checked)],
        env={**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_service_install_dry_run_prints_and_writes_nothing(cli: Cli, tmp_path: Path) -> None:
    ended = cli(*words(tmp_path, "--dry-run"))
    assert ended.code == 0
    assert f"# {tmp_path}/etc/systemd/system/auditor.service\n" in ended.out
    assert "ExecStart=/opt/pipx/venvs/auditor/bin/python -P -m probes.rawpkt" in ended.out
    assert list(tmp_path.iterdir()) == []


def test_service_install_leaves_what_was_changed_unless_forced(cli: Cli, tmp_path: Path) -> None:
    assert cli(*words(tmp_path)).code == 0
    scope, unit = tmp_path / "etc/auditor/rawpkt.json", tmp_path / "etc/systemd/system/auditor.service"
    scope.write_text("{}")
    assert cli(*words(tmp_path)).code == 0, "a second time changes nothing"
    unit.write_text("[Unit]\n")
    refused = cli(*words(tmp_path))
    assert refused.code == 2
    assert "auditor.service: is there and says something else; --force writes over it" in refused.err
    assert cli(*words(tmp_path, "--force")).code == 0
    assert "serve --https" in unit.read_text()
    assert scope.read_text() == "{}", "what may be sent is the operator's"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("--program", f"{HIDDEN[1]}pipx/venvs/auditor/bin"), "pipx install --global"),
        (("--program", f"{HIDDEN[0]}an/bin"), "pipx install --global"),
        (("--program", f"{HIDDEN[3]}checkout/.venv/bin"), "pipx install --global"),
        (("--program", "/opt/a b/bin"), "whole paths"),
        (("--program", "/opt/%h/bin"), "whole paths"),
        (("--program", f"/opt/..{HIDDEN[0]}an/bin"), "whole paths"),
        (("--units", "system"), "whole paths of plain letters, digits and . _ + - : system"),
        (("--configuration", "/srv/auditor"), "must be one in /etc"),
        (("--state", "/srv/auditor"), "must be one in /var/lib"),
        (("--state", "/var/lib/a/../b"), "must be one in /var/lib"),
    ],
)
def test_service_install_unusable_place_refused(cli: Cli, tmp_path: Path, given: tuple[str, str], why: str) -> None:
    ended = cli(*words(tmp_path, *given))
    assert ended.code == 2
    assert why in ended.err
    assert list(tmp_path.iterdir()) == []


def test_service_install_default_places_are_the_shipped_units() -> None:
    paths = ServicePaths(
        root=Path("/nowhere"),
        units=Path("/etc/systemd/system"),
        program=Path("/opt/auditor/bin"),
        configuration=Path("/etc/auditor"),
        state=Path("/var/lib/auditor"),
    )
    shipped = ROOT / "auditor" / "service" / "units"
    assert sorted(written(paths).values()) == sorted(path.read_text() for path in shipped.iterdir())


def test_units_of_a_checkout_name_its_own_program(cli: Cli) -> None:
    said = cli("service", "install", "--dry-run", "--program", "/opt/src/.venv/bin")
    assert said.code == 0
    assert "ExecStart=/opt/src/.venv/bin/auditor" in said.out
