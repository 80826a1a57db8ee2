"""Tests that one service at a time runs the jobs of a store, by any of the names that lead to the store."""

import errno
from pathlib import Path

import pytest
from aiohttp import web

from auditor.service.cli.commands.service.serve import _dispatcher
from auditor.service.config.model import Config
from auditor.service.store.database.sqlite import open_sqlite
from auditor.service.web.app import make_app
from tests.unit.auditor.service.cli.calling import Cli


def lock_of(path: Path) -> Path:
    with open_sqlite(path) as store:
        return _dispatcher(Config(), store, make_app(Config(), store, secure=False)).lock.path


def test_services_of_two_names_of_a_store_have_one_lock(tmp_path: Path) -> None:
    (tmp_path / "large").mkdir()
    real, link = tmp_path / "large/a.db", tmp_path / "b.db"
    open_sqlite(real).close()
    link.symlink_to(real)
    assert lock_of(link) == lock_of(real)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.EADDRINUSE, "another program listens there; end it, or name another port"),
        (errno.EADDRNOTAVAIL, "this machine has no such address; `ip addr` lists those it has"),
        (errno.EACCES, "no permission; ports below 1024 take the capability CAP_NET_BIND_SERVICE"),
        (errno.EMFILE, "cannot listen there: Too many open files"),
    ],
)
def test_port_that_cannot_be_had_is_told_and_no_start_is_logged(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, said: str
) -> None:
    async def refused(site: web.TCPSite) -> None:
        raise OSError(number, "error while attempting to bind on address ('127.0.0.1', 80)")

    monkeypatch.setattr(web.TCPSite, "start", refused)
    monkeypatch.chdir(tmp_path)
    result = cli("--lang", "en", "serve", "--store", "sqlite:///a.db", "--listen", "127.0.0.1:80")
    assert (result.code, result.err.splitlines()[-1]) == (2, f"auditor: --listen 127.0.0.1:80: {said}")
    logged = cli("log", "show", "--store", "sqlite:///a.db")
    assert (logged.code, logged.out) == (0, "")
