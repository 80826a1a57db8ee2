"""Packages that are no part of the project agree with it: a table of cipher suites, a generator of API clients.

Each runs in an environment of its own, which uv makes from the package registry.
"""

import compileall
import json
import subprocess
from pathlib import Path

from auditor.service.web.api.all_operations import operations
from auditor.service.web.api.openapi import document
from auditor.texts.translate import Texts
from probes.wire.tls import suites
from tests.architecture.tree import ROOT
from tests.support.fetching import skip_unless_fetched

UV = ROOT / ".venv" / "bin" / "uv"
SUITES = """
import json
from cryptodatahub.tls.algorithm import TlsCipherSuite
print(json.dumps({suite.value.code: suite.name for suite in TlsCipherSuite}))
"""
NEVER_REGISTERED = ("OLD_", "FORTEZZA", "DH_ECDSA_WITH_DES_CBC", "EXPORT1024", "GOSTR3410", "CECPQ1", "SM4_", "SALSA20")
PRIVATE = 0xFE00
"""From here on codes are for private use."""
OTHER_ORDER = {0xC0AA: "TLS_PSK_DHE_WITH_AES_128_CCM_8", 0xC0AB: "TLS_PSK_DHE_WITH_AES_256_CCM_8"}
"""Names as IANA has them (RFC 6655), which the package writes with the words in another order."""


def _uv(*words: str | Path, cwd: Path) -> str:
    command = [UV, *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=900)
    skip_unless_fetched(done)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_cipher_suites_have_the_names_that_another_table_has(tmp_path: Path) -> None:
    words = ["run", "--no-config", "--no-project", "--quiet", "--with", "cryptodatahub==1.6.1", "python", "-c", SUITES]
    theirs = {int(code): name for code, name in json.loads(_uv(*words, cwd=tmp_path)).items()}
    assert len(theirs) > 400
    registered = {
        code: OTHER_ORDER.get(code, name)
        for code, name in theirs.items()
        if code < PRIVATE and not any(word in name for word in NEVER_REGISTERED)
    }
    assert {code: suites.name_of(code).upper() for code in registered} == {
        code: name.upper() for code, name in registered.items()
    }


def test_client_is_generated_from_the_openapi_document(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(document(operations(), Texts("en"))), "utf-8")
    generator = ["tool", "run", "--no-config", "--quiet", "--from", "openapi-python-client==0.29.0"]
    words = ["openapi-python-client", "generate", "--path", "openapi.json", "--output-path", "client", "--meta", "none"]
    assert "WARNING" not in _uv(*generator, *words, "--fail-on-warning", cwd=tmp_path).upper()
    assert (tmp_path / "client" / "models" / "problem.py").exists()
    assert compileall.compile_dir(tmp_path / "client", quiet=1)
