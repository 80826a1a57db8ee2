"""Runs ``auditor inventory propose``: rows for what a list of another program has and the inventory does not."""

import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from auditor.service.cli.commands.inventory import print_proposals
from auditor.service.cli.failures import EXIT_OK, refuse
from auditor.service.cli.words import ui
from auditor.service.pipeline.reading import load_files
from inventory.listed.certificate_log import read_certificates
from inventory.listed.hosts_file import read_hosts
from inventory.listed.model import LARGEST, ListedThings, NotSuchAListError, not_known
from inventory.listed.nmap_xml import read_nmap
from inventory.listed.zone_file import read_zone
from inventory.safe_open import TooLarge, read_whole

_READERS: Mapping[str, Callable[[bytes, str], ListedThings]] = {
    "hosts": lambda data, _: read_hosts(_text(data)),
    "zone": lambda data, origin: read_zone(_text(data), origin),
    "nmap": lambda data, _: read_nmap(data),
    "certificates": lambda data, _: read_certificates(_text(data)),
}


def propose(path: Path, kind: str, origin: str, known: Sequence[Path]) -> int:
    """Print a table of proposals, in the inventory's columns; nothing is sent, and nothing kept."""
    read = _READERS.get(kind)
    if read is None:
        raise refuse([ui("--from is one of: {kinds}", kinds=", ".join(_READERS))])
    subjects = load_files(known).inventory.subjects if known else ()
    try:
        things = read(read_whole(path, LARGEST), origin)
    except TooLarge:
        raise refuse([ui("{path}: larger than {limit} MB", path=str(path), limit=LARGEST // 2**20)]) from None
    except (OSError, NotSuchAListError) as error:
        why = (isinstance(error, OSError) and error.strerror) or str(error)
        raise refuse([ui("{path} is not read as {kind}: {why}", path=str(path), kind=kind, why=why)]) from error
    print_proposals([thing.row() for thing in not_known(things.all(), subjects)])
    if things.more:
        print(ui("{n:n} more were not read; split the list", n=things.more), file=sys.stderr)
    return EXIT_OK


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotSuchAListError(str(error)) from error
