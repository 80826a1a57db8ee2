"""Reads the policy: severity, level and thresholds of each check, which checks themselves never carry.

Keys are check ids or prefixes that end in ``.*``; the most specific wins.
The shipped policy is ``policies/default.toml``; an operator's file lies over it.
"""

import hashlib
import json
import math
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import resources

from auditor.framework.findings import Level, LevelBasis, Severity
from auditor.framework.operator_problems import OperatorError, OperatorProblem, below, nearest, problem
from auditor.framework.toml_problems import bad_toml
from auditor.framework.waivers import WaiverRow
from inventory.model import Kind

_LEVEL_WORDS = {
    "required": (Level.REQUIRED, LevelBasis.VERIFIED),
    "required*": (Level.REQUIRED, LevelBasis.UNVERIFIED),
    "recommended": (Level.RECOMMENDED, LevelBasis.VERIFIED),
    "optional": (Level.OPTIONAL, LevelBasis.VERIFIED),
}
_WAIVER = ("subject", "agency", "check", "reason", "owner", "until")
"""The fields that tell waivers apart, beside a first day where there is one."""
_OWN = "local.*"
"""The key of all checks of an operator's own, of which there may be none."""
_SECTIONS = ("levels", "severity", "thresholds")


class PolicyError(OperatorError):
    """Raised for a policy file that cannot be used."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """Holds severities by check and kind or code, levels, thresholds. Built by ``default`` and ``overlay``.

    ``waivers`` are the accepted defects; they are part of the rules that a judgement was made under.
    """

    levels: Mapping[str, tuple[Level, LevelBasis]]
    severities: Mapping[str, Mapping[str, Severity]]
    thresholds: Mapping[str, Mapping[str, float]]
    waivers: tuple[WaiverRow, ...] = ()

    def knows(self, check: str) -> bool:
        """True if the policy has a severity for a check; a stored run's policy lacks checks that were added later."""
        try:
            self.severity(check, Kind.HOST)
        except KeyError:
            return False
        return True

    def level(self, check: str) -> tuple[Level, LevelBasis]:
        return self.levels[_most_specific(check, self.levels)]

    def severity(self, check: str, kind: Kind, code: str = "") -> Severity:
        """Return the severity of a check for a kind of subject, or that of one of its codes where the policy has it."""
        rows = self.severities[_most_specific(check, self.severities)]
        return rows.get(code) or rows.get(kind.value, rows["default"])

    def threshold(self, check: str, name: str) -> float:
        """Return a threshold of a check, in the unit that its name ends with (``warn_days``)."""
        rows = self.thresholds.get(check, {})
        return rows[name] if name in rows else default().thresholds[check][name]  # policy stored before it existed

    def rules(self) -> "Policy":
        """Return the same policy without its waivers, which change no rule and no result of a comparison."""
        return replace(self, waivers=())

    def digest(self) -> str:
        """Return ``sha256:…`` over everything that can change a judgement."""
        plain: dict[str, object] = {
            "levels": {key: [level.value, basis.value] for key, (level, basis) in self.levels.items()},
            "severity": {key: {k: s.value for k, s in rows.items()} for key, rows in self.severities.items()},
            "thresholds": {key: dict(rows) for key, rows in self.thresholds.items()},
        }
        if self.waivers:
            plain["waivers"] = [
                [str(getattr(waiver, name)) for name in (*_WAIVER, *(("since",) if waiver.since else ()))]
                for waiver in self.waivers
            ]
        text = json.dumps(plain, sort_keys=True, separators=(",", ":"))
        return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


def _most_specific(check: str, table: Mapping[str, object]) -> str:
    if check in table:
        return check
    parts = check.split(".")
    for length in range(len(parts) - 1, 0, -1):
        prefix = ".".join(parts[:length]) + ".*"
        if prefix in table:
            return prefix
    raise KeyError(check)


def default_text() -> str:
    """Return the shipped policy, as TOML."""
    return resources.files("auditor").joinpath("policies/default.toml").read_text(encoding="utf-8")


@cache
def default() -> Policy:
    """Return the shipped policy, read once; a policy is immutable, and ``overlay`` makes another."""
    empty = Policy(levels={}, severities={}, thresholds={})
    return _laid_over(empty, tomllib.loads(default_text()), shipped=True)


def overlay(base: Policy, text: str, *, source: str, known: Iterable[str]) -> Policy:
    """Return ``base`` with an operator's file laid over it. Raises PolicyError, which names every problem at once."""
    try:
        document = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # TOMLDecodeError, or a number of 5,000 digits
        raise PolicyError([bad_toml(error, at=source)]) from error
    problems = [below(source, problem) for problem in _problems(base, document, tuple(known))]
    if problems:
        raise PolicyError(problems)
    return _laid_over(base, document, shipped=False)


def _laid_over(base: Policy, document: Mapping[str, object], *, shipped: bool) -> Policy:
    levels = dict(base.levels)
    for key, word in _table(document, "levels").items():
        level, basis = _LEVEL_WORDS[str(word)]
        by_law = shipped and not key.startswith("local.")  # an operator's own checks have no legal basis
        levels[key] = (level, basis if by_law else LevelBasis.POLICY)
    severities = {key: dict(rows) for key, rows in base.severities.items()}
    for key, rows in _table(document, "severity").items():
        severities.setdefault(key, {}).update({kind: Severity(str(word)) for kind, word in _rows(rows).items()})
    thresholds = {key: dict(rows) for key, rows in base.thresholds.items()}
    for key, rows in _table(document, "thresholds").items():
        thresholds.setdefault(key, {}).update({name: float(str(value)) for name, value in _rows(rows).items()})
    return Policy(levels=levels, severities=severities, thresholds=thresholds)


def _table(document: Mapping[str, object], name: str) -> Mapping[str, object]:
    found = document.get(name, {})
    return found if isinstance(found, dict) else {}


def _rows(value: object) -> Mapping[str, object]:
    return value if isinstance(value, dict) else {"default": value}


def _problems(base: Policy, document: Mapping[str, object], known: tuple[str, ...]) -> list[OperatorProblem]:
    problems = [
        problem("unknown section '{section}'", section=key, hint=nearest(key, _SECTIONS))
        for key in document
        if key not in _SECTIONS
    ]
    problems += [
        problem("must be a table", at=name) for name in _SECTIONS if not isinstance(document.get(name, {}), dict)
    ]
    for section in _SECTIONS:
        for key, value in _table(document, section).items():
            if not _matches(key, known):
                problems.append(problem("unknown check '{check}'", at=section, check=key, hint=nearest(key, known)))
            elif section == "levels":
                problems += _word_problems(f"levels.{key}", {"": value}, _LEVEL_WORDS)
            elif section == "severity":
                problems += _severity_problems(key, _rows(value), base.severities.get(key, {}))
            else:
                problems += _threshold_problems(base, key, _rows(value))
    return problems


def _matches(key: str, known: tuple[str, ...]) -> bool:
    return key in (*known, _OWN) or (key.endswith(".*") and any(check.startswith(key[:-1]) for check in known))


def _word_problems(where: str, rows: Mapping[str, object], words: Iterable[str]) -> list[OperatorProblem]:
    allowed = tuple(words)
    return [
        problem(
            "'{word}' is not one of {known}",
            at=where,
            word=str(word),
            known=", ".join(allowed),
            hint=nearest(str(word), allowed),
        )
        for word in rows.values()
        if str(word) not in allowed
    ]


def _severity_problems(key: str, rows: Mapping[str, object], base: Mapping[str, Severity]) -> list[OperatorProblem]:
    kinds = ("default", *(kind.value for kind in Kind), *(row for row in base if row.isupper()))
    problems = [
        problem("unknown kind '{kind}'", at=f"severity.{key}", kind=kind, hint=nearest(kind, kinds))
        for kind in rows
        if kind not in kinds
    ]
    if "default" not in rows and "default" not in base:
        problems.append(problem("needs a 'default'", at=f"severity.{key}"))
    return problems + _word_problems(f"severity.{key}", rows, [severity.value for severity in Severity])


def _threshold_problems(base: Policy, key: str, rows: Mapping[str, object]) -> list[OperatorProblem]:
    names = tuple(base.thresholds.get(key, {}))
    problems = [
        problem("unknown threshold '{name}'", at=f"thresholds.{key}", name=name, hint=nearest(name, names))
        for name in rows
        if name not in names
    ]
    return problems + [
        problem("{value} is not a number", at=f"thresholds.{key}.{name}", value=repr(value))
        for name, value in rows.items()
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value)
    ]
