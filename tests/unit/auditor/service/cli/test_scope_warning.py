import pytest

from auditor.service.cli.scope_warning import warn_of_no_scope, without_scope
from auditor.service.config.model import Config, ScopeSection


@pytest.mark.parametrize(
    ("scope", "said"),
    [
        (ScopeSection(), "allow is not set: beside the targets' own addresses every public address may be dialled"),
        (ScopeSection(allow=()), "allow is empty: no target may be dialled at all"),
    ],
)
def test_scope_that_is_unset_or_empty_is_warned_of_once(
    scope: ScopeSection, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AUDITOR_LANG", "en")
    warn_of_no_scope(Config(scope=scope))
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith(f"auditor: warning: [scope] {said}")


def test_scope_that_is_set_is_not_warned_of(capsys: pytest.CaptureFixture[str]) -> None:
    config = Config(scope=ScopeSection.model_validate({"allow": ["2001:db8::/32"]}))
    assert without_scope(config) is None
    warn_of_no_scope(config)
    assert capsys.readouterr().err == ""
