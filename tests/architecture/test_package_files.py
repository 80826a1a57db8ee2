"""An `__init__.py` is empty: what a package offers is in its modules, and importing a package does nothing."""

from tests.architecture.tree import ROOT, files


def test_every_init_is_empty() -> None:
    assert [str(path) for path in files() if path.name == "__init__.py" and (ROOT / path).stat().st_size] == []
