"""Tests SNMP profiles: used references are resolved, every error names its key, and no secret is shown."""

import pickle
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from auditor.framework.operator_problems import OperatorProblem
from auditor.service.config.model import Config
from auditor.service.pipeline.credentials.credentials import snmp_setting
from inventory.model import Kind, RowOrigin, Subject, SubjectId
from probes.net.snmp.profiles import Secret, SnmpSetting

SECRET = "mat-khau-rat-bi-mat"
PROFILES = {
    "core": {
        "version": "3",
        "user": "kiem-tra",
        "auth": "sha256",
        "auth_key": "env:A",
        "priv": "aes128",
        "priv_key": "env:P",
    },
    "legacy": {"version": "2c", "community": "env:C"},
}


def _device(profile: str | None) -> Subject:
    kinds = frozenset({Kind.ROUTER})
    origin = RowOrigin(source="inventory.csv", row=14)
    return Subject(id=SubjectId("r1"), kind=Kind.ROUTER, kinds=kinds, snmp_profile=profile, origin=origin)


def _resolved(
    environment: dict[str, str], *subjects: Subject, profiles: object = PROFILES, chosen: str | None = None
) -> tuple[SnmpSetting, list[str]]:
    config = Config.model_validate({"snmp": {"profiles": profiles}, "snmp_profile": chosen})
    problems: list[OperatorProblem] = []
    return snmp_setting(config, subjects, environment, problems), [str(problem) for problem in problems]


def test_only_what_is_used_is_resolved() -> None:
    setting, problems = _resolved({"C": SECRET}, _device("legacy"))
    assert problems == []
    assert setting.profiles["legacy"].community == Secret(SECRET)
    assert list(setting.profiles) == ["legacy"]
    assert setting.default is None


def test_the_profile_of_the_command_line_is_for_devices_without_one() -> None:
    setting, problems = _resolved({"C": SECRET}, _device(None), chosen="legacy")
    assert (setting.default, problems) == ("legacy", [])


@pytest.mark.parametrize(
    ("environment", "profile", "told"),
    [
        ({}, "legacy", ["snmp.profiles.legacy.community: the environment variable C is not set"]),
        (
            {"A": SECRET, "P": "ngan"},
            "core",
            ["snmp.profiles.core.priv_key: env:P: must be at least 8 characters long"],
        ),
        (
            {"A": SECRET, "P": "x" * 1_001},
            "core",
            ["snmp.profiles.core.priv_key: env:P: must be at most 1,000 characters long"],
        ),
        (
            {"A": SECRET, "P": SECRET},
            "kore",
            ["inventory.csv:14: snmp_profile: unknown SNMP profile 'kore' (did you mean 'core'?)"],
        ),
    ],
)
def test_what_is_wrong_is_named(environment: dict[str, str], profile: str, told: list[str]) -> None:
    assert _resolved(environment, _device(profile))[1] == told


def test_a_profile_that_cannot_work_is_named() -> None:
    profiles = {"a": {"version": "2c"}, "b": {"version": "3", "auth": "sha1"}, "c": {"version": "3", "priv": "des"}}
    devices = [_device(name) for name in profiles]
    assert _resolved({}, *devices, profiles=profiles)[1] == [
        "snmp.profiles.a.community: is missing",
        "snmp.profiles.b.user: is missing",
        "snmp.profiles.b.auth_key: is missing",
        "snmp.profiles.c.user: is missing",
        "snmp.profiles.c.priv_key: is missing",
        "snmp.profiles.c.auth: is missing",
    ]


def test_files_hold_secrets_too(tmp_path: Path) -> None:
    (tmp_path / "c").write_text(f"{SECRET}\n")
    profiles = {"f": {"version": "2c", "community": f"file:{tmp_path}/c"}}
    setting, problems = _resolved({}, _device("f"), profiles=profiles)
    assert (setting.profiles["f"].community, problems) == (Secret(SECRET), [])
    _, problems = _resolved({}, _device("f"), profiles={"f": {"version": "2c", "community": f"file:{tmp_path}/d"}})
    assert problems == [f"snmp.profiles.f.community: {tmp_path}/d: there is no such file"]


def test_a_secret_is_never_shown_nor_stored() -> None:
    setting, _ = _resolved({"A": SECRET, "P": SECRET, "C": SECRET}, _device("core"), _device("legacy"))
    assert SECRET not in f"{setting} {setting!r} {setting.profiles['core']}"
    with pytest.raises(TypeError):
        pickle.dumps(setting)
    with pytest.raises(Exception, match=r"Secret|schema"):
        TypeAdapter(SnmpSetting).dump_json(setting)
