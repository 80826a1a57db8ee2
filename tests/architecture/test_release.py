"""A release has a bill of materials of the whole lock, signed checksums, and an image on a pinned base."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, files

_DIGEST = re.compile(r"^ARG BASE=\S+@sha256:[0-9a-f]{64}$", re.MULTILINE)


def _run(command: list[str], folder: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, input=stdin, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a repository of one commit with the files of this one; it uses this one's environment."""
    folder = tmp_path_factory.mktemp("release") / "checkout"
    for path in files():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / path, folder / path)
    (folder / ".venv").symlink_to(ROOT / ".venv")
    # What builds packages has tests of its own, and takes long: here something stands for them.
    (folder / "scripts" / "package").write_text('#!/bin/sh\ndate -d "@$SOURCE_DATE_EPOCH" >"$1/auditor.deb"\n')
    (folder / ".git").mkdir()
    (folder / ".git" / "info").mkdir()
    (folder / ".git" / "info" / "exclude").write_text("/.venv\n")
    identity = ["-c", "user.name=release", "-c", "user.email=release@example.vn"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "Release"]):
        done = _run(["git", *identity, *command], folder)
        assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "release"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(path)], check=True)
    return path


@pytest.fixture(scope="module")
def released(checkout: Path, key: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("released")
    done = _run(["scripts/release", str(folder), str(key)], checkout)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def _verified(folder: Path, key: Path, tmp_path: Path) -> bool:
    signers = tmp_path / "allowed_signers"
    signers.write_text(f"release@auditor {key.with_suffix('.pub').read_text()}")
    command = ["ssh-keygen", "-Y", "verify", "-f", str(signers), "-I", "release@auditor", "-n", "auditor-release"]
    signed = _run([*command, "-s", "SHA256SUMS.sig"], folder, stdin=(folder / "SHA256SUMS").read_text())
    return signed.returncode == 0 and _run(["sha256sum", "--check", "--strict", "SHA256SUMS"], folder).returncode == 0


def test_release_is_verified_by_the_commands_of_the_security_policy(released: Path, key: Path, tmp_path: Path) -> None:
    assert _verified(released, key, tmp_path)
    assert {path.suffix for path in released.iterdir()} >= {".whl", ".gz", ".json", ".deb", ".sig"}


def test_release_with_an_altered_file_is_refused(released: Path, key: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(released, tmp_path / "altered")
    (wheel,) = folder.glob("*.whl")
    wheel.write_bytes(wheel.read_bytes() + b"\0")
    assert not _verified(folder, key, tmp_path)


def test_release_with_altered_checksums_is_refused(released: Path, key: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(released, tmp_path / "altered")
    sums = folder / "SHA256SUMS"
    sums.write_text("\n".join(sums.read_text().splitlines()[:1]) + "\n")
    assert not _verified(folder, key, tmp_path)


def test_release_of_the_same_commit_has_the_same_files(
    released: Path, checkout: Path, key: Path, tmp_path: Path
) -> None:
    done = _run(["scripts/release", str(tmp_path / "again"), str(key)], checkout)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "again" / "SHA256SUMS").read_text() == (released / "SHA256SUMS").read_text()


def test_release_of_uncommitted_changes_is_refused(checkout: Path, key: Path, tmp_path: Path) -> None:
    stray = checkout / "stray.py"
    stray.write_text("")
    done = _run(["scripts/release", str(tmp_path / "out"), str(key)], checkout)
    stray.unlink()
    assert done.returncode == 2
    assert "commit or remove" in done.stderr


def test_bill_of_materials_lists_the_whole_lock_with_hashes(released: Path) -> None:
    document = json.loads((released / "sbom.cdx.json").read_text())
    listed = {(part["name"], part["version"]) for part in document["components"]}
    pinned = re.findall(r"^([A-Za-z0-9._-]+)==([^ ;\\]+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE)
    assert listed == set(pinned)
    assert all(part["externalReferences"][0]["hashes"] for part in document["components"])
    assert document["metadata"]["component"]["name"] == "ipv6-readiness-auditor"


def test_image_is_built_on_a_base_named_by_its_digest() -> None:
    text = (ROOT / "containers" / "Containerfile").read_text()
    assert _DIGEST.search(text)
    assert re.findall(r"^FROM (\S+)", text, re.MULTILINE) == ["${BASE}", "${BASE}"]
