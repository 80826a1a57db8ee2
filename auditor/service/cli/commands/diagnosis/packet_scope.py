"""Checks the scope file of the crafted-packet program for ``auditor doctor``, without starting that program.

An invalid file costs every crafted packet; without a file a caller of the systemd socket can reach every ordinary
address.
"""

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from auditor.service.cli.commands.diagnosis.configuration_diagnosis import DoctorLine
from auditor.service.cli.words import ui

PLACE = Path("/etc/auditor/rawpkt.json")


def of_packet_scope(path: Path = PLACE, *, by_socket: bool) -> Iterator[DoctorLine]:
    """Yield the state of the scope file; a missing file is reported only with ``by_socket``.

    ``by_socket`` means that systemd starts the program for any user that may open its socket.
    """
    try:
        status = path.lstat()
    except FileNotFoundError:
        if by_socket:
            text = ui(
                "{path} is missing: who may use the socket of crafted packets reaches every ordinary address, and"
                " listens at no interface; install auditor/service/units/rawpkt.json",
                path=str(path),
            )
            yield DoctorLine(good=None, text=text)
        return
    except OSError as error:
        yield DoctorLine(good=None, text=f"{path}: {error.strerror}")
        return
    for where, of, is_kind in ((path, status, stat.S_ISREG), (path.parent, path.parent.stat(), stat.S_ISDIR)):
        if not is_kind(of.st_mode) or of.st_uid not in (0, os.geteuid()) or of.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            yield DoctorLine(good=False, text=_untrusted(where))
            return
    if not _is_object(path):
        yield DoctorLine(
            good=False, text=ui("{path} is not a JSON object; no crafted packets are sent", path=str(path))
        )
        return
    yield DoctorLine(good=True, text=ui("{path} bounds crafted packets", path=str(path)))


def _untrusted(where: Path) -> str:
    return ui(
        "{path}: must be an ordinary file or folder that belongs to root and that nobody else may write to; no crafted"
        " packet is sent before that: {command}",
        path=str(where),
        command=f"chown root {where} && chmod go-w {where}",
    )


def _is_object(path: Path) -> bool:
    """True if the file holds a JSON object, or if this user may not read it."""
    try:
        return isinstance(json.loads(path.read_bytes()[:1_000_000]), dict)
    except PermissionError:
        return True
    except (OSError, ValueError, RecursionError):
        return False
