"""One service at a time looks after the jobs of a store, by whatever name it is called."""

from pathlib import Path

from auditor.service.cli.commands.serve import _dispatcher
from auditor.service.config.model import Config
from auditor.service.store.sqlite import open_sqlite
from auditor.service.web.app import make_app


def lock_of(path: Path) -> Path:
    with open_sqlite(path) as store:
        return _dispatcher(Config(), store, make_app(Config(), store, secure=False)).lock.path


def test_services_of_two_names_of_a_store_have_one_lock(tmp_path: Path) -> None:
    (tmp_path / "large").mkdir()
    real, link = tmp_path / "large/a.db", tmp_path / "b.db"
    open_sqlite(real).close()
    link.symlink_to(real)
    assert lock_of(link) == lock_of(real)
