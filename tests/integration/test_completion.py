"""Tests that real shells complete commands, options and values with the scripts that the program prints."""

import contextlib
import os
import shlex
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from auditor.framework.findings import Outcome
from auditor.service.store.url import open_store
from tests.support.audits import SOURCE
from tests.unit.auditor.stored import Brief, Held, put

CASES = {
    ("comp",): {"completion"},
    ("checks", "explain", "ipv6.dns.ns-aa"): {"ipv6.dns.ns-aaaa"},
    ("check", "www.example.vn", "--only", "security.tls.versions,ipv6.w"): {"security.tls.versions,ipv6.web"},
    ("report", "run-one", "--format", "xls"): {"xlsx"},
    ("report", "run"): {"run-one", "run-two"},
    ("report", "run-one", "--vantage", "h"): {"hub"},
    ("check", "--snmp-profile", ""): {"core"},
}
CONFIG = """
[vantages.hub]
networks = ["tslcd"]

[snmp.profiles.core]
version = "2c"
community = "env:SNMP_COMMUNITY"

[snmp.profiles."$(touch hostile)"]
version = "2c"
community = "env:SNMP_COMMUNITY"
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with the command, a configuration and a store of two runs."""
    command = tmp_path / "bin" / "auditor"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(SOURCE))} exec {sys.executable} -m auditor "$@"\n')
    command.chmod(0o755)
    (tmp_path / "auditor.toml").write_text(CONFIG)
    with open_store(f"sqlite:///{tmp_path}/auditor.db") as store:
        for number, name in enumerate(("run-one", "run-two")):
            said = [Brief(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="MISSING")]
            put(store, Held(name=name, days=number, findings={"www.tinh.vn": said}))
    return tmp_path


def environment_of(place: Path) -> dict[str, str]:
    return {
        "PATH": f"{place / 'bin'}:{os.environ['PATH']}",
        "HOME": str(place),
        "AUDITOR_LANG": "en",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TERM": "dumb",
    }


def test_bash_completes_words_of_this_installation(place: Path) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    script = ["source <(auditor completion bash)", "complete -p auditor >&2"]
    for words in CASES:
        script += [f"COMP_WORDS=({shlex.join(('auditor', *words))})", f"COMP_CWORD={len(words)}"]
        script += ["_auditor_completion auditor", "printf '%s,' \"${COMPREPLY[@]/,/+}\"; echo"]
    done = subprocess.run(
        [bash, "--norc", "--noprofile", "-c", "\n".join(script)],
        cwd=place,
        env=environment_of(place),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert "-F _auditor_completion auditor" in done.stderr
    for (words, expected), line in zip(CASES.items(), done.stdout.splitlines(), strict=True):
        offered = {word.replace("+", ",") for word in line.split(",") if word}
        assert expected <= offered, words
        assert all(word.startswith(words[-1]) for word in offered), words
    assert not (place / "hostile").exists()


def test_fish_completes_words_of_this_installation(place: Path) -> None:
    fish = shutil.which("fish")
    assert fish is not None
    script = ["auditor completion fish | source"]
    for words in CASES:
        line = shlex.join(("auditor", *words)).removesuffix("''")
        script += [f"complete -C {shlex.quote(line)} | string split -f1 \\t | string join ' '", "echo"]
    done = subprocess.run(
        [fish, "--no-config", "-c", "\n".join(script)],
        cwd=place,
        env=environment_of(place),
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    for (words, expected), line in zip(CASES.items(), done.stdout.split("\n\n")[:-1], strict=True):
        offered = set(line.split())
        assert expected <= offered, words
        assert all(word.startswith(words[-1]) for word in offered), words
    assert not (place / "hostile").exists()


SHOWN = "shown"
ZSH = f"""
autoload -Uz compinit && compinit -u -d {{folder}}/dump
source <(auditor completion zsh)
show() {{{{ print -r -- "$BUFFER" >{{folder}}/new && mv {{folder}}/new {{folder}}/{SHOWN}; BUFFER= }}}}
zle -N show && bindkey '^X' show
touch {{folder}}/ready
"""


def test_zsh_completes_words_of_this_installation(place: Path) -> None:
    """The test presses keys at a terminal: Tab, then one that writes the current line to a file."""
    zsh = shutil.which("zsh")
    assert zsh is not None
    (place / "start.zsh").write_text(ZSH.format(folder=shlex.quote(str(place))))
    ours, its = os.openpty()
    with subprocess.Popen(
        [zsh, "-f", "-i"],
        stdin=its,
        stdout=its,
        stderr=its,
        cwd=place,
        env=environment_of(place),
        start_new_session=True,
    ) as shell:
        os.close(its)
        os.set_blocking(ours, False)
        try:
            os.write(ours, b"source ./start.zsh\n")
            wait_for(place / "ready", ours)
            for words, expected in {**CASES, ("report", "run"): {"run-"}}.items():
                line = shlex.join(("auditor", *words)).removesuffix("''")
                os.write(ours, line.encode() + b"\t\x18")
                shown = wait_for(place / SHOWN, ours).split()
                assert shown[-1] in expected, words
        finally:
            shell.kill()
            os.close(ours)
    assert not (place / "hostile").exists()


def wait_for(path: Path, terminal: int) -> str:
    """Wait until a file exists, delete it and return its text; print the shell's output in the meantime."""
    until = time.monotonic() + 300
    while not path.exists():
        with contextlib.suppress(BlockingIOError):
            print(os.read(terminal, 65536).decode(errors="replace"))
        assert time.monotonic() < until
        time.sleep(0.01)
    text = path.read_text()
    path.unlink()
    return text
