"""Tests that the most specific key wins, that overlays change only the named keys, and that all errors are reported."""

import math
import tomllib
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auditor.framework import policy
from auditor.framework.check import load
from auditor.framework.findings import Level, LevelBasis, Severity
from auditor.framework.policy import Policy, PolicyError, overlay
from inventory.model import Kind

KNOWN = ("ipv6.dns.ns-aaaa", "ipv6.web.aaaa", "ipv6.web.reach", "security.tls.cert-expiry")
BASE = Policy(
    levels={
        "ipv6.*": (Level.REQUIRED, LevelBasis.VERIFIED),
        "ipv6.web.*": (Level.RECOMMENDED, LevelBasis.VERIFIED),
        "ipv6.web.reach": (Level.REQUIRED, LevelBasis.UNVERIFIED),
        "security.*": (Level.OPTIONAL, LevelBasis.VERIFIED),
    },
    severities={
        "ipv6.*": {"default": Severity.LOW},
        "ipv6.web.reach": {"default": Severity.CRITICAL, "api": Severity.INFO},
        "security.*": {"default": Severity.MEDIUM},
    },
    thresholds={"security.tls.cert-expiry": {"warn_days": 21.0}},
)


def _overlay(text: str) -> Policy:
    return overlay(BASE, text, source="policy.toml", known=KNOWN)


@pytest.mark.parametrize(
    ("check", "level"),
    [
        ("ipv6.dns.ns-aaaa", (Level.REQUIRED, LevelBasis.VERIFIED)),
        ("ipv6.web.aaaa", (Level.RECOMMENDED, LevelBasis.VERIFIED)),
        ("ipv6.web.reach", (Level.REQUIRED, LevelBasis.UNVERIFIED)),
        ("security.tls.cert-expiry", (Level.OPTIONAL, LevelBasis.VERIFIED)),
    ],
)
def test_the_most_specific_key_wins(check: str, level: tuple[Level, LevelBasis]) -> None:
    assert BASE.level(check) == level


def test_severity_by_kind_falls_back_to_the_default_of_the_same_key() -> None:
    assert BASE.severity("ipv6.web.reach", Kind.API) is Severity.INFO
    assert BASE.severity("ipv6.web.reach", Kind.PORTAL) is Severity.CRITICAL
    assert BASE.severity("ipv6.web.aaaa", Kind.API) is Severity.LOW


def test_a_code_may_be_graver_or_lighter_than_its_check() -> None:
    of_relays = partial(policy.default().severity, "security.mail.open-relay", Kind.MAIL)
    assert (of_relays("RELAYS"), of_relays("TEMPORARY"), of_relays()) == (
        Severity.CRITICAL,
        Severity.LOW,
        Severity.CRITICAL,
    )


def test_an_overlay_changes_the_severity_of_a_code_that_the_shipped_policy_has() -> None:
    check = "security.mail.open-relay"
    changed = overlay(
        policy.default(), f'[severity."{check}"]\nTEMPORARY = "medium"', source="policy.toml", known=(check,)
    )
    assert changed.severity(check, Kind.MAIL, "TEMPORARY") is Severity.MEDIUM
    assert changed.severity(check, Kind.MAIL, "RELAYS") is Severity.CRITICAL
    with pytest.raises(PolicyError, match="unknown kind 'REFUSES'"):
        overlay(policy.default(), f'[severity."{check}"]\nREFUSES = "low"', source="policy.toml", known=(check,))


def test_a_prefix_is_whole_parts_and_no_key_is_a_bug() -> None:
    with pytest.raises(KeyError):
        BASE.level("ipv6")
    with pytest.raises(KeyError):
        BASE.level("ipv6x.web.reach")


def test_an_overlay_changes_what_it_names_and_says_that_the_operator_did() -> None:
    changed = _overlay(
        """
        [levels]
        "ipv6.web.aaaa" = "required"
        "security.*" = "required*"
        [severity]
        "ipv6.dns.ns-aaaa" = "high"
        [severity."ipv6.web.reach"]
        router = "low"
        [thresholds."security.tls.cert-expiry"]
        warn_days = 30
        """
    )
    assert changed.level("ipv6.web.aaaa") == (Level.REQUIRED, LevelBasis.POLICY)
    assert changed.level("security.tls.cert-expiry") == (Level.REQUIRED, LevelBasis.POLICY)
    assert changed.level("ipv6.web.reach") == (Level.REQUIRED, LevelBasis.UNVERIFIED)
    assert changed.severity("ipv6.dns.ns-aaaa", Kind.ZONE) is Severity.HIGH
    assert changed.severity("ipv6.web.reach", Kind.ROUTER) is Severity.LOW
    assert changed.severity("ipv6.web.reach", Kind.API) is Severity.INFO
    assert changed.severity("ipv6.web.reach", Kind.PORTAL) is Severity.CRITICAL
    assert changed.threshold("security.tls.cert-expiry", "warn_days") == 30.0
    assert BASE.threshold("security.tls.cert-expiry", "warn_days") == 21.0
    assert BASE.severity("ipv6.web.reach", Kind.ROUTER) is Severity.CRITICAL


def test_an_empty_file_changes_nothing() -> None:
    assert _overlay("").digest() == BASE.digest()


SEVERITIES = "critical, high, medium, low, info"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[level]", "policy.toml: unknown section 'level' (did you mean 'levels'?)"),
        ("colour = 1", "policy.toml: unknown section 'colour'"),
        ('levels = "required"', "policy.toml: levels: must be a table"),
        ("thresholds = []", "policy.toml: thresholds: must be a table"),
        (
            '[levels]\n"ipv6.web.aaa" = "required"',
            "policy.toml: levels: unknown check 'ipv6.web.aaa' (did you mean 'ipv6.web.aaaa'?)",
        ),
        ('[levels]\n"*" = "required"', "policy.toml: levels: unknown check '*'"),
        (
            '[levels]\n"ipv6.w.*" = "required"',
            "policy.toml: levels: unknown check 'ipv6.w.*' (did you mean 'ipv6.web.aaaa'?)",
        ),
        (
            '[levels]\n"ipv6.web.*" = "requird"',
            "policy.toml: levels.ipv6.web.*: 'requird' is not one of required, required*, recommended, optional"
            " (did you mean 'required'?)",
        ),
        (
            '[levels]\n"ipv6.web.*" = true',
            "policy.toml: levels.ipv6.web.*: 'True' is not one of required, required*, recommended, optional",
        ),
        (
            '[severity]\n"ipv6.web.reach" = "hihg"',
            f"policy.toml: severity.ipv6.web.reach: 'hihg' is not one of {SEVERITIES} (did you mean 'high'?)",
        ),
        (
            '[severity."ipv6.web.reach"]\nrooter = "low"',
            "policy.toml: severity.ipv6.web.reach: unknown kind 'rooter' (did you mean 'router'?)",
        ),
        ('[severity."ipv6.web.aaaa"]\nrouter = "low"', "policy.toml: severity.ipv6.web.aaaa: needs a 'default'"),
        ('[severity."ipv6.web.aaaa"]', "policy.toml: severity.ipv6.web.aaaa: needs a 'default'"),
        (
            '[thresholds."security.tls.cert-expiry"]\nwarn_day = 3',
            "policy.toml: thresholds.security.tls.cert-expiry: unknown threshold 'warn_day'"
            " (did you mean 'warn_days'?)",
        ),
        ('[thresholds]\n"ipv6.web.aaaa" = 3', "policy.toml: thresholds.ipv6.web.aaaa: unknown threshold 'default'"),
        *(
            (
                f'[thresholds."security.tls.cert-expiry"]\nwarn_days = {value}',
                f"policy.toml: thresholds.security.tls.cert-expiry.warn_days: {shown} is not a number",
            )
            for value, shown in (('"3"', "'3'"), ("true", "True"), ("nan", "nan"), ("inf", "inf"), ("[1]", "[1]"))
        ),
    ],
)
def test_each_mistake_is_one_line_with_the_nearest_word(text: str, line: str) -> None:
    with pytest.raises(PolicyError) as caught:
        _overlay(text)
    assert str(caught.value) == line


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(PolicyError) as caught:
        _overlay('[level]\n[levels]\n"ipv6.x" = "no"\n"ipv6.web.*" = "no"\n[severity]\n"ipv6.web.reach" = "no"')
    assert len(str(caught.value).splitlines()) == len(caught.value.problems) == 4


@pytest.mark.parametrize(
    "text", ["[levels", "a = ", "\x00", "a = 1\na = 2", "a = " + "[" * 5_000, "a = " + "9" * 5_000]
)
def test_overlay_of_invalid_toml_is_refused(text: str) -> None:
    with pytest.raises(PolicyError, match=r"^policy.toml: not valid TOML"):
        _overlay(text)


def test_the_digest_is_of_the_meaning_and_not_of_the_order() -> None:
    turned = Policy(
        levels={key: BASE.levels[key] for key in reversed(list(BASE.levels))},
        severities={
            key: dict(sorted(rows.items(), reverse=True)) for key, rows in sorted(BASE.severities.items(), reverse=True)
        },
        thresholds=BASE.thresholds,
    )
    assert turned.digest() == BASE.digest()
    assert BASE.digest().startswith("sha256:")
    assert len(BASE.digest()) == 71
    changed = {
        _overlay(text).digest()
        for text in (
            "",
            '[levels]\n"ipv6.*" = "required"',  # same level, but now set by the operator
            '[levels]\n"ipv6.*" = "optional"',
            '[severity]\n"ipv6.*" = "high"',
            '[severity."ipv6.web.reach"]\nrouter = "low"',
            '[thresholds."security.tls.cert-expiry"]\nwarn_days = 22',
        )
    }
    assert len(changed) == 6


def test_the_shipped_policy_is_itself_a_good_overlay_and_covers_every_check() -> None:
    shipped = policy.default()
    checks = load()
    overlay(shipped, policy.default_text(), source="default.toml", known=checks)
    for check in checks:
        assert shipped.level(check)[1] is not LevelBasis.POLICY
        assert all(isinstance(shipped.severity(check, kind), Severity) for kind in Kind)
        codes = {row for row in shipped.severities.get(check, {}) if row.isupper()}
        assert codes <= checks[check].messages.keys()
    assert all(math.isfinite(value) for rows in shipped.thresholds.values() for value in rows.values())


WORDS = st.sampled_from(["levels", "severity", "thresholds", "default", "router", *KNOWN, "ipv6.*", "x", "warn_days"])
VALUES = st.sampled_from(['"high"', '"required"', "3", "nan", "true", "[]", '{"router" = "low"}', "2026-01-01"])


@given(lines=st.lists(st.tuples(st.booleans(), WORDS, VALUES), max_size=6))
def test_any_file_is_a_policy_or_a_policy_error(lines: list[tuple[bool, str, str]]) -> None:
    text = "\n".join(f'["{word}"]' if table else f'"{word}" = {value}' for table, word, value in lines)
    try:
        changed = _overlay(text)
    except PolicyError:
        return
    tomllib.loads(text)
    for check in KNOWN:
        changed.level(check)
        for kind in Kind:
            changed.severity(check, kind)


def test_a_policy_stored_before_a_threshold_came_about_has_the_shipped_one() -> None:
    old = Policy(levels={}, severities={}, thresholds={"ipv6.web.latency-parity": {"warn_milliseconds": 7.0}})
    assert old.threshold("ipv6.web.latency-parity", "warn_milliseconds") == 7.0
    assert old.threshold("ipv6.web.latency-parity", "shared_percent") == 30
    with pytest.raises(KeyError):
        old.threshold("ipv6.web.latency-parity", "no_such")
