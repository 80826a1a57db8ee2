"""Tests the built image, and that units and the compose file are valid and give no more privilege than intended.

No container is started here: that takes an engine with control groups of its own. The image's base is made of Debian's
packages, so nothing but a package mirror is needed.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from ipaddress import ip_address, ip_network
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from inventory.addresses import parse_endpoint
from probes.rawpkt import bounds
from tests.support import debian_root
from tests.support.audits import SOURCE

CONTAINERS = SOURCE / "containers"
UNITS = sorted((SOURCE / "auditor" / "service" / "units").glob("auditor*.*"))
SERVICES = [unit for unit in UNITS if unit.suffix == ".service"]
EXPOSED = {"auditor-rawpkt@.service": 1.8, "auditor-backup.service": 0.6}
"""The exposure of each service that systemd may report at most, of 10; the others may have 1.3."""
USER = "10001"
BASE = "localhost/base:trixie"
_OLD_NAME = re.compile(r"/opt/auditor/bin/\w+")


def said(words: list[str], *, timeout: float = 300, **more: Any) -> str:
    """Return the standard output of a command; fail if it did not exit with 0."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | more
    done = subprocess.run(words, text=True, timeout=timeout, check=False, **streams)
    assert done.returncode == 0, f"{words}: {done.stdout[-3_000:]}{(done.stderr or '')[-3_000:]}"
    return str(done.stdout)


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the units as on a machine with the auditor: systemd checks that programs exist."""
    folder = tmp_path_factory.mktemp("units")
    for unit in UNITS:
        text = _OLD_NAME.sub("/bin/true", unit.read_text("utf-8"))
        (folder / unit.name).write_text(text, "utf-8")
        if "@." in unit.name:
            (folder / unit.name.replace("@.", "@so-xd.")).write_text(text, "utf-8")
    return folder


@pytest.mark.parametrize("unit", [unit.name for unit in UNITS if unit.suffix not in (".sysusers", ".sysctl")])
def test_units_are_what_systemd_takes(units: Path, unit: str) -> None:
    named = unit.replace("@.", "@so-xd.")
    words = ["systemd-analyze", "verify", "--man=no", "--recursive-errors=yes", str(units / named)]
    text = said(words, env={**os.environ, "SYSTEMD_UNIT_PATH": f"{units}:"}, stderr=subprocess.STDOUT)
    assert text == ""


@pytest.mark.parametrize("unit", [service.name for service in SERVICES])
def test_services_are_hardened(units: Path, unit: str) -> None:
    words = ["systemd-analyze", "security", "--offline=true", "--no-pager", str(units / unit)]
    match = re.search(r"Overall exposure level for \S+: ([\d.]+)", said(words))
    assert match is not None
    assert float(match[1]) <= EXPOSED.get(unit, 1.3)


def test_commands_of_units_are_commands_of_the_auditor() -> None:
    for unit in SERVICES:
        for line in unit.read_text("utf-8").splitlines():
            if "/bin/auditor " in line:
                command = re.search(r"/bin/auditor(?: --config \S+)? (\w+)", line)
                assert command is not None
                said([sys.executable, "-m", "auditor.service.cli.main", command[1], "--help"], cwd=SOURCE)


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((CONTAINERS / "compose.yaml").read_text("utf-8"))
    return found


def test_the_compose_file_switches_ipv6_on_and_gives_one_container_one_privilege() -> None:
    document = compose()
    assert [one["enable_ipv6"] for one in document["networks"].values()] == [True]
    assert [":" in one["subnet"] for one in document["networks"]["audit"]["ipam"]["config"]] == [False, True]
    given = {name: service.get("cap_add", []) for name, service in document["services"].items()}
    assert given == {"packets": ["NET_RAW", "NET_ADMIN"], "auditor": [], "worker": []}
    for service in document["services"].values():
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert {"mem_limit", "pids_limit"} <= service.keys()
    packets = document["services"]["packets"]
    assert packets["volumes"] == ["door:/run/auditor"]  # neither store nor configuration, so no secrets
    assert all(port.startswith("127.0.0.1:") for port in packets["ports"])


def test_the_composed_service_listens_at_no_address_that_is_reached_from_elsewhere() -> None:
    """The network may get a routed global prefix: then each of its IPv6 addresses is reachable from the Internet."""
    document = compose()
    words = document["services"]["auditor"]["command"]
    listened = [parse_endpoint(after).address for word, after in pairwise(words) if word == "--listen"]
    subnet, gateway = (document["networks"]["audit"]["ipam"]["config"][0][key] for key in ("subnet", "gateway"))
    own = ip_address(document["services"]["packets"]["networks"]["audit"]["ipv4_address"])
    assert [address for address in listened if not address.is_loopback] == [own]
    assert own in ip_network(subnet)
    assert own.is_private
    assert document["services"]["auditor"]["environment"]["AUDITOR_SERVE_PROXIES"] == gateway


def test_the_units_lack_no_option_that_costs_nothing() -> None:
    wanted = {
        "ProtectClock=yes",
        "ProtectHostname=yes",
        "ProtectKernelLogs=yes",
        "ProtectKernelModules=yes",
        "ProtectKernelTunables=yes",
        "ProtectControlGroups=yes",
        "ProtectProc=invisible",
        "ProcSubset=pid",
        "RestrictRealtime=yes",
        "RestrictSUIDSGID=yes",
        "NoNewPrivileges=yes",
        "UMask=0077",
        "SystemCallFilter=~@privileged @resources",
        "SystemCallErrorNumber=EPERM",
    }
    for unit in SERVICES:
        lines = set(unit.read_text("utf-8").splitlines())
        assert wanted - lines == set(), unit.name
        assert {line.partition("=")[0] for line in lines} >= {"MemoryMax", "TasksMax"}, unit.name


def test_the_example_of_a_scope_file_is_one(tmp_path: Path) -> None:
    place = tmp_path / "rawpkt.json"
    shutil.copy(UNITS[0].parent / "rawpkt.json", place)
    place.chmod(0o644)
    found = bounds.read(str(place))
    assert found is not None
    assert found.scope.permits(ip_address("2001:db8::1"))
    assert not found.scope.permits(ip_address("10.0.0.1"))


def test_the_sysctl_lets_every_group_send_echo() -> None:
    said(["sysctl", "--dry-run", "-p", str(UNITS[0].parent / "auditor.sysctl")])


def test_the_compose_file_is_read_by_a_compose_program() -> None:
    read = said(["podman-compose", "-f", str(CONTAINERS / "compose.yaml"), "config"])
    assert "enable_ipv6: true" in read


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return the root of the image, built from this checkout on a base of Debian's packages."""
    folder = tmp_path_factory.mktemp("image")
    (folder / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}', "utf-8")
    driver = "overlay" if _has_layers(folder) else "vfs"
    kept = ["--root", str(folder / "kept"), "--runroot", str(folder / "run"), "--storage-driver", driver]
    said(["podman", *kept, "import", str(debian_root.base(tmp_path_factory)), BASE], timeout=900)
    limits = ["--ulimit", "nproc=4096:4096", "--ulimit", "nofile=1024:4096"]
    build = ["buildah", *kept, "bud", "--isolation", "chroot", *limits, "--signature-policy"]
    build += [str(folder / "policy.json"), "--build-arg", f"BASE={BASE}", "--pull-never", "-t", "auditor"]
    environment = {**os.environ, "TMPDIR": str(folder)}
    said([*build, "-f", str(CONTAINERS / "Containerfile"), str(SOURCE)], timeout=1800, env=environment)
    mounted = said(["podman", *kept, "image", "mount", "auditor"]).splitlines()[-1]
    try:
        yield Path(mounted.strip())
    finally:
        said(["podman", *kept, "image", "umount", "auditor"])
        shutil.rmtree(folder, ignore_errors=True)


def _has_layers(folder: Path) -> bool:
    """True if the kernel supports overlay mounts on this disk; if not, each layer is a whole copy."""
    places = {name: folder / f"layers-{name}" for name in ("lowerdir", "upperdir", "workdir", "merged")}
    for place in places.values():
        place.mkdir()
    merged = str(places.pop("merged"))
    options = ",".join(f"{name}={place}" for name, place in places.items())
    words = ["unshare", "--mount", "mount", "-t", "overlay", "-o", options, "overlay", merged]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def inside(image: Path, *words: str) -> str:
    """Return the output of a command inside the image, run as its user without any privilege."""
    user = ["setpriv", "--reuid", USER, "--regid", USER, "--clear-groups", "--bounding-set=-all", "--no-new-privs"]
    clean = ["env", "-i", "PATH=/opt/auditor/bin:/usr/bin:/bin", "AUDITOR_LANG=en"]
    return said(["chroot", str(image), *user, *clean, *words])


def test_the_image_holds_the_auditor_and_runs_it_without_privilege(image: Path) -> None:
    command = [sys.executable, "-m", "auditor.service.cli.main", "--version"]
    assert inside(image, "auditor", "--version") == said(command, cwd=SOURCE)
    ours = said([sys.executable, "-m", "auditor.service.cli.main", "checks", "list", "--ids"], cwd=SOURCE)
    assert inside(image, "auditor", "checks", "list", "--ids") == ours
    inside(image, "python3", "-c", "import scapy, typst, argon2")
    assert inside(image, "python3", "-c", "import os; print(os.getuid())").strip() == USER
    assert (image / "var/lib/auditor").stat().st_mode & 0o777 == 0o700
    # No program of ours gains privileges when it is started.
    capable = subprocess.run(["getcap", "-r", str(image / "opt")], capture_output=True, text=True, check=True)
    assert capable.stdout == ""
    assert not [path for path in (image / "opt").rglob("*") if not path.is_symlink() and path.stat().st_mode & 0o6000]
