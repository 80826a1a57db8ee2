"""Runs the Zabbix frontend from Debian's packages; its API imports templates.

The packages are unpacked into a folder and nothing is installed. Only the tables that accounts need are filled: the
templates that Zabbix ships are most of its data and none of ours.
"""

import gzip
import json
import os
import re
import socket
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import pytest

from tests.support.fetching import skip_unless_fetched
from tests.support.postgresql import USER, Server

PACKAGES = (
    *("zabbix-frontend-php", "zabbix-server-pgsql", "php8.4-cli", "php8.4-common"),
    *("php8.4-pgsql", "php8.4-xml", "php8.4-mbstring", "php8.4-bcmath"),
)
"""Names in Debian 13."""
MODULES = ("gettext", "mbstring", "bcmath", "ctype", "dom", "fileinfo", "pgsql", "posix", "simplexml", "sockets")
XML_MODULES = ("xml", "xmlreader", "xmlwriter", "tokenizer")
TABLES = (
    *("role", "role_rule", "ugset", "ugset_group", "users", "usrgrp", "users_groups", "user_ugset"),
    *("hstgrp", "config", "module", "hgset"),
)
_CONFIG = "/etc/zabbix/zabbix.conf.php"
_PATIENCE = 300.0
_ATTEMPTS = 20


@dataclass(slots=True)
class ZabbixApi:
    """Calls methods of Zabbix's API."""

    url: str
    token: str = ""

    def ask(self, method: str, **params: Any) -> Any:
        """Return the answer with ``result`` or ``error``."""
        headers = {"Content-Type": "application/json-rpc"}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": 1}).encode()
        with urlopen(Request(self.url, body, headers), timeout=_PATIENCE) as answer:
            return json.load(answer)

    def call(self, method: str, **params: Any) -> Any:
        """Return the result; the test fails where there is none."""
        answer = self.ask(method, **params)
        assert "result" in answer, answer
        return answer["result"]


def unpacked(folder: Path) -> Path:
    """Fetch the packages and their missing dependencies, unpack them, and return the folder."""
    archives, root = folder / "archives", folder / "root"
    (archives / "partial").mkdir(parents=True)
    options = ["-qy", "-o", f"Dir::Cache::archives={archives}", "-o", "Debug::NoLocking=1", "--no-install-recommends"]
    words = ["apt-get", *options, "--reinstall", "--download-only", "install", *PACKAGES, "apache2-"]
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=900, check=False)
    except FileNotFoundError:
        pytest.skip("NOT RUN: packages of Debian cannot be fetched here: there is no apt-get")
    skip_unless_fetched(done)
    if done.returncode:
        why = (done.stderr.strip().splitlines() or ["?"])[-1]
        pytest.skip(f"NOT RUN: Zabbix of Debian 13 cannot be fetched here: {why}")
    for package in sorted(archives.glob("*.deb")):
        subprocess.run(["dpkg-deb", "-x", str(package), str(root)], check=True, timeout=300)
    return root


@contextmanager
def serving_zabbix(root: Path, server: Server) -> Iterator[ZabbixApi]:
    """Serve the frontend on loopback over a database of its own, with its administrator logged in."""
    with server.database(empty=True) as url:
        database = re.findall(r"/(\w+)\?", url)[0]
        server.execute(_sql(root, "schema"), database)
        server.execute(_needed(_sql(root, "data")), database)
        _configure(root, server, database)
        with _php(root) as api:
            api.token = api.call("user.login", username="Admin", password="zabbix")
            yield api


def _sql(root: Path, name: str) -> str:
    return gzip.decompress((root / f"usr/share/zabbix-server-pgsql/{name}.sql.gz").read_bytes()).decode()


def _needed(sql: str) -> str:
    """Keep the statements that fill tables of accounts."""
    statements = sql.split(";\nINSERT INTO ")[1:]
    return "".join(f"INSERT INTO {each};\n" for each in statements if each.partition(" ")[0] in TABLES)


def _configure(root: Path, server: Server, database: str) -> None:
    ui = root / "usr/share/zabbix"
    place = root / "zabbix.conf.php"
    place.write_text(
        f"<?php $DB['TYPE']='POSTGRESQL'; $DB['SERVER']='{server.folder}'; $DB['PORT']='0'; $DB['SCHEMA']='';"
        f" $DB['DATABASE']='{database}'; $DB['USER']='{USER}'; $DB['PASSWORD']=''; $DB['ENCRYPTION']=false;"
        " $ZBX_SERVER_NAME=''; $IMAGE_FORMAT_DEFAULT=IMAGE_FORMAT_PNG;",
        "utf-8",
    )
    finder = ui / "include/classes/core/CConfigFile.php"
    finder.write_text(finder.read_text("utf-8").replace(_CONFIG, str(place)), "utf-8")


@contextmanager
def _php(root: Path) -> Iterator[ZabbixApi]:
    """Serve with PHP's own server, on another port if the first was taken meanwhile."""
    for _ in range(_ATTEMPTS):
        with closing(socket.create_server(("127.0.0.1", 0))) as free:
            address = f"127.0.0.1:{free.getsockname()[1]}"
        process = subprocess.Popen(
            _command(root, address),
            env={"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": ":".join(map(str, root.glob("usr/lib/*-linux-gnu")))},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            api = ZabbixApi(f"http://{address}/api_jsonrpc.php")
            if _answers(api, process):
                yield api
                return
        finally:
            process.terminate()
            process.wait(60)
    pytest.fail("PHP does not serve Zabbix")


def _command(root: Path, address: str) -> list[str]:
    (program,), (extensions,) = root.glob("usr/bin/php8.*"), root.glob("usr/lib/php/20*")
    loaded = [word for name in (*MODULES, *XML_MODULES) for word in ("-d", f"extension={name}")]
    settings = ["-n", "-d", f"extension_dir={extensions}", *loaded, "-d", "error_reporting=E_ERROR"]
    return [str(program), *settings, "-S", address, "-t", str(root / "usr/share/zabbix")]


def _answers(api: ZabbixApi, process: "subprocess.Popen[bytes]") -> bool:
    """Wait until it answers; False where it ended."""
    until = monotonic() + _PATIENCE
    while process.poll() is None and monotonic() < until:
        try:
            return "result" in api.ask("apiinfo.version")
        except URLError:
            try:
                process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
    return False
