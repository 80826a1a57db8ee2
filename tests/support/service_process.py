"""Runs a real service without samplers over a store on loopback; its log is next to the store."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.support.audits import ENVIRONMENT, PROGRAM, SOURCE


@contextmanager
def serving(path: Path) -> Iterator["subprocess.Popen[bytes]"]:
    with socket.socket(socket.AF_INET6) as free:
        free.bind(("::1", 0))
        port = free.getsockname()[1]
    words = [*PROGRAM, "serve", "--store", f"sqlite:///{path}", "--listen", f"[::1]:{port}"]
    with path.with_name("log").open("ab") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log, cwd=SOURCE, env={**os.environ, **ENVIRONMENT})
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(300)
