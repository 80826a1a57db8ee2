"""Resolves the SNMP credentials that a plan refers to, once, before anything is sent.

Only profiles in use are resolved, so that a missing variable of another profile stops nobody. A problem names the key
and the reference, never the secret.
"""

import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from auditor.framework.operator_problems import OperatorProblem, nearest, problem
from auditor.service.config.model import Config, SnmpProfileSection
from auditor.service.pipeline.credentials.secret_sources import read_secret
from inventory.model import Subject
from probes.net.snmp.profiles import Secret, SnmpProfile, SnmpSetting

_SHORTEST = 8
"""The shortest passphrase, in characters (RFC 3414 §11.2)."""
_SECRET_LIMIT = 1_000


def snmp_setting(
    config: Config, subjects: Iterable[Subject], environment: Mapping[str, str], problems: list[OperatorProblem]
) -> SnmpSetting:
    """Return the engine and the profiles that ``subjects`` and the configuration name."""
    used = _used(config, subjects, problems)
    return SnmpSetting(
        engine=config.snmp.engine,
        profiles={name: _Resolving(name, environment, problems).profile(section) for name, section in used.items()},
        default=config.snmp_profile if config.snmp_profile in used else None,
    )


def _used(
    config: Config, subjects: Iterable[Subject], problems: list[OperatorProblem]
) -> dict[str, SnmpProfileSection]:
    known = config.snmp.profiles
    wanted: dict[str, str] = {} if config.snmp_profile is None else {config.snmp_profile: ""}
    for subject in subjects:
        for name in () if subject.snmp_profile is None else subject.snmp_profile.split(","):
            wanted.setdefault(name, _place(subject))
    for name, place in wanted.items():
        if name not in known:
            hint = nearest(name, known)
            problems.append(problem("unknown SNMP profile '{profile}'", at=place, profile=name, hint=hint))
    return {name: known[name] for name in wanted if name in known}


def _place(subject: Subject) -> str:
    if subject.origin is None:
        return subject.id
    row = "" if subject.origin.row is None else f":{subject.origin.row}"
    return f"{subject.origin.source}{row}: snmp_profile"


class _Resolving:
    """Resolves one profile; each problem names the key of the configuration."""

    def __init__(self, name: str, environment: Mapping[str, str], problems: list[OperatorProblem]) -> None:
        self._name = name
        self._environment = environment
        self._problems = problems

    def profile(self, section: SnmpProfileSection) -> SnmpProfile:
        self._problems.extend(self._missing(section))
        return SnmpProfile(
            name=self._name,
            version=section.version,
            community=self._secret("community", section.community),
            user=section.user or "",
            auth=section.auth,
            auth_key=self._secret("auth_key", section.auth_key, shortest=_SHORTEST),
            priv=section.priv,
            priv_key=self._secret("priv_key", section.priv_key, shortest=_SHORTEST),
            context=section.context,
            contexts=section.contexts,
        )

    def _missing(self, section: SnmpProfileSection) -> Iterator[OperatorProblem]:
        needed = ["user"] if section.version == "3" else ["community"]
        needed += ["auth_key"] if section.auth else []
        needed += ["priv_key", "auth"] if section.priv else []
        for key in needed:
            if getattr(section, key) is None:
                yield problem("is missing", at=self._at(key))

    def _secret(self, key: str, reference: str | None, *, shortest: int = 1) -> Secret | None:
        if reference is None:
            return None
        text = read_secret(reference, self._environment, self._problems, at=self._at(key))
        if text is None:
            return Secret("")
        at, least, most = self._at(key), shortest, _SECRET_LIMIT
        if len(text) < least:
            self._problems.append(
                problem(
                    "{reference}: must be at least {least:n} characters long", at=at, reference=reference, least=least
                )
            )
        elif len(text) > most:
            self._problems.append(
                problem("{reference}: must be at most {most:n} characters long", at=at, reference=reference, most=most)
            )
        return Secret(text)

    def _at(self, key: str) -> str:
        return f"snmp.profiles.{self._name}.{key}"


def secret_faults(reference: str, environment: Mapping[str, str], *, at: str) -> tuple[OperatorProblem, ...]:
    """Return why a reference leads to no secret, or to a secret that others can read; empty if it is sound."""
    problems: list[OperatorProblem] = []
    source, _, name = reference.partition(":")
    if source == "ask":
        return ()  # checking the configuration must not ask for a password
    text = read_secret(reference, environment, problems, at=at)
    if text is not None and not text.strip():
        problems.append(problem("{reference} is empty", at=at, reference=reference))
    if text is not None and source == "file":
        mode = stat.S_IMODE(Path(name).stat().st_mode)
        if mode & stat.S_IRWXO:
            problems.append(
                problem(
                    "{name} can be read or changed by every user of this machine (mode {mode}): chmod o= {name}",
                    at=at,
                    name=name,
                    mode=f"{mode:04o}",
                )
            )
    return tuple(problems)


def environment() -> Mapping[str, str]:
    """Return the variables that ``env:`` references name."""
    return os.environ
