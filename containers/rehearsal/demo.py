"""Serves an audited round as pages, with an account to log in with: `… containers.rehearsal.demo DIR [OPTION…]`."""

import os
import secrets
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from containers.rehearsal.round import PAGES, PROGRAM, tell

NAME = "demo"
SECRET = "password"
"""The file beside the store with the password of the account."""


def make_account(folder: Path) -> str:
    """Make the account of the demonstration where there is none yet, and return its password."""
    secret = folder / SECRET
    if not secret.exists():
        secret.touch(0o600)
        secret.write_text(secrets.token_urlsafe(12), "ascii")
        words = [*_words(folder, "accounts", "add", NAME), "--password-ref", f"file:{secret}"]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL)
    return secret.read_text("ascii")


def main(folder: Path, options: Sequence[str]) -> None:
    """Say how to log in and become the service, which tells the address."""
    tell(f"log in as {NAME} with the password {make_account(folder)}; Ctrl-C ends the demonstration")
    argv = [*_words(folder, "serve"), *options]
    os.execv(argv[0], argv)


def _words(folder: Path, *command: str) -> list[str]:
    store = f"sqlite:///{folder / 'auditor.db'}"
    return [*PROGRAM, "--config", str(folder / PAGES), *command, "--store", store]


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
