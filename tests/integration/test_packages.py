"""Tests that the Debian package installs, works and is removed on a minimal Debian 13, and the RPM has its files."""

import gzip
import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.package_tree import COMPLETIONS, DOCUMENTS, NAME, ZSH_OF_RPM
from tests.architecture.tree import ROOT
from tests.support import debian_root
from tests.support.debian_root import inside, run

EPOCH = "1795824000"
UNIT_NAMES = ("auditor.service", "auditor-rawpkt.socket", "auditor-worker.service", "auditor-backup.timer")
CONFIG = '[vantage]\ncontrol = ["127.0.0.1"]\n'
ECHO = (
    "sed -n 's/^net.ipv4.ping_group_range = //p' /usr/lib/sysctl.d/60-auditor.conf >/proc/sys/net/ipv4/ping_group_range"
)
SERVING = """
import configparser, os, pwd, shlex, subprocess, sys, time, urllib.request
unit = configparser.RawConfigParser(strict=False)
unit.optionxform = str
unit.read("/usr/lib/systemd/system/auditor.service")
service, user = unit["Service"], pwd.getpwnam(unit["Service"]["User"])
environment = dict(pair.split("=", 1) for pair in shlex.split(service["Environment"]))
process = subprocess.Popen(
    shlex.split(service["ExecStart"]), cwd=service["WorkingDirectory"], user=user.pw_uid, group=user.pw_gid,
    extra_groups=[], env={"PATH": "/usr/bin:/bin", **environment}, stdout=subprocess.DEVNULL,
)
until = time.monotonic() + 300
while process.poll() is None and time.monotonic() < until:
    try:
        print(urllib.request.urlopen("http://127.0.0.1:8080/healthz", timeout=30).status)
        break
    except OSError:
        time.sleep(0.1)
process.terminate()
print(process.wait())
"""
"""Starts the unit's command as its user, checks its health, and terminates it."""


def _package(folder: Path, beside: Path) -> tuple[Path, Path]:
    environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "TMPDIR": str(beside)}
    run(["scripts/package", str(folder)], cwd=ROOT, env=environment, fetches=True)
    (deb,), (rpm,) = folder.glob("*.deb"), folder.glob("*.rpm")
    return deb, rpm


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path]]:
    folder = tmp_path_factory.mktemp("packages")
    yield _package(folder, folder.parent)
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Yield the root of a minimal Debian 13."""
    why = debian_root.why_not()
    if why is not None:
        pytest.skip(f"NOT RUN: no root can be entered here: {why}")
    root = tmp_path_factory.mktemp("machine") / "root"
    root.mkdir()
    run(["tar", "-C", str(root), "-xf", str(debian_root.base(tmp_path_factory))])
    (root / "etc/dpkg/dpkg.cfg.d/tests").write_text("force-unsafe-io\n")
    # An image for containers may leave out manual pages: this machine has them.
    inside(root, "apt-get", "-q", "update", network=True)
    inside(root, *shlex.split("apt-get -qy install --no-install-recommends man-db"), network=True)
    yield root
    shutil.rmtree(root)


@dataclass(frozen=True, slots=True)
class Package:
    """Holds the output of commands at the installation of the Debian package, and the files left after its removal."""

    version: str
    checked: str
    diagnosis: str
    manual: str
    completed: str
    units: str
    served: list[str]
    kept: list[str]
    left: list[str]
    users: str


@pytest.fixture(scope="module")
def installed(packages: tuple[Path, Path], machine: Path) -> Package:
    """Install, use, remove and purge the package, once for all tests."""
    shutil.copy(packages[0], machine / "auditor.deb")
    (machine / "check.toml").write_text(CONFIG)
    inside(machine, *shlex.split("apt-get -qy install --no-install-recommends /auditor.deb"), network=True)
    (machine / "auditor.deb").unlink()
    auditor = ("env", "AUDITOR_LANG=en", "auditor")
    completion = ". /usr/share/bash-completion/completions/auditor; COMP_WORDS=(auditor checks explain ipv6.dns.ns-aa)"
    completion += "; COMP_CWORD=3; _auditor_completion auditor; echo ${COMPREPLY[@]}; complete -p auditor"
    verify = ("systemd-analyze", "verify", "--man=no", "--recursive-errors=yes", *UNIT_NAMES)
    check = ("--config", "/check.toml", "check", "127.0.0.1", "--only", "security.ports", "--fail-on", "never")
    used = {
        "version": inside(machine, *auditor, "--version"),
        "checked": inside(
            machine, "sh", "-c", f"cd /tmp && {shlex.join([*auditor, *check])} || [ $? = 4 ]", stderr=subprocess.STDOUT
        ),
        "diagnosis": inside(machine, "sh", "-c", f"{ECHO}; {shlex.join(auditor)} doctor || [ $? = 4 ]"),
        "manual": inside(machine, "env", "MANPAGER=cat", "man", "auditor"),
        "completed": inside(machine, "bash", "-c", completion),
        "units": inside(machine, *verify, stderr=subprocess.STDOUT),
        "served": inside(machine, "/opt/auditor/bin/python", "-", input=SERVING).split(),
    }
    inside(machine, "systemctl", "enable", "auditor.service", "auditor-audit@danh-muc.timer")
    owned = inside(machine, "dpkg", "-L", NAME).splitlines()
    inside(machine, "apt-get", "-qy", "remove", NAME)
    kept = [path for path in ("/etc/auditor/auditor.toml", "/var/lib/auditor/auditor.db") if _there(machine, path)]
    inside(machine, "apt-get", "-qy", "purge", NAME)
    left = [path for path in owned if _there(machine, path) and not (machine / path.lstrip("/")).is_dir()]
    places = [f"{machine}/{place}" for place in ("etc", "opt", "usr", "var/lib") if (machine / place).exists()]
    left += run(["find", *places, "-name", "*auditor*"]).splitlines()
    users = (machine / "etc/passwd").read_text() + (machine / "etc/group").read_text()
    return Package(**used, kept=kept, left=left, users=users)  # type: ignore[arg-type]


def _there(root: Path, path: str) -> bool:
    place = root / path.lstrip("/")
    return place.is_symlink() or place.exists()


def test_package_from_the_same_commit_is_the_same(packages: tuple[Path, Path], tmp_path: Path) -> None:
    (elsewhere := tmp_path / ("long" * 30)).mkdir()  # longer than the limit of a script's "#!" line
    again = _package(tmp_path, elsewhere)
    assert [path.name for path in again] == [path.name for path in packages]
    assert [path.read_bytes() == same.read_bytes() for path, same in zip(packages, again, strict=True)] == [True, True]


def test_debian_package_brings_the_command_and_its_page(installed: Package) -> None:
    words = [*shlex.split(f"{ROOT}/.venv/bin/python -P -m auditor"), "--version"]
    assert installed.version == run(words, cwd=ROOT)
    assert "audit IPv6 readiness" in installed.manual
    assert "ipv6.dns.ns-aaaa" in installed.completed.split()
    assert "-F _auditor_completion auditor" in installed.completed


def test_debian_package_checks_a_host(installed: Package) -> None:
    assert "measured 127.0.0.1: Basic security" in installed.checked
    assert "127.0.0.1   host" in installed.checked
    assert "Traceback" not in installed.checked


def test_debian_package_is_complete_by_its_own_diagnosis(installed: Package) -> None:
    assert "✔ ICMP: echo can be sent" in installed.diagnosis, "by the kernel's setting that the package brings"
    assert "✔ traceroute and crafted packets can be sent" in installed.diagnosis
    assert "✔ /etc/auditor/rawpkt.json bounds crafted packets" in installed.diagnosis
    assert "extras that are not installed: chat;" in installed.diagnosis
    assert "pip --python /opt/auditor/bin/python install 'apprise" in " ".join(installed.diagnosis.split())


def test_debian_package_has_units_that_systemd_takes(installed: Package) -> None:
    assert installed.units == ""


def test_debian_package_serves_as_its_unit_starts_it(installed: Package) -> None:
    assert installed.served[0] == "200"
    assert installed.served[-1] == "0"


def test_debian_package_removed_keeps_configuration_and_store(installed: Package) -> None:
    assert installed.kept == ["/etc/auditor/auditor.toml", "/var/lib/auditor/auditor.db"]


def test_debian_package_purged_leaves_nothing(installed: Package) -> None:
    assert installed.left == []
    assert "auditor" not in installed.users


def test_rpm_package_holds_the_files_of_the_debian_package(packages: tuple[Path, Path]) -> None:
    deb, rpm = packages
    assert "digests OK" in run(["rpm", "-K", str(rpm)])
    held = set(run(["rpm", "-qpl", str(rpm)]).splitlines())
    lines = run(["dpkg-deb", "--contents", str(deb)]).splitlines()
    listed = {line.split(maxsplit=5)[5].partition(" -> ")[0].removeprefix(".").rstrip("/") for line in lines}
    assert held - listed == {ZSH_OF_RPM}
    folders = {line.split(maxsplit=5)[5].removeprefix(".").rstrip("/") for line in lines if line.startswith("d")}
    assert listed - held - folders == {f"/{COMPLETIONS['zsh']}"}
    assert not {path for path in listed - held if "auditor" in path.rsplit("/", 1)[-1]} & folders, "its own folders"


def test_rpm_package_needs_the_interpreter_of_its_environment(packages: tuple[Path, Path]) -> None:
    needs = run(["rpm", "-qp", "--requires", str(packages[1])]).splitlines()
    assert {"/usr/bin/python3.13", "ca-certificates", "systemd"} <= set(needs)
    text = run(["rpm", "-qp", "--scripts", str(packages[1])])
    for phase in ("postinstall", "preuninstall", "postuninstall"):
        assert f"{phase} scriptlet (using /bin/sh)" in text
    configuration = run(["rpm", "-qp", "--configfiles", str(packages[1])]).split()
    assert configuration == ["/etc/auditor/auditor.toml", "/etc/auditor/rawpkt.json"]


def test_rpm_package_installs_and_is_erased_but_for_the_user_and_its_folder(
    installed: Package, packages: tuple[Path, Path], machine: Path
) -> None:
    """The Debian package leaves nothing in the machine, which has the interpreter by then."""
    rpm = ("rpm", "--root", str(machine), "--nodeps")
    space = ["unshare", "--mount", "sh", "-ec", 'mount -t proc proc "$0/proc"; exec "$@"', str(machine)]
    run([*space, *rpm, "--install", str(packages[1])])
    assert inside(machine, "auditor", "--version") == installed.version
    assert run([*rpm, "--verify", NAME]) == ""
    run([*space, *rpm, "--erase", NAME])
    assert not (machine / "opt/auditor").exists()
    assert not (machine / DOCUMENTS).exists()
    assert (machine / "var/lib/auditor").is_dir()


def test_packages_hold_their_licences(packages: tuple[Path, Path], tmp_path: Path) -> None:
    run(["dpkg-deb", "--extract", str(packages[0]), str(tmp_path)])
    documents = tmp_path / DOCUMENTS
    assert "GPL-2.0-only" in (documents / "copyright").read_text()
    assert (documents / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    assert (documents / "LICENSE.rawpkt").read_bytes() == (ROOT / "probes/rawpkt/LICENSE").read_bytes()
    with gzip.open(tmp_path / "usr/share/man/man1/auditor.1.gz") as page:
        assert b".Nm auditor" in page.read()
    written = [tmp_path / "opt/auditor/bin/auditor", tmp_path / "opt/auditor/pyvenv.cfg"]
    assert not any("tmp" in path.read_text() for path in written), "a folder of the machine that built it"
