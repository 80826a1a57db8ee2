"""Tests that every reference to a secret in a configuration is found by its type, and that its errors are reported."""

import os
from pathlib import Path
from types import MappingProxyType

import pytest

from auditor.service.cli.commands.diagnosis.configuration_diagnosis import of_secrets
from auditor.service.config.loading import load
from auditor.service.config.secret_references import references
from auditor.service.pipeline.credentials.credentials import secret_faults

TOML = """
[snmp.profiles.core]
user = "auditor"
auth = "sha256"
auth_key = "env:SNMP_AUTH"
priv = "aes128"
priv_key = "file:{folder}/priv"
[snmp.profiles.old]
version = "2c"
community = "env:COMMUNITY"
[notify.mail]
server = "mail.example.vn"
sender = "auditor@example.vn"
password = "file:{folder}/mail"
[notify.webhooks.centre]
url = "https://centre.example.vn/"
secret = "env:HOOK"
[notify.chats.room]
url = "env:CHAT"
[oidc]
issuer = "https://id.example.vn"
client_id = "auditor"
client_secret = "env:OIDC"
public_url = "https://audit.example.vn"
"""
KEYS = {
    "snmp.profiles.core.auth_key",
    "snmp.profiles.core.priv_key",
    "snmp.profiles.old.community",
    "notify.mail.password",
    "notify.webhooks.centre.secret",
    "notify.chats.room.url",
    "oidc.client_secret",
}


def test_references_are_found_wherever_they_stand(tmp_path: Path) -> None:
    config = _loaded(tmp_path).config
    assert {".".join(key) for key, _ in references(config)} == KEYS


def _loaded(folder: Path):  # type: ignore[no-untyped-def]
    path = folder / "auditor.toml"
    path.write_text(TOML.replace("{folder}", str(folder)))
    return load(explicit=path, environment={}, options={}, directories=())


def _faults(reference: str, **environment: str) -> list[str]:
    return [str(secret_fault) for secret_fault in secret_faults(reference, environment, at="auditor.toml: key")]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "there is no such file"),
        (lambda path: path.mkdir(), "is a folder, not a file"),
        (os.mkfifo, "is a pipe, a device or a socket, not a file"),
        (lambda path: path.write_bytes(b"\xff\xfe"), "is not text in UTF-8"),
        (lambda path: path.write_bytes(b"\n"), "is empty"),
    ],
)
def test_a_file_that_holds_no_secret_is_told(tmp_path: Path, make, said: str) -> None:  # type: ignore[no-untyped-def]
    path = tmp_path / "secret"
    make(path)
    if path.is_file():
        path.chmod(0o600)
    (told,) = _faults(f"file:{path}")
    assert told.startswith("auditor.toml: key: ")
    assert str(path) in told
    assert said in told


@pytest.mark.parametrize(("mode", "open_to_all"), [(0o644, True), (0o602, True), (0o640, False), (0o600, False)])
def test_a_secret_that_everybody_can_read_is_told_and_not_shown(tmp_path: Path, mode: int, open_to_all: bool) -> None:
    path = tmp_path / "secret"
    path.write_text("correct horse")
    path.chmod(mode)
    told = _faults(f"file:{path}")
    assert bool(told) is open_to_all
    assert all(f"(mode {mode:04o})" in text and "correct horse" not in text for text in told)


def test_variables_that_are_unset_or_empty_are_told() -> None:
    assert _faults("env:A") == ["auditor.toml: key: the environment variable A is not set"]
    assert _faults("env:A", A=" ") == ["auditor.toml: key: env:A is empty"]
    assert _faults("env:A", A="x") == []


def test_doctor_names_file_and_key_of_each_and_counts_sound_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AUDITOR_LANG", "en")
    sound = {"SNMP_AUTH": "topsecret1", "COMMUNITY": "topsecret2", "HOOK": "h", "CHAT": "c", "OIDC": "o"}
    for name in ("priv", "mail"):
        (tmp_path / name).write_text("topsecret3")
        (tmp_path / name).chmod(0o600)
    monkeypatch.setattr(
        "auditor.service.cli.commands.diagnosis.configuration_diagnosis.environment", lambda: MappingProxyType(sound)
    )
    (line,) = of_secrets(_loaded(tmp_path))
    assert (line.good, line.text.split()[0]) == (True, "7")
    del sound["HOOK"]
    (tmp_path / "priv").chmod(0o644)
    lines = list(of_secrets(_loaded(tmp_path)))
    assert [line.good for line in lines] == [False, False]
    for line, key in zip(lines, ("snmp.profiles.core.priv_key", "notify.webhooks.centre.secret"), strict=True):
        assert f"{tmp_path}/auditor.toml: {key}: " in line.text
    assert not any("topsecret" in line.text for line in lines)
