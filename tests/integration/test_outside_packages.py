"""Tests that packages outside the project accept our output: webhooks, types of Grafana, clients.

Each runs in an environment of its own, which uv makes from the package registry.
"""

import base64
import compileall
import json
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from auditor.service.notify.problem_events import ProblemEvent, body, headers
from auditor.service.web.api.all_operations import operations
from auditor.service.web.api.openapi import document
from auditor.texts.translate import Texts
from tests.architecture.tree import ROOT
from tests.support.fetching import skip_unless_fetched

UV = ROOT / ".venv" / "bin" / "uv"
WEBHOOKS = "standardwebhooks==1.1.0"
VERIFY = """
import json, sys
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
secret, headers, body = json.loads(sys.argv[1])
try:
    print(json.dumps(Webhook(secret).verify(body, headers)))
except WebhookVerificationError as error:
    print(json.dumps(f"refused: {error}"))
"""
GRAFANA = "grafana-foundation-sdk==1769699998!10.1.0"
DASHBOARD = """
import json, pathlib, sys
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard
register_default_plugins()
dashboard = Dashboard.from_json(json.loads(pathlib.Path(sys.argv[1]).read_text("utf-8")))
print(JSONEncoder(sort_keys=True).encode(dashboard))
"""


def _uv(*words: str | Path, cwd: Path) -> str:
    command = [UV, *words]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=900)
    skip_unless_fetched(done)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


@pytest.mark.parametrize("added", ["", " "])
def test_event_of_a_problem_is_verified_by_the_library_of_standard_webhooks(tmp_path: Path, added: str) -> None:
    """A body that was changed in transit is refused."""
    secret = "whsec_" + base64.b64encode(bytes(range(32))).decode()
    event = ProblemEvent(id="msg_1", type="problem.new", data={"subject": "cổng.example.vn"})
    now = datetime.now(UTC)
    sent = body(event, now.isoformat())
    given = json.dumps([secret, headers(event, secret.encode(), int(now.timestamp()), sent), sent.decode() + added])
    words = ["run", "--no-config", "--no-project", "--quiet", "--with", WEBHOOKS, "python", "-c", VERIFY, given]
    told = json.loads(_uv(*words, cwd=tmp_path))
    assert told == (json.loads(sent) if not added else "refused: No matching signature found")


def test_dashboard_has_nothing_that_the_types_of_grafana_do_not_know(tmp_path: Path) -> None:
    """A key that the types do not define is lost on the way through them."""
    written = ROOT / "containers" / "monitoring" / "grafana-dashboard.json"
    words = ["run", "--no-config", "--no-project", "--quiet", "--with", GRAFANA, "python", "-c", DASHBOARD]
    kept = json.loads(_uv(*words, written, cwd=tmp_path))
    assert len(kept["panels"]) > 5
    assert list(_lost(json.loads(written.read_text("utf-8")), kept)) == []


def _lost(before: object, after: object, place: str = "") -> Iterator[str]:
    """Yield the places of values that the other document lacks."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            yield from _lost(value, after.get(key), f"{place}.{key}")
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, (value, other) in enumerate(zip(before, after, strict=True)):
            yield from _lost(value, other, f"{place}[{number}]")
    elif before != after:
        yield f"{place}: {before!r} {after!r}"


def test_client_is_generated_from_the_openapi_document(tmp_path: Path) -> None:
    (tmp_path / "openapi.json").write_text(json.dumps(document(operations(), Texts("en"))), "utf-8")
    generator = ["tool", "run", "--no-config", "--quiet", "--from", "openapi-python-client==0.29.0"]
    words = ["openapi-python-client", "generate", "--path", "openapi.json", "--output-path", "client", "--meta", "none"]
    assert "WARNING" not in _uv(*generator, *words, "--fail-on-warning", cwd=tmp_path).upper()
    assert (tmp_path / "client" / "models" / "problem.py").exists()
    assert compileall.compile_dir(tmp_path / "client", quiet=1)
