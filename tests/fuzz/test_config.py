"""Any file, environment or option gives a configuration, or a ConfigError that keeps secrets."""

import string
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from auditor.service.config.loading import ConfigError, load
from auditor.service.config.model import Config

SECRET = "Zq81x7wK"


def _words(model: type[BaseModel]) -> set[str]:
    """Return every key of the configuration, so that random documents come close to valid ones."""
    found = set(model.model_fields)
    for field in model.model_fields.values():
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel):
                found |= _words(part)
    return found


WORDS = sorted(_words(Config) | {"tslcd", "internet", "core", "monthly"})
KEY = st.sampled_from(WORDS) | st.text(string.ascii_lowercase + "_-.", min_size=1, max_size=8)
SCALAR = (
    st.sampled_from(
        ["", "env:X", "file:/x", "::1", "[::1]:443", "10.0.0.0/8", "vi", "high", "1", "0 1 * * *", "\x1b[31m"]
    )
    | st.text(max_size=8)
    | st.integers()
    | st.floats()
    | st.booleans()
)
DOCUMENT: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    KEY,
    st.recursive(
        SCALAR, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEY, inner, max_size=4), max_leaves=12
    ),
    max_size=6,
)


# The first draw builds a large strategy, which takes seconds on a busy machine: that says nothing of the documents.
@settings(suppress_health_check=[HealthCheck.too_slow])
@given(document=DOCUMENT)
def test_any_document(document: dict[str, Any]) -> None:
    _load_or_explain(document, {})


@given(names=st.dictionaries(st.sampled_from(WORDS).map(str.upper), st.text(max_size=12), max_size=4))
def test_any_environment(names: dict[str, str]) -> None:
    _load_or_explain({}, {f"AUDITOR_{name}": text for name, text in names.items() if name != "CONFIG"})


@given(
    path=st.lists(st.sampled_from(["snmp", "profiles", "core", "community", "auth_key", "store", "x"]), max_size=5),
    wrap=st.sampled_from([lambda v: v, lambda v: [v], lambda v: {"a": v}, lambda v: {"version": v, "community": v}]),
)
def test_a_secret_in_a_wrong_place_is_not_told(path: list[str], wrap: Any) -> None:
    top = "snmp" if "store" not in path[:1] else "store"
    value: Any = wrap(SECRET)
    for key in reversed(path):
        value = {key: value}
    problem = _load_or_explain({top: value}, {})
    assert SECRET not in str(problem)
    assert problem is None or SECRET not in repr(problem.__cause__)


@given(data=st.binary(max_size=80) | st.text("[]{}=\"'.,#\n a1", max_size=60).map(str.encode))
def test_any_file(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "auditor.toml").write_bytes(data)
        try:
            load(explicit=None, environment={}, options={}, directories=[Path(folder)])
        except ConfigError as error:
            _is_explained(error, folder)


def _load_or_explain(options: dict[str, Any], environment: dict[str, str]) -> ConfigError | None:
    try:
        load(explicit=None, environment=environment, options=options, directories=())
    except ConfigError as error:
        _is_explained(error, "")
        return error
    return None


def _is_explained(error: ConfigError, origin: str) -> None:
    """Assert one line for each problem, each beginning with its place, and no terminal escapes."""
    lines = str(error).split("\n")
    assert len(lines) == len(error.problems) > 0
    for line, problem in zip(lines, error.problems, strict=True):
        assert problem.place
        assert problem.place.startswith(origin)
        assert "\x1b" not in line.removeprefix(problem.place)


def test_the_words_reach_into_every_section() -> None:
    assert {"priv_key", "allow_documentation_prefixes", "aaaa_only", "concurrency"} <= set(WORDS)
    with pytest.raises(ConfigError):
        load(explicit=None, environment={}, options={"colour": "x"}, directories=())
