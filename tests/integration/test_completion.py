"""A real bash completes commands, options and values with the script that the program prints."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from auditor.framework.findings import Outcome
from auditor.service.store.url import open_store
from tests.support.audits import SOURCE
from tests.unit.auditor.stored import Held, Said, put

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
    """A folder with the command, a configuration and a store of two runs."""
    command = tmp_path / "bin" / "auditor"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(SOURCE))} exec {sys.executable} -m auditor "$@"\n')
    command.chmod(0o755)
    (tmp_path / "auditor.toml").write_text(CONFIG)
    with open_store(f"sqlite:///{tmp_path}/auditor.db") as store:
        for number, name in enumerate(("run-one", "run-two")):
            said = [Said(check="ipv6.web.aaaa", outcome=Outcome.FAIL, code="MISSING")]
            put(store, Held(name=name, days=number, findings={"www.tinh.vn": said}))
    return tmp_path


def test_bash_completes_words_of_this_installation(place: Path) -> None:
    bash = shutil.which("bash")
    assert bash is not None
    environment = {
        "PATH": f"{place / 'bin'}:{os.environ['PATH']}",
        "HOME": str(place),
        "AUDITOR_LANG": "en",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    script = ["source <(auditor completion bash)", "complete -p auditor >&2"]
    for words in CASES:
        script += [f"COMP_WORDS=({shlex.join(('auditor', *words))})", f"COMP_CWORD={len(words)}"]
        script += ["_auditor_completion auditor", "printf '%s,' \"${COMPREPLY[@]/,/+}\"; echo"]
    done = subprocess.run(
        [bash, "--norc", "--noprofile", "-c", "\n".join(script)],
        cwd=place,
        env=environment,
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
