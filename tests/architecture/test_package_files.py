"""Every `__init__.py` is empty: modules hold the contents of a package, and importing a package has no effects."""

from tests.architecture.tree import ROOT, files


def test_every_init_is_empty() -> None:
    assert [str(path) for path in files() if path.name == "__init__.py" and (ROOT / path).stat().st_size] == []
