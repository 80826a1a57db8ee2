"""Reads a secret from the source that its reference names; no configuration holds the secret itself.

``env:NAME`` is a variable, ``file:PATH`` a file, ``keyring:SERVICE/NAME`` an entry of a key ring; ``ask:`` asks at the
terminal.
"""

import getpass
import importlib
import sys
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

from auditor.framework.operator_problems import OperatorProblem, problem, unreadable
from inventory.safe_open import read_text

Problems = list[OperatorProblem]


def read_secret(reference: str, environment: Mapping[str, str], problems: Problems, *, at: str) -> str | None:
    """Return the secret behind a reference; if there is none, return None and add the reason to ``problems``."""
    source, _, name = reference.partition(":")
    match source:
        case "env":
            return _of_environment(name, environment, problems, at)
        case "keyring":
            return _of_keyring(name, problems, at)
        case "ask":
            return _asked(problems, at)
        case _:
            return _of_file(name, problems, at)


def _of_environment(name: str, environment: Mapping[str, str], problems: Problems, at: str) -> str | None:
    text = environment.get(name)
    if text is None:
        problems.append(problem("the environment variable {name} is not set", at=at, name=name))
    return text


def _of_file(name: str, problems: Problems, at: str) -> str | None:
    try:
        return read_text(Path(name)).rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        problems.append(unreadable(error, at=f"{at}: {name}"))
        return None


def _of_keyring(name: str, problems: Problems, at: str) -> str | None:
    service, _, user = name.rpartition("/")
    if not service or not user:
        problems.append(problem("a key ring is named as keyring:SERVICE/NAME", at=at))
        return None
    try:
        read: Callable[[str, str], object] = importlib.import_module("keyring").get_password
    except ImportError:
        problems.append(
            problem(
                "keyring: needs the package keyring: pip --python {python} install keyring",
                at=at,
                python=f"{sys.prefix}/bin/python",
            )
        )
        return None
    try:
        text = read(service, user)
    except Exception as error:  # every key ring has its own errors; their text may hold the request
        problems.append(problem("the key ring could not be read ({why})", at=at, why=type(error).__name__))
        return None
    if not isinstance(text, str):
        problems.append(problem("the key ring has no entry {name}", at=at, name=name))
        return None
    return text


def _asked(problems: Problems, at: str) -> str | None:
    if not sys.stdin.isatty():
        problems.append(problem("there is no terminal to ask for it: use env:, file: or keyring:", at=at))
        return None
    return _answer(at)


@cache
def _answer(at: str) -> str:
    """Ask for the secret of a key, once in this process, without showing the typed text."""
    return getpass.getpass(f"{at}: ")
